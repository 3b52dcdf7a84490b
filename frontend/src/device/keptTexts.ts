/**
 * Small texts that outlive the page, where the browser lets them. Storage may be missing, forbidden, or full: then they
 * live as long as the page, and nothing that uses them has to know.
 */
export type KeptTexts = {
  read: (key: string) => string | null;
  /** False where it lives only as long as the page. */
  write: (key: string, text: string) => boolean;
  /** For as long as the page lives, and no longer. */
  writeHere: (key: string, text: string) => void;
  /** Whether the next page will find it as it is read here. */
  outlivesPage: (key: string) => boolean;
  remove: (key: string) => void;
  keys: () => string[];
  /** Another tab has written that one, or all: what lies in storage counts again. */
  changedElsewhere: (key: string | null) => void;
};

/** @param find looked up each time: already the look may throw. */
export const keepTexts = (find: () => Storage): KeptTexts => {
  /** What storage did not take, and what it did not let go of (null). Newer than what lies there. */
  const unkept = new Map<string, string | null>();

  const attempt = <Result>(act: (storage: Storage) => Result): Result | null => {
    try {
      return act(find());
    } catch {
      return null;
    }
  };
  const remove = (key: string): void => {
    const isGone = attempt((storage) => {
      storage.removeItem(key);
      return true;
    });
    if (isGone === true) unkept.delete(key);
    else unkept.set(key, null);
  };

  const writeHere = (key: string, text: string): void => {
    // The next page must not find what was there before it, and take that for the latest.
    remove(key);
    unkept.set(key, text);
  };

  return {
    read: (key) => {
      const text = unkept.get(key);
      return text === undefined ? attempt((storage) => storage.getItem(key)) : text;
    },
    write: (key, text) => {
      const isKept = attempt((storage) => {
        storage.setItem(key, text);
        return true;
      });
      if (isKept === true) {
        unkept.delete(key);
        return true;
      }
      writeHere(key, text);
      return false;
    },
    writeHere,
    outlivesPage: (key) => !unkept.has(key),
    remove,
    keys: () => {
      const kept = attempt((storage) =>
        Array.from({ length: storage.length }, (_, index) => storage.key(index)),
      );
      const keys = new Set((kept ?? []).filter((key) => key !== null));
      for (const [key, text] of unkept)
        if (text === null) keys.delete(key);
        else keys.add(key);
      return [...keys];
    },
    changedElsewhere: (key) => {
      if (key === null) unkept.clear();
      else unkept.delete(key);
    },
  };
};

/** For all tabs of this browser, until somebody clears it. */
export const deviceTexts = keepTexts(() => window.localStorage);
/** For this tab, over reloads. */
export const tabTexts = keepTexts(() => window.sessionStorage);

// Before whoever follows the other tabs and reads what they wrote. Of a tab's own storage nobody else can tell.
window.addEventListener('storage', ({ key }) => deviceTexts.changedElsewhere(key));
