import type { SerializeByKey } from '../../core/serialize-by-key.js';
import type { Emitter } from '../../realtime/emitter.js';
import type { Guests } from './guests.js';
import type { Occupancy } from './occupancy.js';
import type { OccupancyChange } from './occupancy-changes.js';

export interface EvictionsDeps {
  dismiss: (conversationId: string, userId: string) => Promise<void>;
  occupancy: Occupancy;
  guests: Guests;
  /** Guests of this room with a socket from one of these addresses. */
  guestsAt: (conversationId: string, addresses: readonly string[]) => string[];
  /** What happens to one person, one after the other. */
  inOrder: SerializeByKey;
  /** Nobody is expected to leave that room later. */
  left: (userId: string, conversationId: string) => void;
  notify: (change: OccupancyChange | undefined) => Promise<void>;
  emit: Pick<Emitter, 'toPeople' | 'endSession'>;
  /** Other servers, where there are any. */
  others: OtherServers;
}

/** What other servers are to do with the people who are connected to them. */
export interface OtherServers {
  /** This person was sent out of that room, or went for good. */
  evicted: (conversationId: string, userId: string) => void;
  /** This account may not come in any more: nor may who is without one at its addresses. */
  banned: (conversationId: string, userId: string, by: string) => void;
  /** Nobody without an account may be there any more from these addresses. */
  cleared: (conversationId: string, addresses: readonly string[]) => void;
}

export type Evictions = ReturnType<typeof createEvictions>;

/** Who must go. */
export function createEvictions(deps: EvictionsDeps) {
  const { dismiss, occupancy, guests, guestsAt, inOrder, left, notify, emit, others } = deps;
  const evictionListeners = new Set<(userId: string) => void>();
  const banListeners = new Set<(conversationId: string, addresses: readonly string[]) => void>();

  /** Out of the room, sockets included. What ends a guest's session comes first: nothing under way lets them in. */
  async function evict(conversationId: string, userId: string, reason: 'kicked' | 'logout'): Promise<void> {
    const guest = await guests.find(userId);
    if (guest) await guests.end(userId);
    await inOrder(userId, async () => {
      const change = await occupancy.leaveForGood(conversationId, userId);
      await dismiss(conversationId, userId);
      evictedElsewhere(conversationId, userId);
      // First, while those servers still listen to this room for this person.
      others.evicted(conversationId, userId);
      emit.toPeople([userId], 'conversation:gone', { conversationId });
      if (guest) emit.endSession(userId, reason);
      await notify(change);
    });
  }

  /** They are out of the room. */
  function evictedElsewhere(conversationId: string, userId: string): void {
    left(userId, conversationId);
    for (const listener of evictionListeners) listener(userId);
  }

  /** Sends out who is connected to this server from one of these addresses. */
  async function clearHere(
    conversationId: string,
    addresses: readonly string[],
    theirs: readonly string[] = [],
  ): Promise<void> {
    const away = new Set([...theirs, ...guestsAt(conversationId, addresses)]);
    for (const userId of await occupancy.among(conversationId, [...away]))
      await evict(conversationId, userId, 'kicked');
    for (const listener of banListeners) listener(conversationId, addresses);
  }

  /** Sends everybody out who has no account and is at one of these addresses. */
  async function evictFrom(conversationId: string, addresses: readonly string[]): Promise<void> {
    others.cleared(conversationId, addresses);
    const theirs = await guests.from(conversationId, addresses);
    await clearHere(conversationId, addresses, theirs);
    // Those of them who are not here just now do not come back either.
    await guests.endAll(theirs);
  }

  /** Calls `listener` with whoever was sent out of a room, once nothing of it reaches them. */
  function onEvicted(listener: (userId: string) => void): void {
    evictionListeners.add(listener);
  }

  /** Calls `listener` with the addresses from which nobody may be in this room without an account any more. */
  function onBanned(listener: (conversationId: string, addresses: readonly string[]) => void): void {
    banListeners.add(listener);
  }

  return { evict, evictFrom, evictedElsewhere, clearHere, onEvicted, onBanned };
}
