import { Types } from 'mongoose';
import type { ConversationRow, ShownHead } from './conversations.model.js';
import { type EntryRow, isMessage } from './entries.model.js';

/**
 * Who sees an entry: everybody in its conversation but the one person that `hiddenFor` names, if it names one. What is asked of
 * the database about that is asked in these forms, which the indexes serve.
 */

type Hidden = Pick<EntryRow, 'hiddenFor'>;

/** The person from whom this entry is hidden; undefined where all see it. */
export const hiddenFrom = ({ hiddenFor }: Hidden): string | undefined => hiddenFor?.toHexString();

export const isHiddenFrom = (userId: string, entry: Hidden): boolean => hiddenFrom(entry) === userId;

/**
 * The messages of a conversation that are not hidden from whoever is asked for, in the form in which the index for messages has
 * them by seq: to each whose blocks hide something there belongs a stretch of its own.
 */
const seenMessages = (conversationId: Types.ObjectId, hiddenForOthers: readonly Types.ObjectId[]) =>
  ({ conversationId, ...isMessage, hiddenFor: { $in: [null, ...hiddenForOthers] } }) as const;

/** The messages that a person in the conversation sees. Only between two people is anything hidden. */
export const messagesSeenBy = (
  userId: string,
  { _id, kind, participants }: Pick<ConversationRow, '_id' | 'kind' | 'participants'>,
) => seenMessages(_id, kind === 'direct' ? participants.filter((one) => one.toHexString() !== userId) : []);

/**
 * The same where only those are known from whom something is hidden there.
 * @param viewerId one of them; undefined for anybody else, who sees all.
 */
export const messagesSeenAmong = (
  conversationId: Types.ObjectId,
  shown: readonly Pick<ShownHead, 'userId'>[],
  viewerId?: Types.ObjectId,
) =>
  seenMessages(
    conversationId,
    shown.flatMap(({ userId }) => (viewerId && userId.equals(viewerId) ? [] : [userId])),
  );

/** Entries of every kind that this person sees. Served by the index by seq, which looks at each. */
export const entriesSeenBy = (userId: Types.ObjectId) => ({ hiddenFor: { $ne: userId } }) as const;

/** Messages that nobody is kept from. */
export const seenByAll = { ...isMessage, hiddenFor: null } as const;

/** Messages that somebody else than this person does not see. */
export const hiddenFromOthers = (userId: Types.ObjectId) =>
  ({ ...isMessage, hiddenFor: { $nin: [null, userId] } }) as const;
