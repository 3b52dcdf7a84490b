import type { Described } from '../../servers/presence-relay.js';
import type { Circles } from './circles.js';
import type { Present } from './present.js';

/** What the other servers are told of people who are connected here. */
export function createDescriptions(people: ReadonlyMap<string, Present>, circles: Pick<Circles, 'of'>) {
  /** Whom this person is known to block. */
  const blockedBy = (userId: string): string[] =>
    [...(people.get(userId)?.blocks ?? [])].filter(([, isBlocked]) => isBlocked).map(([id]) => id);

  return {
    blockedBy,

    /** Undefined for who has no socket here, or of whom it is not known yet. */
    describe: (userId: string): Described | undefined => {
      const person = people.get(userId);
      if (!person?.listed || person.sockets.size === 0) return undefined;
      return { userId, ...circles.of(userId), blocks: blockedBy(userId) };
    },

    /** Everybody with a socket here. */
    connectedHere: (): string[] =>
      [...people].filter(([, { sockets }]) => sockets.size > 0).map(([userId]) => userId),
  };
}
