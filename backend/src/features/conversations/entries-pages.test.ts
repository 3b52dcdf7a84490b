import { EntriesPage, type Entry, limits, withTargets } from '@sori/contract';
import fc from 'fast-check';
import { Types } from 'mongoose';
import type { ConversationRow } from '../../conversation-log/conversations.model.js';
import type { EntryPayload, EntryRow } from '../../conversation-log/entries.model.js';
import type { Client } from '../../testing/live.js';
import { type Door, doors, type Someone, startServer, type TestServer } from '../../testing/server.js';
import { createEntriesAfter } from './entries-after.js';

const at = new Date();
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const korean = '가"\n나'.repeat(2_000);

const text = (message: string): EntryPayload & { updatedAt: Date } => ({
  kind: 'message',
  message,
  attachments: [],
  reactions: [],
  updatedAt: at,
});
const pin = (targetSeq: number, pinned: boolean): EntryPayload => ({ kind: 'pin', targetSeq, pinned });
const toRow = (conversationId: string, senderId: string, seq: number, payload: EntryPayload): EntryRow =>
  ({
    _id: new Types.ObjectId(),
    conversationId: new Types.ObjectId(conversationId),
    seq,
    senderId: new Types.ObjectId(senderId),
    clientId: `row-${seq}`,
    payloadHash: '',
    at,
    messageCount: 0,
    membersVersion: 0,
    ...payload,
  }) as EntryRow;

describe('pages of entries', () => {
  let server: TestServer;
  let alice: Someone;
  let bob: Someone;
  let tab: Client;
  beforeAll(async () => {
    server = await startServer();
    [alice, bob] = await server.people('alice', 'bob');
    tab = await alice.sori();
  });
  afterAll(async () => {
    await server.close();
    expect(server.bugs()).toEqual([]);
  });

  /** A conversation of both that goes on with these behind its first message, as if they had been written there. */
  const conversationWith = async (other: Someone, payloads: EntryPayload[]): Promise<string> => {
    const { conversationId } = await alice.say(other._id, 'the first');
    const rows = payloads.map((payload, index) => toRow(conversationId, alice._id, index + 2, payload));
    await server.store.connection.collection<EntryRow>('entries').insertMany(rows);
    await server.store.connection
      .collection('conversations')
      .updateOne({ _id: new Types.ObjectId(conversationId) }, { $set: { appliedSeq: rows.length + 1 } });
    return conversationId;
  };
  const ask = async (
    door: Door,
    conversationId: string,
    asked: Record<string, string | number>,
  ): Promise<EntriesPage> => {
    if (door === 'REST') {
      const query = new URLSearchParams(asked as Record<string, string>).toString();
      return (await alice.get<EntriesPage>(`/api/conversations/${conversationId}/entries?${query}`)).body;
    }
    const reply = await tab.ask('entries:after', { conversationId, ...asked });
    return reply as unknown as EntriesPage;
  };
  const isSmall = (page: EntriesPage): boolean =>
    Buffer.byteLength(JSON.stringify(page)) <= limits.entriesPageBytes;
  const seqsOf = ({ entries }: { entries: Entry[] }): number[] => entries.map(({ seq }) => seq);

  let large = '';
  /** Forty large messages and many changes of them, with small ones in between. */
  const length = 240;
  beforeAll(async () => {
    large = await conversationWith(
      bob,
      upTo(length - 1).map((index) => {
        if (index <= 40) return text(korean);
        return index % 3 === 0 ? text('small') : pin(2 + ((index * 7) % 15), index % 2 === 0);
      }),
    );
  });

  it.each(doors)('stay small by %s, whatever the entries are about', async (door) => {
    const page = await ask(door, large, { after: 41, limit: 500 });
    expect(EntriesPage.parse(page)).toEqual(expect.objectContaining({ more: true, headSeq: length }));
    expect(isSmall(page)).toBe(true);
    expect(page.entries.length).toBeGreaterThan(10);
    expect(page.next).toBe(page.entries.at(-1)?.seq);
    expect(page.entries.every((entry) => !('targetSeq' in entry) || entry.target !== undefined)).toBe(true);
  });

  it.each(doors)('have each changed message once by %s, where that is asked for', async (door) => {
    const page = await ask(door, large, { after: 41, limit: 500, targets: 'once' });
    expect(isSmall(page)).toBe(true);
    const changes = page.entries.filter((entry) => 'targetSeq' in entry);
    const last = new Map(changes.map(({ targetSeq, seq }) => [targetSeq, seq]));
    expect(changes.filter(({ target }) => target).map(({ seq }) => seq)).toEqual(
      [...last.values()].sort((one, other) => one - other),
    );
    expect(last.size).toBeLessThan(changes.length);
    const whole = await ask(door, large, { after: 41, limit: 10 });
    expect(withTargets(page.entries).slice(0, 10)).toEqual(whole.entries);
  });

  it('give a follower every entry once, whatever the page size', async () => {
    const steps = fc.array(fc.constantFrom(1, 3, 49, 50, 51, 100, 500), { minLength: 1, maxLength: 5 });
    const changed = new Map<number, unknown>();
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (sizes, once) => {
        const seen: number[] = [];
        for (let after = 0, step = 0, more = true; more; step += 1) {
          // One by one would take all day.
          const limit = step < sizes.length ? (sizes[step] ?? 1) : 500;
          const page = await ask('REST', large, { after, limit, ...(once ? { targets: 'once' } : {}) });
          expect(isSmall(page)).toBe(true);
          seen.push(...seqsOf(page));
          for (const entry of withTargets(page.entries))
            if ('targetSeq' in entry) {
              if (!changed.has(entry.seq)) changed.set(entry.seq, entry);
              expect(entry).toEqual(changed.get(entry.seq));
              expect(entry.target?.seq).toBe(entry.targetSeq);
            }
          ({ more, next: after } = page);
        }
        expect(seen).toEqual(upTo(length));
      }),
      { numRuns: 4 },
    );
  });

  it('have one entry, however large', async () => {
    const [huge, after] = [text('a'.repeat(limits.entriesPageBytes)), text('small')];
    const id = await conversationWith(await server.person('carol'), [huge, after]);
    expect(await ask('REST', id, { after: 1 })).toMatchObject({ next: 2, more: true });
    expect(await ask('REST', id, { after: 2 })).toMatchObject({ next: 3, more: false });
    expect(seqsOf(await ask('REST', id, { after: 0 }))).toEqual([1]);
  });

  it('show the end of the log, in a page that is small, to who is far behind', async () => {
    const far = limits.followMax + 200;
    const id = await conversationWith(await server.person('dave'), [
      ...upTo(far).map((): EntryPayload => ({ kind: 'noop' })),
      ...upTo(100).map(() => text(korean)),
    ]);
    const page = await ask('the socket', id, { after: 1, limit: 500 });
    expect(page).toMatchObject({ tooLong: true, more: false, next: far + 101, headSeq: far + 101 });
    expect(isSmall(page)).toBe(true);
    expect(page.entries.length).toBeGreaterThan(5);
    expect(seqsOf(page)).toEqual(
      upTo(page.entries.length).map((index) => far + 101 - page.entries.length + index),
    );
    const short = await ask('the socket', id, { after: 1, limit: 7 });
    expect(seqsOf(short)).toEqual(seqsOf(page).slice(-7));
  });

  it.each(doors)('are refused by %s where anything else is asked of targets', async (door) => {
    expect(await ask(door, large, { after: 0, targets: 'twice' })).toMatchObject({ code: 'INVALID' });
  });
});

it.each([
  ['of large entries is read no further than it goes', '가'.repeat(8_000), [50]],
  ['of small entries is read in a few steps', 'small', [50, 250, 200]],
  ['of middling entries is read as far as they may fit', '가'.repeat(1_000), [50, expect.any(Number)]],
])('a page %s', async (_name, message, reads) => {
  const conversationId = new Types.ObjectId().toHexString();
  const rows = upTo(600).map((seq) => toRow(conversationId, conversationId, seq, text(message)));
  const asked: number[] = [];
  const entriesAfter = createEntriesAfter({
    memberships: { get: () => Promise.resolve({ row: {} as ConversationRow, firstSeq: 1 }) },
    audiences: { isOvertaken: () => Promise.resolve(false) },
    log: {
      epoch: () => 'first',
      headSeq: () => rows.length,
      newestSeq: () => Promise.resolve(rows.length),
      after: (_row, from, limit) => {
        asked.push(limit);
        const entries = rows.slice(from, from + limit);
        return Promise.resolve({ entries, targets: new Map(), headSeq: rows.length, more: true });
      },
    },
  });
  const caller = { userId: conversationId } as Parameters<typeof entriesAfter>[0];
  const page = await entriesAfter(caller, { conversationId, after: 0, limit: 500, tooLong: false });
  expect(asked).toEqual(reads);
  expect(page).toMatchObject({ next: page.entries.length, more: true });
  expect(page.entries.length).toBeGreaterThan(10);
  const read = asked.reduce((sum, limit) => sum + limit, 0);
  expect(read - page.entries.length).toBeLessThan(50);
});
