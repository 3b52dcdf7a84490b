import { type Entry, limits } from '@sori/contract';

/** What stands around the entries of a page. */
const frameBytes = 1024;

/** As it goes over the line, with the comma behind it. */
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value)) + 1;

/** Around a target that stands in an entry: `,"target":`. */
const targetBytes = 10;

export type SizedPage = ReturnType<typeof createSizedPage>;

/**
 * Gathers entries until the next one would make the page too large; one always fits.
 * @param once a target stands only in the last entry about it
 */
export function createSizedPage({ once }: { once: boolean }) {
  const entries: Entry[] = [];
  /** Which entry holds a target, and how large that makes it, by the target's seq. */
  const holders = new Map<number, { index: number; bytes: number }>();
  let bytes = frameBytes;

  return {
    entries,

    /** About how many more of this kind fit. */
    room: (): number => Math.ceil(((limits.entriesPageBytes - bytes) / bytes) * Math.max(entries.length, 1)),

    /** @returns false where it does not fit: then the page is full. */
    add(entry: Entry): boolean {
      if (!once || !('targetSeq' in entry) || !entry.target) return push(entry, bytesOf(entry));
      const { target, ...bare } = entry;
      const before = holders.get(entry.targetSeq);
      const own = bytesOf(target) + targetBytes;
      if (!push(entry, bytesOf(bare) + own - (before?.bytes ?? 0))) return false;
      if (before) leaveOut(before.index);
      holders.set(entry.targetSeq, { index: entries.length - 1, bytes: own });
      return true;
    },
  };

  function push(entry: Entry, more: number): boolean {
    if (entries.length > 0 && bytes + more > limits.entriesPageBytes) return false;
    entries.push(entry);
    bytes += more;
    return true;
  }

  function leaveOut(index: number): void {
    const entry = entries[index];
    if (!entry || !('target' in entry)) return;
    const { target: _target, ...bare } = entry;
    entries[index] = bare;
  }
}
