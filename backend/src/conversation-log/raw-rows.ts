import { mongo } from 'mongoose';
import { bsonTypes, Elements } from './bson-walk.js';
import type { EntryRow } from './entries.model.js';

/** For a query whose rows are made by `rowsOf`: the driver hands over the bytes of each. */
export const asBytes = { raw: true } as const;

/** Nothing is gained by keeping these. */
const emptyListBytes = 5;
const reactions = Buffer.from('reactions');

/**
 * What a query with `asBytes` has read.
 * @returns the rows that it gives without, but for the reactions to a message, which stay bytes where there are any.
 */
export const rowsOf = (read: readonly unknown[]): EntryRow[] => read.map(decoded);

/** The same of one. */
export const rowOf = (read: unknown): EntryRow | null => (read === null ? null : decoded(read));

function decoded(read: unknown): EntryRow {
  if (!ArrayBuffer.isView(read)) throw new TypeError('A row was read without asBytes');
  const { buffer, byteOffset, byteLength } = read;
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  const field = new Elements(new DataView(buffer, byteOffset, byteLength)).enter(0);
  while (field.next()) {
    const { type, nameAt, valueAt, endAt } = field;
    if (type !== bsonTypes.list || endAt - valueAt <= emptyListBytes || !field.isNamed(reactions)) continue;
    const rest = Buffer.concat([bytes.subarray(0, nameAt - 1), bytes.subarray(endAt)]);
    rest.writeInt32LE(rest.length, 0);
    return {
      ...mongo.BSON.deserialize(rest),
      reactions: bytes.subarray(valueAt, endAt),
    } as unknown as EntryRow;
  }
  return mongo.BSON.deserialize(bytes) as EntryRow;
}
