import { limits } from '@sori/contract';
import { Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { AppError, notFound } from '../../core/errors.js';
import { createSerializeByKey } from '../../core/serialize-by-key.js';
import type { Homes } from '../../files/homes.js';
import { undetected } from '../../media/sniff.js';
import { type Bytes, dayMs } from './bytes.js';
import { fileName } from './file-name.js';
import { type FileRow, type Files, newFileId } from './file.model.js';
import type { Quota } from './quota.js';
import { type Receiving, tooLarge } from './receiving.js';

export interface UploadRowsDeps {
  rows: Files;
  homes: Homes;
  bytes: Pick<Bytes, 'drop'>;
  quota: Quota;
  receiving: Pick<Receiving, 'interrupt'>;
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

const longestType = 200;

/** Which uploads there are, and whose. */
export function createUploadRows(deps: UploadRowsDeps) {
  const { rows, homes, bytes, quota, receiving, mostBytes, requireMaySend, now } = deps;
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
      uploadSize: size,
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

  return { begin, ownOf, remove };
}
