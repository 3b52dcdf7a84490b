import type { mongo, Types } from 'mongoose';
import { searchKeysOf, searchKeysVersion } from './search-keys.js';

export interface SearchKeysRow {
  _id: Types.ObjectId;
  fullName: string;
  username: string;
  searchKeys: string[];
  searchKeysVersion: number;
}
type People = Pick<mongo.Collection<SearchKeysRow>, 'find' | 'findOne' | 'bulkWrite'>;

const isOld = { searchKeysVersion: { $not: { $eq: searchKeysVersion } } };
const filledAtOnce = 200;

export const hasOldSearchKeys = async (people: People): Promise<boolean> =>
  (await people.findOne(isOld, { projection: { _id: 1 } })) !== null;

/**
 * Makes the search keys anew of everybody whose keys follow another version of the rules. What was done stays done where this
 * is broken off.
 * @param changed called after each batch with how many rows were changed
 */
export async function fillSearchKeys(
  people: People,
  changed: (rows: number) => void = () => undefined,
): Promise<void> {
  for (;;) {
    const old = await people
      .find(isOld, { projection: { fullName: 1, username: 1 } })
      .limit(filledAtOnce)
      .toArray();
    if (old.length === 0) return;
    await people.bulkWrite(
      old.map(({ _id, fullName, username }) => ({
        updateOne: { filter: { _id }, update: { $set: searchKeysOf({ fullName, username }) } },
      })),
    );
    changed(old.length);
  }
}
