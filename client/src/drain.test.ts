import type { Message } from '@sori/contract';
import fc from 'fast-check';
import { ApiError, type ApiErrorCode } from './api-error.js';
import { itemsOf } from './outbox.js';
import { createOutbox } from './held-outbox.js';
import { createFakeClock, settle } from './testing/clock.js';
import { alice, bob, conversationId, said } from './testing/people.js';
import { createDrain } from './drain.js';

type Attempt = { clientId: string; answer: (outcome: Message | ApiErrorCode, retryAfterMs?: number) => void };

const setUp = () => {
  const outbox = createOutbox();
  const clock = createFakeClock();
  const attempts: Attempt[] = [];
  const line = { up: true, leads: true, isOthers: false };
  const drain = createDrain({
    outbox,
    clock,
    isConnected: () => line.up,
    leads: () => line.leads,
    takeLead: () => (line.leads = true),
    isOthers: () => line.isOthers,
    kept: () => Promise.resolve(),
    send: ({ clientId }) =>
      new Promise((resolve, reject) => {
        attempts.push({
          clientId,
          answer: (outcome, retryAfterMs) =>
            typeof outcome === 'string'
              ? reject(new ApiError(outcome, outcome, { retryAfterMs }))
              : resolve(outcome),
        });
      }),
    sent: ({ clientId }) => outbox.settled(new Set([clientId])),
  });
  outbox.subscribe(() => drain.look());
  const write = (clientId: string, lane = conversationId) =>
    outbox.written({
      clientId,
      to: lane,
      lane,
      text: clientId,
      queuedAt: new Date(clock.now()).toISOString(),
    });
  return {
    outbox,
    clock,
    line,
    drain,
    write,
    attempts,
    tried: () => attempts.map(({ clientId }) => clientId),
    answer: async (...given: Parameters<Attempt['answer']>) => {
      attempts.at(-1)?.answer(...given);
      await settle();
    },
    states: () => itemsOf(outbox.current()).map(({ clientId, state }) => `${clientId} ${state}`),
  };
};
const stored = (seq = 1) => said(seq, alice);

describe('sending what is in the outbox', () => {
  it('waits for the line, and goes by itself when it is there', async () => {
    const { line, write, drain, tried } = setUp();
    line.up = false;
    write('hello');
    await settle();
    expect(tried()).toEqual([]);
    line.up = true;
    drain.resume();
    await settle();
    expect(tried()).toEqual(['hello']);
  });

  it('sends one after the other, in the order of writing', async () => {
    const { write, tried, answer, states } = setUp();
    write('1');
    write('2');
    await settle();
    expect(tried()).toEqual(['1']);
    await answer(stored(1));
    expect(tried()).toEqual(['1', '2']);
    await answer(stored(2));
    expect(states()).toEqual([]);
  });

  it.each<ApiErrorCode>(['NO_ANSWER', 'BUSY', 'RETRY', 'RATE_LIMITED', 'INTERNAL', 'UNAVAILABLE'])(
    'holds the queue after %s and tries the same message again, later each time',
    async (code) => {
      const { write, tried, answer, clock } = setUp();
      write('1');
      write('2');
      await settle();
      await answer(code);
      clock.pass(749);
      await settle();
      expect(tried()).toEqual(['1']);
      clock.pass(1);
      await settle();
      expect(tried()).toEqual(['1', '1']);
      await answer(code);
      clock.pass(1_499);
      await settle();
      expect(tried()).toHaveLength(2);
      clock.pass(1);
      await settle();
      await answer(stored());
      expect(tried()).toEqual(['1', '1', '1', '2']);
    },
  );

  it('waits as long as the server asks to', async () => {
    const { write, tried, answer, clock } = setUp();
    write('1');
    await settle();
    await answer('RATE_LIMITED', 9_000);
    clock.pass(8_999);
    await settle();
    expect(tried()).toHaveLength(1);
    clock.pass(1);
    await settle();
    expect(tried()).toHaveLength(2);
  });

  it.each<ApiErrorCode>(['INVALID', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT', 'TOO_LARGE', 'REFUSED'])(
    'shows %s as failed in place and goes on with the next one',
    async (code) => {
      const { write, tried, answer, states, outbox } = setUp();
      write('1');
      write('2');
      await settle();
      await answer(code);
      expect(tried()).toEqual(['1', '2']);
      expect(states()).toEqual(['1 failed', '2 waiting']);
      expect(itemsOf(outbox.current())[0]?.text).toBe('1');
    },
  );

  it('holds everything until the person has signed in again', async () => {
    const { write, tried, answer, drain, clock, states } = setUp();
    write('1');
    write('elsewhere', bob._id);
    await settle();
    await answer('UNAUTHENTICATED');
    clock.pass(60_000);
    await settle();
    expect(tried()).toEqual(['1', 'elsewhere']);
    expect(states()).toEqual(['1 waiting', 'elsewhere waiting']);
    drain.resume();
    await settle();
    expect(tried()).toContain('1');
  });

  it('leaves another conversation alone when one has to wait', async () => {
    const { write, tried, attempts } = setUp();
    write('1');
    write('2');
    write('elsewhere', bob._id);
    await settle();
    attempts[0]?.answer('BUSY');
    await settle();
    attempts[1]?.answer(stored());
    await settle();
    expect(tried()).toEqual(['1', 'elsewhere']);
  });

  it('does not call failed what was heard back while its answer was lost', async () => {
    const { write, answer, outbox, clock, tried } = setUp();
    write('1');
    await settle();
    outbox.settled(new Set(['1']));
    await answer('NO_ANSWER');
    clock.pass(60_000);
    await settle();
    expect(tried()).toEqual(['1']);
    expect(outbox.current()).toEqual({});
  });

  it('leaves the sending to the tab that leads', async () => {
    const { write, line, drain, tried } = setUp();
    line.leads = false;
    write('1');
    await settle();
    expect(tried()).toEqual([]);
    line.leads = true;
    drain.look();
    await settle();
    expect(tried()).toEqual(['1']);
  });

  it('sends what was written here itself where the leading tab does not, and all behind it in order', async () => {
    const { write, line, clock, tried, answer } = setUp();
    line.leads = false;
    write('1');
    write('2');
    clock.pass(4_999);
    await settle();
    expect(tried()).toEqual([]);
    clock.pass(1);
    await settle();
    expect(tried()).toEqual(['1']);
    await answer(stored(1));
    expect(tried()).toEqual(['1', '2']);
  });

  it.each([
    ['has no line', { up: false }],
    ['only heard of it from the tab that wrote it', { isOthers: true }],
  ])('never takes the lead while it %s', async (_what, now) => {
    const { write, line, clock, tried } = setUp();
    Object.assign(line, now, { leads: false });
    write('1');
    clock.pass(60_000);
    await settle();
    expect([line.leads, tried()]).toEqual([false, []]);
  });

  it('gives the leading tab its time anew while that one gets on, and when the line is back', async () => {
    const { write, line, clock, tried, outbox, drain } = setUp();
    line.leads = false;
    write('1');
    write('2');
    clock.pass(4_000);
    outbox.settled(new Set(['1']));
    clock.pass(4_000);
    line.up = false;
    line.up = true;
    drain.resume();
    clock.pass(4_999);
    await settle();
    expect(tried()).toEqual([]);
    clock.pass(1);
    await settle();
    expect(tried()).toEqual(['2']);
  });

  it('delivers everything in each conversation’s order, whatever fails in between', async () => {
    const outcome = fc.constantFrom<ApiErrorCode | 'stored' | 'lost'>(
      'stored',
      'stored',
      'BUSY',
      'NO_ANSWER',
      'lost',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { maxLength: 10 }),
        fc.infiniteStream(outcome),
        async (lanes, outcomes) => {
          const { write, attempts, clock, outbox, drain, line } = setUp();
          const log: string[] = [];
          lanes.forEach((first, index) =>
            write(`${first ? 'a' : 'b'}${index}`, first ? conversationId : bob._id),
          );
          let handled = 0;
          for (let turn = 0; turn < 500 && itemsOf(outbox.current()).length > 0; turn += 1) {
            await settle();
            const attempt = attempts[handled];
            if (attempt === undefined) {
              clock.pass(30_000);
              continue;
            }
            handled += 1;
            const [next] = outcomes.take(1);
            // The server is idempotent: a repeat finds what the first try stored.
            if ((next === 'stored' || next === 'lost') && !log.includes(attempt.clientId))
              log.push(attempt.clientId);
            if (next === 'lost') {
              line.up = false;
              attempt.answer('NO_ANSWER');
              await settle();
              line.up = true;
              drain.resume();
            } else attempt.answer(next === 'stored' || next === undefined ? stored() : next);
          }
          const expected = (name: string) =>
            lanes.flatMap((first, index) => ((first ? 'a' : 'b') === name ? [`${name}${index}`] : []));
          expect(outbox.current()).toEqual({});
          for (const name of ['a', 'b'])
            expect(log.filter((id) => id.startsWith(name))).toEqual(expected(name));
        },
      ),
      { numRuns: 50 },
    );
  });
});
