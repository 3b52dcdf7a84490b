import type { EnterRoom, Language, Role, RoomPerson } from '@sori/contract';
import type { Caller } from '../../core/caller.js';
import { unauthenticated } from '../../core/errors.js';
import type { SerializeByKey } from '../../core/serialize-by-key.js';
import { notDeleted } from '../../conversation-log/conversations.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import { type GuestCaller, type Guests, isGuest } from './guests.js';
import type { Occupancy } from './occupancy.js';
import type { OccupancyChange } from './occupancy-changes.js';
import { isReserved } from './reserved.js';
import type { RoomRow } from './room-rows.js';

export interface ComingsDeps {
  log: Pick<ConversationLog, 'conversations'>;
  conversations: {
    admit: (conversationId: string, userId: string, role?: Role) => Promise<void>;
    dismiss: (conversationId: string, userId: string) => Promise<void>;
  };
  occupancy: Occupancy;
  guests: Guests;
  fullNameOf: (userId: string) => Promise<string>;
  /** A guest is called this from now on. */
  named: (userId: string, name: string) => void;
  /** Is expected to leave that room when their last socket goes. */
  entered: (userId: string, conversationId: string) => void;
  /** What happens to one person, one after the other. */
  inOrder: SerializeByKey;
  notify: (change: OccupancyChange | undefined) => Promise<void>;
}

/** What a guest would like to be called; without a name one is drawn, in that language or else the room's. */
export type Wish = Pick<EnterRoom, 'nickname' | 'language'>;

export type Comings = ReturnType<typeof createComings>;

/** The steps by which people come into a room and go out of it. Rights, and the order of one person's steps, are the caller's business. */
export function createComings(deps: ComingsDeps) {
  const { log, conversations, occupancy, guests, fullNameOf, named, entered, inOrder, notify } = deps;

  async function enterAccount(userId: string, { _id, ownerId }: RoomRow): Promise<RoomPerson> {
    const conversationId = _id.toHexString();
    const name = await fullNameOf(userId);
    await conversations.admit(conversationId, userId, ownerId?.equals(userId) ? 'owner' : 'member');
    const { person, change } = await occupancy.enterAccount(conversationId, userId, name);
    entered(userId, conversationId);
    await notify(change);
    return person;
  }

  /** Puts a guest into the room, or gives one that is there another name. */
  async function putGuest(
    { userId, conversationId }: { userId: string; conversationId: string },
    wish: { language: Language; nickname: string | undefined; address?: string },
    beforeEmit: (name: string) => void = () => undefined,
  ): Promise<RoomPerson> {
    const { person, change } = await occupancy.enterGuest(conversationId, userId, wish);
    await conversations.admit(conversationId, userId);
    named(userId, person.name);
    beforeEmit(person.name);
    await notify(change);
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
    // Whoever is there goes on under the name that they have there: this one may be from before they took it.
    const here = nickname === wish.nickname ? null : await occupancy.hold(conversationId, userId);
    if (here) {
      await conversations.admit(conversationId, userId);
      named(userId, here.name);
      return here;
    }
    const person = await putGuest(
      { userId, conversationId },
      { language: wish.language ?? row.language ?? 'en', nickname },
    );
    if (person.name !== name) await guests.rename(userId, person.name);
    return person;
  }

  /** A person's first socket is here. @returns the rooms that they are in now */
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
      await notify(change);
    }
    return mine.map(({ conversationId }) => conversationId);
  }

  /** An account that is gone keeps its place in the room, a guest comes back by the session. */
  async function gone(change: OccupancyChange | undefined): Promise<void> {
    if (!change) return;
    const { conversationId } = change;
    for (const { _id } of change.left.filter(({ guest }) => guest)) {
      await conversations.dismiss(conversationId, _id);
      // Who came back by another server meanwhile may have been let in before this.
      if (await occupancy.find(conversationId, _id)) await conversations.admit(conversationId, _id);
    }
    await notify(change);
  }

  /** This server has nothing of that person any more. */
  const goOut = async (conversationId: string, userId: string): Promise<void> =>
    gone(await occupancy.release(conversationId, userId));

  /** The same for all rooms in which they are by this server, also those that they entered by another one. */
  async function goOutOfAll(userId: string): Promise<void> {
    for (const conversationId of await occupancy.heldOf(userId)) await goOut(conversationId, userId);
  }

  async function departLost(since: Date): Promise<void> {
    for (const { conversationId, userId } of await occupancy.lost(since)) {
      await inOrder(userId, async () => gone(await occupancy.leaveLost(conversationId, userId, since)));
    }
  }

  return { enterAccount, putGuest, bringBack, arrive, goOut, goOutOfAll, departLost };
}
