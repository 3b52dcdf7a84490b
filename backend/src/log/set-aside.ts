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

/**
 * What a server says of an operation that may go well the next time: it had too little time or room, somebody else was in
 * its way, it could not ask another server, or it does not know itself (InternalError, UnknownError).
 * https://www.mongodb.com/docs/manual/reference/error-codes/
 */
const passing = new Set([
  1, 6, 7, 8, 13, 18, 24, 50, 63, 64, 79, 89, 100, 112, 117, 146, 150, 202, 246, 262, 9001, 11601, 13388,
  14031,
]);

/**
 * True where this can never be done, however often it is tried: the server says so of the operation itself (a document over
 * 16 MB, a path that is none), or nobody can make anything of the row. A database that is away, late or full is no such thing.
 */
export function isForGood(error: unknown): boolean {
  if (isDatabaseAway(error)) return false;
  if (error instanceof mongo.MongoBulkWriteError) {
    // Typed as one or many.
    const failed = [error.writeErrors].flat<mongo.OneOrMore<mongo.WriteError>[]>();
    const isKnown = failed.length > 0 && !error.result.getWriteConcernError();
    return isKnown && failed.every(({ code }) => !passing.has(code));
  }
  if (error instanceof mongo.MongoServerError) {
    // What it says of one operation has a place in the command; of the command as a whole, anything may be the matter.
    return error.errorResponse['index'] !== undefined && !passing.has(Number(error.code));
  }
  return (
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof mongo.BSON.BSONError ||
    error instanceof mongo.MongoInvalidArgumentError ||
    error instanceof MongooseError.CastError
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
  writeConcern: mongo.WriteConcernSettings;
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
export function createApplying({ rows, writeConcern, apply, pass, log, now }: ApplyingDeps) {
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
        { upsert: true, writeConcern },
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
