import { Types } from 'mongoose';
import { type NameWish, namesFor, type PossibleName } from './nicknames.js';
import type { RoomRows } from './rooms.model.js';

/** The names of a room that nobody there has. */
export function createFreeNames(visitors: RoomRows['visitors']) {
  /** Which of these names somebody else in the room has, accounts that are not here just now included. */
  async function takenAmong(
    names: readonly PossibleName[],
    conversationId: string,
    userId: string,
  ): Promise<Set<string>> {
    const nameKey = { $in: names.map(({ key }) => key) };
    const rows = await visitors
      .find({ conversationId, nameKey, userId: { $ne: new Types.ObjectId(userId) } }, { nameKey: 1 })
      .lean();
    return new Set(rows.map((row) => row.nameKey));
  }

  /** The names that this wish may come to and that are free just now. Without end. */
  return async function* freeNames(
    wish: NameWish,
    conversationId: string,
    userId: string,
  ): AsyncGenerator<PossibleName> {
    const names = namesFor(wish);
    // Asked for in growing numbers: as a rule the first is free, and where hundreds have one name it is the last.
    for (let size = 16; ; size = Math.min(size * 4, 1_024)) {
      const some = Array.from({ length: size }, () => names.next().value);
      const taken = await takenAmong(some, conversationId, userId);
      yield* some.filter(({ key }) => !taken.has(key));
    }
  };
}
