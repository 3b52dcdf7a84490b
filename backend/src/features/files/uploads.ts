import type { Readable } from 'node:stream';
import { limits, type UploadedFile } from '@sori/contract';
import { Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { AppError, notFound } from '../../core/errors.js';
import { createSerializeByKey } from '../../core/serialize-by-key.js';
import type { Homes } from '../../files/homes.js';
import { undetected } from '../../media/sniff.js';
import { type Bytes, dayMs } from './bytes.js';
import { fileName } from './file-name.js';
import { type FileRow, type Files, newFileId } from './file.model.js';
import type { ProcessingTurns } from './processing-turns.js';
import type { Quota } from './quota.js';
import { type Receiving, tooLarge } from './receiving.js';
import { toAttachment } from './to-attachment.js';

export interface UploadsDeps {
  rows: Files;
  homes: Homes;
  bytes: Pick<Bytes, 'drop'>;
  quota: Quota;
  receiving: Receiving;
  processing: ProcessingTurns;
  /** The largest file, in bytes. */
  mostBytes: number;
  /** Whether the caller may send files at all; throws REFUSED. */
  requireMaySend: (caller: Caller) => Promise<void>;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** What is said of a file before its bytes come. */
export interface Wanted {
  name: string;
  declaredType: string;
  /** In bytes; where it is not known, the most that it can have. */
  size: number;
  duration?: number | undefined;
  peaks?: number[] | undefined;
}

/** How far an upload is. */
export interface Progress {
  row: FileRow;
  /** So many bytes are there. */
  offset: number;
}

export type Uploads = ReturnType<typeof createUploads>;

const longestType = 200;

/** Files on their way to the server. They are their owner's alone until they are sent. */
export function createUploads(deps: UploadsDeps) {
  const { rows, homes, bytes, quota, receiving, processing, mostBytes, requireMaySend, now } = deps;
  const { files } = rows;
  const inOrder = createSerializeByKey();
  const inADay = (): Date => new Date(now() + dayMs);

  /** @throws AppError NOT_FOUND for what is somebody else's, too */
  async function ownOf({ userId }: Caller, id: string): Promise<FileRow> {
    const row = await files.findOne({ _id: id, ownerId: userId, condemnedAt: null }).lean();
    if (!row) throw notFound();
    return row;
  }

  async function insert(ownerId: Types.ObjectId, { size, ...wanted }: Wanted): Promise<FileRow> {
    const _id = newFileId();
    const { home } = homes.current;
    const dueAt = inADay();
    await quota.reserve(ownerId, size, async () => {
      await rows.bytes.create({ _id, home, ownerId, size, refs: [_id], dueAt });
    });
    const row: FileRow = {
      _id,
      ownerId,
      bytesId: _id,
      home,
      state: 'receiving',
      name: fileName(wanted.name),
      declaredType: wanted.declaredType.slice(0, longestType),
      type: undetected,
      inline: false,
      size,
      ...(wanted.duration === undefined ? {} : { duration: wanted.duration }),
      ...(wanted.peaks === undefined ? {} : { peaks: wanted.peaks }),
      copies: {},
      createdAt: new Date(now()),
      dueAt,
    };
    await files.create(row);
    return row;
  }

  /** @throws AppError REFUSED, TOO_LARGE, STORAGE_FULL, RATE_LIMITED where too much is unfinished */
  async function begin(caller: Caller, wanted: Wanted): Promise<FileRow> {
    if (wanted.size > mostBytes) throw tooLarge();
    await requireMaySend(caller);
    return inOrder(caller.userId, async () => {
      const ownerId = new Types.ObjectId(caller.userId);
      const unfinished = await files.countDocuments({ ownerId, state: 'receiving' });
      if (unfinished >= limits.uploadsUnfinishedMax)
        throw new AppError('RATE_LIMITED', 'Too many uploads are unfinished');
      return insert(ownerId, wanted);
    });
  }

  const lengthOf = ({ home, bytesId }: FileRow): Promise<number> =>
    homes.of(home).length(bytesId.toHexString());

  /** Takes in what follows the bytes that are there. */
  const receive = (row: FileRow, offset: number, stream: Readable): Promise<number> =>
    receiving.receive(homes.of(row.home), {
      id: row.bytesId.toHexString(),
      offset,
      most: row.size - offset,
      stream,
    });

  async function processNow(row: FileRow): Promise<FileRow> {
    await processing.now(row);
    const processed = await files.findById(row._id).lean();
    if (processed?.state === 'refused')
      throw new AppError(processed.code ?? 'INTERNAL', 'This file cannot be taken');
    if (processed?.state !== 'ready')
      throw new AppError('RETRY', 'The file did not arrive. Please try again');
    return processed;
  }

  /** It is nobody's any more. @returns false where it is in a message, or about to be deleted already */
  async function remove({ _id }: FileRow): Promise<boolean> {
    const condemned = await files
      .findOneAndUpdate(
        { _id, claim: null, condemnedAt: null },
        { $set: { condemnedAt: new Date(now()), dueAt: new Date(now()) } },
      )
      .lean();
    if (!condemned) return false;
    await receiving.interrupt(condemned.bytesId.toHexString());
    await bytes.drop(condemned.bytesId, _id);
    await files.deleteOne({ _id });
    return true;
  }

  return {
    begin,

    /** @throws AppError NOT_FOUND */
    async progress(caller: Caller, id: string): Promise<Progress> {
      const row = await ownOf(caller, id);
      if (row.state !== 'receiving') {
        if (processing.isLeft(row)) processing.soon(row);
        return { row, offset: row.size };
      }
      await receiving.interrupt(row.bytesId.toHexString());
      const offset = await lengthOf(row);
      if (offset < row.size) return { row, offset };
      // The server was killed before it could go on with it.
      processing.soon(row);
      return { row: { ...row, state: 'processing' }, offset };
    },

    /**
     * Goes on with an upload where it ends. Whole, it is processed by itself.
     * @param length of what comes, in bytes, where that is known
     * @returns how many bytes are there now
     * @throws AppError NOT_FOUND, CONFLICT for another offset, TOO_LARGE for more than was declared, RATE_LIMITED
     */
    goOn: (
      caller: Caller,
      id: string,
      { offset, length, stream }: { offset: number; length: number | undefined; stream: Readable },
    ): Promise<number> =>
      receiving.inPlace(caller.userId, async () => {
        const row = await ownOf(caller, id);
        await receiving.interrupt(row.bytesId.toHexString());
        const there = row.state === 'receiving' ? await lengthOf(row) : row.size;
        if (offset !== there) throw new AppError('CONFLICT', `The upload goes on at ${there}`);
        if (length !== undefined && length > row.size - offset) throw tooLarge();
        if (row.state !== 'receiving') return there;
        await files.updateOne({ _id: row._id, state: 'receiving' }, { $set: { dueAt: inADay() } });
        const now = await receive(row, offset, stream);
        if (now >= row.size) processing.soon(row);
        return now;
      }),

    /**
     * Takes a file in one go, and processes it. Nothing is left of one that breaks off.
     * @param ended rejects where something is wrong with what came behind the file
     * @throws AppError REFUSED, TOO_LARGE, STORAGE_FULL, RATE_LIMITED, INVALID where it broke off
     */
    whole: (
      caller: Caller,
      wanted: Wanted,
      { stream, ended }: { stream: Readable; ended: () => Promise<void> },
    ): Promise<UploadedFile> =>
      receiving.inPlace(caller.userId, async () => {
        const row = await begin(caller, wanted);
        try {
          const size = await receive(row, 0, stream);
          await ended();
          await files.updateOne({ _id: row._id }, { $set: { size } });
          await rows.bytes.updateOne({ _id: row.bytesId }, { $set: { size } });
          return toUploaded(await processNow(row));
        } catch (error) {
          // Where the database is away, the sweeper does it.
          await remove(row).catch(() => undefined);
          throw error;
        }
      }),

    /** @throws AppError NOT_FOUND, CONFLICT for what was sent */
    async remove(caller: Caller, id: string): Promise<void> {
      const row = await ownOf(caller, id);
      if (!(await remove(row))) throw new AppError('CONFLICT', 'This file was sent with a message');
    },

    /** Resolves once what was begun has ended. */
    async ended(): Promise<void> {
      await receiving.ended();
      await processing.ended();
    },
  };
}

const toUploaded = (row: FileRow): UploadedFile => ({
  fileId: row._id.toHexString(),
  ...toAttachment(row),
  ...(row.mayTellPlace === true && { mayTellPlace: true }),
});
