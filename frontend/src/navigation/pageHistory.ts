import { createPath, type Location, type Navigator, type To } from 'react-router';

/** What lies above the page and goes with the next press on Back: a dialog, a sheet, a menu. */
export type Layer = { close: () => void };

/** As the browser keeps it with an entry. `layers`: how many are open there, each of which has an entry of its own. */
type Kept = { usr?: unknown; key?: string; layers?: number } | null;

export type PageHistory = Navigator & {
  location: () => Location;
  subscribe: (changed: () => void) => () => void;
  /** Answers the function to be called when the layer has closed, in whatever way. */
  opened: (layer: Layer) => () => void;
  end: () => void;
};

/** A menu often hands over to a dialog: so long, in milliseconds, the entry of a layer waits for the next one. */
const handOverMs = 100;
/** Should a browser not do what it was asked for. */
const patienceMs = 1_000;

/**
 * The history of this page, for the router and for all that Back closes. Each open layer adds an entry at the same address,
 * with the press that opened it: entries that a page adds without one are passed over by browsers. Closed otherwise, a layer
 * takes its entry along; where the page goes elsewhere, the new address takes the place of the entry. So there never is one
 * to go back through in vain. Over entries of its own it travels without a word to the router; what is asked meanwhile waits.
 */
export function createPageHistory(window: Window): PageHistory {
  const { history } = window;
  const listeners = new Set<() => void>();
  /** The top one last. */
  const layers: Layer[] = [];
  let waiting: (() => void)[] | null = null;
  let patience: number | undefined;
  let settling: number | undefined;
  /** As many entries of layers as there were when the browser would not travel: it is not asked again at once. */
  let stuckAt: number | null = null;

  const kept = (): Kept => history.state as Kept;
  const depth = (): number => kept()?.layers ?? 0;
  const read = (): Location => {
    const { pathname, search, hash } = window.location;
    return { pathname, search, hash, state: kept()?.usr ?? null, key: kept()?.key ?? 'default' };
  };
  let place = read();
  /** How many entries of layers there were when it was last looked at. */
  let known = depth();

  /** Whether it is another place than before. */
  const arrived = (): boolean => {
    const now = read();
    const isNew = now.key !== place.key || createPath(now) !== createPath(place);
    known = depth();
    if (!isNew) return false;
    place = now;
    for (const changed of listeners) changed();
    return true;
  };

  /** Travels, and does it there. */
  const travel = (delta: number, then: () => void = () => undefined): void => {
    const before = depth();
    waiting = [then];
    patience = window.setTimeout(() => {
      if (depth() === before) stuckAt = before;
      goOn();
    }, patienceMs);
    history.go(delta);
  };
  const goOn = (): void => {
    window.clearTimeout(patience);
    const works = waiting ?? [];
    waiting = null;
    arrived();
    for (const work of works) whenThere(work);
    whenThere(settle);
  };
  const whenThere = (work: () => void): void => {
    if (waiting === null) work();
    else waiting.push(work);
  };

  /** As many entries as there are layers. */
  const settle = (): void => {
    window.clearTimeout(settling);
    if (depth() > layers.length && depth() !== stuckAt) travel(layers.length - depth());
    else addEntries(layers.length - depth());
    known = depth();
  };
  /** Browsers limit how often a page may: some pass over it without a word, others throw. Then Back leads on from here. */
  const addEntries = (missing: number): void => {
    try {
      for (let left = missing; left > 0; left -= 1) history.pushState({ ...kept(), layers: depth() + 1 }, '');
    } catch {
      // Nothing is lost but that Back closes it.
    }
  };
  const settleSoon = (): void => {
    stuckAt = null;
    window.clearTimeout(settling);
    settling = window.setTimeout(() => whenThere(settle), handOverMs);
  };
  const closeDownTo = (count: number): void => {
    for (const { close } of layers.splice(count).reverse()) close();
  };

  const onPop = (): void => {
    stuckAt = null;
    if (waiting !== null) {
      goOn();
      return;
    }
    // Forward, to where layers lay when the page went elsewhere: where it went took the entry of the first of them.
    if (depth() > 1 && kept()?.key !== place.key) {
      travel(1 - depth());
      return;
    }
    const before = known;
    if (arrived()) closeDownTo(0);
    else if (depth() < before) {
      // Only of layers that had closed already: the press was for what lies below them.
      if (depth() >= layers.length) {
        history.go(-1);
        return;
      }
      closeDownTo(depth());
    }
    // Forward, to a layer that is no longer there.
    settle();
  };
  window.addEventListener('popstate', onPop);

  const keep = (way: 'pushState' | 'replaceState', to: To, usr: unknown): void => {
    const key = Math.random().toString(36).slice(2, 10);
    try {
      history[way]({ usr, key } satisfies Kept, '', href(to));
    } catch {
      // Then the browser goes there by itself.
      window.location.assign(href(to));
      return;
    }
    arrived();
    // What is still open then has its entry here.
    settleSoon();
  };
  const push = (to: To, usr?: unknown): void =>
    whenThere(() => {
      if (depth() > 1 && depth() !== stuckAt) travel(1 - depth(), () => push(to, usr));
      else keep(depth() > 0 ? 'replaceState' : 'pushState', to, usr);
    });
  const replace = (to: To, usr?: unknown): void =>
    whenThere(() => {
      if (depth() > 0 && depth() !== stuckAt) travel(-depth(), () => replace(to, usr));
      else keep('replaceState', to, usr);
    });

  // Loaded again while something was open.
  settle();
  return {
    location: () => place,
    subscribe: (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    opened: (layer) => {
      layers.push(layer);
      whenThere(settle);
      return () => {
        const index = layers.indexOf(layer);
        if (index < 0) return;
        layers.splice(index, 1);
        settleSoon();
      };
    },
    push,
    replace,
    go: (delta) => whenThere(() => history.go(delta < 0 ? delta - depth() : delta)),
    createHref: href,
    encodeLocation: (to) => {
      const { pathname, search, hash } = new URL(href(to), window.location.origin);
      return { pathname, search, hash };
    },
    end: () => {
      window.removeEventListener('popstate', onPop);
      window.clearTimeout(settling);
      window.clearTimeout(patience);
    },
  };
}

const href = (to: To): string => (typeof to === 'string' ? to : createPath(to));
