import {
  type Conversation,
  type ConversationsQuery,
  type DraftBody,
  type EntriesPage,
  type Heads,
  limits,
  type Person,
  type SetPosition,
} from '@sori/contract';
import { LRUCache } from 'lru-cache';
import { type Model, type mongo, Types } from 'mongoose';
import { type Audience, firstSeqOf, isIn } from '../../core/audience.js';
import type { Caller } from '../../core/caller.js';
import { AppError, notFound } from '../../core/errors.js';
import { createLanes } from '../../core/lanes.js';
import type { ConversationRow } from '../../log/conversations.model.js';
import { headOf, shownTo } from '../../log/head.js';
import type { ConversationLog } from '../../log/log.js';
import type { EntryRow } from '../../log/entries.model.js';
import { isHiddenFrom, toEntry, toHidden } from '../../log/wire.js';
import type { Tell } from '../../realtime/tell.js';
import { type Audiences, createAudiences, manages } from './audiences.js';
import { createView } from './conversation.view.js';
import { findDirect, openDirect } from './direct.js';
import { createMarks } from './marks.js';
import type { MemberRow } from './members.model.js';
import { createOwnState } from './own-state.js';
import { createPositions } from './positions.js';
import { createRoomMembers } from './room-members.js';
import { createReceipts, type ReceiptsDeps } from './receipts.js';

export interface ConversationsDeps {
  log: ConversationLog;
  members: Model<MemberRow>;
  writeConcern: mongo.WriteConcernSettings;
  people: (ids: readonly string[]) => Promise<Map<string, Person>>;
  personExists: (id: string) => Promise<boolean>;
  /** Those among these people who exchange receipts. */
  withReceipts: ReceiptsDeps['withReceipts'];
  relationsOf: ReceiptsDeps['relationsOf'];
  seenBy: ReceiptsDeps['seenBy'];
  /** Two people come to share a conversation in the eyes of both. */
  meet: (a: string, b: string) => void;
  tell: Pick<Tell, 'people'>;
  /** A person's own devices could not be told of something; they see it when they ask next. */
  untold: (error: unknown) => void;
  now: () => number;
}

/** A conversation as it is stored, for somebody who is in it. */
export interface Own {
  row: ConversationRow;
  /** Where its log begins for him. */
  firstSeq: number;
}

/** How far somebody is in a conversation. */
type Seen = Pick<MemberRow, 'conversationId' | 'readSeq' | 'deliveredSeq'>;

export interface EntriesAsked {
  conversationId: string;
  after: number;
  limit: number;
  epoch?: string | undefined;
}

export type Conversations = ReturnType<typeof createConversations>;

/** Who is in which conversation, what they see of it, and what they have read. */
export function createConversations(deps: ConversationsDeps) {
  const { log, members, writeConcern, people, personExists, meet, tell, untold, now } = deps;
  const audiences = createAudiences({ log, members, now });
  const receipts = createReceipts(deps);
  const marks = createMarks({ log, members, writeConcern });
  const own = createOwnState({ log, members, writeConcern });
  const view = createView({
    log,
    members,
    people,
    marksOf: (userId, states) => marks.holding(userId, states),
    receipts,
    now,
  });
  const positions = createPositions({
    log,
    members,
    writeConcern,
    participantsFor,
    rowOf: async (caller, id) => (await ownOf(caller, id)).row,
    groupIdsOf,
    audienceOf: async (id) => audiences.audienceOf(id),
    receipts,
    tell,
    markCleared: (userId, conversationId) => void tellOwn(userId, conversationId).catch(untold),
  });
  const inOrder = createLanes();
  /** `caller:id` → conversation, for both meanings of REST's `:id`. */
  const targets = new LRUCache<string, string>({ max: 100_000 });

  const roomMembers = createRoomMembers({
    log,
    members,
    writeConcern,
    changed: (row) => void audiences.remember(row),
  });

  /** The right is part of the query: a conversation that the caller is not in is not found. */
  async function ownOf(caller: Pick<Caller, 'userId'>, id: string): Promise<Own> {
    const found = await findOwn(caller, id);
    if (!found) throw notFound();
    return found;
  }

  async function findOwn({ userId }: Pick<Caller, 'userId'>, id: string): Promise<Own | null> {
    const row = await log.conversations
      .findOne({ _id: id, $or: [{ participants: userId }, { kind: 'group' }] })
      .lean();
    if (!row) return null;
    if (row.kind !== 'group') return { row, firstSeq: await log.firstSeq(row) };
    const membership = await members
      .findOne({ conversationId: id, userId, leftSeq: 0 }, { firstSeq: 1 })
      .lean();
    return membership && { row, firstSeq: Math.max(membership.firstSeq ?? 1, await log.firstSeq(row)) };
  }

  /** Groups are found by their members, everything else by its participants. */
  async function groupIdsOf(userId: string): Promise<Types.ObjectId[]> {
    const rows = await members.find({ userId, leftSeq: 0 }, { conversationId: 1, _id: 0 }).lean();
    return rows.map(({ conversationId }) => conversationId);
  }

  /**
   * Where a send to `:id` goes: a conversation of the caller's, or the direct one with that person, made if need be.
   * @throws AppError NOT_FOUND for an id that is neither.
   */
  async function audienceFor(caller: Caller, id: string): Promise<Audience> {
    requireOwnRoom(caller, id);
    const key = `${caller.userId}:${id}`;
    const known = audiences.known(targets.get(key) ?? '');
    if (known && isIn(known, caller.userId)) return known;
    let row = (await findOwn(caller, id))?.row;
    if (!row) {
      if (caller.guest || !(await personExists(id))) throw notFound();
      row = await openDirect(log.conversations, caller.userId, id, { now: new Date(now()), writeConcern });
    }
    const audience =
      row.kind === 'group'
        ? await audiences.forMember(caller.userId, row._id.toHexString())
        : audiences.remember(row);
    targets.set(key, audience.conversationId);
    return audience;
  }

  /** The same for reading, which makes nothing: null for a person with whom there is no conversation yet. */
  async function readable(caller: Caller, id: string): Promise<Own | null> {
    const own = await findOwn(caller, id);
    if (own) return own;
    if (caller.guest || !(await personExists(id))) throw notFound();
    const row = await findDirect(log.conversations, caller.userId, id);
    return row && { row, firstSeq: await log.firstSeq(row) };
  }

  /**
   * Everybody in a conversation, for somebody who is in it.
   * @throws AppError NOT_FOUND
   */
  async function participantsFor({ userId }: Caller, conversationId: string): Promise<readonly string[]> {
    return (await audiences.forMember(userId, conversationId)).participants;
  }

  async function get(caller: Pick<Caller, 'userId'>, id: string): Promise<Conversation> {
    const [conversation] = await view(caller.userId, [await ownOf(caller, id)]);
    if (!conversation) throw notFound();
    return conversation;
  }

  /**
   * True where what was read is newer than the members that the reader's right was checked against: then they are brought up
   * to it, and he is to be looked for again.
   */
  async function isOvertaken({ row }: Own, read: readonly EntryRow[]): Promise<boolean> {
    const needed = read.at(-1)?.membersVersion ?? 0;
    if (row.kind !== 'group' || needed <= (row.membersVersion ?? 0)) return false;
    await audiences.load(row._id.toHexString(), needed);
    return true;
  }

  async function entriesAfter(
    caller: Caller,
    { conversationId, after, limit, epoch }: EntriesAsked,
    { tooLong }: { tooLong: boolean },
  ): Promise<EntriesPage> {
    const own = await ownOf(caller, conversationId);
    const { row, firstSeq } = own;
    const current = log.epoch();
    const otherEpoch = epoch !== undefined && epoch !== current;
    if (otherEpoch || after > log.headSeq(row)) {
      // Before a reset is answered, the log itself is asked: what is known here may be old.
      const headSeq = await log.newestSeq(row);
      if (otherEpoch || after > headSeq) {
        return { entries: [], next: 0, headSeq, epoch: current, more: headSeq > 0, reset: true };
      }
    }
    if (after > 0 && after < firstSeq - 1) {
      // What followed it has been swept, or is from before the caller came. The beginning (0) is always where the log begins.
      const headSeq = log.headSeq(row);
      return { entries: [], next: 0, headSeq, epoch: current, more: headSeq > 0, reset: true };
    }
    const far = tooLong && log.headSeq(row) - after > limits.followMax;
    const from = Math.max(far ? log.headSeq(row) - limit : after, firstSeq - 1);
    const page = await log.after(row, from, limit);
    if (await isOvertaken(own, page.entries)) {
      return entriesAfter(caller, { conversationId, after, limit, epoch }, { tooLong });
    }
    return {
      entries: page.entries.map((entry) =>
        isHiddenFrom(caller.userId, entry) ? toHidden(entry) : toEntry(entry, page.targets, firstSeq),
      ),
      next: page.entries.at(-1)?.seq ?? from,
      headSeq: page.headSeq,
      epoch: current,
      more: page.more,
      ...(far ? { tooLong: true } : {}),
    };
  }

  /** Where the logs of these conversations of the caller's begin for him. */
  async function ownAmong({ userId }: Caller, rows: readonly ConversationRow[]): Promise<Own[]> {
    const groups = rows.filter((row) => row.kind === 'group').map((row) => row._id);
    const memberships = await members
      .find({ userId, conversationId: { $in: groups }, leftSeq: 0 }, { conversationId: 1, firstSeq: 1 })
      .lean();
    const firstSeqs = new Map(
      memberships.map(({ conversationId, firstSeq = 1 }) => [conversationId.toHexString(), firstSeq]),
    );
    const all = await Promise.all(
      rows.map(async (row) => {
        const firstSeq = row.kind === 'group' ? firstSeqs.get(row._id.toHexString()) : 1;
        // Somebody took him out a moment ago.
        if (firstSeq === undefined) return [];
        return [{ row, firstSeq: Math.max(firstSeq, await log.firstSeq(row)) }];
      }),
    );
    return all.flat();
  }

  /**
   * A conversation that had nothing in it but what is hidden from somebody begins for him with the first message that he
   * sees. Costs nothing where nothing is hidden.
   */
  async function beginsLate(senderId: string, conversationId: string, seq: number): Promise<void> {
    for (const { userId } of log.heads.known(conversationId)?.shown ?? []) {
      const place = { conversationId, seq: { $lte: seq }, hiddenFor: { $ne: userId } };
      const first = await log.entries.model.findOne(place, { seq: 1 }).sort({ seq: 1 }).lean();
      if (first?.seq !== seq) continue;
      meet(senderId, userId.toHexString());
      await tellOwn(userId.toHexString(), conversationId);
    }
  }

  /**
   * Tells all devices of a person how a conversation now looks to him. One after the other, so that what is told last was
   * also read last.
   */
  const tellOwn = (userId: string, conversationId: string): Promise<Conversation> =>
    inOrder(`${conversationId}:${userId}`, async () => {
      const conversation = await get({ userId }, conversationId);
      // Somebody may have taken him out while this was being read, and then he has been told that it is gone.
      const audience = audiences.known(conversationId);
      if (audience && !isIn(audience, userId)) throw notFound();
      tell.people([userId], 'conversation', conversation);
      return conversation;
    });

  return {
    audienceFor,
    audienceOf: audiences.audienceOf,
    memberOf: (userId: string, conversationId: string) => audiences.forMember(userId, conversationId),
    rightsOf: (...args: Parameters<Audiences['rightsOf']>) => audiences.rightsOf(...args),
    audiences,

    /** Whether this person may pin and delete what others wrote: the owners and admins of a group or a room. */
    async manages(audience: Audience, userId: string): Promise<boolean> {
      if (audience.kind !== 'room') return manages(audience, userId);
      const role = await roomMembers.roleIn(audience.conversationId, userId);
      return role === 'owner' || role === 'admin';
    },
    readable,
    isOvertaken,
    get,
    tellOwn,
    entriesAfter,
    firstSeq: log.firstSeq,
    ...roomMembers,
    participantsFor,
    setRead: positions.setRead,
    setDelivered: positions.setDelivered,
    readAll: (caller: Caller): Promise<void> => positions.readAll(caller),

    /**
     * Marks as unread from this seq on, until the caller reads or writes there: it changes what he is shown, and neither
     * his read position nor anything that others see.
     */
    async setUnread(caller: Caller, { conversationId, seq }: SetPosition): Promise<Conversation> {
      // The log itself is asked: a message of the caller's that is not known of here yet would take the mark back at once.
      const headSeq = await log.newestSeq((await ownOf(caller, conversationId)).row);
      if (headSeq === 0) return get(caller, conversationId);
      await marks.set(caller.userId, conversationId, Math.min(seq, headSeq), headSeq);
      return tellOwn(caller.userId, conversationId);
    },

    /** To be called for every message that was stored. Nobody waits for it, and it costs nothing where there is no mark. */
    wrote({
      senderId,
      conversationId,
      seq,
    }: {
      senderId: string;
      conversationId: string;
      seq: number;
    }): void {
      marks
        .wrote(senderId, conversationId, seq)
        .then((cleared) => (cleared ? tellOwn(senderId, conversationId) : undefined))
        .catch(untold);
      beginsLate(senderId, conversationId, seq).catch(untold);
    },

    /** Keeps what the caller has begun to write; one with a lower `rev` than the stored one's changes nothing. */
    async setDraft(caller: Caller, conversationId: string, draft: DraftBody): Promise<Conversation> {
      const audience = await audiences.forMember(caller.userId, conversationId);
      const firstSeq = firstSeqOf(audience, caller.userId);
      const saved = await own.setDraft(caller.userId, conversationId, draft, firstSeq);
      return saved ? tellOwn(caller.userId, conversationId) : get(caller, conversationId);
    },

    /** @param until null for no longer */
    async setMute(caller: Caller, conversationId: string, until: Date | null): Promise<Conversation> {
      await participantsFor(caller, conversationId);
      await own.setMute(caller.userId, conversationId, until);
      return tellOwn(caller.userId, conversationId);
    },

    /** Latest activity first; the `_id` breaks ties. A conversation without entries is in nobody's list. */
    async list(
      caller: Caller,
      { limit, before }: ConversationsQuery,
    ): Promise<{ conversations: Conversation[]; next: string | null }> {
      // What this process has told, its list must show.
      await log.heads.flushAll();
      const from = before === undefined ? undefined : readCursor(before);
      const find = (which: { participants: string } | { _id: { $in: Types.ObjectId[] } }) =>
        log.conversations
          .find({
            ...which,
            'shown.userId': { $ne: caller.userId },
            lastActivityAt: { $exists: true, ...(from ? { $lte: from.at } : {}) },
            ...(from ? { $or: [{ lastActivityAt: { $lt: from.at } }, { _id: { $lt: from._id } }] } : {}),
          })
          .sort({ lastActivityAt: -1, _id: -1 })
          .limit(limit + 1)
          .lean();
      const [own, groups, halfHidden] = await Promise.all([
        find({ participants: caller.userId }),
        groupIdsOf(caller.userId).then((ids) => (ids.length === 0 ? [] : find({ _id: { $in: ids } }))),
        // As few as the people whom he ever blocked: they have a place of their own among the others.
        log.conversations.find({ participants: caller.userId, 'shown.userId': caller.userId }).lean(),
      ]);
      const rows = placed(caller.userId, [...own, ...groups, ...halfHidden], from);
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        conversations: await view(
          caller.userId,
          await ownAmong(
            caller,
            page.map(({ row }) => row),
          ),
        ),
        next: rows.length > limit && last ? writeCursor(last) : null,
      };
    },

    /** Where each of the person's conversations ends: the hint that a follower goes by. */
    async headsOf(userId: string): Promise<Heads> {
      const rows = await log.conversations
        .find(
          {
            $or: [{ participants: userId }, { _id: { $in: await groupIdsOf(userId) } }],
            appliedSeq: { $gt: 0 },
          },
          { appliedSeq: 1 },
        )
        .lean();
      return {
        epoch: log.epoch(),
        heads: rows.map((row) => ({ conversationId: row._id.toHexString(), headSeq: log.headSeq(row) })),
      };
    },

    /** The people with whom somebody shares a conversation in which something was written; open rooms do not count. */
    async contactsOf(userId: string): Promise<string[]> {
      const rows = await log.conversations
        .find(
          { participants: userId, lastActivityAt: { $exists: true }, kind: { $ne: 'room' } },
          { participants: 1 },
        )
        .lean();
      const inGroups: Types.ObjectId[] = await members.distinct('userId', {
        conversationId: { $in: await groupIdsOf(userId) },
        leftSeq: 0,
      });
      const ids = new Set([...rows.flatMap((row) => row.participants), ...inGroups].map(String));
      ids.delete(userId);
      return [...ids];
    },

    /** How far a person is in every conversation in which the other one is as well. */
    async readBeside(userId: string, otherId: string): Promise<Seen[]> {
      const [direct, others] = await Promise.all([
        log.conversations.distinct('_id', { participants: { $all: [userId, otherId] } }),
        members.distinct('conversationId', { userId: otherId }),
      ]);
      const rows = await members.find({ userId, conversationId: { $in: [...direct, ...others] } }).lean();
      return rows.map(({ conversationId, readSeq, deliveredSeq }) => ({
        conversationId,
        readSeq,
        deliveredSeq,
      }));
    },

    /** Tells the people of a conversation that it is there now, each as he sees it. */
    async tellNew({ conversationId, participants }: Audience): Promise<void> {
      for (const userId of participants) await tellOwn(userId, conversationId);
    },
  };
}

/** For a guest, every other id is that of nothing: neither a person nor a conversation. @throws AppError NOT_FOUND */
function requireOwnRoom({ guest }: Pick<Caller, 'guest'>, id: string): void {
  if (guest && guest.conversationId !== id) throw notFound();
}

/** Where a conversation stands in a list: the latest activity first, the `_id` breaks ties. */
interface Place {
  at: Date;
  _id: Types.ObjectId;
}
interface Listed extends Place {
  row: ConversationRow;
}

/** These as they stand in a person's list, from behind `from` on. */
function placed(userId: string, rows: readonly ConversationRow[], from: Place | undefined): Listed[] {
  const listed = rows.flatMap((row): Listed[] => {
    const { lastActivityAt: at } = shownTo(userId, headOf(row));
    return at ? [{ at, _id: row._id, row }] : [];
  });
  return listed.filter((one) => !from || isBehind(one, from)).sort((a, b) => (isBehind(a, b) ? 1 : -1));
}

const isBehind = (one: Place, other: Place): boolean =>
  one.at < other.at ||
  (one.at.getTime() === other.at.getTime() && one._id.toHexString() < other._id.toHexString());

const writeCursor = ({ at, _id }: Place): string =>
  Buffer.from(`${at.getTime()}.${_id.toHexString()}`).toString('base64url');

function readCursor(text: string): Place {
  const [, at, id] = /^(\d{1,15})\.([0-9a-f]{24})$/.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  if (at === undefined || id === undefined)
    throw new AppError('INVALID', 'before comes from the Link of a page');
  return { at: new Date(Number(at)), _id: new Types.ObjectId(id) };
}
