import type { Id, Message } from '@sori/contract';
import type { ApiError } from '../api/ApiError';

/** Why a message was refused, in a form that can be stored. */
export type Refused = Pick<ApiError, 'code' | 'message'>;

export type OutboxItem = {
  /** Chosen once, never changed: what makes every further try harmless. */
  readonly clientId: string;
  /** Whom it is addressed to, as REST's `:id`: a conversation or a person. */
  readonly to: Id;
  /** What keeps its order: the conversation, or the person while there is no conversation yet. */
  readonly lane: Id;
  readonly text: string;
  readonly replyTo?: Id | undefined;
  /** Ascending in the order of writing. Not a time: clocks are set. */
  readonly order: number;
  /** This device's clock, for display only. */
  readonly queuedAt: string;
  /** `stored`: the server has it, and the log has not told it here yet. */
  readonly state: 'waiting' | 'stored' | 'failed';
  readonly refused?: Refused | undefined;
  readonly message?: Message | undefined;
  /** The newest message at the moment of the refusal: a failed one stays in its place while others go on. */
  readonly afterSeq?: number | undefined;
};

export type Outbox = readonly OutboxItem[];

const nextOrder = (outbox: Outbox): number =>
  outbox.reduce((last, { order }) => Math.max(last, order), 0) + 1;

const change = (outbox: Outbox, clientId: string, changed: Partial<OutboxItem>): Outbox =>
  outbox.map((item) => (item.clientId === clientId ? { ...item, ...changed } : item));

const byOrder = (one: OutboxItem, other: OutboxItem): number =>
  one.order - other.order || (one.clientId < other.clientId ? -1 : 1);

export type Written = Pick<OutboxItem, 'clientId' | 'to' | 'lane' | 'text' | 'replyTo' | 'queuedAt'>;

export const written = (outbox: Outbox, item: Written): Outbox =>
  outbox.some(({ clientId }) => clientId === item.clientId)
    ? outbox
    : [...outbox, { ...item, state: 'waiting', order: nextOrder(outbox) }];

export const stored = (outbox: Outbox, clientId: string, message: Message): Outbox =>
  change(outbox, clientId, { state: 'stored', message, refused: undefined });

export const refused = (outbox: Outbox, clientId: string, reason: Refused, afterSeq: number): Outbox =>
  change(outbox, clientId, {
    state: 'failed',
    refused: { code: reason.code, message: reason.message },
    afterSeq,
  });

/** Only what failed can be tried again: the second of two clicks changes nothing. It goes behind what is waiting. */
export const retried = (outbox: Outbox, clientId: string): Outbox => {
  const item = outbox.find((candidate) => candidate.clientId === clientId);
  if (item?.state !== 'failed') return outbox;
  return change(outbox, clientId, {
    state: 'waiting',
    refused: undefined,
    afterSeq: undefined,
    order: nextOrder(outbox),
  }).toSorted(byOrder);
};

/** Only what failed: one that is on its way may already be stored, and cannot be called back. */
export const discarded = (outbox: Outbox, clientId: string): Outbox =>
  outbox.filter((item) => item.clientId !== clientId || item.state !== 'failed');

/** The log told these: what shows them now is the stored message. */
export const settled = (outbox: Outbox, clientIds: ReadonlySet<string>): Outbox =>
  outbox.some(({ clientId }) => clientIds.has(clientId))
    ? outbox.filter(({ clientId }) => !clientIds.has(clientId))
    : outbox;

/** Whatever the server has stored there up to that seq is shown, or was, by the log itself. */
export const loggedUpTo = (outbox: Outbox, conversationId: Id, seq: number): Outbox => {
  const isLogged = ({ state, message }: OutboxItem): boolean =>
    state === 'stored' && message?.conversationId === conversationId && message.seq <= seq;
  return outbox.some(isLogged) ? outbox.filter((item) => !isLogged(item)) : outbox;
};

/** The direct conversation with that person exists now: one lane from here on, whichever way its messages were addressed. */
export const laneFound = (outbox: Outbox, userId: Id, conversationId: Id): Outbox =>
  outbox.some(({ lane }) => lane === userId)
    ? outbox.map((item) => (item.lane === userId ? { ...item, lane: conversationId } : item))
    : outbox;

/** What storage held, or another tab has written or changed. What is known to be stored by the server stays so. */
export const told = (outbox: Outbox, items: Outbox): Outbox => {
  const byClientId = new Map(outbox.map((item) => [item.clientId, item]));
  for (const item of items)
    if (byClientId.get(item.clientId)?.state !== 'stored') byClientId.set(item.clientId, item);
  return [...byClientId.values()].sort(byOrder);
};

/** The oldest waiting one of every lane in which nothing is in flight. */
export const nextToSend = (outbox: Outbox, inFlight: ReadonlySet<string>): OutboxItem[] => {
  // By what is in flight and not by lane names: a lane may have been renamed on the way.
  const busy = new Set(outbox.filter(({ clientId }) => inFlight.has(clientId)).map(({ lane }) => lane));
  return outbox.filter(({ state, lane }) => {
    if (state !== 'waiting' || busy.has(lane)) return false;
    busy.add(lane);
    return true;
  });
};
