import { Readable } from 'node:stream';
import {
  type BlobStore,
  type Copy,
  type Home,
  IncompleteError,
  MissingError,
  requireId,
} from './blob-store.js';

/** A stretch of a file that is kept as one. Nobody changes it. */
export interface Chunk {
  /** Of its first byte, in the file. */
  at: number;
  /** In bytes. */
  size: number;
  /** By what its home finds it, if not by file and first byte. */
  key?: string;
}

export interface Found {
  chunks: Chunk[];
  /** The size of the finished file, all of which is among the chunks; null before that. */
  finished: number | null;
}

/** What keeps chunks, and knows nothing of uploads. */
export interface ChunkHome {
  readonly home: Home;
  /** A chunk is no larger, in bytes. */
  readonly chunkBytes: number;
  /**
   * Keeps a chunk, unless there is one that begins at the same byte. It may still be lost with a crash.
   * @returns the size of the one that is there now
   */
  add(id: string, at: number, bytes: Buffer): Promise<number>;
  look(id: string): Promise<Found>;
  /** What was added before outlives any crash afterwards, or is missing in what `look` finds. */
  settle(id: string, size: number): Promise<void>;
  /** Marks the file as finished: it is made of these chunks. */
  seal(id: string, chunks: readonly Chunk[]): Promise<void>;
  /** Some bytes of a chunk; null where it is not there (any more). */
  get(id: string, chunk: Chunk, start: number, end: number): Promise<Buffer | null>;
  putCopy(id: string, copy: Copy, bytes: Uint8Array): Promise<void>;
  getCopy(id: string, copy: Copy, start: number, end: number): Promise<Buffer | null>;
  ids(): AsyncIterable<string>;
  delete(id: string): Promise<void>;
}

/**
 * The chunks that follow one another from the first byte on. Each begins just where the one before ends: of all that begin there
 * the first counts, so what is added later never changes what was there.
 */
function chainOf(chunks: readonly Chunk[]): { chain: Chunk[]; length: number } {
  const byStart = new Map<number, Chunk>();
  for (const chunk of chunks) if (!byStart.has(chunk.at)) byStart.set(chunk.at, chunk);
  const chain: Chunk[] = [];
  let length = 0;
  for (let next = byStart.get(0); next && next.size > 0; next = byStart.get(length)) {
    chain.push(next);
    length += next.size;
  }
  return { chain, length };
}

/**
 * Cuts what comes into chunks that end at multiples of their size, or where it breaks off: so two who write the same bytes soon
 * write the same chunks.
 * @param at of the first byte that is not there yet
 * @param known how many bytes come before that one
 */
function chunkWriter(home: ChunkHome, id: string, at: number, known: number) {
  const held: Uint8Array[] = [];
  let heldBytes = 0;

  /** The next bytes are there, whoever brought them. */
  function pass(count: number): void {
    at += count;
    known += count;
    drop();
  }
  function drop(): void {
    while (known > 0 && heldBytes > 0) {
      const first = held.shift() ?? new Uint8Array();
      const rest = first.subarray(Math.min(known, first.length));
      if (rest.length > 0) held.unshift(rest);
      known -= first.length - rest.length;
      heldBytes -= first.length - rest.length;
    }
  }

  async function add(size: number): Promise<void> {
    pass(await home.add(id, at, Buffer.concat(held, heldBytes).subarray(0, size)));
  }

  return {
    async take(bytes: Uint8Array): Promise<void> {
      held.push(bytes);
      heldBytes += bytes.length;
      drop();
      for (let size = sizeAt(home, at); heldBytes >= size; size = sizeAt(home, at)) await add(size);
    },
    async flush(): Promise<void> {
      while (heldBytes > 0) await add(heldBytes);
    },
  };
}
const sizeAt = ({ chunkBytes }: ChunkHome, at: number): number => chunkBytes - (at % chunkBytes);

/** Reads chunk after chunk, one ahead of whoever takes them. */
async function* readChunks(
  home: ChunkHome,
  id: string,
  chain: readonly Chunk[],
  { start, end }: { start: number; end: number },
): AsyncGenerator<Buffer> {
  const wanted = chain.filter(({ at, size }) => at < end && at + size > start);
  const get = async (chunk: Chunk | undefined): Promise<Buffer | null> => {
    if (!chunk) return null;
    const [from, to] = [Math.max(0, start - chunk.at), Math.min(chunk.size, end - chunk.at)];
    const bytes = await home.get(id, chunk, from, to);
    return bytes?.length === to - from ? bytes : null;
  };
  let next = get(wanted[0]);
  for (const index of wanted.keys()) {
    const bytes = await next;
    if (!bytes) throw new MissingError(id);
    next = get(wanted[index + 1]);
    // Whoever asks for it gets the failure; nobody does where the reader has gone.
    next.catch(() => undefined);
    yield bytes;
  }
}

/** Taken piece by piece, with no more than the next one waiting. */
const streamOf = (pieces: AsyncIterable<Buffer> | Iterable<Buffer>): Readable =>
  Readable.from(pieces, { objectMode: false, highWaterMark: 1 });

/** Files in chunks. Uploads need no lock: a chunk is found by its first byte and stays what it is. */
export function createChunkedStore(home: ChunkHome): BlobStore {
  async function length(id: string): Promise<number> {
    const { chunks, finished } = await home.look(requireId(id));
    return finished ?? chainOf(chunks).length;
  }

  return {
    home: home.home,
    length,

    async write(id, offset, bytes) {
      const there = await length(id);
      if (offset > there) throw new IncompleteError(there);
      const writer = chunkWriter(home, id, there, there - offset);
      let broken: { error: unknown } | undefined;
      const pieces = bytes[Symbol.asyncIterator]();
      try {
        for (;;) {
          // A failure of what brings the bytes, and not of what keeps them: then the last ones are kept as well.
          const next = await pieces.next().catch((error: unknown) => {
            broken = { error };
            return { done: true } as const;
          });
          if (next.done) break;
          await writer.take(next.value);
        }
        await writer.flush();
      } catch (error) {
        await pieces.return?.();
        throw error;
      }
      if (broken) throw broken.error;
      return length(id);
    },

    async finish(id, size) {
      if ((await home.look(requireId(id))).finished !== null) return;
      await home.settle(id, size);
      // Only now: what was acknowledged without being durable may have gone with a crash meanwhile, from the middle as well.
      const { chain, length: there } = chainOf((await home.look(id)).chunks);
      if (there < size) throw new IncompleteError(there);
      if (there > size) throw new RangeError(`There are ${there} bytes of ${size}`);
      await home.seal(id, chain);
    },

    async put(id, copy, bytes) {
      await home.putCopy(requireId(id), copy, bytes);
    },

    async read(id, { start, end, copy }) {
      if (copy !== undefined) {
        const bytes = await home.getCopy(requireId(id), copy, start, end);
        if (!bytes) throw new MissingError(id);
        return streamOf(bytes.length > 0 ? [bytes] : []);
      }
      const { chunks, finished } = await home.look(requireId(id));
      if (finished === null) throw new MissingError(id);
      return streamOf(readChunks(home, id, chainOf(chunks).chain, { start, end }));
    },

    ids: () => home.ids(),

    async delete(id) {
      await home.delete(requireId(id));
    },
  };
}
