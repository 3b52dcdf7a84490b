import { limits } from '@sori/contract';
import { type Court, headOf } from './court.js';
import type { HeldMessage } from './evidence.js';
import { differenceOf } from './held.js';
import { couldSee, isInNow, type Stay } from './membership.js';

/** I5 and I6 for every device. */
export function checkViews(court: Court): void {
  const { views, folds, hold } = court;
  for (const view of views) {
    const those = court.stays.get(view.conversationId);
    if (those && !isInNow(those, view.userId)) continue;
    const where = `${view.device} of ${view.conversationId}`;
    const head = headOf(court, view.conversationId);
    hold(
      'I5',
      view.cursor === head,
      () => `${where} has followed to ${view.cursor}, the log ends at ${head}`,
    );
    const fold = folds.get(view.conversationId) ?? new Map<number, HeldMessage>();
    for (const [seq, wanted] of fold) {
      if (seq < view.fromSeq || seq > view.cursor) continue;
      const held = view.messages.get(seq);
      const difference = held ? differenceOf(held, wanted) : 'is missing';
      hold('I6', difference === null, () => `the view ${where}, seq ${seq}: ${difference ?? ''}`);
    }
    for (const seq of view.messages.keys()) {
      hold('I6', fold.has(seq), () => `the view ${where} has a message at seq ${seq}, the log has none`);
    }
  }
}

/** What REST says at rest: history, list, preview, unread. */
export function checkAnswered(court: Court): void {
  const { answered, folds, hold } = court;
  for (const one of answered) {
    const where = `${one.conversationId} for ${one.userId}`;
    const fold = folds.get(one.conversationId) ?? new Map<number, HeldMessage>();
    const head = headOf(court, one.conversationId);
    const those = court.stays.get(one.conversationId);
    if (those && !isInNow(those, one.userId)) {
      hold('I11', !one.listed, () => `${where} is in the list of somebody who is out`);
      continue;
    }
    hold('visible', one.listed === head > 0, () => `${where} is ${one.listed ? '' : 'not '}in the list`);
    if (head === 0 || !one.listed) continue;
    hold('visible', one.headSeq === head, () => `${where}: headSeq is ${one.headSeq}, not ${head}`);
    const history = new Map(one.history.map((message) => [message.seq, message]));
    hold(
      'visible',
      one.history.every((message, index) => message.seq > (one.history[index - 1]?.seq ?? 0)),
      () => `${where}: the history is out of order`,
    );
    for (const [seq, wanted] of fold) {
      const held = history.get(seq);
      hold('visible', held !== undefined, () => `${where}: seq ${seq} is not in the history`);
      const difference = held && differenceOf(held, wanted);
      hold('I6', !difference, () => `the history ${where}, seq ${seq}: ${difference ?? ''}`);
    }
    hold(
      'I6',
      history.size === fold.size,
      () => `the history ${where} has ${history.size} messages, not ${fold.size}`,
    );
    const alive = [...fold.values()].filter((message) => !message.deleted);
    const newest = alive.at(-1);
    const difference = one.preview && newest ? differenceOf(one.preview, newest) : null;
    hold(
      'I10',
      one.preview?.seq === newest?.seq && difference === null,
      () =>
        `${where}: the preview is seq ${one.preview?.seq ?? 'none'}, not ${newest?.seq ?? 'none'} ${difference ?? ''}`,
    );
    const counted = alive.filter(({ seq, senderId }) => seq > one.readSeq && senderId !== one.userId).length;
    const unread = Math.min(counted, limits.unreadMax);
    hold('I9', one.unread === unread, () => `${where}: unread is ${one.unread}, not ${unread}`);
    hold(
      'I8',
      one.readSeq <= head && one.deliveredSeq <= head,
      () => `${where}: read ${one.readSeq}, delivered ${one.deliveredSeq}, beyond the head ${head}`,
    );
    hold(
      'I8',
      one.readSeq <= one.deliveredSeq,
      () => `${where}: read ${one.readSeq}, but delivered only ${one.deliveredSeq}`,
    );
  }
}

/** I8: what was acknowledged once is never less later. */
export function checkReceipts({ receipts, answered, stays, hold }: Court): void {
  const byPlace = new Map(answered.map((one) => [`${one.conversationId} ${one.userId}`, one]));
  for (const { conversationId, userId, readSeq, deliveredSeq } of receipts) {
    const those = stays.get(conversationId);
    if (those && !isInNow(those, userId)) continue;
    const now = byPlace.get(`${conversationId} ${userId}`);
    hold(
      'I8',
      (now?.readSeq ?? 0) >= readSeq && (now?.deliveredSeq ?? 0) >= deliveredSeq,
      () =>
        `${userId} had read ${readSeq} and received ${deliveredSeq} of ${conversationId}, and now ${now?.readSeq ?? 0} and ${now?.deliveredSeq ?? 0}`,
    );
  }
}

/** I11 for groups: what reached somebody lies below where they went, whenever they were in. */
export function checkReached({ reached, stays, hold }: Court): void {
  for (const [id, people] of reached) {
    const those = stays.get(id) ?? new Map<string, Stay[]>();
    for (const [userId, seqs] of people) {
      for (const seq of seqs)
        hold(
          'I11',
          couldSee(those, userId, seq),
          () => `${userId} was shown seq ${seq} of ${id}, and was not in there`,
        );
    }
  }
}
