import { Types } from 'mongoose';
import type { BlobStore, Home } from '../../files/blob-store.js';
import type { Entries, MessageRow } from '../../conversation-log/entries.model.js';
import type { Files } from './file.model.js';
import { createMessageOf, hasFile } from './message-of.js';

export interface CheckFilesDeps {
  rows: Files;
  entries: Entries;
  /** Those that can be looked into. */
  homes: readonly BlobStore[];
}

export interface CheckedFiles {
  /** Files that messages have. */
  files: number;
  findings: string[];
}

/** Something that looks wrong. What a running server is just about to change may be right when it is asked again. */
interface Doubt {
  what: string;
  isStillSo: () => Promise<boolean>;
}

/**
 * Looks for messages without their files, and for files and bytes that nothing refers to. Reads only.
 * @param lookAgain resolves when it is time to ask once more about what seemed wrong
 */
export async function checkFiles(
  { rows, entries, homes }: CheckFilesDeps,
  lookAgain: () => Promise<void>,
): Promise<CheckedFiles> {
  const messageOf = createMessageOf({ entries });
  const storeOf = (home: Home): BlobStore | undefined => homes.find((store) => store.home === home);
  const doubts: Doubt[] = [];
  let files = 0;

  /** What a message's file lacks; null for nothing, and where its home cannot be looked into. */
  async function lacks(fileId: string): Promise<string | null> {
    const row = await rows.files.findById(fileId).lean();
    if (!row) return 'is not there';
    if (row.state !== 'ready') return `is ${row.state}`;
    const bytes = await rows.bytes.findById(row.bytesId).lean();
    if (!bytes?.refs.some((ref) => ref.equals(row._id))) return 'has no bytes';
    const store = storeOf(row.home);
    if (!store) return null;
    const length = await store.length(row.bytesId.toHexString());
    return length < row.size ? `has ${length} of its ${row.size} bytes` : null;
  }

  async function checkMessages(): Promise<void> {
    const messages = entries.model
      .find(
        { kind: 'message', 'attachments.0': { $exists: true } },
        { attachments: 1, conversationId: 1, seq: 1 },
      )
      .lean<Pick<MessageRow, '_id' | 'attachments' | 'conversationId' | 'seq'>[]>()
      .cursor();
    for await (const { _id, attachments, conversationId, seq } of messages) {
      for (const { _id: fileId } of attachments) {
        files += 1;
        const lacking = await lacks(fileId);
        if (lacking === null) continue;
        doubts.push({
          what: `the file ${fileId} of the message at seq ${seq} of ${conversationId.toHexString()} ${lacking}`,
          async isStillSo() {
            const message = await entries.model.findById(_id).lean();
            const has = message?.kind === 'message' && hasFile(message, new Types.ObjectId(fileId));
            return has && (await lacks(fileId)) !== null;
          },
        });
      }
    }
  }

  /** Of files that nobody is going to look at any more. */
  async function isAlone(fileId: Types.ObjectId): Promise<boolean> {
    const row = await rows.files.findOne({ _id: fileId, dueAt: null }).lean();
    if (!row) return false;
    const message = row.claim && (await messageOf(row.claim));
    return !message || !hasFile(message, fileId);
  }

  async function checkFileRows(): Promise<void> {
    for await (const { _id } of rows.files.find({ dueAt: null }, { _id: 1 }).lean().cursor()) {
      if (await isAlone(_id))
        doubts.push({
          what: `the file ${_id.toHexString()} is in no message`,
          isStillSo: () => isAlone(_id),
        });
    }
  }

  async function isUnused(bytesId: Types.ObjectId): Promise<boolean> {
    const row = await rows.bytes.findOne({ _id: bytesId, dueAt: null }).lean();
    return row !== null && (await rows.files.exists({ _id: { $in: row.refs }, bytesId })) === null;
  }

  async function checkBytes(): Promise<void> {
    for await (const { _id } of rows.bytes.find({ dueAt: null }, { _id: 1 }).lean().cursor()) {
      if (await isUnused(_id))
        doubts.push({
          what: `no file is made of the bytes ${_id.toHexString()}`,
          isStillSo: () => isUnused(_id),
        });
    }
    for (const store of homes) {
      for await (const id of store.ids()) {
        const isUnknown = async (): Promise<boolean> =>
          (await rows.bytes.exists({ _id: id })) === null && (await store.length(id)) > 0;
        if (await isUnknown())
          doubts.push({ what: `the bytes ${id} (${store.home}) belong to nothing`, isStillSo: isUnknown });
      }
    }
  }

  await checkMessages();
  await checkFileRows();
  await checkBytes();
  if (doubts.length === 0) return { files, findings: [] };
  await lookAgain();
  const findings: string[] = [];
  for (const { what, isStillSo } of doubts) if (await isStillSo()) findings.push(what);
  return { files, findings };
}
