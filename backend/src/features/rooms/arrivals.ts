import type { EnterRoom, Language, Role, RoomPerson } from '@sori/contract';
import { LRUCache } from 'lru-cache';
import { Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { unauthenticated } from '../../core/errors.js';
import { createSerializeByKey } from '../../core/serialize-by-key.js';
import type { Place } from '../../http/address.js';
import type { Limits } from '../../limits/limits.js';
import { notDeleted } from '../../conversation-log/conversations.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { Clock } from '../../realtime/clock.js';
import type { Emitter } from '../../realtime/emitter.js';
import { createConnectedOccupants } from './connected-occupants.js';
import type { Bans } from './bans.js';
import type { RoomLimits } from './room-limits.js';
import { createOccupancyBatching } from './occupancy-batching.js';
import { type Begun, type GuestCaller, type Guests, isGuest } from './guests.js';
import type { Occupancy, OccupancyChange } from './occupancy.js';
import { isReserved, refuseReserved } from './reserved.js';
import type { RoomRow } from './room-rows.js';

export interface ArrivalsDeps {
  log: Pick<ConversationLog, 'conversations'>;
  conversations: {
    admit: (conversationId: string, userId: string, role?: Role) => Promise<void>;
    dismiss: (conversationId: string, userId: string) => Promise<void>;
    /** Everybody in the room, for telling. */
    audienceOf: (
      conversationId: string,
    ) => { participants: readonly string[] } | null | Promise<{ participants: readonly string[] } | null>;
  };
  occupancy: Occupancy;
  guests: Guests;
  bans: Pick<Bans, 'refuseBanned'>;
  fullNameOf: (userId: string) => Promise<string>;
  /** A guest is called this from now on. */
  named: (userId: string, name: string) => void;
  roomLimits: Pick<RoomLimits, 'stranger' | 'newGuest'>;
  /** How many changes a room is told one by one. */
  budget: Limits['comingsPerRoom'];
  /** Guests of this room with a socket from one of these addresses. */
  guestsAt: (conversationId: string, addresses: readonly string[]) => string[];
  emit: Pick<Emitter, 'toPeople' | 'endSession'>;
  clock: Clock;
  report: (error: unknown) => void;
}

/** What a guest would like to be called; without a name one is drawn, in that language or else the room's. */
export type Wish = Pick<EnterRoom, 'nickname' | 'language'>;

/** Somebody without any session (the namespace `/open`). */
export interface PlainClient {
  userId: string;
  nickname: string;
  address: string;
  language: Language;
  /** Called when the name is known, before anybody is told of it. */
  named: (name: string) => void;
}

/** Where somebody with an account came in counts as where they are, for so long. */
const recentMs = 3_600_000;
const recentMax = 10_000;

export type Arrivals = ReturnType<typeof createArrivals>;

/** Who comes into a room and who goes: each person in the order in which that happened, and everybody there told once. */
export function createArrivals(deps: ArrivalsDeps) {
  const { log, conversations, occupancy, guests, bans, fullNameOf, named, roomLimits, budget, guestsAt } =
    deps;
  const { emit, clock, report } = deps;
  const inOrder = createSerializeByKey();
  const listeners = new Set<(change: OccupancyChange) => void>();
  const evictionListeners = new Set<(userId: string) => void>();
  const banListeners = new Set<(conversationId: string, addresses: readonly string[]) => void>();
  /** Addresses of plain clients, who have no session that could keep them. */
  const plainAddresses = new Map<string, string>();
  const enteredFrom = new LRUCache<string, string>({ max: recentMax, ttl: recentMs });
  const occupancyBatching = createOccupancyBatching({ budget, clock, emit: emitToRoom, report });
  const connectedOccupants = createConnectedOccupants({
    clock,
    arrive: (caller) => inOrder(caller.userId, () => arrive(caller)),
    depart: (userId, conversationId) => inOrder(userId, () => goOut(conversationId, userId)),
    renew: (userIds) => occupancy.renew(userIds),
    departLost,
    report,
  });

  /** Everybody in the room hears of it once, and whoever listens here (the plain clients). */
  async function emitToRoom(change: OccupancyChange): Promise<void> {
    const { conversationId, joined, renamed, left, passed = [] } = change;
    const audience = await conversations.audienceOf(conversationId);
    emit.toPeople(audience?.participants ?? [], 'room:here', {
      conversationId,
      joined: [...joined, ...renamed],
      left: [...left, ...passed].map(({ _id }) => _id),
    });
    for (const listener of listeners) listener(change);
  }
  const told = (change: OccupancyChange | undefined): Promise<void> =>
    change ? occupancyBatching.changed(change) : Promise.resolve();

  async function enterAccount(userId: string, { _id, ownerId }: RoomRow): Promise<RoomPerson> {
    const conversationId = _id.toHexString();
    const name = await fullNameOf(userId);
    await conversations.admit(conversationId, userId, ownerId?.equals(userId) ? 'owner' : 'member');
    const { person, change } = await occupancy.enterAccount(conversationId, userId, name);
    connectedOccupants.entered(userId, conversationId);
    await told(change);
    return person;
  }

  /** Puts a guest into the room, or gives one that is there another name. */
  async function putGuest(
    { userId, conversationId }: { userId: string; conversationId: string },
    wish: { language: Language; nickname: string | undefined },
    beforeEmit: (name: string) => void = () => undefined,
  ): Promise<RoomPerson> {
    const { person, change } = await occupancy.enterGuest(conversationId, userId, wish);
    await conversations.admit(conversationId, userId);
    named(userId, person.name);
    beforeEmit(person.name);
    await told(change);
    return person;
  }

  /** A guest whose session lives, and who may have gone out meanwhile, is in the room again under the old name, if it is free. */
  async function bringBack(
    { userId, guest: { conversationId, name } }: GuestCaller,
    wish: Wish = {},
  ): Promise<RoomPerson> {
    // A name from before it was reserved is not brought back.
    const nickname = wish.nickname ?? (isReserved(name) ? undefined : name);
    // Whoever was sent away while this waited stays away.
    if (guests.isEnded(userId)) throw unauthenticated();
    const row = await log.conversations
      .findOne({ _id: conversationId, ...notDeleted }, { language: 1 })
      .lean();
    if (!row) throw unauthenticated();
    const person = await putGuest(
      { userId, conversationId },
      { language: wish.language ?? row.language ?? 'en', nickname },
    );
    if (person.name !== name) await guests.rename(userId, person.name);
    return person;
  }

  /** A person's first socket is here. @returns the rooms that he is in now */
  async function arrive(caller: Caller): Promise<string[]> {
    if (isGuest(caller)) {
      await bringBack(caller);
      return [caller.guest.conversationId];
    }
    const entered = await occupancy.roomsOf(caller.userId);
    // A deleted room has people until it is swept, and nobody may be put back behind the sweep.
    const there = await log.conversations
      .find({ _id: { $in: entered.map(({ conversationId }) => conversationId) }, ...notDeleted }, { _id: 1 })
      .lean();
    const ids = new Set(there.map(({ _id }) => _id.toHexString()));
    const mine = entered.filter(({ conversationId }) => ids.has(conversationId));
    for (const { conversationId, name } of mine) {
      const { change } = await occupancy.enterAccount(conversationId, caller.userId, name);
      await told(change);
    }
    return mine.map(({ conversationId }) => conversationId);
  }

  /** Nobody is with that person any more. An account keeps its place in the room, a guest comes back by the session. */
  async function goOut(conversationId: string, userId: string): Promise<void> {
    const change = await occupancy.leave(conversationId, userId, { forGood: false });
    if (change?.left.some(({ guest }) => guest)) await conversations.dismiss(conversationId, userId);
    await told(change);
  }

  async function departLost(since: Date): Promise<void> {
    for (const { conversationId, userId } of await occupancy.lost(since)) {
      await inOrder(userId, () => goOut(conversationId, userId));
    }
  }

  /** An account, or a guest of this room, comes in; a nickname gives a guest another name. @throws AppError REFUSED (a ban, a reserved name) */
  async function enter(
    caller: Caller,
    row: RoomRow,
    { place, nickname, language }: { place?: Place } & Wish = {},
  ): Promise<RoomPerson> {
    const { userId } = caller;
    if (isGuest(caller)) refuseReserved(nickname);
    else if (place?.isOwn) enteredFrom.set(userId, place.address);
    const conversationId = row._id.toHexString();
    const me = await inOrder(userId, async () => {
      await bans.refuseBanned(conversationId, { userId });
      return isGuest(caller) ? bringBack(caller, { nickname, language }) : enterAccount(userId, row);
    });
    connectedOccupants.entered(userId, conversationId);
    return me;
  }

  /** Somebody new comes in without an account. @throws AppError REFUSED (a ban, a reserved name), RATE_LIMITED */
  async function enterNewGuest(
    { _id, language: ofRoom = 'en' }: RoomRow,
    { nickname, language = ofRoom }: Wish,
    address: string,
  ): Promise<Begun & { me: RoomPerson }> {
    const conversationId = _id.toHexString();
    refuseReserved(nickname);
    await roomLimits.stranger(address);
    await bans.refuseBanned(conversationId, { address });
    await roomLimits.newGuest(address);
    const userId = new Types.ObjectId().toHexString();
    const me = await putGuest({ userId, conversationId }, { language, nickname });
    const begun = await guests.begin({ userId, conversationId, name: me.name, address });
    connectedOccupants.entered(userId, conversationId);
    // One that was said meanwhile found nobody to send away.
    await bans.refuseBanned(conversationId, { address }).catch(async (error: unknown) => {
      await evict(conversationId, userId, 'kicked');
      throw error;
    });
    return { ...begun, me };
  }

  /** Somebody asked for something by REST: a guest is here then. */
  async function seen(caller: Caller): Promise<void> {
    if (!isGuest(caller) || connectedOccupants.renewed(caller.userId)) return;
    await inOrder(caller.userId, () => bringBack(caller));
    connectedOccupants.entered(caller.userId, caller.guest.conversationId);
  }

  /** Out of the room, sockets included. What ends a guest's session comes first: nothing that is under way lets him back in. */
  async function evict(conversationId: string, userId: string, reason: 'kicked' | 'logout'): Promise<void> {
    const guest = await guests.find(userId);
    if (guest) await guests.end(userId);
    await inOrder(userId, async () => {
      const change = await occupancy.leave(conversationId, userId, { forGood: true });
      await conversations.dismiss(conversationId, userId);
      connectedOccupants.left(userId, conversationId);
      emit.toPeople([userId], 'conversation:gone', { conversationId });
      if (guest) emit.endSession(userId, reason);
      for (const listener of evictionListeners) listener(userId);
      await told(change);
    });
  }

  /** Sends everybody out who has no account and is at one of these addresses. */
  async function evictFrom(conversationId: string, addresses: readonly string[]): Promise<void> {
    const theirs = await guests.from(conversationId, addresses);
    const away = new Set([...theirs, ...guestsAt(conversationId, addresses)]);
    for (const userId of await occupancy.among(conversationId, [...away]))
      await evict(conversationId, userId, 'kicked');
    // Those of them who are not here just now do not come back either.
    await guests.endAll(theirs);
    for (const listener of banListeners) listener(conversationId, addresses);
  }

  /**
   * Comes in under this name, or one like it, for as long as its socket is there.
   * @throws AppError REFUSED (a ban, a reserved name), RATE_LIMITED
   */
  async function enterPlain(
    conversationId: string,
    { userId, nickname, address, language, named: beforeEmit }: PlainClient,
  ): Promise<RoomPerson> {
    refuseReserved(nickname);
    await roomLimits.stranger(address);
    await bans.refuseBanned(conversationId, { address });
    plainAddresses.set(userId, address);
    const person = await inOrder(userId, () =>
      putGuest({ userId, conversationId }, { language, nickname }, beforeEmit),
    ).catch(async (error: unknown) => {
      // Half of it may be done, and nobody is there who could leave.
      await leavePlain(conversationId, userId).catch(report);
      throw error;
    });
    connectedOccupants.entered(userId, conversationId);
    await connectedOccupants.connected(`plain:${userId}`, { userId, sessionId: userId });
    return person;
  }

  async function leavePlain(conversationId: string, userId: string): Promise<void> {
    plainAddresses.delete(userId);
    connectedOccupants.left(userId, conversationId);
    connectedOccupants.disconnected(`plain:${userId}`);
    await inOrder(userId, () => goOut(conversationId, userId));
  }

  /** Calls `listener` with whoever comes and goes in any room. */
  function onOccupancyChange(listener: (change: OccupancyChange) => void): void {
    listeners.add(listener);
  }

  /** Calls `listener` with whoever was sent out of a room, once nothing of it reaches him. */
  function onEvicted(listener: (userId: string) => void): void {
    evictionListeners.add(listener);
  }

  /** Calls `listener` with the addresses from which nobody may be in this room without an account any more. */
  function onBanned(listener: (conversationId: string, addresses: readonly string[]) => void): void {
    banListeners.add(listener);
  }

  return {
    enter,
    enterNewGuest,
    seen,
    connected: (socketId: string, caller: Caller): Promise<void> =>
      connectedOccupants.connected(socketId, caller),
    disconnected: (socketId: string): void => connectedOccupants.disconnected(socketId),
    evict,
    evictFrom,
    /** The room is no more, and these people were in it: nobody is expected to leave it later. */
    dissolved(conversationId: string, userIds: readonly string[]): void {
      for (const userId of userIds) connectedOccupants.left(userId, conversationId);
    },
    enterPlain,
    leavePlain,
    plainAddressOf: (userId: string): string | undefined => plainAddresses.get(userId),
    /** Where somebody with an account came in lately. */
    enteredFrom: (userId: string): string | undefined => enteredFrom.get(userId),
    onOccupancyChange,
    onEvicted,
    onBanned,
    close(): void {
      connectedOccupants.close();
      occupancyBatching.close();
    },
  };
}
