/** A file of which any part can be read, wherever it lies. */
export interface ByteSource {
  /** In bytes. */
  readonly size: number;
  /** The bytes from `start` up to `end`, which is not beyond `size`. */
  read(start: number, end: number): Promise<Uint8Array>;
}

/** The file is not what it begins like, or is damaged. */
export class BrokenFileError extends Error {
  override readonly name = 'BrokenFileError';
}

/** More pixels or frames than anybody needs: it would cost each who opens it. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

/** One read for many small looks, and few enough that many files can be looked through at once. */
const defaultWindowBytes = 256 * 1024;

/** A GIF of 100 MiB takes 400,000; what takes more was made to be slow. */
const mostLooks = 1_000_000;

/** Looks at small parts of a file, mostly one after the other, and reads it in larger ones. */
export interface Scan {
  readonly size: number;
  /** @throws BrokenFileError where the file ends before `at + length` */
  bytes(at: number, length: number): Promise<Buffer>;
  /** What is held of the file from `at` on: at least two bytes, or the last one. @throws BrokenFileError at the end */
  ahead(at: number): Promise<Buffer>;
}

export function scanOf(source: ByteSource, windowBytes = defaultWindowBytes): Scan {
  let from = 0;
  let held: Buffer = Buffer.alloc(0);
  let looks = 0;

  async function hold(at: number, length: number): Promise<void> {
    looks += 1;
    if (looks > mostLooks) throw new BrokenFileError('The file is made of too many pieces');
    if (at >= from && at + length <= from + held.length) return;
    if (at + length > source.size) throw new BrokenFileError('The file ends too early');
    const end = Math.min(source.size, at + Math.max(length, windowBytes));
    const read = await source.read(at, end);
    if (read.length < length) throw new BrokenFileError('The file ends too early');
    from = at;
    held = Buffer.from(read.buffer, read.byteOffset, read.length);
  }

  return {
    size: source.size,
    async bytes(at, length) {
      await hold(at, length);
      return held.subarray(at - from, at - from + length);
    },
    async ahead(at) {
      await hold(at, Math.max(1, Math.min(2, source.size - at)));
      return held.subarray(at - from);
    },
  };
}
