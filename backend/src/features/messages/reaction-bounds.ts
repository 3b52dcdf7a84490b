import { limits } from '@sori/contract';
import { refused } from '../../core/errors.js';
import { eachRegister, type Registers, userIdBytes } from '../../conversation-log/reaction-registers.js';

/** Who takes everything back leaves an empty register behind: so many people in all, with or without a reaction. */
const registersMax = limits.reactorsMax * 4;

/** What a message bears already, from the view of one person who reacts. Emojis are in the form in which they are shown. */
export interface ReactionsThere {
  /** What that person chose, if they have a register at all. */
  own: readonly string[] | undefined;
  /** Of the others: what they chose, how many chose anything, and how many have a register. */
  kinds: Set<string>;
  people: number;
  registers: number;
}

/** Whole sets, by who chose them. */
type Chosen = ReadonlyMap<string, readonly string[]>;

/** @param chosen what was decided and may not be stored yet: it counts beside what it replaces. */
export function reactionsThere(registers: Registers, userId: string, chosen: Chosen): ReactionsThere {
  const there: ReactionsThere = { own: undefined, kinds: new Set(), people: 0, registers: 0 };
  const person = userIdBytes(userId);
  const coming = new Map(chosen);
  coming.delete(userId);
  const add = (emojis: readonly string[], more: readonly string[] = []): void => {
    there.registers += 1;
    if (emojis.length > 0 || more.length > 0) there.people += 1;
    for (const emoji of emojis) there.kinds.add(emoji);
    for (const emoji of more) there.kinds.add(emoji);
  };
  eachRegister(registers, (register) => {
    if (register.isBy(person)) {
      there.own = register.emojis;
    } else if (coming.size === 0) {
      add(register.emojis);
    } else {
      const id = register.userId();
      add(register.emojis, coming.get(id));
      coming.delete(id);
    }
  });
  for (const emojis of coming.values()) add(emojis);
  return there;
}

/**
 * Remembers what people chose of a message for as long as somebody who decides there may have read it as it was before. So
 * its bounds hold for people who react at the same moment, and nobody waits for anybody.
 */
export function createReacting() {
  const busy = new Map<string, { deciding: number; chosen: Map<string, readonly string[]> }>();

  /** @param task reads the message, and calls `choose` when it has decided; what fails then was not chosen. */
  return async function reacting<Result>(
    messageId: string,
    userId: string,
    task: (chosen: Chosen, choose: (emojis: readonly string[]) => void) => Promise<Result>,
  ): Promise<Result> {
    const here = busy.get(messageId) ?? { deciding: 0, chosen: new Map<string, readonly string[]>() };
    busy.set(messageId, here);
    here.deciding += 1;
    try {
      return await task(here.chosen, (emojis) => here.chosen.set(userId, emojis));
    } catch (error) {
      here.chosen.delete(userId);
      throw error;
    } finally {
      here.deciding -= 1;
      if (here.deciding === 0) busy.delete(messageId);
    }
  };
}

/**
 * Every reaction is emitted to everybody there and stored in the message: what one message bears has an end. Taking back
 * always works, and so does choosing what others chose.
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
