import type { Logger } from 'pino';
import { type Connection, Error as MongooseError, mongo, type Types } from 'mongoose';
import { isDatabaseAway } from '../core/errors.js';
import type { EntryRow } from './entries.model.js';

/** An entry that a projection refused for good. What it should have changed is as it was before. */
export interface SetAside {
  seq: number;
  kind: EntryRow['kind'];
  /** Which error it was, without what it says: that may be somebody's text. */
  reason: string;
  at: Date;
}
interface SetAsideRow {
  _id: Types.ObjectId;
  entries: SetAside[];
}

export type SetAsideRows = mongo.Collection<SetAsideRow>;

/** So many of a conversation are kept, the latest ones. */
const keptMost = 1_000;

/** An entry that says nothing that anybody can do: it was stored in a form that it cannot have. */
export class UnreadableEntry extends Error {
  override readonly name = 'UnreadableEntry';
}

/**
 * What a server says of a document that cannot take a change, now or later: TypeMismatch, PathNotViable, ImmutableField,
 * CannotIndexParallelArrays, and BSONObjectTooLarge with its older numbers. All others may pass (an index that is missing, a
 * plan that was given up), also those whose code is unknown here: a change that waits can still be made, one that was set
 * aside cannot. https://www.mongodb.com/docs/manual/reference/error-codes/
 */
const ofTheDocument = new Set([14, 28, 66, 171, 10334, 17419, 17420]);
/** BadValue is also what it says of a bad question; of a document, where a list is none. */
const badValue = 2;
const noList = /must be an array but is of type|to a non-array value/;

const isOfTheDocument = (code: unknown, message: string | undefined): boolean =>
  ofTheDocument.has(Number(code)) || (Number(code) === badValue && noList.test(message ?? ''));

/** The driver's own word for a document over 16 MB, which it does not even send. */
const isTooLargeToSend = (error: unknown): boolean =>
  (error instanceof RangeError && 'code' in error && error.code === 'ERR_OUT_OF_RANGE') ||
  (error instanceof mongo.MongoInvalidArgumentError &&
    error.message.includes('larger than the maximum size'));

/**
 * True where this can never be done, however often it is tried: the server says so of the document itself (over 16 MB, a path
 * that is none), or nobody can make anything of the row. Whatever else is the matter, it is tried again.
 */
export function isForGood(error: unknown): boolean {
  if (isDatabaseAway(error)) return false;
  if (error instanceof mongo.MongoBulkWriteError) {
    // Typed as one or many.
    const failed = [error.writeErrors].flat<mongo.OneOrMore<mongo.WriteError>[]>();
    const isKnown = failed.length > 0 && !error.result.getWriteConcernError();
    return isKnown && failed.every(({ code, errmsg }) => isOfTheDocument(code, errmsg));
  }
  if (error instanceof mongo.MongoServerError) {
    // What it says of one operation has a place in the command; of the command as a whole, anything may be the matter.
    return error.errorResponse['index'] !== undefined && isOfTheDocument(error.code, error.message);
  }
  return (
    error instanceof UnreadableEntry ||
    error instanceof mongo.BSON.BSONError ||
    error instanceof MongooseError.CastError ||
    isTooLargeToSend(error)
  );
}

export const setAsideOn = (connection: Connection): SetAsideRows =>
  connection.collection<SetAsideRow>('setAside');

/** What of a conversation was set aside. */
export async function setAsideIn(rows: SetAsideRows, conversationId: Types.ObjectId): Promise<SetAside[]> {
  return (await rows.findOne({ _id: conversationId }))?.entries ?? [];
}

export interface ApplyingDeps {
  rows: SetAsideRows;
  /** Applies what these entries of one conversation change elsewhere, in order. */
  apply: (entries: readonly EntryRow[]) => Promise<void>;
  /** What has to be true behind an entry even where the rest of it was refused. */
  pass: (entry: EntryRow) => Promise<void>;
  log: Pick<Logger, 'error'>;
  now: () => number;
}

/**
 * Applies entries, and never fails by one of them: what is refused for good is set aside with an alarm, and the log goes on
 * behind it. What fails in any other way fails as a whole, and is tried again.
 */
export function createApplying({ rows, apply, pass, log, now }: ApplyingDeps) {
  async function setAside(entry: EntryRow, error: unknown): Promise<void> {
    const { conversationId, seq, kind } = entry;
    const one: SetAside = { seq, kind, reason: errorName(error), at: new Date(now()) };
    await pass(entry).catch((cause: unknown) => {
      if (!isForGood(cause)) throw cause;
    });
    try {
      await rows.updateOne(
        { _id: conversationId, 'entries.seq': { $ne: seq } },
        { $push: { entries: { $each: [one], $slice: -keptMost } } },
        { upsert: true },
      );
    } catch (cause) {
      // Somebody else has set it aside.
      if (!(cause instanceof mongo.MongoServerError && cause.code === 11_000)) throw cause;
      return;
    }
    log.error(
      { conversationId: conversationId.toHexString(), seq, kind, reason: one.reason },
      'an entry can never be applied; it was set aside, and the log goes on behind it',
    );
  }

  return async (following: readonly EntryRow[]): Promise<void> => {
    try {
      await apply(following);
      return;
    } catch (error) {
      if (!isForGood(error)) throw error;
    }
    // Which one was it? The others are applied; again is once.
    for (const entry of following) {
      try {
        await apply([entry]);
      } catch (error) {
        if (!isForGood(error)) throw error;
        await setAside(entry, error);
      }
    }
  };
}

/** Which error it was, without what it says: MongoDB quotes what is stored there. */
export function errorName(error: unknown): string {
  const { name } = error instanceof Error ? error : new Error();
  return error instanceof mongo.MongoServerError ? `${name} ${String(error.code)}` : name;
}
