import { type RequestName, type Requests, requests } from '@sori/contract';
import type { z } from 'zod';
import { AppError, toAppError, toRefusal, unauthenticated } from '../core/errors.js';
import { audibleEvents, heavyEvents, worthOf } from '../limits/costs.js';
import type { Limit } from '../limits/limit.js';
import { type Limits, audibleKey } from '../limits/limits.js';
import type { Turns } from '../limits/turns.js';
import { type Answers, type Asking, guestRequests } from './answers.js';
import { nameOf } from './connection.js';
import type { SoriSocket } from './server.js';

export interface AnswerDeps {
  answers: Answers;
  /** Counts the events of each connection, by its name. */
  eventLimit: Pick<Limit, 'take'>;
  /** The same by the person, over all of their connections. */
  personLimits: Pick<Limits, 'eventsPerUser' | 'audiblePerUser'>;
  /** What is heavy waits here, with all that its person asks for anywhere. */
  turns: Turns;
  report: (bug: unknown) => void;
}

/** The contract's requests, seen in a way in which the compiler can follow a name to its input. */
const inputs: {
  [Name in RequestName]: { input: { parse(payload: unknown): z.output<Requests[Name]['input']> } };
} = requests;

type Output<Name extends RequestName> = z.output<Requests[Name]['output']>;
type Acknowledge = (reply: object) => void;

const isAcknowledge = (value: unknown): value is Acknowledge => typeof value === 'function';
const isRequestName = (name: unknown): name is RequestName =>
  typeof name === 'string' && Object.hasOwn(requests, name);

/**
 * Answers whatever this socket asks: parses, calls the handler, acknowledges. Nothing a client sends gets further than
 * this as an exception: what is wrong is acknowledged as the contract's error, or dropped where nobody waits for it.
 */
export function answerRequests(
  socket: SoriSocket,
  { answers, eventLimit, personLimits, turns, report }: AnswerDeps,
): void {
  const { session, speaksSori } = socket.data;
  const connection = nameOf(socket.conn) ?? socket.id;
  const asking: Asking = {
    userId: session.userId,
    sessionId: session.sessionId,
    socketId: socket.id,
    speaksSori,
    ...(session.guest ? { guest: session.guest } : {}),
  };

  const carryOut = <Name extends RequestName>(name: Name, payload: unknown): Promise<Output<Name>> =>
    answers[name](asking, inputs[name].input.parse(payload));

  async function inTurn(name: RequestName, payload: unknown): Promise<object> {
    const endTurn = await turns.take(session.userId, socket);
    try {
      const reply = await carryOut(name, payload);
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

  async function answer(name: unknown, args: unknown[]): Promise<object> {
    try {
      // First of all, so that nonsense costs the sender as much as sense.
      await eventLimit.take(connection);
      await personLimits.eventsPerUser.take(session.userId);
      if (!isRequestName(name)) throw new AppError('INVALID', 'There is no such event');
      if (session.guest && !guestRequests.has(name)) throw unauthenticated();
      if (audibleEvents.has(name)) await personLimits.audiblePerUser.take(audibleKey(name, session.userId));
      // As over REST: a missing body is an empty one, and what is missing in it is named.
      const payload = args.length === 0 ? {} : args[0];
      const reply = heavyEvents.has(name) ? inTurn(name, payload) : carryOut(name, payload);
      return { ok: true, ...(await reply) };
    } catch (error) {
      return toRefusal(toAppError(error, report));
    }
  }

  socket.once('disconnect', () => turns.leave(session.userId, socket));
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
