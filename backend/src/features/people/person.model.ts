import { Schema, Types } from 'mongoose';
import type { Store } from '../../database/connect.js';

/** What is read of a person to show or to find them. */
export interface PersonRow {
  _id: string;
  fullName: string;
  username: string;
  /** The name of the picture that they chose. */
  picture?: string;
}

interface PersonDocument {
  _id: Types.ObjectId;
  fullName: string;
  username: string;
  picture?: string;
  /** Written by accounts: the form in which the user name is unique. */
  usernameKey: string;
  searchKeys: string[];
  searchKeysVersion: number;
}

export interface PageQuery {
  /** All of them must be among a person's keys; none: everybody. */
  keys: string[];
  /** Only people with a larger id. */
  after: string | undefined;
  except: string;
  limit: number;
}

export type PersonRows = ReturnType<typeof peopleOn>;

const shown = { fullName: 1, username: 1, picture: 1 } as const;

/** The rows that accounts writes, as far as finding and showing people needs them. */
export function peopleOn({ connection }: Pick<Store, 'connection'>) {
  const schema = new Schema<PersonDocument>(
    {
      fullName: String,
      username: String,
      picture: String,
      usernameKey: String,
      searchKeys: [String],
      searchKeysVersion: Number,
    },
    { collection: 'users', versionKey: false, autoIndex: false, autoCreate: false },
  );
  const people = connection.model<PersonDocument>('Person', schema);

  const rowOf = ({
    _id,
    fullName,
    username,
    picture,
  }: Pick<PersonDocument, '_id' | keyof typeof shown>): PersonRow => ({
    _id: _id.toHexString(),
    fullName,
    username,
    ...(picture !== undefined && { picture }),
  });

  return {
    async byIds(ids: readonly string[]): Promise<PersonRow[]> {
      return (await people.find({ _id: { $in: ids } }, shown).lean()).map(rowOf);
    },

    /** @returns the name of the one before */
    async setPicture(id: string, picture: string | null): Promise<string | undefined> {
      const update = picture === null ? { $unset: { picture: '' } } : { $set: { picture } };
      const before = await people.findOneAndUpdate({ _id: id }, update, { returnDocument: 'before' }).lean();
      return before?.picture;
    },

    /** Ids by user name, in the form in which it is unique. */
    async idsByUsernameKey(keys: readonly string[]): Promise<Map<string, string>> {
      const found = await people.find({ usernameKey: { $in: keys } }, { usernameKey: 1 }).lean();
      return new Map(found.map(({ _id, usernameKey }) => [usernameKey, _id.toHexString()]));
    },

    /** In the order of their ids. */
    async page({ keys, after, except, limit }: PageQuery): Promise<PersonRow[]> {
      const found = await people
        .find(
          {
            ...(keys.length > 0 && { searchKeys: { $all: keys } }),
            _id: {
              $ne: new Types.ObjectId(except),
              ...(after !== undefined && { $gt: new Types.ObjectId(after) }),
            },
          },
          shown,
        )
        .sort({ _id: 1 })
        .limit(limit)
        .lean();
      return found.map(rowOf);
    },
  };
}
