import { type Connection, Types } from 'mongoose';

/**
 * People who never sign in, copied from one who did: thousands of passwords would take longer than all else.
 * @returns their ids
 */
export async function silentPeople(connection: Connection, like: string, count: number): Promise<string[]> {
  const users = connection.collection('users');
  const found = await users.findOne({ _id: new Types.ObjectId(like) });
  if (!found) throw new Error('Nobody to copy');
  // What a name looks like is unique, and these have none.
  const { usernameForm: _theirs, ...row } = found;
  const rows = Array.from({ length: count }, () => {
    const _id = new Types.ObjectId();
    const username = `silent-${_id.toHexString()}`;
    return { ...row, _id, username, usernameKey: username };
  });
  await users.insertMany(rows);
  return rows.map(({ _id }) => _id.toHexString());
}
