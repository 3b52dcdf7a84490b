import { limits } from '@sori/contract';
import { refused } from '../../core/errors.js';
import { eachRegister, type Registers, userIdBytes } from '../../log/registers.js';

/** Who takes everything back leaves an empty register behind: so many people in all, with or without a reaction. */
const registersMax = limits.reactorsMax * 4;

/** What a message bears already, from the view of one person who reacts. Emojis are in the form in which they are told. */
export interface ReactionsThere {
  /** What that person chose, if they have a register at all. */
  own: readonly string[] | undefined;
  /** Of the others: what they chose, how many chose anything, and how many have a register. */
  kinds: Set<string>;
  people: number;
  registers: number;
}

export function reactionsThere(registers: Registers, userId: string): ReactionsThere {
  const there: ReactionsThere = { own: undefined, kinds: new Set(), people: 0, registers: 0 };
  const person = userIdBytes(userId);
  eachRegister(registers, (register) => {
    const { emojis } = register;
    if (register.isBy(person)) {
      there.own = emojis;
      return;
    }
    there.registers += 1;
    if (emojis.length > 0) there.people += 1;
    for (const emoji of emojis) there.kinds.add(emoji);
  });
  return there;
}

/**
 * Every reaction is told to everybody there and stored in the message: what one message bears has an end. Taking back always
 * works, and so does choosing what others chose.
 * @param after the person's whole set
 * @throws AppError REFUSED
 */
export function requireRoom(there: ReactionsThere, after: readonly string[]): void {
  const { own, kinds, people, registers } = there;
  const before = own ?? [];
  const added = after.filter((emoji) => !before.includes(emoji));
  if (added.length === 0) return;
  const isNewKind = added.some((emoji) => !kinds.has(emoji));
  if (isNewKind && new Set([...kinds, ...after]).size > limits.reactionKindsMax) {
    throw refused(
      'reactionKindsFull',
      `At most ${limits.reactionKindsMax} different reactions fit on a message`,
    );
  }
  const isNewcomer = before.length === 0 && people >= limits.reactorsMax;
  if (isNewcomer || (own === undefined && registers >= registersMax)) {
    throw refused(
      'reactionPeopleFull',
      `At most ${limits.reactorsMax.toLocaleString('en')} people can react to a message`,
    );
  }
}
