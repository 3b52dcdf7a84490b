import type { Model, mongo } from 'mongoose';
import { upkeepOf } from './upkeep.js';

const atOnce = 1_000;

export interface TurnsOptions {
  /** Asked between two turns; false ends it there, and the rest is left to the next one. */
  goesOn?: () => boolean;
}

/**
 * Deletes what matches, some rows at a time: a call that deletes all at once takes as long as there is much, and what others
 * write would wait for it. The rows have to be found by an index.
 * @returns how many were deleted
 */
export async function deleteByTurns(
  model: Pick<Model<unknown>, 'db' | 'collection'>,
  filter: mongo.Filter<mongo.BSON.Document>,
  { goesOn = () => true }: TurnsOptions = {},
): Promise<number> {
  const rows = upkeepOf(model);
  let deleted = 0;
  while (goesOn()) {
    const found = await rows
      .find(filter, { projection: { _id: 1 } })
      .limit(atOnce)
      .toArray();
    if (found.length === 0) break;
    // The filter again: what was renewed meanwhile stays.
    const result = await rows.deleteMany(
      { ...filter, _id: { $in: found.map(({ _id }) => _id) } },
      { hint: { _id: 1 } },
    );
    deleted += result.deletedCount;
  }
  return deleted;
}
