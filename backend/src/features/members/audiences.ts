import type { Role } from '@sori/contract';
import { LRUCache } from 'lru-cache';
import type { Model } from 'mongoose';
import { type Audience, isIn, type Membership } from '../../core/audience.js';
import { AppError, notFound, unavailable } from '../../core/errors.js';
import type { ConversationRow } from '../../conversation-log/conversations.model.js';
import type { EntryRow } from '../../conversation-log/entries.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { Rights } from '../../conversation-log/append.js';
import type { MemberRow } from './members.model.js';
import type { Own } from './memberships.js';

export interface AudiencesDeps {
  log: Pick<ConversationLog, 'conversations' | 'heads'>;
  members: Model<MemberRow>;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** Others let people in and out of a room as well: for so long, what is known here of who is in it may be old. */
const roomTrustedForMs = 500;
/** The same for a group, where what is emitted never goes by it: an entry says which members it needs. */
const groupTrustedForMs = 500;

/** In all conversations together; each is a few hundred bytes. */
const rememberedMembers = 500_000;

/** Of a large group: between two batches of rows, what others do has its turn. */
const decodedAtOnce = 250;

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
export function createAudiences({ log, members, now }: AudiencesDeps) {
  /** What never changes in a direct conversation. */
  const known = new LRUCache<string, Audience>({
    max: 50_000,
    maxSize: rememberedMembers,
    sizeCalculation: ({ participants }) => 1 + participants.length,
  });
  /** Groups: when the version was last seen in the database. */
  const seenAt = new LRUCache<string, number>({ max: 50_000 });

  function remember(row: ConversationRow): Audience {
    const audience = toAudience(row);
    known.set(audience.conversationId, audience, row.kind === 'room' ? { ttl: roomTrustedForMs } : {});
    return audience;
  }

  /**
   * The row was read before its members, who are therefore at least as new as its version. Of thousands, those are read of
   * whom something changed since this server last looked.
   */
  async function groupOf(row: ConversationRow, readAt: number): Promise<Audience> {
    const conversationId = row._id.toHexString();
    const { membersVersion = 0 } = row;
    let group = known.get(conversationId);
    if (!group || group.membersVersion < membersVersion) {
      const before = group;
      const wanted = before ? { memberSeq: { $gt: before.membersVersion } } : { leftSeq: 0 };
      const rows = await members
        .find(
          { conversationId: row._id, ...wanted },
          { userId: 1, role: 1, joinSeq: 1, firstSeq: 1, leftSeq: 1 },
        )
        .sort({ joinSeq: 1, userId: 1 })
        .batchSize(decodedAtOnce)
        .lean();
      group = known.get(conversationId);
      // Somebody else may have read a newer one meanwhile.
      if (!group || group.membersVersion < membersVersion) {
        const those = merged(before?.members, rows);
        group = { ...toAudience(row), participants: [...those.keys()], membersVersion, members: those };
        known.set(conversationId, group);
      }
    }
    seenAt.set(conversationId, readAt);
    return group;
  }

  /** Reads it, at this version of its members or a newer one. Null where there is no such conversation. */
  async function load(conversationId: string, membersVersion: number): Promise<Audience | null> {
    const find = () => log.conversations.findOne({ _id: conversationId }).lean();
    const readAt = now();
    let row = await find();
    // A room that was deleted is remembered by its link alone.
    if (!row || row.deletedAt) return null;
    if (row.kind !== 'group') return remember(row);
    if ((row.membersVersion ?? 0) < membersVersion) {
      // Whoever wrote that entry died before its members were stored.
      await log.heads.repair(conversationId);
      row = await find();
      if (!row) return null;
      if ((row.membersVersion ?? 0) < membersVersion) throw unavailable();
    }
    return groupOf(row, readAt);
  }

  /**
   * The recipients in this conversation after this change of its members. Answered at once for whatever this process has
   * just written: what is emitted stays in order.
   */
  function audienceOf(conversationId: string, membersVersion = 0): Audience | Promise<Audience | null> {
    const audience = known.get(conversationId);
    return audience && audience.membersVersion >= membersVersion
      ? audience
      : load(conversationId, membersVersion);
  }

  /** The same as it now is in the database, or was half a second ago. */
  function current(conversationId: string): Audience | Promise<Audience | null> {
    const audience = known.get(conversationId);
    const isFresh =
      audience?.kind !== 'group' || now() - (seenAt.get(conversationId) ?? -Infinity) < groupTrustedForMs;
    return audience && isFresh ? audience : load(conversationId, 0);
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

  return {
    remember,
    load,
    audienceOf,
    isOvertaken,

    /**
     * The conversation, for somebody who is in it.
     * @throws AppError NOT_FOUND
     */
    async forMember(userId: string, conversationId: string): Promise<Audience> {
      const audience = await current(conversationId);
      if (!audience || !isIn(audience, userId)) throw notFound();
      return audience;
    },

    /** What this process remembers, if anything. */
    known: (conversationId: string): Audience | undefined => known.get(conversationId),

    /**
     * The right of this person to append, as it was checked against this audience and is checked again where the log goes on
     * to another. Nobody leaves a direct conversation; who comes and goes in a room is not in its log, but its end is.
     * @param require throws what a member is answered who may not do this
     */
    rightsOf(
      audience: Audience,
      userId: string,
      require: (audience: Audience) => void | Promise<void> = () => undefined,
    ): Rights {
      if (audience.kind === 'direct') {
        return { membersVersion: 0, recheck: () => Promise.resolve(Number.MAX_SAFE_INTEGER) };
      }
      if (audience.kind === 'room') {
        return {
          membersVersion: 0,
          async recheck(membersVersion) {
            // Not what is remembered of it: the room may have been deleted by another server.
            const then = await load(audience.conversationId, 0);
            if (!then || !isIn(then, userId)) throw notFound();
            return membersVersion;
          },
        };
      }
      return {
        membersVersion: audience.membersVersion,
        async recheck(membersVersion) {
          const then = await audienceOf(audience.conversationId, membersVersion);
          if (!then || !isIn(then, userId)) throw notFound();
          await require(then);
          return then.membersVersion;
        },
      };
    },
  };
}

type Changed = Pick<MemberRow, 'userId' | 'role' | 'joinSeq' | 'firstSeq' | 'leftSeq'>;

/** Those who were there, and what became of some of them since. Still the longest-standing first: who comes is the latest. */
function merged(
  before: ReadonlyMap<string, Membership> | undefined,
  changed: readonly Changed[],
): Map<string, Membership> {
  const members = new Map(before);
  for (const { userId, role, joinSeq, firstSeq = 1, leftSeq = 0 } of changed) {
    const id = userId.toHexString();
    // Who came again stands behind the others, and who only has another role stays in their place.
    if (leftSeq > 0 || members.get(id)?.joinSeq !== joinSeq) members.delete(id);
    if (leftSeq === 0) members.set(id, { role, joinSeq, firstSeq });
  }
  return members;
}

const toAudience = (row: ConversationRow): Audience => ({
  conversationId: row._id.toHexString(),
  kind: row.kind,
  participants: row.participants.map((id) => id.toHexString()),
  membersVersion: 0,
});
