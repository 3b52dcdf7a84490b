import type { RequestName, Requests } from '@sori/contract';
import type { z } from 'zod';
import type { Caller } from '../core/caller.js';

/** The socket a request came by. */
export interface Asking extends Caller {
  socketId: string;
  /** True for a client that said `auth.protocol: 1`. */
  speaksSori: boolean;
}

/** What somebody without an account may ask, in his own room. Everything else is an account's. */
export const guestRequests: ReadonlySet<RequestName> = new Set<RequestName>([
  'message:send',
  'message:edit',
  'message:delete',
  'message:react',
  'entries:after',
  'read:set',
  'delivered:set',
  'typing:set',
]);

/** One handler per request of the contract. Input is parsed already; what is thrown becomes the refusal. */
export type Answers = {
  [Name in RequestName]: (
    asking: Asking,
    input: z.output<Requests[Name]['input']>,
  ) => Promise<z.output<Requests[Name]['output']>>;
};
