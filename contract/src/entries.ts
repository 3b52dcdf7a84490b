import * as z from 'zod/mini';
import { bounded } from './bounded.js';
import { limits } from './limits.js';
import { Message } from './messages.js';
import { Person } from './people.js';
import { Cursor, Id, payloadLimit, queryLimit, querySeq, Seq, Time } from './primitives.js';

export const Role = z.enum(['owner', 'admin', 'member']);
export type Role = z.infer<typeof Role>;

const base = { _id: Id, conversationId: Id, seq: Seq, at: Time };
/**
 * `target` is missing where a page has it once, in its last entry about that message (see `withTargets`), and where it is
 * nothing that this version knows as a message.
 */
const change = { ...base, senderId: Id, targetSeq: Seq, target: z.catch(z.optional(Message), undefined) };

export const MessageEntry = z.extend(Message, { kind: z.literal('message'), at: Time });
/** One row of a conversation's log. `target` is the message as it now is, not as it was then. */
const KnownEntry = z.discriminatedUnion('kind', [
  MessageEntry,
  z.object({ ...change, kind: z.literal('edit') }),
  z.object({ ...change, kind: z.literal('delete') }),
  /** `emojis`: the sender's whole set, at that seq. */
  z.object({ ...change, kind: z.literal('react'), emojis: z.array(z.string()) }),
  z.object({ ...change, kind: z.literal('pin') }),
  z.object({
    ...base,
    kind: z.literal('member'),
    senderId: Id,
    change: z.enum(['joined', 'added', 'left', 'removed', 'role']),
    userIds: z.array(Id),
    role: z.optional(Role),
    /** Only where it is emitted live, of who comes: the first of them, so that not everybody there has to ask who it is. */
    people: z.catch(z.optional(z.array(Person)), undefined),
  }),
  z.object({ ...base, kind: z.literal('title'), senderId: Id, name: z.string() }),
  /** A message that its reader blocked: a place in the log and nothing else, not even a sender. */
  z.object({ ...base, kind: z.literal('hidden') }),
  z.object({ ...base, kind: z.literal('noop') }),
]);
/**
 * What whoever reads an entry makes of one whose kind, or what is said with it, this version does not know: a place in the
 * log, which is shown as something from a newer version. A server that does not know it either sends it as that.
 */
const NewerEntry = z.pipe(
  z.object({ ...base, kind: z.string() }),
  z.transform(({ kind: _kind, ...place }) => ({ ...place, kind: 'newer' as const })),
);
export const Entry = z.union([KnownEntry, NewerEntry]);
export type Entry = z.infer<typeof Entry>;
export type MessageEntry = z.infer<typeof MessageEntry>;
export type EntryKind = Entry['kind'];

const Epoch = bounded('epoch', 100).check(z.maxLength(100, 'epoch is too long'));
/** Each message that a page changes more than once stands in it once, in its last entry about it. */
const Targets = z.optional(z.literal('once', { error: 'targets can only be once' }));

/** The query of `GET /api/conversations/:id/entries`. `after=0` is the beginning. */
export const EntriesQuery = z.object({
  after: z._default(querySeq('after', 0), 0),
  limit: queryLimit(limits.entriesDefault, limits.entriesMax),
  epoch: z.optional(Epoch),
  targets: Targets,
});
export type EntriesQuery = z.infer<typeof EntriesQuery>;

/** `entries:after`. */
export const EntriesAfter = z.object({
  conversationId: Id,
  after: Cursor,
  limit: payloadLimit(limits.entriesDefault, limits.entriesMax),
  epoch: z.optional(Epoch),
  targets: Targets,
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

/** The entries of a page that had each target once, with it in every one of them. */
export function withTargets(entries: readonly Entry[]): Entry[] {
  const targets = new Map(
    entries.flatMap((entry) =>
      'targetSeq' in entry && entry.target ? [[entry.targetSeq, entry.target] as const] : [],
    ),
  );
  return entries.map((entry) =>
    'targetSeq' in entry ? { ...entry, target: entry.target ?? targets.get(entry.targetSeq) } : entry,
  );
}
