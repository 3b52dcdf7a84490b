import type {
  Conversation,
  CreateRoom,
  EnteredRoom,
  EnterRoom,
  Role,
  Room,
  RoomPerson,
} from '@sori/contract';
import type { Caller } from '../../core/caller.js';
import { notFound } from '../../core/errors.js';
import type { Place } from '../../http/address.js';
import type { Arrivals } from './arrivals.js';
import { isGuest } from './guests.js';
import type { Occupancy } from './occupancy.js';
import type { RoomLimits } from './room-limits.js';
import type { createRoomRows } from './room-rows.js';

/** Who comes, and from where. Null for a stranger. */
export interface Visit {
  caller: Caller | null;
  place: Place;
}

export interface Entered {
  room: EnteredRoom;
  /** For a new guest: what the cookie is to hold. */
  token?: string;
}

export interface VisitsDeps {
  roomRows: Pick<ReturnType<typeof createRoomRows>, 'find' | 'open'>;
  arrivals: Pick<Arrivals, 'enter' | 'enterNewGuest' | 'evict'>;
  occupancy: Pick<Occupancy, 'find' | 'count' | 'list'>;
  roomLimits: Pick<RoomLimits, 'opening' | 'known'>;
  conversations: {
    /** Null for somebody who is not in the room. */
    roleIn: (conversationId: string, userId: string) => Promise<Role | null>;
    get: (caller: Pick<Caller, 'userId'>, id: string) => Promise<Conversation>;
    emitToOwn: (userId: string, conversationId: string) => Promise<Conversation>;
  };
  /** Whether an account may be in one more room; throws REFUSED. */
  requirePlace: (userId: string) => Promise<void>;
}

/** How a room is opened, looked at, entered and left. */
export function createVisits(deps: VisitsDeps) {
  const { roomRows, arrivals, occupancy, roomLimits, conversations, requirePlace } = deps;

  async function enteredRoom(
    { userId }: Caller,
    conversationId: string,
    me: RoomPerson,
  ): Promise<EnteredRoom> {
    const conversation = await conversations.get({ userId }, conversationId);
    return { ...conversation, slug: conversation.slug ?? '', me };
  }

  /** The id of the room, for somebody who is in it. @throws AppError NOT_FOUND */
  async function requireIn({ userId }: Caller, slug: string): Promise<string> {
    const conversationId = (await roomRows.find(slug))._id.toHexString();
    if ((await conversations.roleIn(conversationId, userId)) === null) throw notFound();
    return conversationId;
  }

  return {
    /** Opens a room; the caller owns it and is in it. */
    async create(caller: Caller, input: CreateRoom): Promise<EnteredRoom> {
      await requirePlace(caller.userId);
      const row = await roomLimits.opening(caller.userId, () => roomRows.open(input, caller.userId));
      const me = await arrivals.enter(caller, row);
      const conversationId = row._id.toHexString();
      await conversations.emitToOwn(caller.userId, conversationId);
      return enteredRoom(caller, conversationId, me);
    },

    /** What anybody with the link may know; for those who have entered, all of it. */
    async get(caller: Caller | null, slug: string): Promise<Room> {
      const row = await roomRows.find(slug);
      const conversationId = row._id.toHexString();
      const me =
        caller && mayEnter(caller, conversationId)
          ? await occupancy.find(conversationId, caller.userId)
          : null;
      if (caller && me) return enteredRoom(caller, conversationId, me);
      return {
        _id: conversationId,
        kind: 'room',
        name: row.name,
        participants: [],
        memberCount: await occupancy.count(conversationId),
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
        guestFiles: row.guestFiles ?? false,
        members: [],
      };
    },

    /**
     * Comes in, as the account or guest that one is, or as a new guest. Whoever is in already stays who they are; a
     * nickname gives a guest another name.
     * @throws AppError NOT_FOUND, REFUSED (a ban, a reserved name), RATE_LIMITED
     */
    async enter({ caller, place }: Visit, { slug, ...wish }: { slug: string } & EnterRoom): Promise<Entered> {
      const row = await roomRows.find(slug);
      const conversationId = row._id.toHexString();
      if (!caller || !mayEnter(caller, conversationId)) {
        const guest = await arrivals.enterNewGuest(row, wish, place.address);
        return { room: await enteredRoom(guest.caller, conversationId, guest.me), token: guest.token };
      }
      await roomLimits.known(caller.userId, place.address);
      const isIn = isGuest(caller) || (await occupancy.find(conversationId, caller.userId)) !== null;
      if (!isIn) await requirePlace(caller.userId);
      const me = await arrivals.enter(caller, row, { place, ...wish });
      if (!isGuest(caller)) await conversations.emitToOwn(caller.userId, conversationId);
      return { room: await enteredRoom(caller, conversationId, me) };
    },

    /** For those who are in the room. @throws AppError NOT_FOUND */
    async here(caller: Caller, slug: string): Promise<RoomPerson[]> {
      return occupancy.list(await requireIn(caller, slug));
    },

    /** Goes for good. A guest is nobody afterwards. @throws AppError NOT_FOUND for somebody who is not in it */
    async leave(caller: Caller, { slug, address }: { slug: string; address: string }): Promise<void> {
      const conversationId = await requireIn(caller, slug);
      await roomLimits.known(caller.userId, address);
      await arrivals.evict(conversationId, caller.userId, 'logout');
    },
  };
}

/** A guest is one in their room only; in another they are a stranger. */
const mayEnter = ({ guest }: Caller, conversationId: string): boolean =>
  guest === undefined || guest.conversationId === conversationId;
