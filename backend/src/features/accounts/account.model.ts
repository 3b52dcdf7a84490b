import { type Connection, Schema, Types } from 'mongoose';
import { AppError } from '../../core/errors.js';
import { isDuplicateKey } from '../../database/duplicate-key.js';
import type { Store } from '../../database/connect.js';
import { type FormRow, usernameFormOf, usernameFormVersion } from './username-form.js';

/** What is kept of a person who signed up. Ids are 24 hexadecimal digits. */
export interface AccountRow {
  _id: string;
  fullName: string;
  /** As the person writes it. */
  username: string;
  passwordHash: string;
  admin: boolean;
  /** Since when the person may not sign in. */
  suspendedAt: Date | null;
  /** The name of the picture that they chose. */
  picture?: string;
}

export interface NewAccount extends Omit<AccountRow, '_id' | 'suspendedAt' | 'picture'> {
  /** The form in which the name is looked up, and is unique; so is what it looks like, which is made here. */
  usernameKey: string;
  /** What people search finds this person by; made by people search. */
  searchKeys: string[];
  searchKeysVersion: number;
}

interface AccountDocument extends Omit<NewAccount, 'admin'>, FormRow {
  /** Absent for almost everybody, so that the index of it stays tiny. */
  admin?: true;
  suspendedAt?: Date;
  picture?: string;
  createdAt: Date;
  updatedAt: Date;
}

/** The rows of people who signed up. People search has a model of its own on the same collection, for what it reads. */
export type AccountRows = ReturnType<typeof accountsOn>;

const fields = { fullName: 1, username: 1, passwordHash: 1, admin: 1, suspendedAt: 1, picture: 1 } as const;

/** Acknowledged writes are durable: the connection carries the store's write concern. */
export function accountsOn({ connection }: Pick<Store, 'connection'>) {
  const accounts = modelOn(connection);

  const rowOf = (found: Pick<AccountDocument, '_id' | keyof typeof fields> | null): AccountRow | null =>
    found && {
      _id: found._id.toHexString(),
      fullName: found.fullName,
      username: found.username,
      passwordHash: found.passwordHash,
      admin: found.admin === true,
      suspendedAt: found.suspendedAt ?? null,
      ...(found.picture !== undefined && { picture: found.picture }),
    };

  return {
    /** Whether somebody has this name, or one that looks like it. */
    async isTaken({ username, usernameKey }: Pick<NewAccount, 'username' | 'usernameKey'>): Promise<boolean> {
      const usernameForm = usernameFormOf(username);
      return (await accounts.exists({ $or: [{ usernameKey }, { usernameForm }] })) !== null;
    },

    async byUsernameKey(usernameKey: string): Promise<AccountRow | null> {
      return rowOf(await accounts.findOne({ usernameKey }, fields).lean());
    },

    async byId(id: string): Promise<AccountRow | null> {
      return rowOf(await accounts.findById(id, fields).lean());
    },

    async byIds(ids: readonly string[]): Promise<AccountRow[]> {
      const found = await accounts.find({ _id: { $in: ids } }, fields).lean();
      return found.flatMap((document) => rowOf(document) ?? []);
    },

    /** Those who may not sign in, by id, from behind `after`. */
    async suspended(limit: number, after: string | undefined): Promise<AccountRow[]> {
      const found = await accounts
        .find(
          { suspendedAt: { $exists: true }, ...(after === undefined ? {} : { _id: { $gt: after } }) },
          fields,
        )
        .sort({ _id: 1 })
        .limit(limit)
        .lean();
      return found.flatMap((document) => rowOf(document) ?? []);
    },

    async anyAdmin(): Promise<boolean> {
      return (await accounts.exists({ admin: true })) !== null;
    },

    /** @throws AppError "USERNAME_TAKEN", also where another server was faster by a moment */
    async insert({ admin, ...account }: NewAccount): Promise<AccountRow> {
      const now = new Date();
      const document: AccountDocument = {
        _id: new Types.ObjectId(),
        ...account,
        usernameForm: usernameFormOf(account.username),
        usernameFormVersion,
        ...(admin && { admin }),
        createdAt: now,
        updatedAt: now,
      };
      try {
        await accounts.create(document);
      } catch (error) {
        if (isDuplicateKey(error)) throw usernameTaken(error);
        throw error;
      }
      return { ...account, _id: document._id.toHexString(), admin, suspendedAt: null };
    },

    /** Again keeps the first time. @returns false where there is no such person, or an admin */
    async suspend(id: string, at: Date): Promise<boolean> {
      const nobodysAdmin = { _id: id, admin: { $ne: true } } as const;
      const { matchedCount } = await accounts.updateOne(
        nobodysAdmin,
        [{ $set: { suspendedAt: { $ifNull: ['$suspendedAt', at] }, updatedAt: at } }],
        { updatePipeline: true },
      );
      return matchedCount === 1;
    },

    async unsuspend(id: string, at: Date): Promise<void> {
      await accounts.updateOne({ _id: id }, { $unset: { suspendedAt: '' }, $set: { updatedAt: at } });
    },

    /** @returns false where there is no such person */
    async makeAdmin(id: string): Promise<boolean> {
      const { matchedCount } = await accounts.updateOne(
        { _id: id },
        { $set: { admin: true, updatedAt: new Date() } },
      );
      return matchedCount === 1;
    },
  };
}

export const usernameTaken = (cause?: unknown): AppError =>
  new AppError('USERNAME_TAKEN', 'This username is taken', { cause });

function modelOn(connection: Connection) {
  const schema = new Schema<AccountDocument>(
    {
      fullName: { type: String, required: true },
      username: { type: String, required: true },
      usernameKey: { type: String, required: true },
      usernameForm: { type: String, required: true },
      usernameFormVersion: { type: Number, required: true },
      passwordHash: { type: String, required: true },
      admin: Boolean,
      suspendedAt: Date,
      picture: String,
      searchKeys: { type: [String], required: true },
      searchKeysVersion: { type: Number, required: true },
      createdAt: { type: Date, required: true },
      updatedAt: { type: Date, required: true },
    },
    { collection: 'users', versionKey: false, autoIndex: false, autoCreate: false },
  );
  return connection.model<AccountDocument>('Account', schema);
}
