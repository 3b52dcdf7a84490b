import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Types } from 'mongoose';
import { connectDatabase } from '../database/connect.js';
import { prepareSchema } from '../schema/prepare.js';
import { startEngine } from '../testing/engine.js';
import { keptLog } from '../testing/kept-log.js';
import { until } from '../testing/program.js';
import { startS3 } from '../testing/s3.js';
import { type BlobStore, IncompleteError, MissingError, type Range } from './blob-store.js';
import { createDiskStore } from './disk.js';
import { createGridfsStore } from './gridfs.js';
import { createS3Store } from './s3.js';

/** What every home of files promises, asked of each of them. */

interface Opened {
  store: BlobStore;
  /** Another server on the same bytes. */
  other: BlobStore;
  close(): Promise<void>;
}

async function openFolder(): Promise<Opened> {
  const root = await mkdtemp(join(tmpdir(), 'sori-files-'));
  const [store, other] = [createDiskStore(root), createDiskStore(root)];
  return { store, other, close: () => rm(root, { recursive: true, force: true }) };
}

async function openDatabase(): Promise<Opened> {
  const engine = await startEngine();
  const [one, two] = [await connectDatabase(engine.uri), await connectDatabase(engine.uri)];
  await prepareSchema({ store: one, log: keptLog().log });
  return {
    store: createGridfsStore(one),
    other: createGridfsStore(two),
    async close() {
      await Promise.all([one.close(), two.close()]);
      await engine.stop();
    },
  };
}

async function openBucket(): Promise<Opened> {
  const { settings, close } = await startS3();
  return { store: createS3Store(settings), other: createS3Store(settings), close };
}

const newId = (): string => new Types.ObjectId().toHexString();
const mebibyte = 1024 * 1024;

/** As a request's body comes: in pieces of no particular size. */
async function* inPieces(bytes: Uint8Array, size = 60_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
  }
}

async function* thenBreaks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield* inPieces(bytes);
  throw new Error('the line broke');
}

/** A body that goes on when the test says so. */
function stalling() {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  return {
    release,
    reached,
    async *before(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      reach();
      await held;
      yield* pieces;
    },
    async *body(before: Uint8Array, after: Uint8Array): AsyncGenerator<Uint8Array> {
      yield* inPieces(before);
      reach();
      await held;
      yield* inPieces(after);
    },
  };
}

async function readAll(store: BlobStore, id: string, range: Range): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of await store.read(id, range)) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const equal = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

describe.each([
  ['a folder', openFolder],
  ['the database', openDatabase],
  ['a bucket', openBucket],
] as const)('%s', (_, open) => {
  let opened: Opened;
  let store: BlobStore;
  beforeAll(async () => {
    opened = await open();
    ({ store } = opened);
  });
  afterAll(() => opened.close());

  async function keep(bytes: Uint8Array): Promise<string> {
    const id = newId();
    await store.write(id, 0, inPieces(bytes));
    await store.finish(id, bytes.length);
    return id;
  }

  it('gives back what it was given', async () => {
    const bytes = randomBytes(9 * mebibyte + 321);
    const id = await keep(bytes);
    expect(equal(await readAll(store, id, { start: 0, end: bytes.length }), bytes)).toBe(true);
    expect(equal(await readAll(opened.other, id, { start: 0, end: bytes.length }), bytes)).toBe(true);
  });

  it('gives any part of it, over the borders of what it is kept in', async () => {
    const bytes = randomBytes(9 * mebibyte);
    const id = await keep(bytes);
    const borders = [
      0,
      1,
      mebibyte - 1,
      mebibyte,
      mebibyte + 1,
      4 * mebibyte,
      8 * mebibyte + 5,
      bytes.length,
    ];
    for (const start of borders)
      for (const end of borders.filter((one) => one >= start)) {
        expect(equal(await readAll(store, id, { start, end }), bytes.subarray(start, end))).toBe(true);
      }
  });

  it('keeps a file without a byte', async () => {
    const id = newId();
    await store.finish(id, 0);
    expect(await readAll(store, id, { start: 0, end: 0 })).toHaveLength(0);
  });

  it('goes on where a line broke, whichever server is asked', async () => {
    const bytes = randomBytes(6 * mebibyte);
    const id = newId();
    const cuts = [0, 100, 2.5 * mebibyte, 2.5 * mebibyte + 1, 5 * mebibyte + 7];
    for (const [index, cut] of cuts.entries()) {
      const server = index % 2 === 0 ? store : opened.other;
      expect(await server.length(id)).toBe(cut);
      const part = bytes.subarray(cut, cuts[index + 1]);
      const writing = server.write(id, cut, index + 1 < cuts.length ? thenBreaks(part) : inPieces(part));
      if (index + 1 < cuts.length) await expect(writing).rejects.toThrow('the line broke');
      else expect(await writing).toBe(bytes.length);
    }
    await store.finish(id, bytes.length);
    expect(equal(await readAll(store, id, { start: 0, end: bytes.length }), bytes)).toBe(true);
  });

  it('takes an upload in many requests', async () => {
    const bytes = randomBytes(3 * mebibyte);
    const id = newId();
    const step = 700_001;
    for (let at = 0; at < bytes.length; at += step)
      expect(await store.write(id, at, inPieces(bytes.subarray(at, at + step)))).toBe(
        Math.min(at + step, bytes.length),
      );
    await store.finish(id, bytes.length);
    expect(equal(await readAll(store, id, { start: 0, end: bytes.length }), bytes)).toBe(true);
  });

  it('refuses to leave a hole, and says what is missing', async () => {
    const id = newId();
    await store.write(id, 0, inPieces(randomBytes(1_000)));
    const beyond = store.write(id, 1_001, inPieces(randomBytes(10)));
    await expect(beyond).rejects.toEqual(expect.objectContaining({ name: 'IncompleteError', from: 1_000 }));
    expect(await store.length(id)).toBe(1_000);
  });

  it('does not call finished what is not whole, and takes the rest', async () => {
    const bytes = randomBytes(2 * mebibyte);
    const id = newId();
    await expect(store.finish(id, bytes.length)).rejects.toEqual(new IncompleteError(0));
    await store.write(id, 0, inPieces(bytes.subarray(0, -1)));
    await expect(store.finish(id, bytes.length)).rejects.toEqual(new IncompleteError(bytes.length - 1));
    await store.write(id, bytes.length - 1, inPieces(bytes.subarray(-1)));
    await store.finish(id, bytes.length);
    expect(equal(await readAll(store, id, { start: 0, end: bytes.length }), bytes)).toBe(true);
  });

  it('does not call finished what is more than was said', async () => {
    const id = newId();
    await store.write(id, 0, inPieces(randomBytes(11)));
    await expect(store.finish(id, 10)).rejects.toThrow(RangeError);
  });

  it('takes the same bytes twice, at the same time and by two servers, as once', async () => {
    const bytes = randomBytes(5 * mebibyte);
    const id = newId();
    await Promise.all([
      store.write(id, 0, inPieces(bytes)),
      opened.other.write(id, 0, inPieces(bytes, 1_234_567)),
      store.write(id, 0, inPieces(bytes, 99_999)),
    ]);
    expect(await store.length(id)).toBe(bytes.length);
    await Promise.all([store.finish(id, bytes.length), opened.other.finish(id, bytes.length)]);
    await store.finish(id, bytes.length);
    expect(equal(await readAll(store, id, { start: 0, end: bytes.length }), bytes)).toBe(true);
  });

  it('never changes a finished file, whatever a connection that was given up still brings', async () => {
    const [bytes, false_] = [randomBytes(3 * mebibyte), randomBytes(3 * mebibyte)];
    const id = newId();
    const stalled = stalling();
    const late = store.write(id, 0, stalled.body(bytes.subarray(0, 100), false_.subarray(100)));
    await stalled.reached;
    const there = await store.length(id);
    await opened.other.write(id, there, inPieces(bytes.subarray(there)));
    await opened.other.finish(id, bytes.length);
    stalled.release();
    await late.catch(() => undefined);
    await store.write(id, 10, inPieces(false_.subarray(10))).catch(() => undefined);
    await store.finish(id, bytes.length);
    expect(equal(await readAll(store, id, { start: 0, end: bytes.length }), bytes)).toBe(true);
    expect(equal(await readAll(opened.other, id, { start: 0, end: bytes.length }), bytes)).toBe(true);
  });

  it('never seems shorter while it is being finished', async () => {
    const bytes = randomBytes(3 * mebibyte);
    const id = newId();
    for (let at = 0; at < bytes.length; at += mebibyte)
      await store.write(id, at, thenBreaks(bytes.subarray(at, at + mebibyte))).catch(() => undefined);
    const state = { finished: false };
    const finishing = store.finish(id, bytes.length).finally(() => (state.finished = true));
    while (!state.finished) expect(await opened.other.length(id)).toBe(bytes.length);
    await finishing;
  });

  it('never makes a finished file longer, however much more a connection brings', async () => {
    const bytes = randomBytes(4 * mebibyte);
    const id = newId();
    const stalled = stalling();
    const late = store.write(id, 0, stalled.body(bytes, randomBytes(mebibyte)));
    await stalled.reached;
    await until(async () => (await store.length(id)) === bytes.length);
    await opened.other.finish(id, bytes.length);
    stalled.release();
    await late.catch(() => undefined);
    expect(await store.length(id)).toBe(bytes.length);
    expect(equal(await readAll(store, id, { start: 0, end: bytes.length }), bytes)).toBe(true);
  });

  it('goes on from the longer of two connections that began at the same byte', async () => {
    const bytes = randomBytes(5 * mebibyte);
    for (const first of ['the short one', 'the long one']) {
      const id = newId();
      const stalled = stalling();
      const brings = { long: inPieces(bytes), short: thenBreaks(bytes.subarray(0, 100)) };
      const [held, quick] =
        first === 'the short one' ? (['long', 'short'] as const) : (['short', 'long'] as const);
      // Both find nothing there, and one of them waits before it brings anything.
      const slow = store.write(id, 0, stalled.before(brings[held])).catch(() => undefined);
      await stalled.reached;
      await opened.other.write(id, 0, brings[quick]).catch(() => undefined);
      stalled.release();
      await slow;
      expect([first, await store.length(id)]).toEqual([first, bytes.length]);
      await store.finish(id, bytes.length);
      expect(equal(await readAll(store, id, { start: 0, end: bytes.length }), bytes)).toBe(true);
    }
  });

  it('keeps the small copies of a picture beside it', async () => {
    const id = await keep(randomBytes(1_000));
    const [thumb, display] = [randomBytes(30_000), randomBytes(2 * mebibyte)];
    await store.put(id, 'thumb', randomBytes(10));
    await store.put(id, 'thumb', thumb);
    await store.put(id, 'display', display);
    expect(equal(await readAll(opened.other, id, { start: 0, end: 30_000, copy: 'thumb' }), thumb)).toBe(
      true,
    );
    const part = { start: 5, end: 2 * mebibyte - 5, copy: 'display' } as const;
    expect(equal(await readAll(store, id, part), display.subarray(5, -5))).toBe(true);
  });

  it('forgets a file with all that belongs to it, and twice is once', async () => {
    const [id, neighbour] = [await keep(randomBytes(2 * mebibyte)), await keep(randomBytes(10))];
    await store.put(id, 'thumb', randomBytes(10));
    const upload = newId();
    await store.write(upload, 0, inPieces(randomBytes(2 * mebibyte)));
    for (const gone of [id, upload, upload, newId()]) {
      await opened.other.delete(gone);
      expect(await store.length(gone)).toBe(0);
      await expect(store.read(gone, { start: 0, end: 1 })).rejects.toThrow(MissingError);
    }
    await expect(store.read(id, { start: 0, end: 1, copy: 'thumb' })).rejects.toThrow(MissingError);
    expect(await readAll(store, neighbour, { start: 0, end: 10 })).toHaveLength(10);
  });

  it('names what it has something of, also where that is not whole', async () => {
    const [id, upload, gone] = [await keep(randomBytes(10)), newId(), await keep(randomBytes(10))];
    await store.put(id, 'thumb', randomBytes(10));
    await store.write(upload, 0, inPieces(randomBytes(10)));
    await store.delete(gone);
    const ids: string[] = [];
    for await (const one of opened.other.ids()) ids.push(one);
    expect(ids).toEqual([...new Set(ids)]);
    expect(ids).toEqual(expect.arrayContaining([id, upload]));
    expect(ids).not.toContain(gone);
  });

  it('says before the first byte that there is no such file', async () => {
    await expect(store.read(newId(), { start: 0, end: 10 })).rejects.toThrow(MissingError);
    const id = await keep(randomBytes(10));
    await expect(store.read(id, { start: 0, end: 10, copy: 'thumb' })).rejects.toThrow(MissingError);
  });

  it.each(['../../../etc/passwd', 'a'.repeat(23), 'A'.repeat(24), `${'a'.repeat(24)}/..`, ''])(
    'takes no id that is none: %j',
    async (id) => {
      await expect(store.write(id, 0, inPieces(Buffer.of(1)))).rejects.toThrow(TypeError);
      await expect(store.length(id)).rejects.toThrow(TypeError);
      await expect(store.finish(id, 0)).rejects.toThrow(TypeError);
      await expect(store.read(id, { start: 0, end: 1 })).rejects.toThrow(TypeError);
      await expect(store.put(id, 'thumb', Buffer.of(1))).rejects.toThrow(TypeError);
      await expect(store.delete(id)).rejects.toThrow(TypeError);
    },
  );

  it('reads no faster than it is taken, and stops for a reader who goes away', async () => {
    const bytes = randomBytes(8 * mebibyte);
    const id = await keep(bytes);
    const stream = await store.read(id, { start: 0, end: bytes.length });
    let taken = 0;
    for await (const piece of stream) {
      taken += (piece as Buffer).length;
      expect(stream.readableLength).toBeLessThanOrEqual(5 * mebibyte);
      break;
    }
    expect(taken).toBeLessThan(bytes.length);
    expect(stream.destroyed).toBe(true);
    await new Promise<void>((resolve) => (stream.closed ? resolve() : stream.once('close', resolve)));
  });

  it('holds little of a hundred megabytes on their way in and out', async () => {
    const piece = randomBytes(mebibyte);
    const id = newId();
    collect();
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    /** What is held, and not only waits to be collected. */
    const look = (): void => {
      collect();
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    };
    async function* body(): AsyncGenerator<Uint8Array> {
      for (let n = 0; n < 100; n += 1) {
        if (n % 20 === 10) look();
        yield await Promise.resolve(Buffer.from(piece));
      }
    }
    await store.write(id, 0, body());
    await store.finish(id, 100 * mebibyte);
    let length = 0;
    for await (const some of await store.read(id, { start: 0, end: 100 * mebibyte })) {
      const looked = Math.floor(length / (20 * mebibyte));
      length += (some as Buffer).length;
      if (Math.floor(length / (20 * mebibyte)) > looked) look();
    }
    expect(length).toBe(100 * mebibyte);
    // A bucket's server is in this process, and holds chunks of its own.
    expect(most).toBeLessThan(50 * mebibyte);
    await store.delete(id);
  });
});
