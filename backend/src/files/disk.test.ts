import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Types } from 'mongoose';
import { bytesAt } from '../testing/bytes-at.js';
import { createDiskStore, type DiskStore } from './disk.js';

/** What is left of an upload in a folder when the server is killed, and how much is copied. */

const mebibyte = 1024 * 1024;

let root: string;
let store: DiskStore;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sori-files-'));
  store = createDiskStore(root);
});
afterAll(() => rm(root, { recursive: true, force: true }));

const newId = (): string => new Types.ObjectId().toHexString();

async function* bodyOf(...pieces: Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield await Promise.resolve(piece);
}

/** Another process goes on with the upload, and is killed after that many bytes. */
async function uploadAndKill(id: string, from: number, bytes: number): Promise<void> {
  const child = fork(join(__dirname, '../testing/uploader.ts'), [root, id, String(from)], {
    execArgv: ['--import', 'tsx'],
  });
  const gone = once(child, 'exit');
  await new Promise<void>((resolve) => {
    child.on('message', (at: number) => {
      if (at >= from + bytes) resolve();
    });
  });
  child.kill('SIGKILL');
  await gone;
}

it('a killed server leaves a shorter upload, which goes on', async () => {
  const id = newId();
  let length = 0;
  for (let kills = 0; kills < 3; kills += 1) {
    await uploadAndKill(id, length, 10 * mebibyte);
    const there = await store.length(id);
    // All but what came since the last time that it was put on disk.
    expect(there).toBeGreaterThan(length);
    length = there;
  }
  const size = length + 1_000;
  expect(await store.write(id, length, bodyOf(bytesAt(length, 1_000)))).toBe(size);
  await store.finish(id, size);
  const pieces = (await (await store.read(id, { start: 0, end: size })).toArray()) as Buffer[];
  expect(Buffer.concat(pieces).equals(bytesAt(0, size))).toBe(true);
  expect(await readdir(join(root, 'uploads'))).not.toContain(id);
});

it('what a file grew by before a power cut counts only as far as it was put on disk', async () => {
  const id = newId();
  const folder = join(root, 'uploads', id);
  await mkdir(folder, { recursive: true });
  // So a file system may leave it: longer, with nothing in it.
  await writeFile(join(folder, '0-100-0a0b0c.open'), Buffer.concat([bytesAt(0, 100), Buffer.alloc(50)]));
  expect(await store.length(id)).toBe(100);
  await store.write(id, 100, bodyOf(bytesAt(100, 50)));
  await store.finish(id, 150);
  const [bytes] = (await (await store.read(id, { start: 0, end: 150 })).toArray()) as Buffer[];
  expect(bytes?.equals(bytesAt(0, 150))).toBe(true);
});

it('an upload in several requests becomes the file without being copied', async () => {
  const id = newId();
  await store.write(id, 0, bodyOf(bytesAt(0, mebibyte)));
  const folder = join(root, 'uploads', id);
  const [first = ''] = await readdir(folder);
  const { ino } = await stat(join(folder, first));
  await store.write(id, mebibyte, bodyOf(bytesAt(mebibyte, mebibyte)));
  expect(await readdir(folder)).toHaveLength(1);
  await store.finish(id, 2 * mebibyte);
  expect((await stat(store.pathOf(id))).ino).toBe(ino);
});

it('nobody else on the machine can read it', async () => {
  const id = newId();
  await store.write(id, 0, bodyOf(bytesAt(0, 10)));
  await store.finish(id, 10);
  await store.put(id, 'thumb', bytesAt(0, 10));
  for (const path of [store.pathOf(id), `${store.pathOf(id)}.thumb`])
    expect((await stat(path)).mode & 0o077).toBe(0);
  expect((await stat(join(root, 'uploads'))).mode & 0o077).toBe(0);
});
