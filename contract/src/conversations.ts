import * as z from 'zod/mini';
import { bounded } from './bounded.js';
import { Role } from './entries.js';
import { GroupHistory } from './groups.js';
import { limits } from './limits.js';
import { Message } from './messages.js';
import { Person } from './people.js';
import { Cursor, Id, queryLimit, Seq, Time } from './primitives.js';
import { Language } from './settings.js';
import { codePoints, isStorable } from './text.js';

export const ConversationKind = z.enum(['direct', 'group', 'room']);
export type ConversationKind = z.infer<typeof ConversationKind>;

export const MemberState = z.object({
  userId: Id,
  role: z.catch(Role, 'member'),
  readSeq: Cursor,
  deliveredSeq: Cursor,
  /** Seq of the `member` entry by which this one came, in a group. Nothing below it was read by anybody of this membership. */
  joinSeq: z.optional(Seq),
});
export type MemberState = z.infer<typeof MemberState>;

/** `rev` rises with every change, whichever device makes it: a late save of an older one changes nothing. */
export const Draft = z.object({ text: z.string(), replyTo: z.optional(Id), rev: z.int() });
export type Draft = z.infer<typeof Draft>;

/** A conversation as one person sees it. Whoever reads one that says what this version does not know goes on without that. */
export const Conversation = z.object({
  _id: Id,
  kind: z.catch(ConversationKind, 'group'),
  name: z.optional(z.string()),
  /** Direct: both (a note to self: the one). Larger: the first few, longest-standing first. */
  participants: z.array(Person),
  memberCount: z.int(),
  /** Groups: an address of ours. */
  picture: z.optional(z.string()),
  /** Groups: where the log begins for those who join from now on. */
  history: z.catch(z.optional(GroupHistory), undefined),
  headSeq: Cursor,
  /** Where the log begins for this person. */
  firstSeq: Seq,
  /** The newest undeleted message. */
  lastMessage: z.catch(z.optional(Message), undefined),
  /** Of the newest message that is shown to the person, deleted or not; else when the conversation was made. */
  lastActivityAt: Time,
  /** Groups and rooms: when the person came. It stands in their list at the later one of the two; the `_id` breaks ties. */
  joinedAt: z.optional(Time),
  /** Exact up to `limits.unreadMax`; with `unreadMore` it is that, and there are more. */
  unread: z.int(),
  unreadMore: z.optional(z.boolean()),
  /** Set where the person marked it as unread. */
  unreadFromSeq: z.optional(Seq),
  /** Those among the unread that mention the person by `@username`. */
  mentions: z.int(),
  /** As `unreadMore`, above `limits.mentionsMax`. */
  mentionsMore: z.optional(z.boolean()),
  mutedUntil: z.nullable(Time),
  /** Rooms: the last part of their link, and their rules (`CreateRoom` says what they mean). */
  slug: z.optional(z.string()),
  language: z.catch(z.optional(Language), undefined),
  slowModeSeconds: z.optional(z.number()),
  retentionHours: z.optional(z.number()),
  guestFiles: z.optional(z.boolean()),
  /** Up to 50 of the members, longest-standing first, with what they read. */
  members: z.array(MemberState),
  draft: z.optional(Draft),
  /**
   * The `rev` with which the last draft was sent or thrown away, where there is none now. Where neither is there, there
   * never was one.
   */
  draftRev: z.optional(z.int()),
});
export type Conversation = z.infer<typeof Conversation>;

/** The query of `GET /api/conversations`. `before` is opaque: it comes from the `Link` of the page before. */
export const ConversationsQuery = z.object({
  limit: queryLimit(limits.pageDefault, limits.pageMax),
  before: z.optional(bounded('before', 200).check(z.maxLength(200, 'before is too long'))),
});
export type ConversationsQuery = z.infer<typeof ConversationsQuery>;

/** `read:set` and `delivered:set`. */
export const SetPosition = z.object({ conversationId: Id, seq: Cursor });
export type SetPosition = z.infer<typeof SetPosition>;
/** The body of `PUT /api/conversations/:id/read`. */
export const PositionBody = z.object({ seq: Cursor });
export type PositionBody = z.infer<typeof PositionBody>;
export const Positions = z.object({ readSeq: Cursor, deliveredSeq: Cursor });
export type Positions = z.infer<typeof Positions>;
/** The body of `PUT /api/conversations/:id/unread`: marks as unread from this message on. Private. */
export const UnreadBody = z.object({ seq: Seq });
export type UnreadBody = z.infer<typeof UnreadBody>;
const draftTooLong = `A draft has at most ${limits.messageMax} characters`;
/** The body of `PUT /api/conversations/:id/draft`. An empty text takes the draft away. */
export const DraftBody = z.object({
  text: bounded('text', limits.messageMax, { tooLong: draftTooLong, code: 'TOO_LARGE' }).check(
    z.refine(isStorable, 'The draft contains characters that cannot be stored'),
    z.refine((text) => codePoints(text) <= limits.messageMax, {
      error: draftTooLong,
      params: { code: 'TOO_LARGE' },
    }),
  ),
  replyTo: z.optional(Id),
  rev: z.int({ error: 'rev must be a whole number' }).check(z.minimum(1, 'rev begins at 1')),
});
export type DraftBody = z.infer<typeof DraftBody>;
/**
 * The body of `PUT /api/conversations/:id/mute`: until a time, null for no longer; or from now on by the server's clock,
 * which is right where the device's is not.
 */
export const MuteBody = z
  .object({
    until: z.optional(z.nullable(Time)),
    forSeconds: z.optional(
      z
        .int({ error: 'forSeconds must be a whole number' })
        .check(
          z.minimum(1, 'forSeconds must be at least 1'),
          z.maximum(limits.muteMaxSeconds, `forSeconds must be at most ${limits.muteMaxSeconds}`),
        ),
    ),
  })
  .check(
    z.refine(({ until, forSeconds }) => (until === undefined) !== (forSeconds === undefined), {
      error: 'Either until or forSeconds is needed, and not both',
    }),
  );
export type MuteBody = z.infer<typeof MuteBody>;
