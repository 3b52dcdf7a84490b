import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbsent, newTag } from './durable-files.js';

/**
 * What one connection brought of an upload, in a file of its own, so that two never write into one. Its name says how much of
 * it outlives a power cut: a file that has grown since may have holes there.
 */
export interface Part {
  name: string;
  /** Of its first byte, in the upload. */
  at: number;
  /** How many bytes are on disk. */
  size: number;
  /** Nobody writes into it any more, and nobody will under this name. */
  closed: boolean;
}

const nameOf = ({ at, size, tag, closed }: Omit<Part, 'name'> & { tag: string }): string =>
  `${at}-${size}-${tag}.${closed ? 'closed' : 'open'}`;
const namePattern = /^(\d+)-(\d+)-([0-9a-f]+)\.(open|closed)$/;

/** All parts of the upload in this folder, by their first bytes. */
export async function partsIn(folder: string): Promise<Part[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isAbsent(error)) return [];
    throw error;
  });
  return names
    .flatMap((name) => {
      const [, at, size, , state] = namePattern.exec(name) ?? [];
      return at === undefined
        ? []
        : [{ name, at: Number(at), size: Number(size), closed: state === 'closed' }];
    })
    .sort((a, b) => a.at - b.at);
}

/** What a stretch of the file is read from. */
export interface Stretch {
  part: Part;
  /** In the upload. */
  start: number;
  end: number;
}

/** How to read the upload from its first byte to the first one that is missing. */
export function stretchesOf(parts: readonly Part[]): Stretch[] {
  const stretches: Stretch[] = [];
  let length = 0;
  for (const part of parts) {
    if (part.at > length) break;
    const end = part.at + part.size;
    if (end <= length) continue;
    stretches.push({ part, start: length, end });
    length = end;
  }
  return stretches;
}

export interface PartWriter {
  append(bytes: Uint8Array): Promise<void>;
  /** All that was appended is on disk afterwards. */
  close(): Promise<void>;
}

/** What comes in fast is put on disk at each of these many bytes, and what comes in slowly once in so long a time. */
const syncedEvery = { bytes: 4 * 1024 * 1024, ms: 1_000 };

/**
 * Takes over a closed part by renaming it: of two who try, one can, and nobody else writes into it from then on.
 * @returns null where somebody else was first
 */
export async function takePart(folder: string, part: Part): Promise<(Part & { tag: string }) | null> {
  const taken = { ...part, closed: false, tag: newTag() };
  const name = nameOf(taken);
  try {
    await rename(join(folder, part.name), join(folder, name));
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
  return { ...taken, name };
}

/** Begins to write at this offset of an upload: behind a part that ends just there, or in a part of its own. */
export async function openPart(folder: string, offset: number): Promise<PartWriter> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const part of await partsIn(folder)) {
    if (!part.closed || part.at + part.size !== offset) continue;
    const taken = await takePart(folder, part);
    if (taken) return partWriter(folder, await open(join(folder, taken.name), 'r+'), taken);
  }
  const made = { at: offset, size: 0, tag: newTag(), closed: false };
  const name = nameOf(made);
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY;
  return partWriter(folder, await open(join(folder, name), flags, 0o600), { ...made, name });
}

function partWriter(folder: string, handle: FileHandle, part: Part & { tag: string }): PartWriter {
  let { name } = part;
  let written = part.size;
  let synced = part.size;
  let syncedAt = performance.now();
  let syncing: Promise<void> | undefined;
  let failure: { error: unknown } | undefined;

  async function sync(closed: boolean): Promise<void> {
    const size = written;
    await handle.datasync();
    const next = nameOf({ at: part.at, size, tag: part.tag, closed });
    await rename(join(folder, name), join(folder, next));
    name = next;
    synced = size;
    syncedAt = performance.now();
  }

  /** Beside what is written next: the disk is never waited for, but by a second round that comes too soon. */
  async function syncNowAndThen(): Promise<void> {
    if (written - synced < syncedEvery.bytes && performance.now() - syncedAt < syncedEvery.ms) return;
    await syncing;
    if (failure) throw failure.error;
    syncing = sync(false).catch((error: unknown) => {
      failure = { error };
    });
  }

  return {
    async append(bytes) {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, written);
        done += bytesWritten;
        written += bytesWritten;
      }
      await syncNowAndThen();
    },
    async close() {
      try {
        await syncing;
        await sync(true);
      } finally {
        await handle.close();
      }
    },
  };
}
