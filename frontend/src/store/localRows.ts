/**
 * localStorage, and this page's own memory where it is missing, forbidden or full: nothing here throws. What did not fit
 * is newer than the row of the same name that is still there, until another tab or a later write replaces that.
 */
const memory = new Map<string, string>();

const attempt = <Result>(act: () => Result, otherwise: Result): Result => {
  try {
    return act();
  } catch {
    return otherwise;
  }
};

export const localRows = {
  get: (key: string): string | null =>
    memory.get(key) ?? attempt(() => localStorage.getItem(key), null),
  set: (key: string, value: string): void => {
    const isKept = attempt(() => {
      localStorage.setItem(key, value);
      return true;
    }, false);
    if (isKept) memory.delete(key);
    else memory.set(key, value);
  },
  /** For as long as the page lives. */
  setInMemory: (key: string, value: string): void => void memory.set(key, value),
  remove: (key: string): void => {
    memory.delete(key);
    attempt(() => localStorage.removeItem(key), undefined);
  },
  /** Another tab has written that row. */
  changedElsewhere: (key: string): void => void memory.delete(key),
  isOnlyInMemory: (key: string): boolean => memory.has(key),
  keys: (): string[] => {
    const stored = attempt(
      () => Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index) ?? ''),
      [],
    );
    return [...new Set([...stored, ...memory.keys()])];
  },
};
