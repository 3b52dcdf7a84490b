import { join } from 'node:path';
import { AppError } from '../core/errors.js';
import type { Store } from '../database/connect.js';
import type { BlobStore, Home } from './blob-store.js';
import { createDiskStore } from './disk.js';
import { createGridfsStore } from './gridfs.js';
import { createS3Store, type S3Settings } from './s3.js';

export interface HomesDeps {
  store: Store;
  /** Absolute: what is kept on disk lies in `files` there. */
  dataDir: string;
  /** Where new files go. */
  home: Home;
  s3: S3Settings | undefined;
}

export interface Homes {
  /** All that there are settings for. */
  readonly all: readonly BlobStore[];
  /** New files go there. */
  readonly current: BlobStore;
  /** Where a row says that its bytes are. @throws AppError UNAVAILABLE where the settings for it are gone */
  of: (home: Home) => BlobStore;
}

/** All places where bytes are or were kept: a changed setting leaves old files readable. */
export function createHomes({ store, dataDir, home, s3 }: HomesDeps): Homes {
  const stores: Partial<Record<Home, BlobStore>> = {
    disk: createDiskStore(join(dataDir, 'files')),
    gridfs: createGridfsStore(store),
    ...(s3 && { s3: createS3Store(s3) }),
  };

  function of(wanted: Home): BlobStore {
    const found = stores[wanted];
    if (!found) throw new AppError('UNAVAILABLE', `The settings for files in ${wanted} are missing`);
    return found;
  }
  return { all: Object.values(stores), current: of(home), of };
}
