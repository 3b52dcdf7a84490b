import type { Caller } from '../../core/caller.js';
import type { SerializeByKey } from '../../core/serialize-by-key.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { Emitter } from '../../realtime/emitter.js';
import type { Bans } from './bans.js';
import type { ConnectedOccupants, Occupant } from './connected-occupants.js';
import type { Evictions } from './evictions.js';
import { type Guests, isGuest } from './guests.js';
import type { Occupancy } from './occupancy.js';

export interface ChangesElsewhereDeps {
  log: Pick<ConversationLog, 'conversations'>;
  occupancy: Pick<Occupancy, 'find' | 'placesOf'>;
  guests: Pick<Guests, 'living' | 'endedElsewhere' | 'isEnded'>;
  bans: Pick<Bans, 'find' | 'addAddresses' | 'clearedSince'>;
  connectedOccupants: ConnectedOccupants;
  evictions: Pick<Evictions, 'evictFrom' | 'clearHere' | 'evictedElsewhere'>;
  /** Where an account is by this server, or was lately: addresses that are its own. */
  addressesOf: (userId: string) => string[];
  /** What happens to one person, one after the other. */
  inOrder: SerializeByKey;
  /** To the sockets of this server. */
  emitHere: Pick<Emitter, 'toPeople' | 'endSession'>;
  /** Milliseconds since 1970. */
  now: () => number;
  report: (error: unknown) => void;
}

const askedAtOnce = 1_000;
/** The clocks of two servers may differ, and an answer takes time: so much is asked for again, in milliseconds. */
const overlapMs = 60_000;

/** Rooms in which somebody has a place, and whether they are here just now. */
type Places = ReadonlyMap<string, boolean>;
const nowhere: Places = new Map();

/** What other servers did to people who are connected to this one: as it is heard, and as the database has it. */
export function createChangesElsewhere(deps: ChangesElsewhereDeps) {
  const {
    log,
    occupancy,
    guests,
    bans,
    connectedOccupants,
    evictions,
    addressesOf,
    inOrder,
    emitHere,
    now,
    report,
  } = deps;
  let lookedForBansUpTo = now();

  /** A ban by whichever server: where the person was by this one is known here alone. */
  async function spreadBan(conversationId: string, userId: string, by: string): Promise<void> {
    const addresses = [...new Set(addressesOf(userId))];
    if (addresses.length === 0) return;
    await bans.addAddresses(conversationId, { addresses, by });
    await evictions.evictFrom(conversationId, addresses);
  }

  function sendOut(conversationId: string, userId: string): void {
    evictions.evictedElsewhere(conversationId, userId);
    emitHere.toPeople([userId], 'conversation:gone', { conversationId });
  }

  function endGuest(userId: string, reason: 'logout' | 'deleted'): void {
    guests.endedElsewhere(userId);
    emitHere.endSession(userId, reason);
  }

  /** They have no place any more in a room in which they were. */
  async function lookForEviction(caller: Caller | undefined, userId: string, id: string): Promise<void> {
    // What this server itself is about to do is done by then.
    const isGone = await inOrder(
      userId,
      async () => connectedOccupants.isIn(userId, id) && (await occupancy.find(id, userId)) === null,
    );
    if (!isGone) return;
    // Taken for lost while this server was away: the session lives.
    if (caller && isGuest(caller) && (await guests.living([userId])).has(userId)) {
      await connectedOccupants.arriveAgain(userId);
      return;
    }
    sendOut(id, userId);
    const ban = await bans.find(id, userId);
    if (ban) await spreadBan(id, userId, ban.by.toHexString());
  }

  async function lookAt(userId: string, { caller, rooms, sockets }: Occupant, places: Places): Promise<void> {
    for (const id of rooms) if (!places.has(id)) await lookForEviction(caller, userId, id);
    for (const [id, here] of places) if (here) connectedOccupants.adopt(userId, id);
    // Taken for lost while this server was away.
    if (sockets.size > 0 && [...places.values()].includes(false))
      await connectedOccupants.arriveAgain(userId);
  }

  async function lookForEnded(some: readonly (readonly [string, Occupant])[]): Promise<void> {
    const theirs = some.filter(([, { caller }]) => caller !== undefined && isGuest(caller)).map(([id]) => id);
    const living = await guests.living(theirs);
    for (const userId of theirs)
      if (!living.has(userId) && !guests.isEnded(userId)) endGuest(userId, 'logout');
  }

  async function lookForDeleted(all: readonly (readonly [string, Occupant])[]): Promise<void> {
    const ids = [...new Set(all.flatMap(([, { rooms }]) => [...rooms]))];
    for (let start = 0; start < ids.length; start += askedAtOnce) {
      const _id = { $in: ids.slice(start, start + askedAtOnce) };
      const deleted = await log.conversations.find({ _id, deletedAt: { $exists: true } }, { _id: 1 }).lean();
      for (const row of deleted) {
        const id = row._id.toHexString();
        for (const [userId, { caller }] of all.filter(([userId]) => connectedOccupants.isIn(userId, id))) {
          sendOut(id, userId);
          if (caller && isGuest(caller)) endGuest(userId, 'deleted');
        }
      }
    }
  }

  async function lookForCleared(): Promise<void> {
    const since = lookedForBansUpTo - overlapMs;
    const upTo = now();
    for (const { conversationId, address } of await bans.clearedSince(new Date(since)))
      await evictions.clearHere(conversationId.toHexString(), [address]);
    lookedForBansUpTo = upTo;
  }

  return {
    /** Asks the database for all of it. */
    async look(): Promise<void> {
      const all = [...connectedOccupants.all()];
      await lookForDeleted(all);
      for (let start = 0; start < all.length; start += askedAtOnce) {
        const some = all.slice(start, start + askedAtOnce);
        const places = await occupancy.placesOf(some.map(([userId]) => userId));
        for (const [userId, occupant] of some)
          await lookAt(userId, occupant, places.get(userId) ?? nowhere).catch(report);
        await lookForEnded(some);
      }
      await lookForCleared();
    },

    evicted: (conversationId: string, userId: string): void =>
      evictions.evictedElsewhere(conversationId, userId),

    banned: (conversationId: string, userId: string, by: string): void =>
      void spreadBan(conversationId, userId, by).catch(report),

    cleared: (conversationId: string, addresses: readonly string[]): void =>
      void evictions.clearHere(conversationId, addresses).catch(report),

    /** A guest's session, if it is one. */
    sessionEnded: (sessionId: string): void => guests.endedElsewhere(sessionId),
  };
}
