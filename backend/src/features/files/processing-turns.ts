import type { ErrorCode } from '@sori/contract';
import { AppError, isDatabaseAway } from '../../core/errors.js';
import { IncompleteError } from '../../files/blob-store.js';
import type { Bytes } from './bytes.js';
import type { FileRow, Files } from './file.model.js';

export interface ProcessingTurnsDeps {
  files: Files['files'];
  bytes: Pick<Bytes, 'drop'>;
  process: (row: FileRow) => Promise<void>;
  /** Milliseconds since 1970. */
  now: () => number;
  report: (error: unknown) => void;
}

/** A server that has not said for so long that it is processing was killed. In milliseconds. */
const leaseMs = 20_000;
const renewEveryMs = 5_000;
/** A file that takes the server with it each time it is looked at must not do so for ever. */
const mostTries = 5;

const isAway = (error: unknown): boolean =>
  isDatabaseAway(error) || (error instanceof AppError && error.code === 'UNAVAILABLE');

/** Sees to it that a whole upload is processed once: by one server, and by another one where that was killed. */
export function createProcessingTurns({ files, bytes, process, now, report }: ProcessingTurnsDeps) {
  const running = new Set<Promise<void>>();
  const until = (): Date => new Date(now() + leaseMs);

  const take = ({ _id }: FileRow): Promise<FileRow | null> =>
    files
      .findOneAndUpdate(
        {
          _id,
          condemnedAt: null,
          $or: [{ state: 'receiving' }, { state: 'processing', processingUntil: { $lte: new Date(now()) } }],
        },
        { $set: { state: 'processing', processingUntil: until() }, $inc: { tries: 1 } },
        { returnDocument: 'after' },
      )
      .lean();

  async function refuse({ _id, bytesId }: FileRow, code: ErrorCode): Promise<void> {
    const { matchedCount } = await files.updateOne(
      { _id, state: 'processing' },
      { $set: { state: 'refused', code } },
    );
    if (matchedCount === 1) await bytes.drop(bytesId, _id);
  }

  /** It could not be processed: the next who asks for it has it tried again. */
  async function giveBack({ _id }: FileRow, error: unknown): Promise<void> {
    const isIncomplete = error instanceof IncompleteError;
    await files.updateOne(
      { _id, state: 'processing' },
      isIncomplete
        ? { $set: { state: 'receiving' }, $unset: { processingUntil: '', tries: '' } }
        : { $set: { processingUntil: new Date(now()) }, ...(isAway(error) && { $inc: { tries: -1 } }) },
    );
  }

  async function processTaken(row: FileRow): Promise<void> {
    const taken = await take(row);
    if (!taken) return;
    if ((taken.tries ?? 0) > mostTries) {
      await refuse(taken, 'INTERNAL');
      return;
    }
    const renewing = setInterval(() => {
      files
        .updateOne({ _id: taken._id, state: 'processing' }, { $set: { processingUntil: until() } })
        .catch(() => undefined);
    }, renewEveryMs);
    try {
      await process(taken);
    } catch (error) {
      clearInterval(renewing);
      await giveBack(taken, error);
      if (!(error instanceof IncompleteError)) throw error;
    } finally {
      clearInterval(renewing);
    }
  }

  /** Processes it, unless a server is at it. Failed, it is tried again later. */
  function begin(row: FileRow): Promise<void> {
    const work = processTaken(row).finally(() => running.delete(work));
    running.add(work);
    return work;
  }

  return {
    /** Resolves once it is ready or refused, or has to go on being received. */
    now: begin,

    /** The same, and nobody waits. */
    soon(row: FileRow): void {
      begin(row).catch((error: unknown) => {
        if (!isAway(error)) report(error);
      });
    },

    /** To be called at a start where no other server can be processing anything: what was begun was cut off. */
    async nobodyIsAtIt(): Promise<void> {
      // Only what is on its way has a time at which it is due, so these are few.
      await files.updateMany(
        { dueAt: { $exists: true }, state: 'processing' },
        { $set: { processingUntil: new Date(now()) } },
      );
    },

    /** A server was processing it and was killed. */
    isLeft: ({ state, processingUntil }: FileRow): boolean =>
      state === 'processing' && (processingUntil?.getTime() ?? 0) <= now(),

    /** Resolves once nothing is processed any more. */
    async ended(): Promise<void> {
      await Promise.allSettled(running);
    },
  };
}
export type ProcessingTurns = ReturnType<typeof createProcessingTurns>;
