import { limits, type Message } from '@sori/contract';
import type { HeldMessage } from './evidence.js';

/**
 * Reactions in one order, whatever order they were told in. Of many people only the first are told, and whoever is told
 * may find themselves behind them: how many there are and those first ones are the same for everybody.
 */
export const reactionsText = (
  reactions: readonly { emoji: string; count: number; userIds: readonly string[] }[],
): string =>
  reactions
    .map(({ emoji, count, userIds }) => {
      const first = userIds.slice(0, limits.reactorsShown).sort();
      return `${emoji} ${count}: ${first.join(', ')}`;
    })
    .sort()
    .join('; ');

/** What of a message must be the same wherever it is held. */
export const heldOf = (message: Message): HeldMessage => ({
  _id: message._id,
  seq: message.seq,
  senderId: message.senderId,
  text: message.message,
  deleted: message.deletedAt !== undefined,
  pinned: message.pinnedAt !== undefined,
  reactions: reactionsText(message.reactions),
});

/** How one message differs from what it should be; null where it does not. */
export function differenceOf(held: HeldMessage, wanted: HeldMessage): string | null {
  const fields = ['_id', 'seq', 'senderId', 'text', 'deleted', 'pinned', 'reactions'] as const;
  const different = fields.filter((field) => held[field] !== wanted[field]);
  if (different.length === 0) return null;
  return different
    .map((field) => `${field} is ${JSON.stringify(held[field])}, not ${JSON.stringify(wanted[field])}`)
    .join('; ');
}
