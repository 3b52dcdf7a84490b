import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message } from '@sori/contract';
import { connectDatabase, type Store } from '../../database/connect.js';
import { type Entries, entriesOn } from '../../conversation-log/entries.model.js';
import { createDiskStore } from '../../files/disk.js';
import { createGridfsStore } from '../../files/gridfs.js';
import { readyFile } from '../../testing/ready-file.js';
import type { Someone } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';
import { checkFiles } from './check-files.js';
import { filesOn } from './file.model.js';

const server = useServer();
let alice: Someone;
let bob: Someone;
let folder: string;
let tool: Store;
let entries: Entries;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sori-check-'));
  tool = await connectDatabase(server.engine.uri);
  entries = entriesOn(tool.upkeep);
  [alice, bob] = await server.people('alice', 'bob');
});
afterAll(async () => {
  await tool.close();
  await rm(folder, { recursive: true, force: true });
});

const rows = () => filesOn(server.store.connection);
const blobs = () => createGridfsStore(server.store);
const check = (lookAgain: () => Promise<void> = () => Promise.resolve()) =>
  checkFiles(
    {
      rows: filesOn(tool.upkeep),
      entries,
      homes: [blobs(), createDiskStore(folder)],
    },
    lookAgain,
  );

/** A message with one file, stored for good. */
async function sent(): Promise<{ fileId: string; message: Message }> {
  const fileId = await readyFile(server.store, alice._id);
  const { body } = await alice.post(`/api/messages/send/${bob._id}`, { attachments: [{ fileId }] });
  await rows().files.updateOne({ _id: fileId }, { $unset: { dueAt: '' } });
  return { fileId, message: body };
}

describe('the check of files', () => {
  it('finds nothing where every message has its files, and counts them', async () => {
    await sent();
    await sent();
    await readyFile(server.store, alice._id);
    const { files, findings } = await check();
    expect(findings).toEqual([]);
    expect(files).toBe(2);
  });

  it.each([
    ['whose row is lost', (id: string) => rows().files.deleteOne({ _id: id }), /is not there/],
    [
      'of which nobody knows where its bytes are',
      (id: string) => rows().bytes.deleteOne({ _id: id }),
      /has no bytes/,
    ],
    ['whose bytes are lost', (id: string) => blobs().delete(id), /has 0 of its \d+ bytes/],
  ])('names a file of a message %s', async (_what, lose, words) => {
    const { fileId, message } = await sent();
    await lose(fileId);
    const { findings } = await check();
    expect(findings).toContainEqual(expect.stringMatching(words));
    expect(findings.some((what) => what.includes(`seq ${message.seq} of ${message.conversationId}`))).toBe(
      true,
    );
    // So that the next one finds its own.
    await alice.call('DELETE', `/api/messages/${message._id}`);
    await rows().files.deleteOne({ _id: fileId });
    await rows().bytes.deleteOne({ _id: fileId });
    await blobs().delete(fileId);
    expect((await check()).findings).toEqual([]);
  });

  it('names files that are in no message, and bytes that nothing is made of', async () => {
    const alone = await readyFile(server.store, alice._id);
    await rows().files.updateOne({ _id: alone }, { $unset: { dueAt: '' } });
    const unused = await readyFile(server.store, alice._id);
    await rows().files.deleteOne({ _id: unused });
    const unknown = await readyFile(server.store, alice._id);
    await rows().files.deleteOne({ _id: unknown });
    await rows().bytes.deleteOne({ _id: unknown });
    expect((await check()).findings).toEqual([
      `the file ${alone} is in no message`,
      `no file is made of the bytes ${unused}`,
      `the bytes ${unknown} (gridfs) belong to nothing`,
    ]);
    await rows().files.deleteOne({ _id: alone });
    for (const id of [alone, unused]) await rows().bytes.deleteOne({ _id: id });
    for (const id of [alone, unused, unknown]) await blobs().delete(id);
  });

  it('does not name what was being changed when it looked', async () => {
    const { fileId } = await sent();
    const row = await rows().files.findById(fileId).lean().orFail();
    await rows().files.deleteOne({ _id: fileId });
    const { findings } = await check(async () => {
      await rows().files.create(row);
    });
    expect(findings).toEqual([]);
  });
});
