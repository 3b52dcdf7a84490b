import type { FileState } from '@sori/contract';
import { createGate } from '../../core/gate.js';
import type { Homes } from '../../files/homes.js';
import { TooLargeError } from '../../media/byte-source.js';
import { dayMs } from './bytes.js';
import { createExamination, type ExaminationDeps, type Found } from './examination.js';
import type { FileRow, Files } from './file.model.js';

export interface ProcessingDeps extends ExaminationDeps {
  rows: Files;
  homes: Homes;
  /** A whole upload became this. */
  processed: (state: FileState) => void;
}

/** More at once would take the processor away from those who send messages. */
const atOnce = 2;

/** What is whole becomes a file that can be sent, or is refused. */
export function createProcessing(deps: ProcessingDeps) {
  const { rows, homes, bytes, processed, now } = deps;
  const { files } = rows;
  const { examine, letGo } = createExamination(deps);
  const gate = createGate({ atOnce });

  /** Unless somebody else was first, or it was deleted meanwhile. */
  async function store(row: FileRow, found: Found): Promise<void> {
    const { matchedCount } = await files.updateOne(
      { _id: row._id, state: 'processing', bytesId: row.bytesId, condemnedAt: null },
      {
        $set: { ...found, state: 'ready', dueAt: new Date(now() + dayMs) },
        $unset: { processingUntil: '', tries: '' },
      },
    );
    if (matchedCount === 0) {
      await letGo(row, found);
      return;
    }
    processed('ready');
    const small = Object.values(found.copies).reduce((sum, { size }) => sum + size, 0);
    await rows.bytes.updateOne(
      { _id: found.bytesId },
      { $set: { size: found.size + small }, $unset: { dueAt: '' } },
    );
    if (!found.bytesId.equals(row.bytesId)) await bytes.drop(row.bytesId, row._id);
  }

  async function refuse(row: FileRow): Promise<void> {
    const { matchedCount } = await files.updateOne(
      { _id: row._id, state: 'processing', bytesId: row.bytesId },
      { $set: { state: 'refused', code: 'TOO_LARGE' }, $unset: { processingUntil: '', tries: '' } },
    );
    if (matchedCount === 0) return;
    processed('refused');
    await bytes.drop(row.bytesId, row._id);
  }

  return {
    /**
     * Of a whole upload, which is this server's to process: it is ready or refused afterwards.
     * @throws IncompleteError where bytes are missing after all
     */
    process: (row: FileRow): Promise<void> =>
      gate.run(async () => {
        const home = homes.of(row.home);
        await home.finish(row.bytesId.toHexString(), row.size);
        try {
          await store(row, await examine(row, home));
        } catch (error) {
          if (!(error instanceof TooLargeError)) throw error;
          await refuse(row);
        }
      }),
  };
}
