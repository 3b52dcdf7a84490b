import type { Homes } from '../../files/homes.js';
import { createPictures } from '../../media/pictures.js';
import type { Bytes } from './bytes.js';
import { createFileRights, type FileRightsDeps } from './file-rights.js';
import type { Files } from './file.model.js';
import { createProcessing, type ProcessingDeps } from './processing.js';
import { createProcessingTurns } from './processing-turns.js';
import { createQuota, type QuotaDeps } from './quota.js';
import { createReceiving } from './receiving.js';
import { createServing } from './serving.js';
import { createUploads, type UploadsDeps } from './uploads.js';

export interface FileDoorsDeps
  extends
    Pick<UploadsDeps, 'mostBytes' | 'requireMaySend' | 'now'>,
    Omit<QuotaDeps, 'bytes'>,
    Omit<FileRightsDeps, 'files'>,
    Pick<ProcessingDeps, 'processed'> {
  rows: Files;
  homes: Homes;
  bytes: Bytes;
  /** No other server uses this database. */
  alone: boolean;
  report: (error: unknown) => void;
}

export type FileDoors = Awaited<ReturnType<typeof createFileDoors>>;

/** Files that people send: how they come, what becomes of them, and who may read them. */
export async function createFileDoors(deps: FileDoorsDeps) {
  const { rows, homes, bytes, now, report } = deps;
  const { files } = rows;
  const { process } = createProcessing({ ...deps, pictures: createPictures() });
  const processing = createProcessingTurns({ files, bytes, process, now, report });
  if (deps.alone) await processing.nobodyIsAtIt();
  const quota = createQuota({ ...deps, bytes: rows.bytes });
  const uploads = createUploads({ ...deps, quota, receiving: createReceiving(), processing });
  const readable = createFileRights({ ...deps, files });
  return { uploads, serve: createServing({ readable, homes }), mostBytes: deps.mostBytes };
}
