import { clean, type Cleaning } from '../media/clean.js';
import type { ByteSource } from '../media/byte-source.js';
import { applyPlan } from '../media/plan.js';

/** A file that lies in memory; and what was read of it at once, at most. */
export function inMemory(bytes: Buffer): ByteSource & { mostRead: () => number } {
  let most = 0;
  return {
    size: bytes.length,
    read: (start, end) => {
      most = Math.max(most, end - start);
      // Copied, as from a disk: nobody may rely on the bytes of another read.
      return Promise.resolve(Buffer.from(bytes.subarray(start, end)));
    },
    mostRead: () => most,
  };
}

/** The file after cleaning, with what was said of it. */
export async function cleaned(bytes: Buffer, type: string): Promise<Cleaning & { bytes: Buffer }> {
  const cleaning = await clean(inMemory(bytes), type);
  if (!cleaning) throw new Error(`${type} cannot be cleaned`);
  const pieces: Uint8Array[] = [];
  const open = (start: number, end: number) =>
    Promise.resolve(
      (async function* () {
        yield await Promise.resolve(bytes.subarray(start, end));
      })(),
    );
  for await (const piece of applyPlan(cleaning.plan, open)) pieces.push(piece);
  return { ...cleaning, bytes: Buffer.concat(pieces) };
}
