import type { Intent } from './evidence.js';
import type { Court } from './court.js';
import { keyOf } from './fold.js';
import { differenceOf } from './held.js';
import { couldWrite } from './membership.js';

/** I1, I2, I13, and I6 for the rows themselves. */
export function checkLog({ log, folds, conversations, stays, hold }: Court): void {
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

/**
 * I7: what one device wrote to one conversation stands in the log in the order in which it was written. What it was refused
 * because its person was out of a group left that order: an earlier try may lie in a server that is stopped, and be stored when
 * that goes on, the person is in again, and newer ones are there.
 */
export function checkOrder({ log, byKey, groups, hold }: Court): void {
  for (const [id, rows] of log) {
    const last = new Map<string, Intent>();
    for (const row of rows) {
      const intent = byKey.get(keyOf(row.senderId, row.clientId));
      if (!intent) continue;
      if (intent.state === 'refused' && intent.code === 'NOT_FOUND' && groups.has(id)) continue;
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
export function checkDelivered({ delivered, log, hold }: Court): void {
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
