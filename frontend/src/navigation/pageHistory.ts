import type { Location, Navigator, To } from 'react-router';
import { createBrowserEntry, href } from './browserEntry';
import { createTravel } from './travel';

/** What lies above the page and goes with the next press on Back: a dialog, a sheet, a menu. */
export type Layer = { close: () => void };

export type PageHistory = Navigator & {
  location: () => Location;
  subscribe: (changed: () => void) => () => void;
  /** Answers the function to be called when the layer has closed, in whatever way. */
  opened: (layer: Layer) => () => void;
  end: () => void;
};

/** A menu often hands over to a dialog: so long, in milliseconds, the entry of a layer waits for the next one. */
const handOverMs = 100;
/**
 * The history of this page, for the router and for all that Back closes. Each open layer adds an entry at the same address,
 * with the press that opened it: entries that a page adds without one are passed over by browsers. Closed otherwise, a layer
 * takes its entry along; where the page goes elsewhere, the new address takes the place of the entry. So there never is one
 * to go back through in vain. Over entries of its own it travels without a word to the router; what is asked meanwhile waits.
 */
export function createPageHistory(window: Window): PageHistory {
  /** The top one last. */
  const layers: Layer[] = [];
  let settling: number | undefined;

  /** As many entries as there are layers. */
  const settle = (): void => {
    window.clearTimeout(settling);
    const over = entry.layers() - layers.length;
    if (over > 0 && !travel.isStuck()) travel.by(-over);
    else entry.addLayers(-over);
    entry.look();
  };
  const entry = createBrowserEntry(window);
  const travel = createTravel(window, entry, settle);
  const settleSoon = (): void => {
    travel.mayTravel();
    window.clearTimeout(settling);
    settling = window.setTimeout(() => travel.whenThere(settle), handOverMs);
  };
  const closeDownTo = (count: number): void => {
    for (const { close } of layers.splice(count).reverse()) close();
  };

  const onPop = (): void => {
    if (travel.moved()) return;
    // Forward, to where layers lay when the page went elsewhere: where it went took the entry of the first of them.
    if (entry.layers() > 1 && !entry.isOwn()) {
      travel.by(1 - entry.layers());
      return;
    }
    const before = entry.layersBefore();
    if (entry.arrived()) closeDownTo(0);
    else if (entry.layers() < before) {
      // Only of layers that had closed already: the press was for what lies below them.
      if (entry.layers() >= layers.length) {
        window.history.go(-1);
        return;
      }
      closeDownTo(entry.layers());
    }
    // Forward, to a layer that is no longer there.
    settle();
  };
  window.addEventListener('popstate', onPop);

  const keep = (way: 'pushState' | 'replaceState', to: To, usr: unknown): void => {
    // What is still open then has its entry here.
    if (entry.keep(way, to, usr)) settleSoon();
  };
  const push = (to: To, usr?: unknown): void =>
    travel.whenThere(() => {
      const above = entry.layers();
      if (above > 1 && !travel.isStuck()) travel.by(1 - above, () => push(to, usr));
      else keep(above > 0 ? 'replaceState' : 'pushState', to, usr);
    });
  const replace = (to: To, usr?: unknown): void =>
    travel.whenThere(() => {
      const above = entry.layers();
      if (above > 0 && !travel.isStuck()) travel.by(-above, () => replace(to, usr));
      else keep('replaceState', to, usr);
    });

  // Loaded again while something was open.
  settle();
  return {
    location: entry.location,
    subscribe: entry.subscribe,
    opened: (layer) => {
      layers.push(layer);
      travel.whenThere(settle);
      return () => {
        const index = layers.indexOf(layer);
        if (index < 0) return;
        layers.splice(index, 1);
        settleSoon();
      };
    },
    push,
    replace,
    go: (delta) => travel.whenThere(() => window.history.go(delta < 0 ? delta - entry.layers() : delta)),
    createHref: href,
    encodeLocation: (to) => {
      const { pathname, search, hash } = new URL(href(to), window.location.origin);
      return { pathname, search, hash };
    },
    end: () => {
      window.removeEventListener('popstate', onPop);
      window.clearTimeout(settling);
      travel.end();
    },
  };
}
