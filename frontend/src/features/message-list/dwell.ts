import type { Clock } from '../../device/clock';

/** On the screen for less than that, in milliseconds, nobody has read it: it was scrolled past. */
export const dwellMs = 400;

export type Dwell = {
  /** These are on the screen now, before somebody's eyes; nothing is while nobody looks. */
  look: (seqs: readonly number[]) => void;
  stop: () => void;
};

/**
 * Tells which messages stayed on the screen long enough to be read, each once for as long as it stays there. By timers alone:
 * a device's clock may be set while somebody reads.
 */
export const createDwell = (
  { after }: Pick<Clock, 'after'>,
  seen: (seqs: readonly number[]) => void,
): Dwell => {
  /** With the look at which they came. */
  let onScreen: ReadonlyMap<number, object> = new Map();
  const waiting = new Set<() => void>();

  return {
    look: (seqs) => {
      const before = onScreen;
      const now = {};
      onScreen = new Map(seqs.map((seq) => [seq, before.get(seq) ?? now]));
      const came = seqs.filter((seq) => !before.has(seq));
      if (came.length === 0) return;
      const cancel = after(dwellMs, () => {
        waiting.delete(cancel);
        const stayed = came.filter((seq) => onScreen.get(seq) === now);
        if (stayed.length > 0) seen(stayed);
      });
      waiting.add(cancel);
    },
    stop: () => {
      for (const cancel of waiting) cancel();
      waiting.clear();
    },
  };
};
