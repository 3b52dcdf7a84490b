import type { Requests, SocketRequest } from '@sori/contract';
import type { z } from 'zod';
import type { Caller } from '../core/caller.js';

/** The socket a request came by. */
export interface Asking extends Caller {
  socketId: string;
  /** True for a client that said `auth.protocol: 1`. */
  speaksSori: boolean;
}

export type Table = Readonly<Record<string, SocketRequest>>;
/** One handler per row of a table of the contract. Input is parsed already; what is thrown becomes the refusal. */
export type AnswersTo<Rows extends Table, By> = {
  [Name in keyof Rows]: (
    asking: By,
    input: z.output<Rows[Name]['input']>,
  ) => Promise<z.output<Rows[Name]['output']>>;
};
export type Answers = AnswersTo<Requests, Asking>;
