import * as z from 'zod/mini';
import { bounded } from './bounded.js';
import { Conversation } from './conversations.js';
import { GroupName } from './groups.js';
import { limits } from './limits.js';
import { Id } from './primitives.js';
import { Language } from './settings.js';
import { codePoints, isStorable } from './text.js';

/** Somebody who is in a room just now. `guest`: without an account, so in no list of people. */
export const RoomPerson = z.object({ _id: Id, name: z.string(), guest: z.boolean() });
export type RoomPerson = z.infer<typeof RoomPerson>;

/** The last part of a room's link: small Latin letters, Hangul, digits, and hyphens between them. */
export const Slug = bounded('slug', limits.slugMax).check(
  z.trim(),
  z.normalize('NFKC'),
  z.toLowerCase(),
  z.regex(
    /^[a-z0-9가-힣]+(?:-[a-z0-9가-힣]+)*$/,
    'A slug has letters, digits and single hyphens between them',
  ),
  z.refine((slug) => codePoints(slug) >= limits.slugMin && codePoints(slug) <= limits.slugMax, {
    error: `A slug has ${limits.slugMin} to ${limits.slugMax} characters`,
  }),
);

/** The least time between two messages of one person; 0 for none. */
const SlowModeSeconds = z
  .number({ error: 'slowModeSeconds must be a number' })
  .check(z.minimum(0), z.maximum(limits.slowModeMaxSeconds));
/** How long a message is kept. */
const RetentionHours = z
  .number({ error: 'retentionHours must be a number' })
  .check(z.positive(), z.maximum(limits.retentionMaxHours));
/** Whether guests may send files. */
const GuestFiles = z.boolean({ error: 'guestFiles must be true or false' });

/** The body of `POST /api/rooms`. */
export const CreateRoom = z.object({
  name: GroupName,
  /** Made from the name, or drawn, where it is not given. */
  slug: z.optional(Slug),
  /** What guests are named in, and what the room's notices to plain clients are written in. */
  language: Language,
  slowModeSeconds: z._default(SlowModeSeconds, 0),
  retentionHours: z._default(RetentionHours, limits.retentionDefaultHours),
  guestFiles: z._default(GuestFiles, false),
});
export type CreateRoom = z.infer<typeof CreateRoom>;

/** The body of `PATCH /api/rooms/:slug`: what is to change. The link stays as it is. */
export const ChangeRoom = z.object({
  name: z.optional(GroupName),
  language: z.optional(Language),
  slowModeSeconds: z.optional(SlowModeSeconds),
  retentionHours: z.optional(RetentionHours),
  guestFiles: z.optional(GuestFiles),
});
export type ChangeRoom = z.infer<typeof ChangeRoom>;

/**
 * What a guest would like to be called. Empty (or nothing that can be seen): 익명 or Anonymous. Whatever is taken, or looks
 * like it, is numbered: the answer says what the name is.
 */
export const Nickname = bounded('A nickname', limits.nicknameMax).check(
  z.refine(isStorable, 'The nickname contains characters that cannot be used'),
  z.trim(),
  z.refine((name) => codePoints(name) <= limits.nicknameMax, {
    error: `A nickname has at most ${limits.nicknameMax} characters`,
  }),
);
/** The body of `POST /api/rooms/:slug/enter`. No nickname: the one that the guest has, or one that is drawn. */
export const EnterRoom = z.object({
  nickname: z.optional(Nickname),
  /** Of the page in which somebody comes in: that of a drawn name. The room's own where it is not said. */
  language: z.optional(Language),
});
export type EnterRoom = z.infer<typeof EnterRoom>;

/**
 * What `/api/rooms` answers: the conversation, and who the caller is in there. Without `me`, which is how those see it who
 * have not entered, it says no more than its name, its rules and, as `memberCount`, how many are here.
 */
export const Room = z.extend(Conversation, { slug: z.string(), me: z.optional(RoomPerson) });
export type Room = z.infer<typeof Room>;
export const EnteredRoom = z.extend(Room, { me: RoomPerson });
export type EnteredRoom = z.infer<typeof EnteredRoom>;

/** The body of `POST /api/rooms/:slug/kick` and `/ban`. */
export const RoomTarget = z.object({ userId: Id });
export type RoomTarget = z.infer<typeof RoomTarget>;

/** Comings and goings, emitted once per person. Somebody who `joined` and was here already has another name now. */
export const RoomHere = z.object({
  conversationId: Id,
  joined: z.array(RoomPerson),
  left: z.array(Id),
});
export type RoomHere = z.infer<typeof RoomHere>;

const openText = bounded('message', limits.messageMax, { code: 'TOO_LARGE' });
/** The namespace `/open`, first dialect: `message`. The text is checked like every message's. */
export const OpenMessage = z.object({ type: z.literal('message'), message: openText });
/** What `update` says. */
export const OpenUpdate = z.object({
  type: z.enum(['connect', 'disconnect', 'message']),
  name: z.string(),
  message: z.string(),
});
export type OpenUpdate = z.infer<typeof OpenUpdate>;
/** The second dialect: `client-server-chat`, and `server-client-chat` back. The name is what the first notice gave. */
export const OpenChat = z.object({
  type: z.enum(['notice', 'chat']),
  userName: z._default(bounded('userName', limits.nicknameMax), ''),
  message: z._default(openText, ''),
});
export type OpenChat = z.infer<typeof OpenChat>;
