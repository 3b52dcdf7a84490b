import * as z from 'zod/mini';
import { BlockChange } from './blocks.js';
import { Conversation, Positions, SetPosition } from './conversations.js';
import { EntriesAfter, EntriesPage, Entry } from './entries.js';
import type { Reply } from './errors.js';
import { limits } from './limits.js';
import { DeleteMessage, EditMessage, Message, PinMessage, ReactToMessage, SendMessage } from './messages.js';
import { Person } from './people.js';
import { Cursor, Id } from './primitives.js';
import { RoomHere } from './rooms.js';
import { Versions } from './versions.js';

export const SetTyping = z.object({
  conversationId: Id,
  typing: z.boolean({ error: 'typing must be true or false' }),
});
export type SetTyping = z.infer<typeof SetTyping>;
/** Replaces the last list. */
export const WatchPresence = z.object({
  userIds: z
    .array(Id, { error: 'userIds must be a list' })
    .check(z.maxLength(limits.watchedPeopleMax, `At most ${limits.watchedPeopleMax} people can be watched`)),
});
export const WatchPeople = z.object({ on: z.boolean({ error: 'on must be true or false' }) });

const nothing = z.object({});
const changed = z.object({ message: Message });

/** What a client asks, and what it is answered. Every event here has a handler, or the server does not compile. */
export const requests = {
  'message:send': {
    input: SendMessage,
    output: z.object({ message: Message, repeat: z.optional(z.boolean()) }),
  },
  'message:edit': { input: EditMessage, output: changed },
  'message:delete': { input: DeleteMessage, output: changed },
  'message:react': { input: ReactToMessage, output: changed },
  'message:pin': { input: PinMessage, output: changed },
  'entries:after': { input: EntriesAfter, output: EntriesPage },
  'read:set': { input: SetPosition, output: Positions },
  'delivered:set': { input: SetPosition, output: Positions },
  'typing:set': { input: SetTyping, output: nothing },
  'presence:watch': { input: WatchPresence, output: z.object({ online: z.array(Id) }) },
  'people:watch': { input: WatchPeople, output: nothing },
} as const;
export type Requests = typeof requests;
export type RequestName = keyof Requests;
export type RequestInput<Name extends RequestName> = z.input<Requests[Name]['input']>;
export type RequestOutput<Name extends RequestName> = z.output<Requests[Name]['output']>;

export const Heads = z.object({
  epoch: z.string(),
  heads: z.array(z.object({ conversationId: Id, headSeq: Cursor })),
});
export type Heads = z.infer<typeof Heads>;
export const PresenceChange = z.object({ online: z.array(Id), offline: z.array(Id) });
export type PresenceChange = z.infer<typeof PresenceChange>;
export const ReadNotice = z.object({
  conversationId: Id,
  userId: Id,
  readSeq: Cursor,
  deliveredSeq: Cursor,
});
export type ReadNotice = z.infer<typeof ReadNotice>;
export const Typing = z.object({ conversationId: Id, userId: Id, typing: z.boolean() });
export type Typing = z.infer<typeof Typing>;
/** Why a session ended; its sockets, and only those, are closed within a second. */
export const SessionEnd = z.object({
  /** `deleted`: the room of a guest. */
  reason: z.catch(z.enum(['logout', 'expired', 'suspended', 'kicked', 'deleted']), 'expired'),
});
export type SessionEnd = z.infer<typeof SessionEnd>;

/** What the server tells without being asked. */
export const notices = {
  /** Which program the server is: the first thing on each connection. The client's is in its `auth.build`. */
  versions: Versions,
  newMessage: Message,
  /** All kinds of entry but `message`. */
  entry: Entry,
  getOnlineUsers: z.array(Id),
  presence: PresenceChange,
  heads: Heads,
  typing: Typing,
  read: ReadNotice,
  conversation: Conversation,
  'room:here': RoomHere,
  'conversation:gone': z.object({ conversationId: Id }),
  'user:created': Person,
  block: BlockChange,
  session: SessionEnd,
} as const;
export type Notices = typeof notices;
export type NoticeName = keyof Notices;
export type Notice<Name extends NoticeName> = z.output<Notices[Name]>;

/** Types for Socket.IO on either end. */
export type ClientToServerEvents = {
  [Name in RequestName]: (
    input: RequestInput<Name>,
    acknowledge?: (reply: Reply<RequestOutput<Name>>) => void,
  ) => void;
};
export type ServerToClientEvents = { [Name in NoticeName]: (notice: Notice<Name>) => void };
