import { limits } from '@sori/contract';
import type { Evidence, HeldMessage, Intent, LogRow, Rule, Violation } from './evidence.js';
import { foldLog, keyOf } from './fold.js';
import { differenceOf } from './held.js';
import {
  couldComeToNothing,
  couldSee,
  couldWrite,
  isInNow,
  staysOf,
  type Stay,
  wasEverOut,
} from './membership.js';

export interface Verdict {
  violations: Violation[];
  /** How many single things were compared, by rule: a check that looked at nothing proves nothing. */
  compared: Map<Rule, number>;
}

interface Court extends Evidence {
  folds: ReadonlyMap<string, ReadonlyMap<number, HeldMessage>>;
  byKey: ReadonlyMap<string, Intent>;
  /** Of groups: who was in when. */
  stays: ReadonlyMap<string, ReadonlyMap<string, readonly Stay[]>>;
  /** Counts one comparison; where it does not hold, it is a violation. */
  hold: (rule: Rule, holds: boolean, what: () => string) => void;
}

const rowsOf = ({ log }: Evidence, conversationId: string): readonly LogRow[] =>
  log.get(conversationId) ?? [];
const headOf = (evidence: Evidence, conversationId: string): number =>
  rowsOf(evidence, conversationId).at(-1)?.seq ?? 0;

/** Holds what was seen against the log, rule by rule (docs/protocol.md, "Invariants"). Pure: it asks nobody. */
export function check(evidence: Evidence): Verdict {
  const violations: Violation[] = [...evidence.noticed];
  const compared = new Map<Rule, number>();
  const byKey = new Map(evidence.intents.map((intent) => [keyOf(intent.userId, intent.clientId), intent]));
  const folds = new Map([...evidence.log].map(([id, rows]) => [id, foldLog(rows, byKey)]));
  const court: Court = {
    ...evidence,
    byKey,
    folds,
    stays: new Map([...evidence.groups].map((id) => [id, staysOf(rowsOf(evidence, id))])),
    hold(rule, holds, what) {
      compared.set(rule, (compared.get(rule) ?? 0) + 1);
      if (!holds) violations.push({ rule, what: what() });
    },
  };
  checkLog(court);
  checkIntents(court);
  checkComings(court);
  checkOrder(court);
  checkDelivered(court);
  checkViews(court);
  checkTold(court);
  checkReceipts(court);
  checkReached(court);
  return { violations, compared };
}

/** I1, I2, I13, and I6 for the rows themselves. */
function checkLog({ log, folds, conversations, stays, hold }: Court): void {
  for (const [id, rows] of log) {
    const people = conversations.get(id);
    hold('I11', people !== undefined, () => `${id} is a conversation that nobody here began`);
    const keys = new Set<string>();
    let messages = 0;
    rows.forEach((row, index) => {
      const before = rows[index - 1];
      const where = `${id} seq ${row.seq}`;
      hold('I1', row.seq === index + 1, () => `${where} stands where ${index + 1} should`);
      const key = keyOf(row.senderId, row.clientId);
      hold('I2', !keys.has(key), () => `${where} is ${row.clientId} for the second time`);
      keys.add(key);
      if (row.kind === 'message') messages += 1;
      hold('I13', row.at >= (before?.at ?? 0), () => `${where}: its time runs backwards`);
      hold(
        'I13',
        row.messageCount === messages,
        () => `${where} counts ${row.messageCount} messages, there are ${messages}`,
      );
      hold(
        'I13',
        row.membersVersion >= (before?.membersVersion ?? 0),
        () => `${where}: membersVersion falls`,
      );
      const those = stays.get(id);
      hold(
        'I12',
        those ? couldWrite(those, row) : people?.includes(row.senderId) === true,
        () => `${where}, a ${row.kind}, is by ${row.senderId}, who is not in there`,
      );
      if (!row.held) return;
      const wanted = folds.get(id)?.get(row.seq);
      const difference = wanted ? differenceOf(row.held, wanted) : 'is no message';
      hold('I6', difference === null, () => `the row ${where}: ${difference ?? ''}`);
      hold(
        'I6',
        !row.deleted || row.message === '',
        () => `the row ${where} is deleted, and its text is there`,
      );
    });
    // A text that was deleted must not live on in the edits before it.
    for (const row of rows) {
      if (row.kind !== 'edit' || !folds.get(id)?.get(row.targetSeq ?? 0)?.deleted) continue;
      hold(
        'I6',
        row.message === '',
        () => `${id} seq ${row.seq} keeps a text of the deleted ${row.targetSeq}`,
      );
    }
  }
}

/** I3, and that what was refused is not there. */
function checkIntents(court: Court): void {
  const { intents, hold } = court;
  const rows = new Map<string, Map<string, LogRow>>();
  for (const [id, list] of court.log) {
    rows.set(id, new Map(list.map((row) => [keyOf(row.senderId, row.clientId), row])));
  }
  for (const intent of intents) {
    const row = rows.get(intent.conversationId)?.get(keyOf(intent.userId, intent.clientId));
    const name = `${intent.kind} ${intent.clientId} in ${intent.conversationId}`;
    if (row) {
      hold('I3', row.kind === intent.kind, () => `${name} is in the log as a ${row.kind}`);
    }
    if (intent.state === 'refused') {
      // Too late for a message that was deleted meanwhile: whether an earlier try of it landed, it changed nothing.
      const absorbed = court.folds.get(intent.conversationId)?.get(intent.targetSeq ?? 0)?.deleted === true;
      // Once somebody is out of a group, it does not exist for them, nor what an earlier try of theirs stored there.
      const isOut = court.groups.has(intent.conversationId) && intent.code === 'NOT_FOUND';
      hold(
        'refused',
        !row || absorbed || isOut,
        () => `${name} was refused (${intent.code ?? ''}), and is at seq ${row?.seq ?? 0}`,
      );
      if (isOut) {
        hold(
          'refused',
          wasEverOut(court.stays.get(intent.conversationId) ?? new Map(), intent.userId),
          () => `${name} was refused (NOT_FOUND), and ${intent.userId} was in there all the time`,
        );
      }
    }
    if (intent.state !== 'acknowledged') continue;
    if (intent.kind === 'message') {
      const { answer } = intent;
      const same = row && answer && row.seq === answer.seq && row._id === answer._id;
      hold(
        'I3',
        same === true,
        () =>
          `${name} was acknowledged as seq ${answer?.seq ?? 0}, the log has it at ${row?.seq ?? 'no place'}`,
      );
    } else {
      hold(
        'I3',
        row !== undefined || isExplained(court, intent),
        () => `${name} was acknowledged, and is not there`,
      );
    }
  }
}

/** I3 for comings and goings: what was answered is in the log once, as it was asked for, and what was refused is not. */
function checkComings({ comings, log, hold }: Court): void {
  const rows = new Map<string, LogRow>();
  for (const [id, list] of log)
    for (const row of list) rows.set(`${id} ${keyOf(row.senderId, row.clientId)}`, row);
  for (const { clientId, conversationId, userId, change, whom, state, code } of comings) {
    const row = rows.get(`${conversationId} ${keyOf(userId, clientId)}`);
    const name = `${change} ${clientId}, of ${whom} in ${conversationId}`;
    const isSame = row?.kind === 'member' && row.change === change && row.userIds?.join() === whom;
    if (row) hold('I3', isSame, () => `${name} is in the log as a ${row.change ?? row.kind}`);
    if (state === 'acknowledged') {
      // Who is in already does not come: by themselves, where they were taken in meanwhile.
      const explained =
        (change === 'added' && couldComeToNothing(log.get(conversationId) ?? [], whom)) ||
        change === 'joined';
      hold('I3', row !== undefined || explained, () => `${name} was acknowledged, and is not there`);
    }
    // To who has left there is no such group any more: an earlier try may have been the one.
    if (state === 'refused' && change !== 'left' && change !== 'joined')
      hold('refused', !row, () => `${name} was refused (${code ?? ''}), and is at seq ${row?.seq ?? 0}`);
  }
}

/**
 * A change that changes nothing makes no entry: true where another entry by the same person had done the same before.
 * The texts of edits are all different, so an acknowledged edit is always there.
 */
function isExplained(court: Court, intent: Intent): boolean {
  const same = rowsOf(court, intent.conversationId).filter(
    (row) => row.kind === intent.kind && row.targetSeq === intent.targetSeq,
  );
  const own = same.filter((row) => row.senderId === intent.userId);
  switch (intent.kind) {
    case 'delete':
      return own.length > 0;
    case 'pin':
      return intent.pinned === false || same.some((row) => row.pinned === true);
    case 'react': {
      const { single, emojis = [] } = intent;
      if (single) return !single.on || own.some((row) => row.emojis?.includes(single.emoji));
      return emojis.length === 0 || own.some((row) => row.emojis?.join() === emojis.join());
    }
    default:
      return false;
  }
}

/** I7: what one device wrote to one conversation stands in the log in the order in which it was written. */
function checkOrder({ log, byKey, hold }: Court): void {
  for (const [id, rows] of log) {
    const last = new Map<string, Intent>();
    for (const row of rows) {
      const intent = byKey.get(keyOf(row.senderId, row.clientId));
      if (!intent) continue;
      const before = last.get(intent.device);
      hold(
        'I7',
        !before || before.order < intent.order,
        () =>
          `${id} seq ${row.seq}: ${intent.clientId} came after ${before?.clientId ?? ''}, which was written later`,
      );
      last.set(intent.device, intent);
    }
  }
}

/** I4: a push, a page or an answer never showed anything that the log does not have at that very seq. */
function checkDelivered({ delivered, log, hold }: Court): void {
  for (const [id, entries] of delivered) {
    const bySeq = new Map((log.get(id) ?? []).map((row) => [row.seq, row]));
    for (const [seq, entry] of entries) {
      const row = bySeq.get(seq);
      hold(
        'I4',
        row?._id === entry._id && row.kind === entry.kind,
        () =>
          `${entry.kind} ${entry._id} was delivered as ${id} seq ${seq}, where ${row ? `${row.kind} ${row._id}` : 'nothing'} is`,
      );
    }
  }
}

/** I5 and I6 for every device. */
function checkViews(court: Court): void {
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
function checkTold(court: Court): void {
  const { told, folds, hold } = court;
  for (const one of told) {
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
function checkReceipts({ receipts, told, stays, hold }: Court): void {
  const byPlace = new Map(told.map((one) => [`${one.conversationId} ${one.userId}`, one]));
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
function checkReached({ reached, stays, hold }: Court): void {
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
