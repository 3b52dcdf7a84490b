import type { Readable } from 'node:stream';
import type { UploadedFile } from '@sori/contract';
import type { Caller } from '../../core/caller.js';
import { AppError } from '../../core/errors.js';
import { dayMs } from './bytes.js';
import type { FileRow } from './file.model.js';
import type { ProcessingTurns } from './processing-turns.js';
import { type Receiving, tooLarge } from './receiving.js';
import { toAttachment } from './to-attachment.js';
import { createUploadRows, type UploadRowsDeps, type Wanted } from './upload-rows.js';

export interface UploadsDeps extends UploadRowsDeps {
  receiving: Receiving;
  processing: ProcessingTurns;
}

/** How far an upload is. */
export interface Progress {
  row: FileRow;
  /** So many bytes are there. */
  offset: number;
}

export type Uploads = ReturnType<typeof createUploads>;

/** Files on their way to the server. They are their owner's alone until they are sent. */
export function createUploads(deps: UploadsDeps) {
  const { rows, homes, receiving, processing, now } = deps;
  const { files } = rows;
  const { begin, ownOf, remove } = createUploadRows(deps);

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

  return {
    begin,

    /** @throws AppError NOT_FOUND */
    async progress(caller: Caller, id: string): Promise<Progress> {
      const row = await ownOf(caller, id);
      if (row.state !== 'receiving') {
        if (processing.isLeft(row)) processing.soon(row);
        return { row, offset: uploadSizeOf(row) };
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
     * @param brings how much comes, in bytes, where that is known
     * @returns how many bytes are there now
     * @throws AppError NOT_FOUND, CONFLICT for another offset, TOO_LARGE for more than was declared, RATE_LIMITED
     */
    goOn: (
      caller: Caller,
      id: string,
      { offset, brings, stream }: { offset: number; brings: number | undefined; stream: Readable },
    ): Promise<number> =>
      receiving.inPlace(caller.userId, async () => {
        const row = await ownOf(caller, id);
        await receiving.interrupt(row.bytesId.toHexString());
        const size = uploadSizeOf(row);
        const there = row.state === 'receiving' ? await lengthOf(row) : size;
        if (offset !== there) throw new AppError('CONFLICT', `The upload goes on at ${there}`);
        if (brings !== undefined && brings > size - offset) throw tooLarge();
        if (row.state !== 'receiving') return there;
        await files.updateOne(
          { _id: row._id, state: 'receiving' },
          { $set: { dueAt: new Date(now() + dayMs) } },
        );
        const length = await receive(row, offset, stream);
        if (length >= row.size) processing.soon(row);
        return length;
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

/** In bytes; of a file that was forwarded, nobody asks. */
export const uploadSizeOf = ({ uploadSize, size }: FileRow): number => uploadSize ?? size;

const toUploaded = (row: FileRow): UploadedFile => ({
  fileId: row._id.toHexString(),
  ...toAttachment(row),
  ...(row.mayTellPlace === true && { mayTellPlace: true }),
});
