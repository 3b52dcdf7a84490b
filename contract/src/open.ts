import * as z from 'zod/mini';
import type { SocketRequest } from './sockets.js';
import { Nickname, OpenChat, OpenMessage, OpenUpdate } from './rooms.js';

/** Every event is answered with the name under which its sender is known. */
const named = z.object({ name: z.string() });

/** What plain clients say in the namespace `/open`: nobody asks who they are. */
export const openRequests = {
  newUser: {
    summary: 'Enter the lobby under a nickname; with none one is given',
    who: 'anyone',
    input: z._default(z.nullable(Nickname), ''),
    output: named,
    errors: ['REFUSED', 'NOT_FOUND'],
  },
  message: {
    summary: 'Say something',
    who: 'anyone',
    input: OpenMessage,
    output: named,
    errors: ['REFUSED', 'NOT_FOUND'],
  },
  'client-server-chat': {
    summary: 'The second dialect: enter by a notice, say something by a chat',
    who: 'anyone',
    input: OpenChat,
    output: named,
    errors: ['REFUSED', 'NOT_FOUND'],
  },
} as const satisfies Record<string, SocketRequest>;
export type OpenRequests = typeof openRequests;

/** What they receive: each in the dialect in which they entered. */
export const openNotices = {
  update: { summary: 'Somebody came, left, or said something', payload: OpenUpdate },
  'server-client-chat': { summary: 'The same in the second dialect', payload: OpenChat },
} as const;
