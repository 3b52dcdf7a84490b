import type { Conversation, DraftBody, MuteBody, Person, SetPosition } from '@sori/contract';
import { type Model, Types } from 'mongoose';
import { type Audience, firstSeqOf, isIn } from '../../core/audience.js';
import type { Caller } from '../../core/caller.js';
import { notFound } from '../../core/errors.js';
import { createSerializeByKey } from '../../core/serialize-by-key.js';
import type { ShownHead } from '../../conversation-log/conversations.model.js';
import { entryIndexes } from '../../conversation-log/entries.model.js';
import { messagesSeenAmong } from '../../conversation-log/visibility.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { Emitter } from '../../realtime/emitter.js';
import { type Audiences, createAudiences, manages } from '../members/audiences.js';
import { createContacts } from './contacts.js';
import { createList } from './conversation-list.js';
import { createView } from './conversation-view.js';
import { createEntriesAfter } from './entries-after.js';
import { createHeadsOf } from './heads-of.js';
import { createMarks } from '../read-state/unread-marks.js';
import type { MemberRow } from '../members/members.model.js';
import { createMemberships } from '../members/memberships.js';
import { createOwnState } from '../read-state/own-state.js';
import { createPositions } from '../read-state/positions.js';
import { createReceipts, type ReceiptsDeps } from '../read-state/receipts.js';
import { createRoomMembers } from '../members/room-members.js';
import { createTargets } from './targets.js';

export interface ConversationsDeps {
  log: ConversationLog;
  members: Model<MemberRow>;
  /** The same rows, for reading many at once. */
  memberReads: Model<MemberRow>;
  /** And for sweeping. */
  membersUpkeep: Model<MemberRow>;
  people: (ids: readonly string[]) => Promise<Map<string, Person>>;
  personExists: (id: string) => Promise<boolean>;
  /** Those among these people who exchange receipts. */
  withReceipts: ReceiptsDeps['withReceipts'];
  relationsOf: ReceiptsDeps['relationsOf'];
  seenBy: ReceiptsDeps['seenBy'];
  /** Two people come to share a conversation in the eyes of both. */
  meet: (a: string, b: string) => void;
  emit: Pick<Emitter, 'toPeople'>;
  /** A person's own devices could not be notified of something; they see it when they ask next. */
  onEmitFailed: (error: unknown) => void;
  now: () => number;
}

/** A message was stored. */
export interface Wrote {
  senderId: string;
  conversationId: string;
  seq: number;
}

export type Conversations = ReturnType<typeof createConversations>;

/** Who is in which conversation, what they see of it, and what they have read. */
export function createConversations(deps: ConversationsDeps) {
  const { log, members, people, personExists, meet, emit, onEmitFailed, now } = deps;
  const memberships = createMemberships({ log, members });
  const audiences = createAudiences({ log, members, now });
  const targets = createTargets({ log, memberships, audiences, personExists, now });
  const receipts = createReceipts(deps);
  const marks = createMarks({ log, members });
  const own = createOwnState({ log, members });
  const view = createView({
    log,
    members: deps.memberReads,
    people,
    marksOf: (userId, states) => marks.holding(userId, states),
    receipts,
    now,
  });
  const list = createList({
    log,
    members: deps.memberReads,
    memberships,
    view,
    concerns(conversationId, userId) {
      const audience = audiences.known(conversationId);
      return audience === undefined || isIn(audience, userId);
    },
  });
  const contacts = createContacts({ log, members: deps.memberReads, memberships });
  const positions = createPositions({
    log,
    members,
    memberReads: deps.memberReads,
    participantsFor,
    rowOf: async (caller, id) => (await memberships.get(caller, id)).row,
    groupIdsOf: (userId) => memberships.groupIdsOf(userId),
    receipts,
    emit,
    markCleared: (userId, conversationId) => void emitToOwn(userId, conversationId).catch(onEmitFailed),
  });
  const roomMembers = createRoomMembers({
    log,
    members,
    membersUpkeep: deps.membersUpkeep,
    changed: (row) => void audiences.remember(row),
    now,
  });
  const inOrder = createSerializeByKey();

  /**
   * Everybody in a conversation, for somebody who is in it.
   * @throws AppError NOT_FOUND
   */
  async function participantsFor({ userId }: Caller, conversationId: string): Promise<readonly string[]> {
    return (await audiences.forMember(userId, conversationId)).participants;
  }

  async function get(caller: Pick<Caller, 'userId'>, id: string): Promise<Conversation> {
    const [conversation] = await view(caller.userId, [await memberships.get(caller, id)]);
    if (!conversation) throw notFound();
    return conversation;
  }

  /**
   * A conversation that had nothing in it but what is hidden from somebody begins for them with the first message that
   * they see.
   * @param shown those from whom something is hidden there
   */
  async function beginsLate(
    shown: readonly ShownHead[],
    { senderId, conversationId, seq }: Wrote,
  ): Promise<void> {
    for (const { userId } of shown) {
      // The first that anybody sees of a conversation is a message: what changes one is hidden from whom that is hidden.
      const seen = messagesSeenAmong(new Types.ObjectId(conversationId), shown, userId);
      const first = await log.entries.model
        .findOne({ ...seen, seq: { $lte: seq } }, { seq: 1 })
        .sort({ seq: 1 })
        .hint(entryIndexes.messages)
        .lean();
      if (first?.seq !== seq) continue;
      meet(senderId, userId.toHexString());
      await emitToOwn(userId.toHexString(), conversationId);
    }
  }

  /**
   * Emits to all devices of a person how a conversation now looks to them. One after the other, so that what is emitted
   * last was also read last.
   */
  const emitToOwn = (userId: string, conversationId: string): Promise<Conversation> =>
    inOrder(`${conversationId}:${userId}`, async () => {
      const conversation = await get({ userId }, conversationId);
      // Somebody may have taken them out while this was being read, and then they were notified that it is gone.
      const audience = audiences.known(conversationId);
      if (audience && !isIn(audience, userId)) throw notFound();
      emit.toPeople([userId], 'conversation', conversation);
      return conversation;
    });

  return {
    ...targets,
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
    isOvertaken: audiences.isOvertaken,
    get,
    emitToOwn,
    ...list,
    /**
     * Where anything of the person's own that no log has was changed since then; undefined where that is in more than
     * `most`.
     */
    async changedSince(userId: string, since: Date, most: number): Promise<string[] | undefined> {
      const rows = await deps.memberReads
        .find({ userId, leftSeq: { $in: [null, 0] }, changedAt: { $gte: since } }, { conversationId: 1 })
        .hint({ userId: 1, changedAt: 1 })
        .limit(most + 1)
        .lean();
      if (rows.length > most) return undefined;
      return rows.map(({ conversationId }) => conversationId.toHexString());
    },

    headsOf: createHeadsOf({ log, members: deps.memberReads }),
    ...contacts,
    ...roomMembers,
    entriesAfter: createEntriesAfter({ log, memberships, audiences }),
    participantsFor,
    setRead: positions.setRead,
    setDelivered: positions.setDelivered,
    readAll: (caller: Caller): Promise<void> => positions.readAll(caller),

    /**
     * Marks as unread from this seq on, until the caller reads or writes there: it changes what they are shown, and
     * neither their read position nor anything that others see.
     */
    async setUnread(caller: Caller, { conversationId, seq }: SetPosition): Promise<Conversation> {
      // The log itself is asked: a message of the caller's that is not known of here yet would take the mark back at once.
      const headSeq = await log.newestSeq((await memberships.get(caller, conversationId)).row);
      if (headSeq === 0) return get(caller, conversationId);
      await marks.set(caller.userId, conversationId, Math.min(seq, headSeq), headSeq);
      return emitToOwn(caller.userId, conversationId);
    },

    /** To be called for every message that was stored. Nobody waits for it, and it costs nothing where there is no mark. */
    wrote({ senderId, conversationId, seq }: Wrote): void {
      if (marks.isSeen(senderId, conversationId)) {
        marks
          .wrote(senderId, conversationId, seq)
          .then((cleared) => (cleared ? emitToOwn(senderId, conversationId) : undefined))
          .catch(onEmitFailed);
      }
      const shown = log.heads.known(conversationId)?.shown ?? [];
      if (shown.length > 0) beginsLate(shown, { senderId, conversationId, seq }).catch(onEmitFailed);
    },

    /** Keeps what the caller has begun to write; one with a lower `rev` than the stored one's changes nothing. */
    async setDraft(caller: Caller, conversationId: string, draft: DraftBody): Promise<Conversation> {
      const audience = await audiences.forMember(caller.userId, conversationId);
      const firstSeq = firstSeqOf(audience, caller.userId);
      const saved = await own.setDraft(caller.userId, conversationId, draft, firstSeq);
      return saved ? emitToOwn(caller.userId, conversationId) : get(caller, conversationId);
    },

    async setMute(
      caller: Caller,
      conversationId: string,
      { until, forSeconds }: MuteBody,
    ): Promise<Conversation> {
      await participantsFor(caller, conversationId);
      const end = forSeconds === undefined ? (until ?? null) : now() + forSeconds * 1_000;
      await own.setMute(caller.userId, conversationId, end === null ? null : new Date(end));
      return emitToOwn(caller.userId, conversationId);
    },

    /** Notifies the people of a conversation that it is there now, each as they see it. */
    async emitNew({ conversationId, participants }: Audience): Promise<void> {
      for (const userId of participants) await emitToOwn(userId, conversationId);
    },
  };
}
