import type { Entry, Message } from '@sori/contract';
import type { EntryRow, MessageRow } from './entries.model.js';
import { emojiForms } from './reaction-registers.js';
import { reactionsShown } from './reactions-shown.js';

/** Rows as clients get them. Nothing but the contract's fields leaves. */

/**
 * @param firstSeq where the log begins for the recipient: a quote from before it is none.
 * @param viewerId who is answered: however many reacted, they find themselves among them. Nobody where it goes to many.
 */
export function toMessage(row: MessageRow, firstSeq = 1, viewerId?: string): Message {
  const createdAt = row.at.toISOString();
  return {
    _id: row._id.toHexString(),
    conversationId: row.conversationId.toHexString(),
    seq: row.seq,
    senderId: row.senderId.toHexString(),
    ...(row.receiverId ? { receiverId: row.receiverId.toHexString() } : {}),
    ...(row.senderName === undefined ? {} : { senderName: row.senderName }),
    message: row.message,
    createdAt,
    // A new one's are the same object, and writing a time costs more than all else here.
    updatedAt: row.updatedAt === row.at ? createdAt : row.updatedAt.toISOString(),
    // One that the server made begins with ":" or is nobody's business; a sender's own finds their bubble.
    ...(row.clientId.startsWith(':') ? {} : { clientId: row.clientId }),
    ...quoteOf(row, firstSeq),
    ...(row.editedAt ? { editedAt: row.editedAt.toISOString() } : {}),
    ...(row.deletedAt ? { deletedAt: row.deletedAt.toISOString() } : {}),
    ...(row.pinnedAt ? { pinnedAt: row.pinnedAt.toISOString() } : {}),
    attachments: row.attachments,
    reactions: reactionsShown(row.reactions, viewerId),
  };
}

function quoteOf({ replyTo, replyToSeq }: MessageRow, firstSeq: number): Partial<Message> {
  // An older program did not store where it stands: then it counts as before whatever the reader may not see.
  if (!replyTo || (replyToSeq ?? 1) < firstSeq) return {};
  return { replyTo: replyTo.toHexString(), ...(replyToSeq === undefined ? {} : { replyToSeq }) };
}

const stored = new WeakMap<MessageRow, Message>();

/** The same of a row that was just stored, made once for its recipients and for the answer to its sender. */
export function toStoredMessage(row: MessageRow): Message {
  let message = stored.get(row);
  if (!message) {
    message = toMessage(row);
    stored.set(row, message);
  }
  return message;
}

const baseOf = (row: EntryRow) => ({
  _id: row._id.toHexString(),
  conversationId: row.conversationId.toHexString(),
  seq: row.seq,
  at: row.at.toISOString(),
});

/** As it is shown to somebody from whom it is hidden: a place in the log, and nothing else. */
export const toHidden = (row: EntryRow): Entry => ({ ...baseOf(row), kind: 'hidden' });

/**
 * For those from whom it is not hidden.
 * @param targets the messages that changes point to, as they now are, by seq.
 * @param firstSeq where the log begins for the recipient: of a change of something before it they learn that it exists.
 * @param viewerId as for a message.
 */
export function toEntry(
  row: EntryRow,
  targets: ReadonlyMap<number, MessageRow>,
  firstSeq = 1,
  viewerId?: string,
): Entry {
  const bare = toBareEntry(row, targets, firstSeq, viewerId);
  if (!('targetSeq' in bare)) return bare;
  const target = targets.get(bare.targetSeq);
  return target ? { ...bare, target: toMessage(target, firstSeq, viewerId) } : bare;
}

/** The same, but a change comes without the message that it changes: another one behind it brings that. */
export function toBareEntry(
  row: EntryRow,
  targets: ReadonlyMap<number, MessageRow>,
  firstSeq = 1,
  viewerId?: string,
): Entry {
  const base = baseOf(row);
  const senderId = row.senderId.toHexString();
  switch (row.kind) {
    case 'message':
      return { ...toMessage(row, firstSeq, viewerId), kind: 'message', at: base.at };
    case 'edit':
    case 'delete':
    case 'react':
    case 'pin': {
      // Only what was swept can be missing; its place in the log stays.
      if (!targets.has(row.targetSeq) || row.targetSeq < firstSeq) return { ...base, kind: 'noop' };
      const change = { ...base, senderId, targetSeq: row.targetSeq };
      return row.kind === 'react'
        ? { ...change, kind: row.kind, emojis: emojiForms(row.emojis) }
        : { ...change, kind: row.kind };
    }
    case 'member':
      return {
        ...base,
        kind: 'member',
        senderId,
        change: row.change,
        userIds: row.userIds.map((id) => id.toHexString()),
        ...(row.role ? { role: row.role } : {}),
      };
    case 'title':
      return { ...base, kind: 'title', senderId, name: row.name };
    case 'noop':
      return { ...base, kind: 'noop' };
    default:
      // Of a newer program: while a new release comes, its servers run beside those of the one before.
      return { ...baseOf(row), kind: 'newer' };
  }
}
