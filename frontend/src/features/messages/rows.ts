import { ApiError, type Notice, type OutboxItem, type PendingChange, withChanges } from '@sori/client';
import type { Conversation, Id, Message, Person } from '@sori/contract';
import { attachmentsOf } from '../attachments/outgoing';
import { dayOf, sameMinute } from '../../i18n/days';
import type { MessageStatus, ThreadRow } from './threadRow';

export type RowsInput = {
  messages: readonly Message[];
  /** What the log tells about the group itself, ascending by seq; nothing where it is not to be seen. */
  notices?: readonly Notice[];
  /** The rows do not reach the end: what is on its way belongs below what is not shown. */
  hasNewer: boolean;
  hasOlder: boolean;
  /** What of the outbox belongs here, in its order. */
  outbox: readonly OutboxItem[];
  me: Id;
  people: Readonly<Record<Id, Person>>;
  members: Conversation['members'];
  /** "Unread from here" stands above the first message of others beyond that seq. */
  dividerAfter: number | null;
  /** What is being changed, by message. */
  changes: Readonly<Record<Id, readonly PendingChange[]>>;
  /** False where this person shares no receipts: then others' are not shown either. */
  receipts: boolean;
};

/** Everybody else has it who was there then: in a direct conversation the one other person. */
const statusOf = (seq: number, members: Conversation['members']): MessageStatus => {
  const others = members.filter(({ joinSeq = 0 }) => joinSeq < seq);
  if (others.length === 0) return 'sent';
  if (others.every(({ readSeq }) => readSeq >= seq)) return 'read';
  return others.every(({ deliveredSeq, readSeq }) => Math.max(deliveredSeq, readSeq) >= seq)
    ? 'delivered'
    : 'sent';
};

const noNotices: readonly Notice[] = [];
const undecorated = {
  waitingAbove: 0,
  noticesAbove: noNotices,
  noticesBelow: noNotices,
  day: null,
  unreadDivider: false,
  startsGroup: true,
  endsGroup: true,
};

const rowOfMessage = (stored: Message, input: RowsInput, others: Conversation['members']): ThreadRow => {
  const pending = input.changes[stored._id];
  const message = pending === undefined ? stored : withChanges(stored, pending, input.me);
  const mine = message.senderId === input.me;
  const sender = input.people[message.senderId] ?? null;
  return {
    key: mine && message.clientId !== undefined ? message.clientId : message._id,
    seq: message.seq,
    clientId: message.clientId ?? null,
    mine,
    senderId: message.senderId,
    sender,
    senderName: message.senderName ?? sender?.fullName ?? null,
    text: message.message,
    attachments: message.attachments,
    at: message.createdAt,
    status: mine ? (input.receipts ? statusOf(message.seq, others) : 'sent') : null,
    error: null,
    message,
    changing: pending !== undefined,
    replyTo: message.replyTo ?? null,
    ...undecorated,
  };
};

const outboxStatus = { waiting: 'sending', stored: 'sent', failed: 'failed' } as const;
const errors = new WeakMap<OutboxItem, ApiError>();

/** The same object for the same item, so that its row stays the same too. */
const errorOf = (item: OutboxItem): ApiError | null => {
  if (item.refused === undefined) return null;
  const error = errors.get(item) ?? new ApiError(item.refused.code, item.refused.message, item.refused);
  errors.set(item, error);
  return error;
};

const rowOfItem = (item: OutboxItem, input: RowsInput): ThreadRow => {
  const sender = input.people[input.me] ?? null;
  return {
    key: item.clientId,
    seq: item.message?.seq ?? null,
    clientId: item.clientId,
    mine: true,
    senderId: input.me,
    sender,
    senderName: sender?.fullName ?? null,
    text: item.text,
    attachments: item.message?.attachments ?? attachmentsOf(item),
    at: item.message?.createdAt ?? item.queuedAt,
    status: outboxStatus[item.state],
    error: errorOf(item),
    message: item.message ?? null,
    changing: false,
    replyTo: item.replyTo ?? null,
    ...undecorated,
  };
};

/** A whole trip's messages are drawn as one line and the last of them: a row for each would hold up the page. */
export const unsentShown = 200;

/** Of those on their way and of those that failed the last ones, and how many are not among them and on their way. */
const shownOf = (outbox: RowsInput['outbox']): { items: RowsInput['outbox']; hidden: number } => {
  if (outbox.length <= unsentShown) return { items: outbox, hidden: 0 };
  const failed = outbox.filter(({ state }) => state === 'failed');
  const unsent = outbox.filter(({ state }) => state !== 'failed');
  return {
    items: [...failed.slice(-unsentShown), ...unsent.slice(-unsentShown)],
    hidden: Math.max(0, unsent.length - unsentShown),
  };
};

const placed = (input: RowsInput): ThreadRow[] => {
  const { items, hidden } = shownOf(input.outbox);
  const others = input.members.filter(({ userId }) => userId !== input.me);
  const rows = input.messages.map((message) => rowOfMessage(message, input, others));
  const first = input.messages[0]?.seq ?? 0;
  const last = input.messages.at(-1)?.seq ?? 0;
  const held = new Set(rows.map(({ key }) => key));
  let waitingAbove = hidden;
  for (const item of items) {
    if (held.has(item.clientId)) continue;
    // One that failed stays where it was written, while the talk goes on below it.
    if (item.state === 'failed' && (item.afterSeq ?? 0) < last) {
      const after = item.afterSeq ?? 0;
      if (after < first && input.hasOlder) continue;
      const index = rows.findIndex(({ seq }) => seq !== null && seq > after);
      rows.splice(index, 0, rowOfItem(item, input));
    } else if (!input.hasNewer && !(item.state === 'stored' && (item.message?.seq ?? 0) <= last)) {
      const isFirst = item.state !== 'failed';
      rows.push({ ...rowOfItem(item, input), waitingAbove: isFirst ? waitingAbove : 0 });
      if (isFirst) waitingAbove = 0;
    }
  }
  return rows;
};

/**
 * Each notice stands above the message that came after it. Those after the last message stand below it, or above the first
 * one that is still on its way: that one will come after them.
 */
const placeNotices = (rows: readonly ThreadRow[], notices: readonly Notice[]): void => {
  if (notices.length === 0) return;
  let next = 0;
  const upTo = (seq: number): readonly Notice[] => {
    const from = next;
    while ((notices[next]?.seq ?? Number.POSITIVE_INFINITY) < seq) next += 1;
    return next > from ? notices.slice(from, next) : noNotices;
  };
  for (const row of rows) if (row.seq !== null) row.noticesAbove = upTo(row.seq);
  const rest = upTo(Number.POSITIVE_INFINITY);
  const lastStored = rows.findLastIndex(({ seq }) => seq !== null);
  const onItsWay = rows[lastStored + 1];
  if (onItsWay !== undefined) onItsWay.noticesAbove = rest;
  else if (rows[lastStored] !== undefined) rows[lastStored].noticesBelow = rest;
};

const decorate = (rows: ThreadRow[], dividerAfter: number | null): void => {
  let divided = dividerAfter === null;
  rows.forEach((row, index) => {
    const before = rows[index - 1];
    const day = dayOf(row.at);
    if (before === undefined || dayOf(before.at) !== day) row.day = day;
    if (!divided && !row.mine && row.seq !== null && row.seq > (dividerAfter ?? 0)) {
      row.unreadDivider = true;
      divided = true;
    }
    const goesOn =
      before !== undefined &&
      row.day === null &&
      !row.unreadDivider &&
      row.noticesAbove.length === 0 &&
      before.senderId === row.senderId &&
      sameMinute(before.at, row.at);
    row.startsGroup = !goesOn;
    if (goesOn) before.endsGroup = false;
  });
};

export const buildRows = (input: RowsInput): ThreadRow[] => {
  const rows = placed(input);
  placeNotices(rows, input.notices ?? noNotices);
  decorate(rows, input.dividerAfter);
  return rows;
};

const sameNotices = (one: readonly Notice[], other: readonly Notice[]): boolean =>
  one.length === other.length && one.every((notice, index) => notice === other[index]);

const sameRow = (one: ThreadRow, other: ThreadRow): boolean =>
  (Object.keys(one) as (keyof ThreadRow)[]).every((name) =>
    name === 'noticesAbove' || name === 'noticesBelow'
      ? sameNotices(one[name], other[name])
      : one[name] === other[name],
  );

/** Far from both ends of what a list can count: a day's scrolling does not reach 0. */
export const firstIndexAtStart = 1_000_000;

export type RowList = { rows: readonly ThreadRow[]; firstItemIndex: number };

export const noRows: RowList = { rows: [], firstItemIndex: firstIndexAtStart };

/**
 * The next rows after those that were shown: a row that did not change stays the same object, and a row's index
 * (`firstItemIndex` + its place) stays the same number whatever is added or let go above it.
 */
export const rowsAfter = (before: RowList, next: readonly ThreadRow[]): RowList => {
  const places = new Map(before.rows.map(({ key }, index) => [key, index]));
  const rows = next.map((row) => {
    const place = places.get(row.key);
    const known = place === undefined ? undefined : before.rows[place];
    return known !== undefined && sameRow(known, row) ? known : row;
  });
  const anchor = next.findIndex(({ key }) => places.has(key));
  const place = places.get(next[anchor]?.key ?? '');
  const firstItemIndex = place === undefined ? firstIndexAtStart : before.firstItemIndex + place - anchor;
  const unchanged =
    rows.length === before.rows.length && rows.every((row, index) => row === before.rows[index]);
  return { rows: unchanged ? before.rows : rows, firstItemIndex };
};
