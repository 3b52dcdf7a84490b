import { type Entry, limits, type Message, withTargets } from '@sori/contract';
import { createSizedPage } from './page-size.js';

const id = (seq: number): string => seq.toString(16).padStart(24, '0');
const base = (seq: number) => ({ _id: id(seq), conversationId: id(0), seq, senderId: id(0) });
const at = new Date(0).toISOString();
const message = (seq: number, text: string): Message => ({
  ...base(seq),
  message: text,
  createdAt: at,
  updatedAt: at,
  attachments: [],
  reactions: [],
});
const pinned = (seq: number, target: Message): Entry => ({
  ...base(seq),
  at,
  kind: 'pin',
  targetSeq: target.seq,
  target,
});
const filled = (entries: Entry[], once: boolean): Entry[] => {
  const page = createSizedPage({ once });
  for (const entry of entries) if (!page.add(entry)) break;
  return page.entries;
};
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('a page of entries', () => {
  it.each([
    ['Korean, three bytes each', '가'.repeat(8_000)],
    ['quotes and new lines, which are escaped', '"\n'.repeat(4_000)],
    ['signs that take six bytes', '\u0001'.repeat(8_000)],
    ['plain letters', 'a'.repeat(8_000)],
  ])('ends where the next text would make it too large: %s', (_name, text) => {
    const entries = upTo(100).map((seq): Entry => ({ ...message(seq, text), kind: 'message', at }));
    const page = filled(entries, false);
    const bytes = bytesOf({ entries: page });
    expect(bytes).toBeLessThanOrEqual(limits.entriesPageBytes);
    // Nor much sooner.
    expect(bytes + bytesOf(entries[0])).toBeGreaterThan(limits.entriesPageBytes - 2_048);
  });

  it('has one entry, however large', () => {
    const huge: Entry = { ...message(1, 'a'.repeat(limits.entriesPageBytes)), kind: 'message', at };
    expect(filled([huge, huge], false)).toEqual([huge]);
  });

  it('has each changed message in its last entry about it, and counts its size once', () => {
    const [large, small] = [message(1, '가'.repeat(8_000)), message(2, 'small')];
    const entries = upTo(200).map((seq) => pinned(seq + 2, seq % 2 === 0 ? large : small));
    const page = filled(entries, true);
    expect(page.map(({ seq }) => seq)).toEqual(entries.map(({ seq }) => seq));
    expect(page.filter((entry) => 'target' in entry)).toEqual(entries.slice(-2));
    expect(withTargets(page)).toEqual(entries);
    expect(filled(entries, false).length).toBeLessThan(entries.length);
  });

  it('leaves the message with the entry before the one that did not fit', () => {
    const large = message(1, 'a'.repeat(limits.entriesPageBytes / 2));
    const other = message(2, 'b'.repeat(limits.entriesPageBytes / 2));
    const entries = [pinned(3, large), pinned(4, large), pinned(5, other), pinned(6, large)];
    expect(filled(entries, true)).toEqual([{ ...entries[0], target: undefined }, entries[1]]);
    expect(filled(entries, false)).toEqual([entries[0]]);
  });

  it('counts what a changed message has grown by since its first entry on the page', () => {
    const [before, after] = [message(1, 'a'), message(1, 'a'.repeat(limits.entriesPageBytes))];
    expect(filled([pinned(2, before), pinned(3, after)], true)).toEqual([pinned(2, before)]);
  });
});
