import type { EntriesPage, Entry } from '@sori/contract';
import fc from 'fast-check';
import { ApiError } from './api-error.js';
import { createFakeClock, settle } from './testing/clock.js';
import { changed, conversationId, said, entryOf } from './testing/people.js';
import { createCatchUp } from './catch-up.js';

/** A server whose log only grows, and a client that follows it. */
const setUp = () => {
  const clock = createFakeClock();
  const server = { log: [] as Entry[], epoch: 'one', up: true, fetches: 0, pageSize: 500 };
  const happened: string[] = [];
  const epochs: string[] = [];
  const applied: number[] = [];
  const catchUp = createCatchUp({
    clock,
    isConnected: () => server.up,
    fetchEntries: ({ after, epoch }): Promise<EntriesPage> => {
      server.fetches += 1;
      if (!server.up) return Promise.reject(new ApiError('NO_ANSWER', 'down'));
      const headSeq = server.log.length;
      const entries = server.log.slice(after, after + server.pageSize);
      const next = after + entries.length;
      const reset = after > headSeq || (epoch !== undefined && epoch !== server.epoch);
      return Promise.resolve({ entries, next, headSeq, epoch: server.epoch, more: next < headSeq, reset });
    },
    applied: (_id, entries) => applied.push(...entries.map(({ seq }) => seq)),
    describe: () => happened.push('describe'),
    begun: () => happened.push('begun'),
    startedOver: () => happened.push('startedOver'),
    gone: () => happened.push('gone'),
    epochReceived: () => epochs.push('epoch'),
    epochChanged: () => happened.push('epochChanged'),
  });
  return {
    clock,
    server,
    happened,
    epochs,
    applied,
    catchUp,
    write: (count = 1) => {
      const written = Array.from({ length: count }, (_, index) =>
        entryOf(said(server.log.length + index + 1)),
      );
      server.log.push(...written);
      return written;
    },
    hint: (headSeq = server.log.length) =>
      catchUp.hinted({ epoch: server.epoch, heads: [{ conversationId, headSeq }] }),
    pass: async (ms: number) => {
      clock.pass(ms);
      await settle();
    },
  };
};
const upTo = (head: number, after = 0) =>
  Array.from({ length: head - after }, (_, index) => after + index + 1);

describe('catching up', () => {
  it('gives an overtaken entry 0.3 s to arrive, and asks for nothing if it does', async () => {
    const { catchUp, write, applied, server, pass } = setUp();
    catchUp.described(conversationId, 0);
    const [first, second] = write(2);
    if (second !== undefined) catchUp.received(second);
    await pass(299);
    if (first !== undefined) catchUp.received(first);
    await pass(1_000);
    expect(applied).toEqual([1, 2]);
    expect(server.fetches).toBe(0);
  });

  it('asks for each changed message once a page, and applies every change with it', async () => {
    const now = said(1, undefined, { message: 'now' });
    const log = [entryOf(said(1)), changed(2, 'edit', now), changed(3, 'react', now), entryOf(said(4))];
    const applied: Entry[] = [];
    const asked: unknown[] = [];
    const clock = createFakeClock();
    const idle = () => undefined;
    const catchUp = createCatchUp({
      clock,
      isConnected: () => true,
      fetchEntries: ({ targets }) => {
        asked.push(targets);
        const entries = log.map((entry) => (entry.seq === 2 ? { ...entry, target: undefined } : entry));
        return Promise.resolve({ entries, next: 4, headSeq: 4, epoch: 'one', more: false });
      },
      applied: (_id, entries) => applied.push(...entries),
      describe: idle,
      begun: idle,
      startedOver: idle,
      gone: idle,
      epochReceived: idle,
      epochChanged: idle,
    });
    catchUp.described(conversationId, 0);
    catchUp.hinted({ epoch: 'one', heads: [{ conversationId, headSeq: 4 }] });
    clock.pass(300);
    await settle();
    expect(asked).toEqual(['once']);
    const target = (log[2] as { target?: unknown }).target;
    expect(applied).toEqual([log[0], { ...log[1], target }, log[2], log[3]]);
  });

  it('asks for what is missing after that', async () => {
    const { catchUp, write, applied, server, pass } = setUp();
    catchUp.described(conversationId, 0);
    const [, , third] = write(3);
    if (third !== undefined) catchUp.received(third);
    await pass(300);
    expect(applied).toEqual([1, 2, 3]);
    expect(server.fetches).toBe(1);
  });

  it('fetches only the gap after a long absence, page by page', async () => {
    const { catchUp, write, hint, applied, server, pass } = setUp();
    write(1_000);
    server.pageSize = 200;
    catchUp.described(conversationId, 500);
    hint();
    await pass(0);
    expect(applied).toEqual(upTo(1_000, 500));
    expect(server.fetches).toBe(3);
  });

  it('says what is news, so that nothing rings twice and no catch-up rings at all', async () => {
    const { catchUp, write, hint, pass } = setUp();
    catchUp.described(conversationId, 0);
    const [first, second] = write(2);
    hint();
    await pass(0);
    if (first !== undefined) expect(catchUp.received(first)).toBe(false);
    if (second !== undefined) expect(catchUp.received(second)).toBe(false);
    const [third] = write();
    if (third !== undefined)
      expect([catchUp.received(third), catchUp.received(third)]).toEqual([true, false]);
  });

  it('holds what is told of a conversation that nobody described yet, from its very beginning', async () => {
    const { catchUp, write, happened, applied, pass } = setUp();
    const [first, second] = write(2);
    if (second !== undefined) catchUp.received(second);
    if (first !== undefined) catchUp.received(first);
    expect(happened).toEqual(['describe']);
    catchUp.described(conversationId, 2);
    await pass(300);
    expect(happened).toEqual(['describe', 'begun']);
    expect(applied).toEqual([1, 2]);
  });

  it('remembers a hint that came before the conversation was described', async () => {
    const { catchUp, write, hint, applied, pass } = setUp();
    write(9);
    hint(9);
    catchUp.described(conversationId, 7);
    await pass(300);
    expect(applied).toEqual([8, 9]);
  });

  it('waits for the line, and goes on when it is back', async () => {
    const { catchUp, write, hint, applied, server, pass } = setUp();
    catchUp.described(conversationId, 0);
    write(3);
    server.up = false;
    hint();
    await pass(60_000);
    expect(applied).toEqual([]);
    server.up = true;
    catchUp.resume();
    await pass(0);
    expect(applied).toEqual([1, 2, 3]);
  });

  it('throws everything away when the database lives another life', () => {
    const { catchUp, server, hint, happened, epochs } = setUp();
    catchUp.described(conversationId, 4);
    hint(4);
    hint(4);
    expect(epochs).toEqual(['epoch']);
    server.epoch = 'two';
    hint(2);
    expect(happened).toEqual(['epochChanged']);
    expect(epochs).toEqual(['epoch']);
    expect(catchUp.cursorOf(conversationId)).toBeNull();
  });

  it('starts over where its cursor makes no sense to the server', async () => {
    const { catchUp, happened, hint, pass } = setUp();
    catchUp.described(conversationId, 4);
    hint(5);
    await pass(0);
    expect(happened).toEqual(['startedOver', 'describe']);
  });

  it('holds exactly the server’s log in the end, whatever is lost, late or doubled, and whenever the line breaks', async () => {
    const event = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          write: fc.integer({ min: 1, max: 6 }),
          received: fc.infiniteStream(fc.integer({ min: 0, max: 2 })),
        }),
      },
      fc.constant('down' as const),
      fc.constant('up' as const),
      fc.constant('hint' as const),
      fc.record({ pass: fc.integer({ min: 0, max: 2_000 }) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 1, max: 4 }),
        fc.array(event, { maxLength: 30 }),
        async (start, pageSize, events) => {
          const { catchUp, server, write, hint, applied, pass } = setUp();
          server.pageSize = pageSize;
          write(start);
          catchUp.described(conversationId, start);
          const late: Entry[] = [];
          for (const happens of events) {
            if (happens === 'down') server.up = false;
            else if (happens === 'up') {
              server.up = true;
              catchUp.resume();
            } else if (happens === 'hint') {
              if (server.up) hint();
            } else if ('pass' in happens) await pass(happens.pass);
            else
              for (const entry of write(happens.write)) {
                const [times = 0] = happens.received.take(1);
                // Lost, heard, or heard now and once more, much later and out of order.
                if (server.up && times > 0) catchUp.received(entry);
                if (times > 1) late.unshift(entry);
              }
          }
          server.up = true;
          catchUp.resume();
          for (const entry of late) catchUp.received(entry);
          hint();
          for (let turn = 0; turn < 40; turn += 1) await pass(1_000);
          expect(applied).toEqual(upTo(server.log.length, start));
        },
      ),
      { numRuns: 60 },
    );
  });
});
