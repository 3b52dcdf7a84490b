import type { Store } from '../../store/state';
import type { Clock } from '../../device/clock';

/** Longer than this no timer is set: one over 24 days fires at once, and one that a device slept through is late. */
const longestMs = 60_000;

/** Notices when a mute ends: from then on the page holds none, and list, badge, sound and menus follow. */
export const endMutes = ({ store, clock }: { store: Store; clock: Clock }): (() => void) => {
  let cancel: () => void = () => undefined;

  const look = () => {
    cancel();
    // By a clock that may be wrong none is ended: what is told over the connection comes when the server was heard.
    if (!clock.server.isKnown()) return;
    const now = clock.server.now();
    store.getState().mutesEnded(now);
    const ends = Object.values(store.getState().conversations).flatMap(({ conversation: { mutedUntil } }) =>
      mutedUntil === null ? [] : [Date.parse(mutedUntil)],
    );
    // That a mute has ended was heard here, too, and had this look again: its timer gives way to this one.
    cancel();
    if (ends.length > 0) cancel = clock.after(Math.min(Math.min(...ends) - now, longestMs), look);
  };
  look();
  const endings = [
    store.subscribe((state, before) => {
      if (state.conversations !== before.conversations) look();
    }),
    clock.server.subscribe(look),
  ];
  document.addEventListener('visibilitychange', look);

  return () => {
    cancel();
    for (const end of endings) end();
    document.removeEventListener('visibilitychange', look);
  };
};
