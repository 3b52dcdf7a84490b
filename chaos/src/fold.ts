import type { HeldMessage, Intent, LogRow } from './evidence.js';
import { reactionsText } from './held.js';

/** The key that makes a repeat harmless. */
export const keyOf = (senderId: string, clientId: string): string => `${senderId} ${clientId}`;

interface Folding {
  row: LogRow;
  text: string;
  deleted: boolean;
  pinned: boolean;
  registers: Map<string, readonly string[]>;
}

/**
 * What the messages of one conversation are by the log alone. The text of a message row is overwritten by its edits, so
 * the first text is what its sender sent, as the outbox kept it.
 */
export function foldLog(
  rows: readonly LogRow[],
  intents: ReadonlyMap<string, Intent>,
): Map<number, HeldMessage> {
  const messages = new Map<number, Folding>();
  for (const row of [...rows].sort((one, other) => one.seq - other.seq)) {
    if (row.kind === 'message') {
      const sent = intents.get(keyOf(row.senderId, row.clientId))?.text;
      const text = sent ?? row.message ?? '';
      messages.set(row.seq, { row, text, deleted: false, pinned: false, registers: new Map() });
      continue;
    }
    const target = messages.get(row.targetSeq ?? 0);
    // A deletion absorbs whatever comes after it.
    if (!target || target.deleted) continue;
    if (row.kind === 'delete') {
      Object.assign(target, { text: '', deleted: true, pinned: false, registers: new Map() });
    } else if (row.kind === 'edit') {
      // Wiped once the message is deleted, which is still to come then.
      target.text = intents.get(keyOf(row.senderId, row.clientId))?.text ?? row.message ?? '';
    } else if (row.kind === 'react') {
      // Whoever chooses again comes last.
      target.registers.delete(row.senderId);
      target.registers.set(row.senderId, row.emojis ?? []);
    } else if (row.kind === 'pin') target.pinned = row.pinned === true;
  }
  return new Map(
    [...messages].map(([seq, { row, text, deleted, pinned, registers }]) => [
      seq,
      {
        _id: row._id,
        seq,
        senderId: row.senderId,
        text,
        deleted,
        pinned,
        reactions: reactionsOf(registers),
      },
    ]),
  );
}

function reactionsOf(registers: ReadonlyMap<string, readonly string[]>): string {
  const byEmoji = new Map<string, string[]>();
  for (const [userId, emojis] of registers) {
    for (const emoji of emojis) byEmoji.set(emoji, [...(byEmoji.get(emoji) ?? []), userId]);
  }
  return reactionsText([...byEmoji].map(([emoji, userIds]) => ({ emoji, count: userIds.length, userIds })));
}
