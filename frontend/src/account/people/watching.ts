import type { Ask } from '@sori/client';
import { limits, type Id } from '@sori/contract';
import type { Store } from '../../store/state';
import type { Clock } from '../../device/clock';

const gatherMs = 50;

export type Watching = {
  /** Keeps the presence of these people up to date until what is returned is called. */
  people: (userIds: readonly Id[]) => () => void;
  /** Calls whenever somebody signed up, or may have before the server was asked to tell, while people are searched for. */
  arrivals: (came: () => void) => () => void;
  /** Somebody signed up. */
  arrived: () => void;
  /** The server told anew who is online of those whom it tells about by itself: of the others it has to be asked. */
  onlineReceived: () => void;
  /** A new connection knows nothing of what was watched over the old one. */
  resume: () => void;
  stop: () => void;
};

/** Whose presence, and whether whose sign-up, this page wants to be told. Components come and go; the server hears the sum. */
export const createWatching = (deps: { store: Store; ask: Ask; clock: Clock }): Watching => {
  const { store, ask, clock } = deps;
  const watched = new Map<symbol, readonly Id[]>();
  const listeners = new Set<() => void>();
  let cancel: (() => void) | null = null;
  let sentWatching = false;
  let sentPeople = false;

  const arrived = () => {
    for (const came of listeners) came();
  };

  const send = () => {
    cancel = null;
    const userIds = [...new Set([...watched.values()].flat())].slice(-limits.watchedPeopleMax);
    if (userIds.length > 0 || sentWatching) {
      sentWatching = userIds.length > 0;
      ask('presence:watch', { userIds }).then(
        ({ online }) => {
          const there = new Set(online);
          store.getState().presenceChanged({ online, offline: userIds.filter((id) => !there.has(id)) });
        },
        // A connection that breaks asks again when it is back.
        () => undefined,
      );
    }
    const on = listeners.size > 0;
    if (on !== sentPeople) {
      sentPeople = on;
      ask('people:watch', { on }).then(on ? arrived : () => undefined, () => undefined);
    }
  };
  const soon = () => {
    cancel ??= clock.after(gatherMs, send);
  };

  return {
    people: (userIds) => {
      const key = Symbol('watch');
      watched.set(key, userIds);
      soon();
      return () => {
        watched.delete(key);
        soon();
      };
    },
    arrivals: (came) => {
      listeners.add(came);
      soon();
      return () => {
        listeners.delete(came);
        soon();
      };
    },
    arrived,
    onlineReceived: soon,
    resume: () => {
      sentWatching = false;
      sentPeople = false;
      soon();
    },
    stop: () => cancel?.(),
  };
};
