import type { Role } from '@sori/contract';
import { LRUCache } from 'lru-cache';
import type { Model } from 'mongoose';
import { type Audience, isIn } from '../../core/audience.js';
import { AppError, notFound, unavailable } from '../../core/errors.js';
import type { ConversationRow } from '../../conversation-log/conversations.model.js';
import type { EntryRow } from '../../conversation-log/entries.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import { createAppendRights } from './append-rights.js';
import { createGroupAudiences } from './group-audiences.js';
import type { MemberRow } from './members.model.js';
import type { Own } from './memberships.js';
import { createRoomAudiences, type RoomChange } from './room-audiences.js';

export interface AudiencesDeps {
  log: Pick<ConversationLog, 'conversations' | 'heads'>;
  members: Model<MemberRow>;
  /** False while other servers are not heard. Default: true. */
  hearsOthers?: (() => boolean) | undefined;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** In all conversations of a kind together; each is a few hundred bytes. */
const rememberedMembers = 500_000;

const mayManage: readonly Role[] = ['owner', 'admin'];
/** Whether this person may rename, add, remove, pin and delete in a group. */
export const manages = ({ members }: Audience, userId: string): boolean =>
  mayManage.includes(members?.get(userId)?.role ?? 'member');

export const forbidden = (what: string): AppError => new AppError('FORBIDDEN', what);

export type Audiences = ReturnType<typeof createAudiences>;

/**
 * Who is in which conversation, remembered: a send needs no look-up. Of a group it is remembered at a version, and whoever
 * asks for a newer one is answered from the database: what is emitted after a removal does not reach who was removed,
 * whatever became of the news of it.
 */
export function createAudiences({ log, members, hearsOthers, now }: AudiencesDeps) {
  /** What never changes. */
  const directs = new LRUCache<string, Audience>({
    max: 50_000,
    maxSize: rememberedMembers,
    sizeCalculation: ({ participants }) => 1 + participants.length,
  });
  const groups = createGroupAudiences({ members, rememberedMembers, now });
  const rooms = createRoomAudiences({ members, rememberedMembers, hearsOthers, now });

  /** Of a direct conversation. */
  function remember({ _id, participants }: Pick<ConversationRow, '_id' | 'participants'>): Audience {
    const audience: Audience = {
      conversationId: _id.toHexString(),
      kind: 'direct',
      participants: participants.map((id) => id.toHexString()),
      membersVersion: 0,
    };
    directs.set(audience.conversationId, audience);
    return audience;
  }

  const find = (_id: string) => log.conversations.findOne({ _id }).lean();

  /** A group's row at this version of its members, or a newer one. */
  async function atVersion(row: ConversationRow, membersVersion: number): Promise<ConversationRow | null> {
    if ((row.membersVersion ?? 0) >= membersVersion) return row;
    const conversationId = row._id.toHexString();
    // Whoever wrote that entry died before its members were stored.
    await log.heads.repair(conversationId);
    const repaired = await find(conversationId);
    if (repaired && (repaired.membersVersion ?? 0) < membersVersion) throw unavailable();
    return repaired;
  }

  /** Reads it, at this version of its members or a newer one. Null where there is no such conversation. */
  const load = (conversationId: string, membersVersion: number): Promise<Audience | null> =>
    rooms.whileReading(conversationId, async (reading) => {
      const readAt = now();
      const row = await find(conversationId);
      // A room that was deleted is remembered by its link alone.
      if (!row || row.deletedAt) return null;
      if (row.kind === 'direct') return remember(row);
      if (row.kind === 'room') return rooms.audienceAt(row, reading, readAt);
      const there = await atVersion(row, membersVersion);
      return there && groups.audienceAt(there, readAt);
    });

  /** What this process remembers, if anything. */
  const known = (conversationId: string): Audience | undefined =>
    directs.get(conversationId) ?? groups.known(conversationId) ?? rooms.known(conversationId);

  /**
   * The recipients in this conversation after this change of its members. Answered at once for whatever this process has
   * just written: what is emitted stays in order.
   */
  function audienceOf(conversationId: string, membersVersion = 0): Audience | Promise<Audience | null> {
    const audience = known(conversationId);
    return audience && audience.membersVersion >= membersVersion
      ? audience
      : load(conversationId, membersVersion);
  }

  /**
   * True where what was read is newer than the members that the reader's right was checked against: then they are brought up
   * to it, and the reader is to be looked for again.
   */
  async function isOvertaken({ row }: Own, read: readonly EntryRow[]): Promise<boolean> {
    const needed = read.at(-1)?.membersVersion ?? 0;
    if (row.kind !== 'group' || needed <= (row.membersVersion ?? 0)) return false;
    await load(row._id.toHexString(), needed);
    return true;
  }

  /** Another server says who they are: that never changes. */
  function learnDirect(conversationId: string, participants: readonly string[]): void {
    if (!directs.has(conversationId))
      directs.set(conversationId, { conversationId, kind: 'direct', participants, membersVersion: 0 });
  }

  return {
    remember,
    learnDirect,
    load,
    audienceOf,
    isOvertaken,
    known,
    rightsOf: createAppendRights({ load, audienceOf }),

    /**
     * The conversation as it now is in the database, or was half a second ago, for somebody who is in it.
     * @throws AppError NOT_FOUND
     */
    async forMember(userId: string, conversationId: string): Promise<Audience> {
      const audience =
        directs.get(conversationId) ??
        groups.fresh(conversationId) ??
        rooms.known(conversationId) ??
        (await load(conversationId, 0));
      if (!audience || !isIn(audience, userId)) throw notFound();
      return audience;
    },

    /** Somebody came into a room or went. */
    roomChanged: (change: RoomChange): void => rooms.changed(change),
    /** What is remembered of a room may be wrong. */
    forgetRoom: (conversationId: string): void => rooms.forget(conversationId),
  };
}
