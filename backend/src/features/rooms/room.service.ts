import type { Conversation, Person, Role } from '@sori/contract';
import type { Caller } from '../../core/caller.js';
import { unauthenticated } from '../../core/errors.js';
import type { Limits } from '../../limits/limits.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { Clock } from '../../realtime/clock.js';
import type { Emitter } from '../../realtime/emitter.js';
import type { Whereabouts } from '../../realtime/whereabouts.js';
import { type Comer, createBans } from './bans.js';
import { type ArrivalsDeps, createArrivals } from './arrivals.js';
import { type RoomLimitsDeps, createRoomLimits } from './room-limits.js';
import { createGuests, type GuestCaller } from './guests.js';
import { createOccupancy } from './occupancy.js';
import type { RemovalDeps } from './removal.js';
import { createRoomRows } from './room-rows.js';
import type { RoomRulesDeps } from './room-rules.js';
import { createRoomRuling } from './room-ruling.js';
import { createRoomUpkeep } from './room-upkeep.js';
import { roomRowsOn } from './rooms.model.js';
import { createRoomSends, type RoomSend } from './room-sends.js';
import { createVisits } from './visits.js';

export interface RoomsDeps {
  connection: Parameters<typeof roomRowsOn>[0];
  /** The same database, for what anybody may ask. */
  reads: Parameters<typeof roomRowsOn>[0];
  /** The same database, for what takes long. */
  upkeep: RemovalDeps['upkeep'];
  log: Pick<
    ConversationLog,
    'conversations' | 'entries' | 'append' | 'heads' | 'isStored' | 'releaseFiles' | 'sweep' | 'upkeep'
  >;
  conversations: ArrivalsDeps['conversations'] &
    RemovalDeps['conversations'] & {
      dismissAll: (conversationId: string) => Promise<void>;
      roleIn: (conversationId: string, userId: string) => Promise<Role | null>;
      get: (caller: Pick<Caller, 'userId'>, id: string) => Promise<Conversation>;
      emitToOwn: (userId: string, conversationId: string) => Promise<Conversation>;
    };
  people: (ids: readonly string[]) => Promise<Map<string, Person>>;
  isAdmin: (userId: string) => Promise<boolean>;
  recordRemoval: RemovalDeps['recordRemoval'];
  /** What is no entry was changed in this room: everybody in it is to see it. */
  changed: RoomRulesDeps['changed'];
  /** Whether an account may be in one more room; throws REFUSED. */
  requirePlace: (userId: string) => Promise<void>;
  limits: RoomLimitsDeps['limits'] & Pick<Limits, 'comingsPerRoom'>;
  whereabouts: Whereabouts;
  emit: Pick<Emitter, 'toPeople' | 'toOthersIn' | 'endSession'>;
  /** To the sockets of this server. */
  emitHere: ArrivalsDeps['emitHere'];
  others: ArrivalsDeps['others'];
  /** False while what other servers publish is not heard; undefined where there are none. */
  hearsOthers: ArrivalsDeps['hearsOthers'];
  /** Names this server among those of the same database; where there is one only, always the same. */
  serverId: string;
  clock: Clock;
  report: (error: unknown) => void;
  sessionTtlSeconds: number;
  openLobby: boolean;
  /** How often what is over is taken out of the database, in milliseconds. 0: never. Default a minute. */
  sweepEveryMs?: number;
}

export type Rooms = Awaited<ReturnType<typeof createRooms>>;

/** Open rooms: who may come in, under which name, who is there, and who must go. */
export async function createRooms(deps: RoomsDeps) {
  const { connection, conversations, people, limits, whereabouts, clock, report } = deps;
  const { sessionTtlSeconds, sweepEveryMs = 60_000 } = deps;
  const now = (): number => clock.now();
  const rows = roomRowsOn(connection);
  const guests = createGuests({
    guests: rows.guests,
    reads: roomRowsOn(deps.reads).guests,
    ttlSeconds: sessionTtlSeconds,
    now,
  });
  const bans = createBans({ bans: rows.bans, now });
  const occupancy = createOccupancy({ visitors: rows.visitors, serverId: deps.serverId, now });
  const { admit, dismissAll, roleIn } = conversations;
  const roomRows = createRoomRows({ ...deps, tables: rows, admit, dismissAll, now });
  const roomSends = createRoomSends({
    ...deps,
    visitors: rows.visitors,
    roleIn,
    find: (conversationId, userId) => occupancy.find(conversationId, userId),
    fullNameOf,
    now,
  });
  const roomLimits = createRoomLimits({
    limits,
    addressOf: (userId) => arrivals.plainAddressOf(userId) ?? guests.addressOf(userId),
  });
  const arrivals = createArrivals({
    ...deps,
    occupancy,
    guests,
    bans,
    fullNameOf,
    named: (userId, name) => roomSends.named(userId, name),
    roomLimits,
    budget: limits.comingsPerRoom,
    guestsAt: (conversationId, addresses) => whereabouts.guestsAt(conversationId, addresses),
    addressesOf: (userId) => whereabouts.addressesOf(userId),
  });
  const { removal, ...ruling } = createRoomRuling({
    ...deps,
    roomOf: (slug) => roomRows.find(slug),
    roleIn,
    roomSends,
    roomLimits,
    occupancy,
    guests,
    bans,
    arrivals,
  });
  const upkeep = createRoomUpkeep({ parts: [guests, bans, deps.log, removal], report });
  const visits = createVisits({ ...deps, roomRows, arrivals, occupancy, roomLimits });

  await roomRows.prepareLobby();
  // What a stop or a crash cut short goes on.
  await removal.expect();
  upkeep.begin(sweepEveryMs);

  async function fullNameOf(userId: string): Promise<string> {
    const person = (await people([userId])).get(userId);
    if (!person) throw unauthenticated();
    return person.fullName;
  }

  return {
    ...visits,
    ...ruling,

    /** For the owner, and admins. @throws AppError NOT_FOUND, FORBIDDEN, REFUSED (the lobby) */
    remove: removal.remove,

    beforeSend: (caller: Caller, send: RoomSend): Promise<string> => roomSends.beforeSend(caller, send),

    /** Whether somebody may send files at all. @throws AppError REFUSED */
    requireMaySendFiles: (caller: Caller): Promise<void> => roomSends.requireMaySendFiles(caller),

    /** Who has this guest's token; null for nobody. */
    authenticate: (token: string): Promise<GuestCaller | null> => guests.authenticate(token),

    seen: arrivals.seen,
    connected: arrivals.connected,
    disconnected: arrivals.disconnected,
    enterPlain: arrivals.enterPlain,
    leavePlain: arrivals.leavePlain,
    /** Keeps a plain client out before it is connected. @throws AppError REFUSED */
    refuseBanned: (conversationId: string, comer: Comer): Promise<void> =>
      bans.refuseBanned(conversationId, comer),
    /** To be called for each message and each change of one, of whoever writes. @throws AppError RATE_LIMITED */
    countSend: (userId: string): Promise<void> => roomLimits.wrote(userId),
    onOccupancyChange: arrivals.onOccupancyChange,
    onEvicted: arrivals.onEvicted,
    onBanned: arrivals.onBanned,
    /** What other servers did, as it is heard. */
    elsewhere: arrivals.elsewhere,
    /** It was killed, and nobody is anywhere by it any more. */
    serverVanished: (serverId: string): Promise<void> => occupancy.forgetServer(serverId),

    sweep: upkeep.sweep,

    async close(): Promise<void> {
      upkeep.stop();
      await arrivals.close();
      await removal.close();
      await upkeep.ended();
    },
  };
}
