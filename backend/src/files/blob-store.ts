import type { Readable } from 'node:stream';

/** Where the bytes of a file live; a file's row names it, so that a changed setting leaves old files readable. */
export type Home = 'disk' | 'gridfs' | 's3';

/** The smaller copies of a picture, kept beside its bytes and deleted with them. */
export const copies = ['thumb', 'display'] as const;
export type Copy = (typeof copies)[number];

export interface Range {
  /** The first byte. */
  start: number;
  /** Behind the last byte. */
  end: number;
  /** Of this copy; else of the file itself. */
  copy?: Copy;
}

/**
 * The bytes of files, by an id of 24 hexadecimal digits. They come in as an upload that may break off anywhere and go on from
 * another server: what is kept of it is found by file and offset, so nobody has to hold a lock, and who writes what is
 * already there does no harm. Once finished, nothing changes them.
 */
export interface BlobStore {
  readonly home: Home;
  /**
   * Adds what `bytes` brings, from this offset on, and never holds more of it than a piece. Where `bytes` fails, what came
   * before is kept and the failure is thrown.
   * @returns as `length`
   * @throws IncompleteError where the bytes before `offset` are not there
   */
  write(id: string, offset: number, bytes: AsyncIterable<Uint8Array>): Promise<number>;
  /** How many bytes are there, from the first one without a hole: where an upload goes on. 0 for an unknown id. */
  length(id: string): Promise<number>;
  /**
   * Makes sure that these bytes are whole and outlive any crash; twice is once. Only then may anybody be told that the file
   * is there.
   * @throws IncompleteError naming the first byte that is missing: the upload goes on from there
   */
  finish(id: string, size: number): Promise<void>;
  /** Keeps a small copy of a finished file; it outlives any crash. */
  put(id: string, copy: Copy, bytes: Uint8Array): Promise<void>;
  /**
   * Reads a part of a finished file, no faster than it is taken.
   * @throws MissingError where there is no such file, before the first byte
   */
  read(id: string, range: Range): Promise<Readable>;
  /** The ids of which there is anything at all, for checks. What comes or goes meanwhile may be missing. */
  ids(): AsyncIterable<string>;
  /** Removes the file, its copies and what there is of its upload; what is not there is removed already. */
  delete(id: string): Promise<void>;
}

/** Bytes are missing: never sent, or lost with a database before they were durable. */
export class IncompleteError extends Error {
  override readonly name = 'IncompleteError';
  /** @param from the first byte that is missing */
  constructor(readonly from: number) {
    super(`There are ${from} bytes, and no more`);
  }
}

export class MissingError extends Error {
  override readonly name = 'MissingError';
  constructor(id: string) {
    super(`There is no file ${id}`);
  }
}

/** Ids become paths and keys: nothing else than an id ever does. */
export function requireId(id: string): string {
  if (!/^[0-9a-f]{24}$/.test(id)) throw new TypeError('An id of a file is 24 hexadecimal digits');
  return id;
}
