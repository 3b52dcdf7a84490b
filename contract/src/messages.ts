import * as z from 'zod/mini';
import { bounded } from './bounded.js';
import { emojiForm, isEmoji } from './emoji.js';
import { Attachment, AttachmentRefs } from './files.js';
import { limits } from './limits.js';
import { CaptionText, ClientId, emptyMessage, Id, queryLimit, querySeq, Seq, Time } from './primitives.js';

/** `userIds`: the first 50 by the time of reacting, and in answers one's own behind them; `count`: all of them. */
export const Reaction = z.object({
  emoji: z.string(),
  count: z.int().check(z.minimum(1)),
  userIds: z.array(Id),
});
export type Reaction = z.infer<typeof Reaction>;

/** A message as it now is. A deleted one keeps its row, with an empty text and `deletedAt`. */
export const Message = z.object({
  _id: Id,
  conversationId: Id,
  seq: Seq,
  senderId: Id,
  /** The other person, in a direct conversation; oneself in a note to self. */
  receiverId: z.optional(Id),
  /** In an open room: what its writer was called there. A guest is in no list of people. */
  senderName: z.optional(z.string()),
  message: z.string(),
  /** The log's time: it never runs backwards within a conversation. */
  createdAt: Time,
  /** The time of the latest change. */
  updatedAt: Time,
  clientId: z.optional(z.string()),
  /** The `_id` of a message of the same conversation. */
  replyTo: z.optional(Id),
  /** Where that one stands. */
  replyToSeq: z.optional(Seq),
  editedAt: z.optional(Time),
  deletedAt: z.optional(Time),
  pinnedAt: z.optional(Time),
  attachments: z.array(Attachment),
  reactions: z.array(Reaction),
});
export type Message = z.infer<typeof Message>;

const content = {
  message: z._default(CaptionText, ''),
  replyTo: z.optional(Id),
  attachments: AttachmentRefs,
};
/** Words or files: a message has either. */
const notEmpty = z.refine<{ message: string; attachments: readonly unknown[] }>(
  ({ message, attachments }) => message !== '' || attachments.length > 0,
  { error: emptyMessage, path: ['message'] },
);

/** The body of `POST /api/messages/send/:id`. */
export const SendBody = z.object({ ...content, clientId: z.optional(ClientId) }).check(notEmpty);
export type SendBody = z.infer<typeof SendBody>;

/** `message:send`: `to` is what REST calls `:id`, a person or a conversation. */
export const SendMessage = z.object({ ...content, to: Id, clientId: ClientId }).check(notEmpty);
export type SendMessage = z.infer<typeof SendMessage>;

/** The query of `GET /api/messages/:id`: at most one of `before`, `after`, `around`; the newest page by default. */
export const HistoryQuery = z
  .object({
    limit: queryLimit(limits.pageDefault, limits.pageMax),
    before: z.optional(querySeq('before', 1)),
    after: z.optional(querySeq('after', 0)),
    around: z.optional(querySeq('around', 1)),
  })
  .check(
    z.refine(
      ({ before, after, around }) =>
        [before, after, around].filter((bound) => bound !== undefined).length <= 1,
      'Only one of before, after and around can be given',
    ),
  );
export type HistoryQuery = z.infer<typeof HistoryQuery>;

/** A reaction, in its one form. */
export const Emoji = bounded('An emoji', limits.emojiMax).check(
  z.refine(isEmoji, { error: 'A reaction is one emoji', abort: true }),
  z.overwrite(emojiForm),
);

/** The body of `PATCH /api/messages/:messageId`. What has files may be left without words. */
export const EditBody = z.object({ message: CaptionText, clientId: z.optional(ClientId) });
export type EditBody = z.infer<typeof EditBody>;
/** The body, if any, of the other calls that change a message. */
export const ChangeBody = z.object({ clientId: z.optional(ClientId) });
export type ChangeBody = z.infer<typeof ChangeBody>;

/** `message:edit`. */
export const EditMessage = z.object({ messageId: Id, message: CaptionText, clientId: ClientId });
export type EditMessage = z.infer<typeof EditMessage>;
/** `message:delete`: for everyone. */
export const DeleteMessage = z.object({ messageId: Id, clientId: ClientId });
export type DeleteMessage = z.infer<typeof DeleteMessage>;
/** `message:react`: the person's whole set, so that what comes late or twice changes nothing. */
export const ReactToMessage = z.object({
  messageId: Id,
  emojis: z.pipe(
    z
      .array(Emoji, { error: 'emojis must be a list' })
      .check(
        z.maxLength(
          limits.reactionsPerPerson,
          `At most ${limits.reactionsPerPerson} reactions for a message`,
        ),
      ),
    z.transform((emojis: string[]) => [...new Set(emojis)]),
  ),
  clientId: ClientId,
});
export type ReactToMessage = z.infer<typeof ReactToMessage>;
/** `message:pin`. */
export const PinMessage = z.object({
  messageId: Id,
  pinned: z.boolean({ error: 'pinned must be true or false' }),
  clientId: ClientId,
});
export type PinMessage = z.infer<typeof PinMessage>;
