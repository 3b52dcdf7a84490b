import { createPath, type Location, type To } from 'react-router';

/** As the browser keeps it with an entry. `layers`: how many are open there, each of which has an entry of its own. */
type Kept = { usr?: unknown; key?: string; layers?: number } | null;

export const href = (to: To): string => (typeof to === 'string' ? to : createPath(to));

export type BrowserEntry = {
  /** Where the router is: not the browser, while that travels over entries of layers. */
  location: () => Location;
  subscribe: (changed: () => void) => () => void;
  /** How many entries of layers there are up to this one. */
  layers: () => number;
  /** How many there were when it was last looked at. */
  layersBefore: () => number;
  look: () => void;
  /** Looks, and tells the router if it is another place than before. @returns whether it is */
  arrived: () => boolean;
  /** So many more entries of layers, at the same address. */
  addLayers: (count: number) => void;
  /** Another address, in a new entry or in this one. @returns false where the browser has to load it */
  keep: (way: 'pushState' | 'replaceState', to: To, usr: unknown) => boolean;
  /** Whether it is the one in which the router put the page. */
  isOwn: () => boolean;
};

/** The entry of the browser's history that the page is in. */
export function createBrowserEntry(window: Window): BrowserEntry {
  const { history } = window;
  const listeners = new Set<() => void>();
  const kept = (): Kept => history.state as Kept;
  const layers = (): number => kept()?.layers ?? 0;
  const read = (): Location => {
    const { pathname, search, hash } = window.location;
    return { pathname, search, hash, state: kept()?.usr ?? null, key: kept()?.key ?? 'default' };
  };
  let place = read();
  let before = layers();

  const arrived = (): boolean => {
    const now = read();
    const isNew = now.key !== place.key || createPath(now) !== createPath(place);
    before = layers();
    if (!isNew) return false;
    place = now;
    for (const changed of listeners) changed();
    return true;
  };

  return {
    location: () => place,
    subscribe: (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    layers,
    layersBefore: () => before,
    look: () => {
      before = layers();
    },
    arrived,
    // Browsers limit how often a page may: some pass over it without a word, others throw. Then Back leads on from here.
    addLayers: (count) => {
      try {
        for (let left = count; left > 0; left -= 1)
          history.pushState({ ...kept(), layers: layers() + 1 }, '');
      } catch {
        // Nothing is lost but that Back closes it.
      }
    },
    keep: (way, to, usr) => {
      const key = Math.random().toString(36).slice(2, 10);
      try {
        history[way]({ usr, key } satisfies Kept, '', href(to));
      } catch {
        // Then the browser goes there by itself.
        window.location.assign(href(to));
        return false;
      }
      arrived();
      return true;
    },
    isOwn: () => kept()?.key === place.key,
  };
}
