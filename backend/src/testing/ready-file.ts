import { Types } from 'mongoose';
import { type FileRow, filesOn, newFileId } from '../features/files/file.model.js';
import { createGridfsStore } from '../files/gridfs.js';
import type { Store } from '../database/connect.js';

/** A file that somebody has uploaded, and not sent yet. @returns its id */
export async function readyFile(
  store: Store,
  ownerId: string,
  more: Partial<FileRow> & { now?: number } = {},
): Promise<string> {
  const { now = Date.now(), ...fields } = more;
  const _id = newFileId();
  const content = Buffer.from(`the bytes of ${_id.toHexString()}`);
  const blobs = createGridfsStore(store);
  // eslint-disable-next-line @typescript-eslint/require-await -- what a store takes
  const pieces = async function* () {
    yield content;
  };
  await blobs.write(_id.toHexString(), 0, pieces());
  await blobs.finish(_id.toHexString(), content.length);
  const { files, bytes } = filesOn(store.connection);
  const owner = new Types.ObjectId(ownerId);
  await bytes.create({ _id, home: 'gridfs', ownerId: owner, size: content.length, refs: [_id] });
  await files.create({
    _id,
    ownerId: owner,
    bytesId: _id,
    home: 'gridfs',
    state: 'ready',
    name: 'notes.pdf',
    declaredType: '',
    type: 'application/pdf',
    inline: false,
    size: content.length,
    copies: {},
    createdAt: new Date(now),
    dueAt: new Date(now + 24 * 60 * 60 * 1_000),
    ...fields,
  });
  return _id.toHexString();
}

/** What is left of a file: its row, that of its bytes, and the bytes. */
export async function remainsOf(store: Store, fileId: string) {
  const { files, bytes } = filesOn(store.connection);
  const row = await files.findById(fileId).lean();
  return {
    row,
    bytes: await bytes.findById(fileId).lean(),
    length: await createGridfsStore(store).length(fileId),
  };
}
