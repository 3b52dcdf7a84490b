import { type ErrorCode, type Requests, requests, type Row } from '@sori/contract';
import type { z } from 'zod';
import { AppError, reportUnlisted, toAppError, toRefusal, unauthenticated } from '../core/errors.js';
import { emittingEvents, heavyEvents, worthOf } from '../limits/costs.js';
import type { Limit } from '../limits/limit.js';
import { type Limits, emitsKey } from '../limits/limits.js';
import type { Turns } from '../limits/turns.js';
import type { Answers, AnswersTo, Asking, Table } from './answers.js';
import { nameOf } from './connection.js';
import type { SoriSocket } from './server.js';

export interface AnswerDeps {
  answers: Answers;
  /** Counts the events of each connection, by its name. */
  eventLimit: Pick<Limit, 'take'>;
  /** The same by the person, over all of their connections. */
  personLimits: Pick<Limits, 'eventsPerUser' | 'emitsPerUser'>;
  /** What is heavy waits here, with all that its person asks for anywhere. */
  turns: Turns;
  /** Something was answered with this error. */
  refused?: ((code: ErrorCode) => void) | undefined;
  report: (bug: unknown) => void;
}

/** The contract's rows, seen in a way in which the compiler can follow a name to its input. */
export type RowsOf<Rows extends Table> = {
  [Name in keyof Rows]: Row & { input: { parse(payload: unknown): z.output<Rows[Name]['input']> } };
};

/** How the events of one namespace are answered. */
export interface Namespace<Rows extends Table, By> {
  rows: RowsOf<Rows>;
  answers: AnswersTo<Rows, By>;
  asking: By;
  /** Counts an event, before anybody looks what it is. */
  count: () => Promise<void>;
  /** Whether, and when, what is asked is carried out. Default: at once. */
  admit?: (name: keyof Rows, carryOut: () => Promise<object>) => Promise<object>;
  /** What is read where an event says nothing. */
  empty: unknown;
  refused?: ((code: ErrorCode) => void) | undefined;
  report: (bug: unknown) => void;
}

type Acknowledge = (reply: object) => void;

const isAcknowledge = (value: unknown): value is Acknowledge => typeof value === 'function';
const isNameIn = <Rows extends object>(rows: Rows, name: unknown): name is keyof Rows =>
  typeof name === 'string' && Object.hasOwn(rows, name);

/**
 * Answers whatever this socket asks: parses, calls the handler, acknowledges. Nothing a client sends gets further than
 * this as an exception: what is wrong is acknowledged as the contract's error, or dropped where nobody waits for it.
 */
export function answerEvents<Rows extends Table, By>(
  socket: SoriSocket,
  { rows, answers, asking, count, admit, empty, refused, report }: Namespace<Rows, By>,
): void {
  async function answer(name: unknown, args: unknown[]): Promise<object> {
    try {
      // First of all, so that nonsense costs the sender as much as sense.
      await count();
      if (!isNameIn(rows, name)) throw new AppError('INVALID', 'There is no such event');
      const carryOut = async (): Promise<object> =>
        answers[name](asking, rows[name].input.parse(args.length === 0 ? empty : args[0]));
      return { ok: true, ...(await (admit ? admit(name, carryOut) : carryOut())) };
    } catch (error) {
      const refusal = toAppError(error, report);
      refused?.(refusal.code);
      if (isNameIn(rows, name)) reportUnlisted(String(name), rows[name], refusal, report);
      return toRefusal(refusal);
    }
  }

  // One listener for every event, those that nobody knows included: they count, and are answered, like any other.
  socket.onAny((name: unknown, ...args: unknown[]) => {
    // What arrived in one piece with the end of the session comes after it.
    if (!socket.connected) return;
    // Socket.IO puts the function that acknowledges last, wherever the client had written its own.
    const last = args.at(-1);
    const acknowledge = isAcknowledge(last) ? last : undefined;
    if (acknowledge) args.pop();
    answer(name, args)
      .then((reply) => acknowledge?.(reply))
      .catch(report);
  });
}

/** Answers what somebody asks who signed in, or the guest of a room: the default namespace. */
export function answerRequests(
  socket: SoriSocket,
  { answers, eventLimit, personLimits, turns, refused, report }: AnswerDeps,
): void {
  const { session, speaksSori } = socket.data;
  const { userId } = session;
  const connection = nameOf(socket.conn) ?? socket.id;

  async function inTurn(carryOut: () => Promise<object>): Promise<object> {
    const endTurn = await turns.take(userId, socket);
    try {
      const reply = await carryOut();
      const worth = worthOf(reply);
      // It is answered all the same: what it cost beyond is missing for what is asked next.
      if (worth > 0) await eventLimit.take(connection, worth).catch(() => undefined);
      endTurn();
      return reply;
    } catch (error) {
      endTurn(error);
      throw error;
    }
  }

  socket.once('disconnect', () => turns.leave(userId, socket));
  answerEvents<Requests, Asking>(socket, {
    rows: requests,
    answers,
    asking: {
      userId,
      sessionId: session.sessionId,
      socketId: socket.id,
      speaksSori,
      ...(session.guest ? { guest: session.guest } : {}),
    },
    async count() {
      await eventLimit.take(connection);
      await personLimits.eventsPerUser.take(userId);
    },
    async admit(name, carryOut) {
      if (session.guest && requests[name].who === 'account') throw unauthenticated();
      if (emittingEvents.has(name)) await personLimits.emitsPerUser.take(emitsKey(name, userId));
      return heavyEvents.has(name) ? inTurn(carryOut) : carryOut();
    },
    // As over REST: a missing body is an empty one, and what is missing in it is named.
    empty: {},
    refused,
    report,
  });
}
