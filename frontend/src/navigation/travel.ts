import type { BrowserEntry } from './browserEntry';

/** Should a browser not do what it was asked for. */
const patienceMs = 1_000;

export type Travel = {
  /** Travels so many entries, and does it there. */
  by: (delta: number, then?: () => void) => void;
  /** Does it now, or when the browser is where it travels to. */
  whenThere: (work: () => void) => void;
  /** The browser has moved. @returns whether that was the journey */
  moved: () => boolean;
  /** Whether the browser would not travel from here: it is not asked again at once. */
  isStuck: () => boolean;
  /** It may be asked again. */
  mayTravel: () => void;
  end: () => void;
};

/** Goes through the browser's history without a word to the router; what is asked meanwhile waits until it is there. */
export function createTravel(window: Window, entry: BrowserEntry, settle: () => void): Travel {
  let waiting: (() => void)[] | null = null;
  let patience: number | undefined;
  /** As many entries of layers as there were when the browser would not travel. */
  let stuckAt: number | null = null;

  const whenThere = (work: () => void): void => {
    if (waiting === null) work();
    else waiting.push(work);
  };
  const goOn = (): void => {
    window.clearTimeout(patience);
    const works = waiting ?? [];
    waiting = null;
    entry.arrived();
    for (const work of works) whenThere(work);
    whenThere(settle);
  };

  return {
    by: (delta, then = () => undefined) => {
      const before = entry.layers();
      waiting = [then];
      patience = window.setTimeout(() => {
        if (entry.layers() === before) stuckAt = before;
        goOn();
      }, patienceMs);
      window.history.go(delta);
    },
    whenThere,
    moved: () => {
      stuckAt = null;
      if (waiting === null) return false;
      goOn();
      return true;
    },
    isStuck: () => entry.layers() === stuckAt,
    mayTravel: () => {
      stuckAt = null;
    },
    end: () => window.clearTimeout(patience),
  };
}
