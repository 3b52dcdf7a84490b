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
import type { Row, Who } from './routes/route.js';
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

/** An event that is answered: as a row of the table of routes. Errors are those beside `commonErrors`. */
export interface SocketRequest extends Row {
  summary: string;
  who: Exclude<Who, 'known' | 'admin'>;
  input: z.ZodMiniType;
  output: z.ZodMiniType<object>;
}

const nothing = z.object({});
const changed = z.object({ message: Message });

const sending = { who: 'visitor', errors: ['FORBIDDEN', 'NOT_FOUND', 'CONFLICT', 'REFUSED'] } as const;
const position = { who: 'visitor', input: SetPosition, output: Positions, errors: ['NOT_FOUND'] } as const;

/** What a client asks, and what it is answered. Every event here has a handler, or the server does not compile. */
export const requests = {
  'message:send': {
    ...sending,
    summary: 'Send a message to a person or to a conversation',
    input: SendMessage,
    output: z.object({ message: Message, repeat: z.optional(z.boolean()) }),
  },
  'message:edit': {
    ...sending,
    summary: 'Edit a message of one’s own',
    input: EditMessage,
    output: changed,
  },
  'message:delete': {
    ...sending,
    summary: 'Delete a message for everyone',
    input: DeleteMessage,
    output: changed,
  },
  'message:react': {
    ...sending,
    summary: 'Set all of one’s reactions to a message',
    input: ReactToMessage,
    output: changed,
  },
  'message:pin': {
    ...sending,
    summary: 'Pin a message, or take the pin off',
    who: 'account',
    input: PinMessage,
    output: changed,
  },
  'entries:after': {
    summary: 'The log of a conversation after a position',
    who: 'visitor',
    input: EntriesAfter,
    output: EntriesPage,
    errors: ['NOT_FOUND'],
  },
  'read:set': { ...position, summary: 'Say how far one has read' },
  'delivered:set': { ...position, summary: 'Say how far a device of one’s own has stored' },
  'typing:set': {
    summary: 'Say that one is writing, or no longer',
    who: 'visitor',
    input: SetTyping,
    output: nothing,
    errors: ['NOT_FOUND'],
  },
  'presence:watch': {
    summary: 'Be notified of the presence of these people too',
    who: 'account',
    input: WatchPresence,
    output: z.object({ online: z.array(Id) }),
    errors: [],
  },
  'people:watch': {
    summary: 'Be notified of everybody who signs up, or no longer',
    who: 'account',
    input: WatchPeople,
    output: nothing,
    errors: [],
  },
} as const satisfies Record<string, SocketRequest>;
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

/** What the server emits without being asked. Clients of the tutorial receive what says so, and nothing else. */
export const notices = {
  versions: {
    summary:
      'Which program the server is: the first thing on each connection. The client’s is in its `auth.build`',
    payload: Versions,
  },
  newMessage: {
    summary: 'A message of any conversation; to tutorial clients those that others sent directly',
    payload: Message,
  },
  entry: { summary: 'An entry of any other kind', payload: Entry },
  getOnlineUsers: {
    summary: 'Who is online, on connecting; to tutorial clients on every change as well',
    payload: z.array(Id),
  },
  presence: { summary: 'Who came online, and who went', payload: PresenceChange },
  heads: { summary: 'How far the logs of all conversations go', payload: Heads },
  typing: { summary: 'Somebody is writing, or no longer', payload: Typing },
  read: { summary: 'How far somebody has read and stored', payload: ReadNotice },
  conversation: { summary: 'A conversation is new, or not as it was', payload: Conversation },
  'room:here': { summary: 'Who came into a room, and who left it', payload: RoomHere },
  'conversation:gone': {
    summary: 'A conversation is the person’s no longer',
    payload: z.object({ conversationId: Id }),
  },
  'user:created': { summary: 'Somebody signed up, to those who watch people', payload: Person },
  'user:changed': {
    summary: 'Somebody whom the person knows, or they themselves, look different',
    payload: Person,
  },
  block: { summary: 'Whom the person blocks from now on, or no longer', payload: BlockChange },
  session: { summary: 'The session ended, and the connection closes', payload: SessionEnd },
} as const;
export type Notices = typeof notices;
export type NoticeName = keyof Notices;
export type Notice<Name extends NoticeName> = z.output<Notices[Name]['payload']>;

/** Types for Socket.IO on either end. */
export type ClientToServerEvents = {
  [Name in RequestName]: (
    input: RequestInput<Name>,
    acknowledge?: (reply: Reply<RequestOutput<Name>>) => void,
  ) => void;
};
export type ServerToClientEvents = { [Name in NoticeName]: (notice: Notice<Name>) => void };
