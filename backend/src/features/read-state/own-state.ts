import type { DraftBody } from '@sori/contract';
import { type Model, Types } from 'mongoose';
import { AppError } from '../../core/errors.js';
import { isDuplicateKey, upsert } from '../../database/duplicate-key.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import { entriesSeenBy } from '../../conversation-log/visibility.js';
import { changedNow, type MemberRow, ownRow, type WhoseRow } from '../members/members.model.js';

export interface OwnStateDeps {
  log: Pick<ConversationLog, 'entries'>;
  members: Model<MemberRow>;
  /** The same rows, for reading many at once. */
  memberReads: Model<MemberRow>;
}

export type OwnState = ReturnType<typeof createOwnState>;

/** What a person keeps for themselves in a conversation, on all their devices. Rights are the caller's business. */
export function createOwnState({ log, members, memberReads }: OwnStateDeps) {
  return {
    /**
     * Keeps the draft where its `rev` is higher than the stored one's.
     * @param firstSeq where the log begins for this person
     * @returns false where it came too late, after a newer one or after its writer had gone, and changed nothing.
     * @throws AppError "INVALID" where `replyTo` is not a message of this conversation
     */
    async setDraft(whose: WhoseRow, { text, replyTo, rev }: DraftBody, firstSeq: number): Promise<boolean> {
      const { conversationId, userId } = whose;
      if (replyTo !== undefined) {
        const quoted = { _id: replyTo, conversationId, kind: 'message', seq: { $gte: firstSeq } } as const;
        const found = await log.entries.model.exists({
          ...quoted,
          ...entriesSeenBy(new Types.ObjectId(userId)),
        });
        if (!found) throw new AppError('INVALID', 'replyTo is not a message of this conversation');
      }
      // What is cleared keeps nothing but its rev.
      const draft = text !== '' && replyTo !== undefined ? { text, replyTo, rev } : { text, rev };
      const { filter, update, upsert: begins } = ownRow(whose, { $set: { draft }, ...changedNow });
      const isNewer = { $or: [{ 'draft.rev': { $exists: false } }, { 'draft.rev': { $lt: rev } }] };
      try {
        const { matchedCount, upsertedCount } = await upsert(() =>
          members.updateOne({ ...filter, ...isNewer }, update, { upsert: begins }).exec(),
        );
        return matchedCount + upsertedCount > 0;
      } catch (error) {
        // The row is there and did not match, so the upsert tried to make a second one: a newer draft is stored.
        if (!isDuplicateKey(error)) throw error;
        return false;
      }
    },

    /** @param until null for no longer */
    async setMute(whose: WhoseRow, until: Date | null): Promise<void> {
      const mute = until ? { $set: { mutedUntil: until } } : { $unset: { mutedUntil: '' } };
      const { filter, update, upsert: begins } = ownRow(whose, { ...mute, ...changedNow });
      await upsert(() => members.updateOne(filter, update, { upsert: begins }).exec());
    },

    /**
     * Where anything of the person's own that no log has was changed since then; undefined where that is in more than
     * `most`.
     */
    async changedSince(userId: string, since: Date, most: number): Promise<string[] | undefined> {
      const rows = await memberReads
        .find({ userId, leftSeq: { $in: [null, 0] }, changedAt: { $gte: since } }, { conversationId: 1 })
        .hint({ userId: 1, changedAt: 1 })
        .limit(most + 1)
        .lean();
      if (rows.length > most) return undefined;
      return rows.map(({ conversationId }) => conversationId.toHexString());
    },
  };
}
