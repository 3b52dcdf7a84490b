import {
  type Conversation,
  type CreateRoom,
  type EnteredRoom,
  type EnterRoom,
  type Language,
  type Person,
  type Role,
  type Room,
  type RoomPerson,
} from '@sori/contract';
import { Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { AppError, notFound, unauthenticated } from '../../core/errors.js';
import { createLanes } from '../../core/lanes.js';
import type { ConversationLog } from '../../log/log.js';
import type { Clock } from '../../realtime/clock.js';
import type { Tell } from '../../realtime/tell.js';
import { createAttendance } from './attendance.js';
import { createBans } from './bans.js';
import { createGuests, type GuestCaller } from './guests.js';
import { createHere, type HereChange } from './here.js';
import { createRoomRows, type RoomRow } from './room-rows.js';
import { roomRowsOn } from './rooms.model.js';
import { createWriting } from './writing.js';

export interface RoomsDeps {
  connection: Parameters<typeof roomRowsOn>[0];
  log: Pick<ConversationLog, 'conversations' | 'entries' | 'append' | 'sweep'>;
  conversations: {
    admit: (conversationId: string, userId: string, role?: Role) => Promise<void>;
    dismiss: (conversationId: string, userId: string) => Promise<void>;
    roleIn: (conversationId: string, userId: string) => Promise<Role | null>;
    get: (caller: Pick<Caller, 'userId'>, id: string) => Promise<Conversation>;
    tellOwn: (userId: string, conversationId: string) => Promise<Conversation>;
    /** Everybody in the room, for telling. */
    audienceOf: (
      conversationId: string,
    ) => { participants: readonly string[] } | null | Promise<{ participants: readonly string[] } | null>;
  };
  people: (ids: readonly string[]) => Promise<Map<string, Person>>;
  isAdmin: (userId: string) => Promise<boolean>;
  /** Counts a new guest from this address; throws RATE_LIMITED. */
  countGuest: (address: string) => Promise<void>;
  tell: Pick<Tell, 'people' | 'endSession'>;
  clock: Clock;
  report: (error: unknown) => void;
  sessionTtlSeconds: number;
  openLobby: boolean;
  /** How often what is over is taken out of the database, in milliseconds. 0: never. Default a minute. */
  sweepEveryMs?: number;
}

/** Who comes, and from where (`addressOf`). Null for a stranger. */
export interface Visit {
  caller: Caller | null;
  address: string;
}

export interface Entered {
  room: EnteredRoom;
  /** For a new guest: what the cookie is to hold. */
  token?: string;
}

export type Rooms = Awaited<ReturnType<typeof createRooms>>;

/** Open rooms: who may come in, under which name, who is there, and who must go. */
export async function createRooms(deps: RoomsDeps) {
  const { connection, log, conversations, people, isAdmin, countGuest, tell, clock, report } = deps;
  const { openLobby, sessionTtlSeconds, sweepEveryMs = 60_000 } = deps;
  const now = (): number => clock.now();
  const rows = roomRowsOn(connection);
  await rows.prepare();
  const guests = createGuests({ guests: rows.guests, ttlSeconds: sessionTtlSeconds, now });
  const bans = createBans({ bans: rows.bans, now });
  const here = createHere({ visitors: rows.visitors, now });
  const roomRows = createRoomRows({
    log,
    tables: rows,
    admit: conversations.admit,
    openLobby,
    now,
  });
  const writing = createWriting({
    log,
    roleIn: conversations.roleIn,
    find: (conversationId, userId) => here.find(conversationId, userId),
    fullNameOf,
    now,
  });
  /** A person comes and goes in the order in which that happened. */
  const inOrder = createLanes();
  const listeners = new Set<(change: HereChange) => void>();
  const evictionListeners = new Set<(userId: string) => void>();
  const attendance = createAttendance({
    clock,
    arrive: (caller) => inOrder(caller.userId, () => arrive(caller)),
    depart: (userId, conversationId) => inOrder(userId, () => goOut(conversationId, userId)),
    renew: (userIds) => here.renew(userIds),
    departLost,
    report,
  });
  let sweeper: NodeJS.Timeout | undefined;

  await roomRows.prepareLobby();
  if (sweepEveryMs > 0) sweeper = setInterval(() => void sweep().catch(report), sweepEveryMs).unref();

  /** Everybody in the room hears of it once, and whoever listens here (the plain clients). */
  async function told(change: HereChange | undefined): Promise<void> {
    if (!change) return;
    const { conversationId, joined, renamed, left } = change;
    const audience = await conversations.audienceOf(conversationId);
    tell.people(audience?.participants ?? [], 'room:here', {
      conversationId,
      joined: [...joined, ...renamed],
      left: left.map(({ _id }) => _id),
    });
    for (const listener of listeners) listener(change);
  }

  async function fullNameOf(userId: string): Promise<string> {
    const person = (await people([userId])).get(userId);
    if (!person) throw unauthenticated();
    return person.fullName;
  }

  async function enterAccount(userId: string, { _id, ownerId }: RoomRow): Promise<RoomPerson> {
    const conversationId = _id.toHexString();
    const name = await fullNameOf(userId);
    await conversations.admit(conversationId, userId, ownerId?.equals(userId) ? 'owner' : 'member');
    const { person, change } = await here.enterAccount(conversationId, userId, name);
    attendance.entered(userId, conversationId);
    await told(change);
    return person;
  }

  /** Puts a guest into the room, or gives one that is there another name. */
  async function putGuest(
    { userId, conversationId }: { userId: string; conversationId: string },
    wish: { language: Language; nickname: string | undefined },
  ): Promise<RoomPerson> {
    const { person, change } = await here.enterGuest(conversationId, userId, wish);
    await conversations.admit(conversationId, userId);
    writing.named(userId, person.name);
    await told(change);
    return person;
  }

  /** A guest whose session lives, and who may have gone out meanwhile, is in the room again under the old name, if it is free. */
  async function bringBack(
    { userId, guest: { conversationId, name } }: GuestCaller,
    nickname = name,
  ): Promise<RoomPerson> {
    // Whoever was sent away while this waited stays away.
    if (guests.isEnded(userId)) throw unauthenticated();
    const row = await log.conversations.findOne({ _id: conversationId }, { language: 1 }).lean();
    if (!row) throw unauthenticated();
    const person = await putGuest({ userId, conversationId }, { language: row.language ?? 'en', nickname });
    if (person.name !== name) await guests.rename(userId, person.name);
    return person;
  }

  async function enterNewGuest(
    { _id, language = 'en' }: RoomRow,
    nickname: string | undefined,
    address: string,
  ): Promise<Entered> {
    const conversationId = _id.toHexString();
    await bans.refuseBanned(conversationId, { address });
    await countGuest(address);
    const userId = new Types.ObjectId().toHexString();
    const me = await putGuest({ userId, conversationId }, { language, nickname });
    const { caller, token } = await guests.begin({ userId, conversationId, name: me.name, address });
    attendance.entered(userId, conversationId);
    return { room: await enteredRoom(caller, conversationId, me), token };
  }

  async function enteredRoom(
    { userId }: Caller,
    conversationId: string,
    me: RoomPerson,
  ): Promise<EnteredRoom> {
    const conversation = await conversations.get({ userId }, conversationId);
    return { ...conversation, slug: conversation.slug ?? '', me };
  }

  /** A person's first socket is here. @returns the rooms that he is in now */
  async function arrive(caller: Caller): Promise<string[]> {
    if (isGuest(caller)) {
      await bringBack(caller);
      return [caller.guest.conversationId];
    }
    const mine = await here.roomsOf(caller.userId);
    for (const { conversationId, name } of mine) {
      const { change } = await here.enterAccount(conversationId, caller.userId, name);
      await told(change);
    }
    return mine.map(({ conversationId }) => conversationId);
  }

  /** Nobody is with that person any more. An account keeps its place in the room, a guest comes back by the session. */
  async function goOut(conversationId: string, userId: string): Promise<void> {
    const change = await here.leave(conversationId, userId, { forGood: false });
    if (change?.left.some(({ guest }) => guest)) await conversations.dismiss(conversationId, userId);
    await told(change);
  }

  async function departLost(since: Date): Promise<void> {
    for (const { conversationId, userId } of await here.lost(since)) {
      await inOrder(userId, () => goOut(conversationId, userId));
    }
  }

  /** Out of the room, sockets included. What ends a guest's session comes first: nothing that is under way lets him back in. */
  async function evict(conversationId: string, userId: string, reason: 'kicked' | 'logout'): Promise<void> {
    const guest = await guests.find(userId);
    if (guest) await guests.end(userId);
    await inOrder(userId, async () => {
      const change = await here.leave(conversationId, userId, { forGood: true });
      await conversations.dismiss(conversationId, userId);
      attendance.left(userId, conversationId);
      tell.people([userId], 'conversation:gone', { conversationId });
      if (guest) tell.endSession(userId, reason);
      for (const listener of evictionListeners) listener(userId);
      await told(change);
    });
  }

  /** The room, for whoever may say who must leave it. @throws AppError NOT_FOUND for outsiders, FORBIDDEN */
  async function ruled(caller: Caller, slug: string): Promise<RoomRow> {
    const row = await roomRows.find(slug);
    const conversationId = row._id.toHexString();
    const role = await conversations.roleIn(conversationId, caller.userId);
    // Also where he has left for a while: the room is still his.
    const owns = row.ownerId?.equals(caller.userId) === true;
    if (owns || (!caller.guest && (await isAdmin(caller.userId)))) return row;
    if (role === null) throw notFound();
    throw new AppError('FORBIDDEN', 'Only the owner of the room can do that');
  }

  /** Who is to go. @throws AppError NOT_FOUND for somebody who was never here, FORBIDDEN for the owner */
  async function target(
    { _id, ownerId }: RoomRow,
    userId: string,
  ): Promise<{ isIn: boolean; isGuest: boolean; address: string | undefined }> {
    const conversationId = _id.toHexString();
    const [visitor, guest] = await Promise.all([here.find(conversationId, userId), guests.find(userId)]);
    if (ownerId?.equals(userId)) throw new AppError('FORBIDDEN', 'The owner of a room cannot be sent away');
    const known = guest?.conversationId.toHexString() === conversationId ? guest : null;
    if (!visitor && !known && !(await people([userId])).has(userId)) throw notFound();
    return {
      isIn: visitor !== null,
      isGuest: known !== null,
      address: known?.address ?? plainAddresses.get(userId),
    };
  }

  /** Addresses of plain clients, who have no session that could keep them. */
  const plainAddresses = new Map<string, string>();

  async function sweep(): Promise<void> {
    await guests.sweep();
    await bans.sweep();
    await log.sweep();
  }

  return {
    /** Opens a room; the caller owns it and is in it. */
    async create(caller: Caller, input: CreateRoom): Promise<EnteredRoom> {
      const row = await roomRows.open(input, caller.userId);
      const conversationId = row._id.toHexString();
      const me = await inOrder(caller.userId, () => enterAccount(caller.userId, row));
      await conversations.tellOwn(caller.userId, conversationId);
      return enteredRoom(caller, conversationId, me);
    },

    /** What anybody with the link may know; for those who have entered, all of it. */
    async get(caller: Caller | null, slug: string): Promise<Room> {
      const row = await roomRows.find(slug);
      const conversationId = row._id.toHexString();
      const me =
        caller && mayEnter(caller, conversationId) ? await here.find(conversationId, caller.userId) : null;
      if (caller && me) return enteredRoom(caller, conversationId, me);
      return {
        _id: conversationId,
        kind: 'room',
        name: row.name,
        participants: [],
        memberCount: await here.count(conversationId),
        headSeq: 0,
        firstSeq: 1,
        lastActivityAt: row.createdAt.toISOString(),
        unread: 0,
        mentions: 0,
        mutedUntil: null,
        slug: row.slug,
        language: row.language,
        slowModeSeconds: row.slowModeSeconds,
        retentionHours: row.retentionHours,
        members: [],
      };
    },

    /**
     * Comes in, as the account or guest that one is, or as a new guest. Whoever is in already stays who he is; a nickname
     * gives a guest another name.
     * @throws AppError NOT_FOUND, REFUSED (a ban), RATE_LIMITED
     */
    async enter({ caller, address }: Visit, slug: string, { nickname }: EnterRoom): Promise<Entered> {
      const row = await roomRows.find(slug);
      const conversationId = row._id.toHexString();
      if (!caller || !mayEnter(caller, conversationId)) return enterNewGuest(row, nickname, address);
      const { userId } = caller;
      const me = await inOrder(userId, async () => {
        await bans.refuseBanned(conversationId, { userId });
        return isGuest(caller) ? bringBack(caller, nickname) : enterAccount(userId, row);
      });
      attendance.entered(userId, conversationId);
      if (!isGuest(caller)) await conversations.tellOwn(userId, conversationId);
      return { room: await enteredRoom(caller, conversationId, me) };
    },

    /** For those who are in the room. @throws AppError NOT_FOUND */
    async here(caller: Caller, slug: string): Promise<RoomPerson[]> {
      const row = await roomRows.find(slug);
      if (!row.participants.some((id) => id.equals(caller.userId))) throw notFound();
      return here.list(row._id.toHexString());
    },

    /** Goes for good. A guest is nobody afterwards. @throws AppError NOT_FOUND for somebody who is not in it */
    async leave(caller: Caller, slug: string): Promise<void> {
      const row = await roomRows.find(slug);
      if (!row.participants.some((id) => id.equals(caller.userId))) throw notFound();
      await evict(row._id.toHexString(), caller.userId, 'logout');
    },

    /** Sends somebody out, who may come in again (a guest: as another one). For the owner, and admins. */
    async kick(caller: Caller, slug: string, userId: string): Promise<void> {
      const row = await ruled(caller, slug);
      const conversationId = row._id.toHexString();
      const { isIn } = await target(row, userId);
      if (!isIn) throw notFound();
      await evict(conversationId, userId, 'kicked');
    },

    /** The same, and does not let him in again: an account by its id, others by session and address. */
    async ban(caller: Caller, slug: string, userId: string): Promise<void> {
      const row = await ruled(caller, slug);
      const conversationId = row._id.toHexString();
      const { address, isIn, isGuest: isKnown } = await target(row, userId);
      await bans.add(conversationId, { userId, address, by: caller.userId });
      if (isIn || isKnown) await evict(conversationId, userId, 'kicked');
    },

    beforeSend: (caller: Caller, conversationId: string, clientId: string | undefined): Promise<string> =>
      writing.beforeSend(caller, conversationId, clientId),

    /** Who has this guest's token; null for nobody. */
    authenticate: (token: string): Promise<GuestCaller | null> => guests.authenticate(token),

    /** Somebody asked for something by REST: a guest is here then. */
    async seen(caller: Caller): Promise<void> {
      if (!isGuest(caller) || attendance.renewed(caller.userId)) return;
      await inOrder(caller.userId, () => bringBack(caller));
      attendance.entered(caller.userId, caller.guest.conversationId);
    },

    connected: (socketId: string, caller: Caller): Promise<void> => attendance.connected(socketId, caller),
    disconnected: (socketId: string): void => attendance.disconnected(socketId),

    /** Somebody without any session, for as long as a socket is there (the namespace `/open`). @throws AppError "REFUSED" */
    async enterPlain(
      conversationId: string,
      {
        userId,
        nickname,
        address,
        language,
      }: { userId: string; nickname: string; address: string; language: Language },
    ): Promise<RoomPerson> {
      await bans.refuseBanned(conversationId, { address });
      plainAddresses.set(userId, address);
      const person = await inOrder(userId, () =>
        putGuest({ userId, conversationId }, { language, nickname }),
      );
      attendance.entered(userId, conversationId);
      await attendance.connected(`plain:${userId}`, { userId, sessionId: userId });
      return person;
    },
    async leavePlain(conversationId: string, userId: string): Promise<void> {
      plainAddresses.delete(userId);
      attendance.left(userId, conversationId);
      attendance.disconnected(`plain:${userId}`);
      await inOrder(userId, () => goOut(conversationId, userId));
    },

    /** Calls `listener` with whoever comes and goes in any room. */
    onHere(listener: (change: HereChange) => void): void {
      listeners.add(listener);
    },
    /** Calls `listener` with whoever was sent out of a room, once nothing of it reaches him. */
    onEvicted(listener: (userId: string) => void): void {
      evictionListeners.add(listener);
    },

    sweep,

    close(): void {
      clearInterval(sweeper);
      attendance.close();
    },
  };
}

const isGuest = (caller: Caller): caller is GuestCaller => caller.guest !== undefined;

/** A guest is one in his room only; in another he is a stranger. */
const mayEnter = ({ guest }: Caller, conversationId: string): boolean =>
  guest === undefined || guest.conversationId === conversationId;
