import { mongo, type Types } from 'mongoose';
import unhomoglyph from 'unhomoglyph';

/** To be raised whenever a name gets another form, with a migration that gives rows of an older one theirs anew. */
export const usernameFormVersion = 1;

/** Unicode's skeleton (UTS 39): what is left of a name for the eye. */
const skeletonOf = (name: string): string => unhomoglyph(name.normalize('NFD')).normalize('NFD');

/**
 * The same for all names that look alike: the lower-cased skeleton of the name as it is written, so that a capital I is
 * taken for an l. Not for showing, and not for looking somebody up.
 * @param username in NFKC
 */
export const usernameFormOf = (username: string): string => skeletonOf(username).toLowerCase();

type Accounts = Pick<mongo.Collection<FormRow>, 'find' | 'findOne' | 'bulkWrite'>;
export interface FormRow {
  _id: Types.ObjectId;
  username: string;
  usernameForm: string;
  usernameFormVersion: number;
}

/** Few enough to be done long before a call to the database is given up. */
const filledAtOnce = 200;

/** Who came later and looks like somebody keeps the name, under a form that no name has: there is no space in those. */
const ownForm = ({ _id }: Pick<FormRow, '_id'>, form: string): string => `${form} ${_id.toHexString()}`;

const isOld = { usernameFormVersion: { $not: { $eq: usernameFormVersion } } };

export const hasOldForms = async (accounts: Accounts): Promise<boolean> =>
  (await accounts.findOne(isOld, { projection: { _id: 1 } })) !== null;

/**
 * Gives a form to everybody who has none, or one by older rules; the oldest first, so that of two who look alike the older
 * one has it. What was done stays done where this is broken off, and the unique index has to be there already: it says
 * who is too late, also to two servers that do this at once.
 * @param changed called after each batch with how many rows were changed
 */
export async function fillUsernameForms(
  accounts: Accounts,
  changed: (rows: number) => void = () => undefined,
): Promise<void> {
  if (!(await hasOldForms(accounts))) return;
  let last: Types.ObjectId | undefined;
  for (;;) {
    const rows = await accounts
      .find({ ...isOld, ...(last && { _id: { $gt: last } }) }, { projection: { username: 1 } })
      .sort({ _id: 1 })
      .hint({ _id: 1 })
      .limit(filledAtOnce)
      .toArray();
    last = rows.at(-1)?._id;
    if (!last) return;
    const late = await giveForms(accounts, rows, (_row, form) => form);
    if (late.length > 0) await giveForms(accounts, late, ownForm);
    changed(rows.length);
  }
}

type Unformed = Pick<FormRow, '_id' | 'username'>;

/** @returns those whose form somebody has already, in the order in which they came */
async function giveForms(
  accounts: Accounts,
  rows: readonly Unformed[],
  formFor: (row: Unformed, form: string) => string,
): Promise<Unformed[]> {
  const updates = rows.map((row) => ({
    updateOne: {
      filter: { _id: row._id },
      update: {
        $set: { usernameForm: formFor(row, usernameFormOf(row.username)), usernameFormVersion },
      },
    },
  }));
  try {
    await accounts.bulkWrite(updates, { ordered: false });
    return [];
  } catch (error) {
    if (!(error instanceof mongo.MongoBulkWriteError)) throw error;
    const failed = [error.writeErrors].flat();
    if (failed.length === 0 || failed.some(({ code }) => code !== 11_000)) throw error;
    const late = new Set(failed.map(({ index }) => index));
    return rows.filter((_row, index) => late.has(index));
  }
}
