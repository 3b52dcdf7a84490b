import type { AttachmentRef, Id, Message } from '@sori/contract';
import type { ApiError } from './api-error.js';
import { hasItsFiles, isHere, type OutgoingFile } from './outgoing-files.js';

/** Why a message was refused, in a form that can be stored. */
export type Refused = Pick<ApiError, 'code' | 'message'> & { details?: unknown };

export type OutboxItem = {
  /** Chosen once, never changed: what makes every further try harmless. */
  readonly clientId: string;
  /** Whom it is addressed to, as REST's `:id`: a conversation or a person. */
  readonly to: Id;
  /** What keeps its order: the conversation, or the person while there is no conversation yet. */
  readonly lane: Id;
  readonly text: string;
  readonly replyTo?: Id | undefined;
  /** Files that the server has already. */
  readonly attachments?: readonly AttachmentRef[] | undefined;
  /** Files that have to be uploaded first, in their order. */
  readonly files?: readonly OutgoingFile[] | undefined;
  /** Ascending in the order of writing. Not a time: clocks are set. */
  readonly order: number;
  /** This device's clock, for display only. */
  readonly queuedAt: string;
  /** `stored`: the server has it, and the log has not told it here yet. */
  readonly state: 'waiting' | 'stored' | 'failed';
  readonly refused?: Refused | undefined;
  /** What the conversation was called that was taken away from this person before it was sent. */
  readonly from?: string | undefined;
  readonly message?: Message | undefined;
  /** The newest message at the moment of the refusal: a failed one stays in its place while others go on. */
  readonly afterSeq?: number | undefined;
};

/**
 * What is on its way, by lane, each in the order of writing; no lane is empty. By lane, because each is sent for itself,
 * and so that a step costs no more where ten thousand others wait: what is done to one is done at its lane's front or end.
 */
export type Outbox = Readonly<Record<Id, readonly OutboxItem[]>>;

export const emptyOutbox: Outbox = {};

const byOrder = (one: OutboxItem, other: OutboxItem): number =>
  one.order - other.order || (one.clientId < other.clientId ? -1 : 1);

/** All of it in the order of writing: for looking at it, not for each step. */
export const itemsOf = (outbox: Outbox): OutboxItem[] => Object.values(outbox).flat().sort(byOrder);

export const itemOf = (outbox: Outbox, clientId: string): OutboxItem | undefined => {
  for (const items of Object.values(outbox)) {
    const found = items.find((item) => item.clientId === clientId);
    if (found !== undefined) return found;
  }
  return undefined;
};

const lastOrder = (outbox: Outbox): number =>
  Object.values(outbox).reduce((last, items) => Math.max(last, items.at(-1)?.order ?? 0), 0);

const withLane = (outbox: Outbox, lane: Id, items: readonly OutboxItem[]): Outbox => {
  if (items.length > 0) return { ...outbox, [lane]: items };
  const { [lane]: _empty, ...others } = outbox;
  return others;
};

const change = (outbox: Outbox, clientId: string, changed: Partial<OutboxItem>): Outbox => {
  const item = itemOf(outbox, clientId);
  const items = item === undefined ? undefined : outbox[item.lane];
  if (item === undefined || items === undefined) return outbox;
  return withLane(outbox, item.lane, items.with(items.indexOf(item), { ...item, ...changed }));
};

export type Written = Pick<
  OutboxItem,
  'clientId' | 'to' | 'lane' | 'text' | 'replyTo' | 'queuedAt' | 'attachments' | 'files'
>;

export const written = (outbox: Outbox, item: Written): Outbox =>
  itemOf(outbox, item.clientId) === undefined
    ? withLane(outbox, item.lane, [
        ...(outbox[item.lane] ?? []),
        { ...item, state: 'waiting', order: lastOrder(outbox) + 1 },
      ])
    : outbox;

export const stored = (outbox: Outbox, clientId: string, message: Message): Outbox =>
  change(outbox, clientId, { state: 'stored', message, refused: undefined });

export const refused = (outbox: Outbox, clientId: string, reason: Refused, afterSeq: number): Outbox =>
  change(outbox, clientId, {
    state: 'failed',
    refused: { code: reason.code, message: reason.message, details: reason.details },
    afterSeq,
  });

const withFiles = (
  outbox: Outbox,
  clientId: string,
  changed: (files: readonly OutgoingFile[]) => readonly OutgoingFile[],
): Outbox => {
  const files = itemOf(outbox, clientId)?.files;
  return files === undefined ? outbox : change(outbox, clientId, { files: changed(files) });
};

/** The upload of one of its files has begun, or is done. */
export const uploaded = (
  outbox: Outbox,
  clientId: string,
  id: string,
  how: Pick<OutgoingFile, 'url' | 'fileId'>,
): Outbox =>
  withFiles(outbox, clientId, (files) => files.map((file) => (file.id === id ? { ...file, ...how } : file)));

/** What was uploaded of it is no longer there: all of it begins anew. */
export const uploadsLost = (outbox: Outbox, clientId: string): Outbox =>
  withFiles(outbox, clientId, (files) => files.map(({ url: _url, fileId: _fileId, ...file }) => file));

/** The conversation was taken away: what was not sent stays, and cannot be. Empty where it has no name. */
export const cutOff = (outbox: Outbox, conversationId: Id, from: string, reason: Refused): Outbox => {
  const left = outbox[conversationId]?.filter(({ state }) => state !== 'stored');
  if (left === undefined) return outbox;
  return withLane(
    outbox,
    conversationId,
    left.map((item) => ({ ...item, from, state: 'failed', refused: item.refused ?? reason })),
  );
};

/** Only what failed can be tried again: the second of two clicks changes nothing. It goes behind what is waiting. */
export const retried = (outbox: Outbox, clientId: string): Outbox => {
  const item = itemOf(outbox, clientId);
  if (item?.state !== 'failed') return outbox;
  const again = {
    ...item,
    state: 'waiting',
    refused: undefined,
    afterSeq: undefined,
    from: undefined,
  } as const;
  const others = (outbox[item.lane] ?? []).filter((other) => other !== item);
  return withLane(outbox, item.lane, [...others, { ...again, order: lastOrder(outbox) + 1 }]);
};

/**
 * Only what failed, and what was not handed to the server yet because its files are on their way: any other one that is on its
 * way may already be stored, and cannot be called back.
 */
export const discarded = (outbox: Outbox, clientId: string): Outbox => {
  const item = itemOf(outbox, clientId);
  return item !== undefined && isHere(item) ? settled(outbox, new Set([clientId])) : outbox;
};

/** It goes without that file; what has nothing left to say does not go at all. */
export const withoutFile = (outbox: Outbox, clientId: string, id: string): Outbox => {
  const item = itemOf(outbox, clientId);
  if (item === undefined || !isHere(item)) return outbox;
  const files = item.files?.filter((file) => file.id !== id) ?? [];
  const isEmpty = files.length === 0 && item.text === '' && item.attachments === undefined;
  if (isEmpty) return settled(outbox, new Set([clientId]));
  return change(outbox, clientId, { files: files.length > 0 ? files : undefined });
};

/** The log told these: what shows them now is the stored message. */
export const settled = (outbox: Outbox, clientIds: ReadonlySet<string>): Outbox => {
  let next = outbox;
  let missing = clientIds.size;
  for (const [lane, items] of Object.entries(outbox)) {
    // What was sent first lies in front: usually the first look is the last one.
    const kept: OutboxItem[] = [];
    let looked = 0;
    for (const item of items) {
      if (missing === 0) break;
      looked += 1;
      if (clientIds.has(item.clientId)) missing -= 1;
      else kept.push(item);
    }
    if (kept.length < looked) next = withLane(next, lane, kept.concat(items.slice(looked)));
  }
  return next;
};

/** Whatever the server has stored there up to that seq is shown, or was, by the log itself. */
export const loggedUpTo = (outbox: Outbox, conversationId: Id, seq: number): Outbox =>
  settled(
    outbox,
    new Set(
      Object.values(outbox).flatMap((items) =>
        items
          .filter(
            ({ state, message }) =>
              state === 'stored' && message?.conversationId === conversationId && message.seq <= seq,
          )
          .map(({ clientId }) => clientId),
      ),
    ),
  );

/** The direct conversation with that person exists now: one lane from here on, whichever way its messages were addressed. */
export const laneFound = (outbox: Outbox, userId: Id, conversationId: Id): Outbox => {
  const { [userId]: found, ...others } = outbox;
  if (found === undefined || userId === conversationId) return outbox;
  const moved = found.map((item) => ({ ...item, lane: conversationId }));
  return { ...others, [conversationId]: [...(others[conversationId] ?? []), ...moved].sort(byOrder) };
};

/** Another tab has written or changed these. What is known to be stored by the server stays so. */
export const received = (outbox: Outbox, items: readonly OutboxItem[]): Outbox => {
  const done = new Set<string>();
  for (const held of Object.values(outbox))
    for (const { clientId, state } of held) if (state === 'stored') done.add(clientId);
  const fresh = new Map<Id, OutboxItem[]>();
  const ids = new Set<string>();
  for (const item of items) {
    if (done.has(item.clientId)) continue;
    ids.add(item.clientId);
    const lane = fresh.get(item.lane) ?? [];
    fresh.set(item.lane, lane);
    lane.push(item);
  }
  let next = settled(outbox, ids);
  for (const [lane, came] of fresh)
    next = withLane(next, lane, [...(next[lane] ?? []), ...came].sort(byOrder));
  return next;
};

/** What storage held. It was written before whatever was written while it was being read. */
export const loaded = (outbox: Outbox, items: readonly OutboxItem[]): Outbox => {
  const last = items.reduce((order, item) => Math.max(order, item.order), 0);
  const behind = Object.entries(outbox).map(
    ([lane, held]) => [lane, held.map((item) => ({ ...item, order: item.order + last }))] as const,
  );
  return received(Object.fromEntries(behind), items);
};

/**
 * The oldest one that waits. Words do not wait for the files of an earlier message, which may take long; what has files does, so
 * that series of pictures come in their order.
 */
const firstToSend = (items: readonly OutboxItem[]): OutboxItem | undefined => {
  let filesWait = false;
  return items.find((item) => {
    if (item.state !== 'waiting') return false;
    const hasFiles = item.files !== undefined || item.attachments !== undefined;
    const isHeldUp = hasFiles && (filesWait || !hasItsFiles(item));
    filesWait ||= isHeldUp;
    return !isHeldUp;
  });
};

/** The next one of every lane in which nothing is in flight. */
export const nextToSend = (outbox: Outbox, inFlight: ReadonlySet<string>): OutboxItem[] =>
  Object.values(outbox).flatMap((items) => {
    const next = firstToSend(items);
    if (next === undefined) return [];
    // By what is in flight and not by lane names: two lanes may have become one on the way.
    const isBusy = inFlight.size > 0 && items.some(({ clientId }) => inFlight.has(clientId));
    return isBusy ? [] : [next];
  });

/** What became different from one state to the next; lanes that stayed, and what stayed at a lane's ends, are passed over. */
export const difference = (
  before: Outbox,
  now: Outbox,
): { put: readonly OutboxItem[]; gone: readonly OutboxItem[] } => {
  const [old, fresh] = [new Map<string, OutboxItem>(), new Map<string, OutboxItem>()];
  for (const lane of new Set([...Object.keys(before), ...Object.keys(now)])) {
    const [one, other] = [before[lane] ?? [], now[lane] ?? []];
    if (one === other) continue;
    const shorter = Math.min(one.length, other.length);
    let [front, end] = [0, 0];
    while (front < shorter && one[front] === other[front]) front += 1;
    while (end < shorter - front && one.at(-1 - end) === other.at(-1 - end)) end += 1;
    for (const item of one.slice(front, one.length - end)) old.set(item.clientId, item);
    for (const item of other.slice(front, other.length - end)) fresh.set(item.clientId, item);
  }
  return {
    put: [...fresh.values()].filter((item) => old.get(item.clientId) !== item),
    gone: [...old.values()].filter(({ clientId }) => !fresh.has(clientId)),
  };
};
