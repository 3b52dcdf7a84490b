import type { Role, RoomPerson } from '@sori/contract';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../../core/caller.js';
import { createSerializeByKey } from '../../core/serialize-by-key.js';
import type { Place } from '../../http/address.js';
import type { Limits } from '../../limits/limits.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { Clock } from '../../realtime/clock.js';
import type { Emitter } from '../../realtime/emitter.js';
import type { Bans } from './bans.js';
import { createComings, type Wish } from './comings.js';
import { createConnectedOccupants } from './connected-occupants.js';
import { type ChangesElsewhereDeps, createChangesElsewhere } from './changes-elsewhere.js';
import { createEvictions, type OtherServers } from './evictions.js';
import { type Guests, isGuest } from './guests.js';
import type { Occupancy } from './occupancy.js';
import { createPlainClients } from './plain-clients.js';
import { refuseReserved } from './reserved.js';
import type { RoomLimits } from './room-limits.js';
import { createRoomAnnouncements, type RoomAnnouncementsDeps } from './room-announcements.js';
import type { RoomRow } from './room-rows.js';
import { createUnheardOccupancy } from './unheard-occupancy.js';
import { createNewGuests } from './new-guests.js';

export interface ArrivalsDeps {
  log: Pick<ConversationLog, 'conversations'>;
  conversations: {
    admit: (conversationId: string, userId: string, role?: Role) => Promise<void>;
    dismiss: (conversationId: string, userId: string) => Promise<void>;
    /** Everybody in the room: the recipients. */
    audienceOf: RoomAnnouncementsDeps['audienceOf'];
  };
  occupancy: Occupancy;
  guests: Guests;
  bans: Pick<Bans, 'refuseBanned'> & ChangesElsewhereDeps['bans'];
  fullNameOf: (userId: string) => Promise<string>;
  /** A guest is called this from now on. */
  named: (userId: string, name: string) => void;
  roomLimits: Pick<RoomLimits, 'stranger' | 'newGuest'>;
  /** How many changes are emitted to a room one by one. */
  budget: Limits['comingsPerRoom'];
  /** Guests of this room with a socket from one of these addresses. */
  guestsAt: (conversationId: string, addresses: readonly string[]) => string[];
  /** The addresses of an account's own sockets here. */
  addressesOf: (userId: string) => string[];
  emit: Pick<Emitter, 'toPeople' | 'toOthersIn' | 'endSession'>;
  /** To the sockets of this server. */
  emitHere: ChangesElsewhereDeps['emitHere'];
  others: OtherServers;
  hearsOthers: (() => boolean) | undefined;
  clock: Clock;
  report: (error: unknown) => void;
}

/** Where somebody with an account came in counts as where they are, for so long. */
const recentMs = 3_600_000;
const recentMax = 10_000;

export type Arrivals = ReturnType<typeof createArrivals>;

/**
 * Who comes into a room and who goes: each person in the order in which that happened, and emitted to everybody there
 * once.
 */
export function createArrivals(deps: ArrivalsDeps) {
  const { conversations, occupancy, guests, bans, roomLimits, budget, emit, clock, report } = deps;
  const inOrder = createSerializeByKey();
  const addresses = createAddresses(deps);
  const announcements = createRoomAnnouncements({
    audienceOf: (id) => conversations.audienceOf(id),
    budget,
    emit,
    clock,
    report,
  });
  const { notify } = announcements;
  const comings = createComings({
    ...deps,
    entered: (userId, conversationId) => connectedOccupants.entered(userId, conversationId),
    inOrder,
    notify,
  });
  const { enterAccount, putGuest, bringBack, arrive, goOutOfAll } = comings;
  const connectedOccupants = createConnectedOccupants({
    clock,
    arrive: (caller) => inOrder(caller.userId, () => arrive(caller)),
    depart: (userId) => inOrder(userId, () => goOutOfAll(userId)),
    renew: (userIds) => occupancy.renew(userIds),
    releaseAll: (userIds) => occupancy.releaseAll(userIds),
    departLost: comings.departLost,
    report,
  });
  const evictions = createEvictions({
    ...deps,
    dismiss: (conversationId, userId) => conversations.dismiss(conversationId, userId),
    inOrder,
    left: (userId, conversationId) => connectedOccupants.left(userId, conversationId),
    notify,
  });
  const { evict } = evictions;
  const elsewhere = createChangesElsewhere({
    ...deps,
    connectedOccupants,
    evictions,
    addressesOf: (userId) => addresses.of(userId),
    inOrder,
    now: () => clock.now(),
  });
  const unheard = createUnheardOccupancy({ ...deps, connectedOccupants, tell: announcements.tellOfOthers });
  announcements.onOccupancyChange(unheard.told);
  const plainClients = createPlainClients({ comings, connectedOccupants, bans, roomLimits, inOrder, report });

  /** An account, or a guest of this room, comes in; a nickname gives a guest another name. @throws AppError REFUSED (a ban, a reserved name) */
  async function enter(
    caller: Caller,
    row: RoomRow,
    { place, nickname, language }: { place?: Place } & Wish = {},
  ): Promise<RoomPerson> {
    const { userId } = caller;
    if (isGuest(caller)) refuseReserved(nickname);
    else if (place?.isOwn) addresses.enteredFrom(userId, place.address);
    const conversationId = row._id.toHexString();
    const me = await inOrder(userId, async () => {
      await bans.refuseBanned(conversationId, { userId });
      return isGuest(caller) ? bringBack(caller, { nickname, language }) : enterAccount(userId, row);
    });
    connectedOccupants.entered(userId, conversationId);
    // One that another server said meanwhile found nobody to send away.
    await bans.refuseBanned(conversationId, { userId }).catch(async (error: unknown) => {
      await evict(conversationId, userId, 'kicked');
      throw error;
    });
    return me;
  }

  /** Somebody asked for something by REST: a guest is here then. */
  async function seen(caller: Caller): Promise<void> {
    if (!isGuest(caller) || connectedOccupants.renewed(caller.userId)) return;
    await inOrder(caller.userId, () => bringBack(caller));
    connectedOccupants.entered(caller.userId, caller.guest.conversationId);
  }

  return {
    enter,
    enterNewGuest: createNewGuests({ guests, bans, roomLimits, putGuest, connectedOccupants, evict }),
    seen,
    connected: (socketId: string, caller: Caller): Promise<void> =>
      connectedOccupants.connected(socketId, caller),
    disconnected: (socketId: string): void => connectedOccupants.disconnected(socketId),
    ...evictions,
    elsewhere: {
      ...elsewhere,
      /** Asks the database for all of it. */
      async look(): Promise<void> {
        await elsewhere.look();
        await unheard.look();
      },
    },
    ...plainClients,
    /** The room is no more, and these people were in it: nobody is expected to leave it later. */
    dissolved(conversationId: string, userIds: readonly string[]): void {
      for (const userId of userIds) connectedOccupants.left(userId, conversationId);
    },
    addressesOf: (userId: string): string[] => addresses.of(userId),
    onOccupancyChange: announcements.onOccupancyChange,
    async close(): Promise<void> {
      await connectedOccupants.close();
      announcements.close();
    },
  };
}

/** Where accounts are by their sockets here, or came in lately. */
function createAddresses({ addressesOf }: Pick<ArrivalsDeps, 'addressesOf'>) {
  const recent = new LRUCache<string, string>({ max: recentMax, ttl: recentMs });
  return {
    enteredFrom: (userId: string, address: string): void => void recent.set(userId, address),
    of(userId: string): string[] {
      const last = recent.get(userId);
      return [...addressesOf(userId), ...(last === undefined ? [] : [last])];
    },
  };
}
