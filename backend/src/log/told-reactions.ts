import { emojiForm, limits, type Reaction } from '@sori/contract';
import { Types } from 'mongoose';
import type { MessageRow } from './entries.model.js';

type Registers = MessageRow['reactions'];

/**
 * Kinds in the order in which they were first chosen, as far as that is still known: whoever chooses again comes last. All
 * people are counted and the first ones named, so that what is told stays small however many they are.
 * @param viewerId named behind them, where they reacted too.
 */
export function toldReactions(registers: Registers, viewerId?: string): Reaction[] {
  const viewer = viewerId === undefined ? undefined : new Types.ObjectId(viewerId);
  const byEmoji = new Map<string, Reaction>();
  for (const { userId, emojis } of inOrder(registers)) {
    const isViewer = viewer !== undefined && userId.equals(viewer);
    for (const emoji of emojiForms(emojis)) {
      const told = byEmoji.get(emoji) ?? { emoji, count: 0, userIds: [] };
      byEmoji.set(emoji, told);
      told.count += 1;
      if (told.count <= limits.reactorsTold || isViewer) told.userIds.push(userId.toHexString());
    }
  }
  return [...byEmoji.values()];
}

/** Rows from before there was one form have the same emoji in several. */
export const emojiForms = (emojis: readonly string[]): string[] => [...new Set(emojis.map(emojiForm))];

/** They are stored in the order of the log, unless several servers applied it at the same time. */
const inOrder = (registers: Registers): Registers =>
  registers.every(({ seq }, index) => seq >= (registers[index - 1]?.seq ?? 0))
    ? registers
    : registers.toSorted((one, other) => one.seq - other.seq);
