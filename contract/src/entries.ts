import * as z from 'zod/mini';
import { bounded } from './bounded.js';
import { limits } from './limits.js';
import { Message } from './messages.js';
import { Cursor, Id, payloadLimit, queryLimit, querySeq, Seq, Time } from './primitives.js';

export const Role = z.enum(['owner', 'admin', 'member']);
export type Role = z.infer<typeof Role>;

const base = { _id: Id, conversationId: Id, seq: Seq, at: Time };
const change = { ...base, senderId: Id, targetSeq: Seq, target: Message };

export const MessageEntry = z.extend(Message, { kind: z.literal('message'), at: Time });
/** One row of a conversation's log. `target` is the message as it now is, not as it was then. */
export const Entry = z.discriminatedUnion('kind', [
  MessageEntry,
  z.object({ ...change, kind: z.literal('edit') }),
  z.object({ ...change, kind: z.literal('delete') }),
  z.object({ ...change, kind: z.literal('react') }),
  z.object({ ...change, kind: z.literal('pin') }),
  z.object({
    ...base,
    kind: z.literal('member'),
    senderId: Id,
    change: z.enum(['joined', 'added', 'left', 'removed', 'role']),
    userIds: z.array(Id),
    role: z.optional(Role),
  }),
  z.object({ ...base, kind: z.literal('title'), senderId: Id, name: z.string() }),
  /** A message that its reader blocked: a place in the log and nothing else, not even a sender. */
  z.object({ ...base, kind: z.literal('hidden') }),
  z.object({ ...base, kind: z.literal('noop') }),
]);
export type Entry = z.infer<typeof Entry>;
export type MessageEntry = z.infer<typeof MessageEntry>;
export type EntryKind = Entry['kind'];

const Epoch = bounded('epoch', 100).check(z.maxLength(100, 'epoch is too long'));

/** The query of `GET /api/conversations/:id/entries`. `after=0` is the beginning. */
export const EntriesQuery = z.object({
  after: z._default(querySeq('after', 0), 0),
  limit: queryLimit(limits.entriesDefault, limits.entriesMax),
  epoch: z.optional(Epoch),
});
export type EntriesQuery = z.infer<typeof EntriesQuery>;

/** `entries:after`. */
export const EntriesAfter = z.object({
  conversationId: Id,
  after: Cursor,
  limit: payloadLimit(limits.entriesDefault, limits.entriesMax),
  epoch: z.optional(Epoch),
});
export type EntriesAfter = z.infer<typeof EntriesAfter>;

export const EntriesPage = z.object({
  entries: z.array(Entry),
  /** The cursor after these entries. */
  next: Cursor,
  headSeq: Cursor,
  /** Which life of the database this is: another one makes every cursor worthless. */
  epoch: z.string(),
  more: z.boolean(),
  /** More than 5,000 behind: `entries` is the newest page and the client starts anew from it. Socket only. */
  tooLong: z.optional(z.boolean()),
  /** The cursor makes no sense here: forget what is held of this conversation and start from `after: 0` or the newest page. */
  reset: z.optional(z.boolean()),
});
export type EntriesPage = z.infer<typeof EntriesPage>;
