import { emojiForm, limits } from '@sori/contract';
import { refused } from '../../core/errors.js';
import type { MessageRow } from '../../log/entries.model.js';

/** Who takes everything back leaves an empty register behind: so many people in all, with or without a reaction. */
const registersMax = limits.reactorsMax * 4;

/**
 * Every reaction is told to everybody there and stored in the message: what one message bears has an end. Taking back always
 * works, and so does choosing what others chose.
 * @throws AppError REFUSED
 */
export function requireRoom(
  registers: MessageRow['reactions'],
  userId: string,
  { before, after }: { before: readonly string[]; after: readonly string[] },
): void {
  const added = after.filter((emoji) => !before.includes(emoji));
  if (added.length === 0) return;
  const others = registers.filter((register) => register.userId.toHexString() !== userId);
  const kinds = new Set(others.flatMap(({ emojis }) => emojis.map(emojiForm)));
  const isNewKind = added.some((emoji) => !kinds.has(emoji));
  for (const emoji of after) kinds.add(emoji);
  if (isNewKind && kinds.size > limits.reactionKindsMax) {
    throw refused(
      'reactionKindsFull',
      `At most ${limits.reactionKindsMax} different reactions fit on a message`,
    );
  }
  const reacting = others.filter(({ emojis }) => emojis.length > 0).length;
  const isNewcomer = before.length === 0 && reacting >= limits.reactorsMax;
  if (isNewcomer || (others.length === registers.length && others.length >= registersMax)) {
    throw refused(
      'reactionPeopleFull',
      `At most ${limits.reactorsMax.toLocaleString('en')} people can react to a message`,
    );
  }
}
