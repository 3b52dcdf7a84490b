import { randomBytes } from 'node:crypto';
import { Types } from 'mongoose';
import { connectDatabase, type Store } from '../database/connect.js';
import { prepareSchema } from '../schema/prepare.js';
import { startEngine, type TestEngine } from '../testing/engine.js';
import { keptLog } from '../testing/kept-log.js';
import { type BlobStore, IncompleteError } from './blob-store.js';
import { blobCollection, createGridfsStore } from './gridfs.js';

/** What is left of an upload when the database is killed, and what is waited for before a file is called finished. */

const mebibyte = 1024 * 1024;

let engine: TestEngine;
let store: Store;
let blobs: BlobStore;
beforeAll(async () => {
  engine = await startEngine();
  store = await connectDatabase(engine.uri);
  await prepareSchema({ store, log: keptLog().log });
  blobs = createGridfsStore(store);
});
afterAll(async () => {
  await store.close();
  await engine.stop();
});

const newId = (): string => new Types.ObjectId().toHexString();

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += mebibyte) {
    await Promise.resolve();
    yield bytes.subarray(at, at + mebibyte);
  }
}

/** Brings all bytes, and does this when the first ones are stored. */
async function* chunksWith(
  bytes: Uint8Array,
  { after, act }: { after: number; act: () => Promise<void> },
): AsyncGenerator<Uint8Array> {
  yield* chunks(bytes.subarray(0, after));
  await act();
  yield* chunks(bytes.subarray(after));
}

const killAndRestart = async (): Promise<void> => {
  engine.kill();
  await engine.restarted();
};

/** As a page does: asks what is there and sends the rest, until the file is finished. @returns what was found missing */
async function sendPatiently(id: string, bytes: Uint8Array): Promise<number[]> {
  const missing: number[] = [];
  for (;;) {
    try {
      const from = await blobs.length(id);
      await blobs.write(id, from, chunks(bytes.subarray(from)));
      await blobs.finish(id, bytes.length);
      return missing;
    } catch (error) {
      if (error instanceof IncompleteError) missing.push(error.from);
      else if (!(error instanceof Error && error.name.startsWith('Mongo'))) throw error;
    }
  }
}

async function readAll(id: string, size: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of await blobs.read(id, { start: 0, end: size })) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

it.each([1, 3, 7])(
  'a database killed after %i mebibytes of eight costs no byte in the end',
  async (count) => {
    const bytes = randomBytes(8 * mebibyte);
    const id = newId();
    // It dies between two chunks and is there again for the next: that one may be stored behind others that are gone.
    await blobs
      .write(id, 0, chunksWith(bytes, { after: count * mebibyte, act: killAndRestart }))
      .catch(() => undefined);
    expect(await blobs.length(id)).toBeLessThanOrEqual(bytes.length);
    await sendPatiently(id, bytes);
    expect((await readAll(id, bytes.length)).equals(bytes)).toBe(true);
  },
);

it('a chunk that went from the middle is found missing, sent again, and nothing else is', async () => {
  const bytes = randomBytes(6 * mebibyte);
  const id = newId();
  await blobs.write(id, 0, chunks(bytes));
  const rows = store.connection.collection(blobCollection);
  const lost = { file: new Types.ObjectId(id), part: 'bytes', at: 2 * mebibyte };
  expect(await rows.deleteOne(lost)).toMatchObject({ deletedCount: 1 });

  await expect(blobs.finish(id, bytes.length)).rejects.toEqual(new IncompleteError(2 * mebibyte));
  expect(await blobs.length(id)).toBe(2 * mebibyte);
  expect(await blobs.write(id, 2 * mebibyte, chunks(bytes.subarray(2 * mebibyte, 3 * mebibyte)))).toBe(
    bytes.length,
  );
  await blobs.finish(id, bytes.length);
  expect((await readAll(id, bytes.length)).equals(bytes)).toBe(true);
  expect(await rows.countDocuments({ file: lost.file, part: 'bytes' })).toBe(6);
});

it('what is finished outlives the database', async () => {
  const bytes = randomBytes(3 * mebibyte);
  const id = newId();
  await blobs.write(id, 0, chunks(bytes));
  await blobs.finish(id, bytes.length);
  await blobs.put(id, 'thumb', bytes.subarray(0, 100));
  await killAndRestart();
  await sendPatiently(newId(), randomBytes(1));
  expect((await readAll(id, bytes.length)).equals(bytes)).toBe(true);
  const thumb = await blobs.read(id, { start: 0, end: 100, copy: 'thumb' });
  expect(await thumb.toArray()).toHaveLength(1);
});

it('what there is of a file is read from an index, however large its chunks', async () => {
  const id = newId();
  await blobs.write(id, 0, chunks(randomBytes(3 * mebibyte)));
  const { executionStats } = (await store.connection
    .collection(blobCollection)
    .find(
      { file: new Types.ObjectId(id) },
      { projection: { _id: 0, part: 1, at: 1, size: 1 }, hint: 'sizes' },
    )
    .explain('executionStats')) as { executionStats: { nReturned: number; totalDocsExamined: number } };
  expect(executionStats).toMatchObject({ nReturned: 3, totalDocsExamined: 0 });
});

interface Command {
  writeConcern?: unknown;
  readConcern?: { level: string };
  updates?: { q: { part: string } }[];
  find?: string;
}

it.each([
  ['one server', {}, { w: 1, j: true, wtimeout: 0 }, 'local'],
  ['a replica set', { setName: 'rs0' }, { w: 'majority', j: true, wtimeout: 0 }, 'majority'],
])(
  'on %s a file is finished only by what was found once all was durable',
  async (_, hello, durable, level) => {
    const said: string[] = [];
    const watched = await connectDatabase(`${engine.uri}&monitorCommands=true`, { hello });
    try {
      for (const connection of [watched.connection, watched.reads])
        connection.getClient().on('commandStarted', ({ commandName, command }) => {
          const { writeConcern, readConcern, updates } = command as Command;
          if (commandName === 'insert') said.push(`chunk ${JSON.stringify(writeConcern)}`);
          if (commandName === 'update')
            said.push(`${updates?.[0]?.q.part ?? ''} ${JSON.stringify(writeConcern)}`);
          if (commandName === 'find') said.push(`look ${readConcern?.level ?? 'local'}`);
        });
      const store = createGridfsStore(watched);
      const id = newId();
      await store.write(id, 0, chunks(randomBytes(mebibyte)));
      await store.finish(id, mebibyte);
    } finally {
      await watched.close();
    }
    const awaited = (concern: unknown): unknown => JSON.parse(JSON.stringify(concern));
    const parsed = said.map((line) => {
      const [what, ...concern] = line.split(' ');
      return [what, what === 'look' ? concern[0] : (JSON.parse(concern.join(' ')) as unknown)];
    });
    expect(parsed).toEqual([
      ['look', level],
      ['chunk', expect.objectContaining({ w: 1, j: false })],
      ['look', level],
      ['look', level],
      ['end', awaited(durable)],
      ['look', level],
      ['whole', awaited(durable)],
    ]);
  },
);
