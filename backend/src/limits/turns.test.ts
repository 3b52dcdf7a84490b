import { mongo } from 'mongoose';
import { AppError, unavailable } from '../core/errors.js';
import { createTurns, type EndTurn, type TurnsSettings } from './turns.js';

const [alice, bob, carol] = ['alice', 'bob', 'carol'] as const;

/** Everything that asks, and who has begun so far, in order. */
function start(settings: Partial<TurnsSettings> = {}) {
  const turns = createTurns({
    atOnce: 2,
    perPerson: 1,
    waitingPerPerson: 10,
    waiting: 100,
    rest: { from: 1_000, times: 0 },
    ...settings,
  });
  const begun: string[] = [];
  const ends = new Map<string, EndTurn>();
  const refused = new Map<string, string>();
  const settled = () => new Promise(setImmediate);
  return {
    turns,
    begun,
    refused,
    ask: async (person: string, what: string, asker: object = {}): Promise<void> => {
      turns.take(person, asker).then(
        (end) => {
          begun.push(what);
          ends.set(what, end);
        },
        (error: unknown) => refused.set(what, error instanceof AppError ? error.code : String(error)),
      );
      await settled();
    },
    end: async (what: string, error?: unknown): Promise<void> => {
      ends.get(what)?.(error);
      await settled();
    },
  };
}

describe('turns of heavy work', () => {
  it('let one person do one thing at a time, in the order in which they asked', async () => {
    const { ask, end, begun } = start({ atOnce: 5 });
    for (const what of ['a1', 'a2', 'a3']) await ask(alice, what);
    expect(begun).toEqual(['a1']);
    await end('a1');
    await end('a2');
    expect(begun).toEqual(['a1', 'a2', 'a3']);
  });

  it('are given from person to person and not from request to request', async () => {
    const { ask, end, begun } = start({ atOnce: 1 });
    for (const what of ['a1', 'a2', 'a3', 'a4']) await ask(alice, what);
    await ask(bob, 'b1');
    await ask(carol, 'c1');
    await ask(bob, 'b2');
    for (const what of ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']) await end(what);
    expect(begun).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
  });

  it('are never more at once than allowed, whichever task ends and however often', async () => {
    const { ask, end, begun } = start({ atOnce: 2 });
    await ask(alice, 'a1');
    await ask(bob, 'b1');
    await ask(carol, 'c1');
    await ask(alice, 'a2');
    await end('a1');
    await end('a1');
    expect(begun).toEqual(['a1', 'b1', 'c1']);
  });

  it('are refused to somebody who waits for too much already, and to nobody else', async () => {
    const { ask, end, refused, begun } = start({ waitingPerPerson: 2 });
    for (const what of ['a1', 'a2', 'a3', 'a4']) await ask(alice, what);
    expect([...refused]).toEqual([['a4', 'RATE_LIMITED']]);
    await ask(bob, 'b1');
    await end('a1');
    await ask(alice, 'a5');
    expect(begun).toEqual(['a1', 'b1', 'a2']);
    expect(refused.size).toBe(1);
  });

  it('make room for a newcomer at the expense of the person who waits for most', async () => {
    const { ask, end, refused, begun } = start({ atOnce: 1, waiting: 3 });
    for (const what of ['a1', 'a2', 'a3', 'a4']) await ask(alice, what);
    await ask(bob, 'b1');
    expect([...refused]).toEqual([['a4', 'BUSY']]);
    await ask(alice, 'a5');
    expect([...refused.keys()]).toEqual(['a4', 'a5']);
    for (const what of ['a1', 'b1', 'a2']) await end(what);
    expect(begun).toEqual(['a1', 'b1', 'a2', 'a3']);
  });

  it('are dropped for somebody who disconnected, except for work that has begun', async () => {
    const { turns, ask, end, begun, refused } = start();
    const [here, gone] = [{}, {}];
    await ask(alice, 'a1', gone);
    await ask(alice, 'a2', gone);
    await ask(alice, 'a3', here);
    await ask(alice, 'a4', gone);
    turns.leave(alice, gone);
    await ask(alice, 'a5', here);
    expect(begun).toEqual(['a1']);
    for (const what of ['a1', 'a3', 'a5']) await end(what);
    expect(begun).toEqual(['a1', 'a3', 'a5']);
    expect([...refused.keys()]).toEqual(['a2', 'a4']);
  });

  it('go on for others where one person’s task took too long', async () => {
    const { ask, end, begun, refused } = start({ atOnce: 1 });
    await ask(alice, 'a1');
    await ask(bob, 'b1');
    await end('a1', unavailable(new mongo.MongoNetworkTimeoutError('no answer within 2.2 s')));
    expect(begun).toEqual(['a1', 'b1']);
    expect([...refused]).toEqual([]);
  });

  it('fail at once for everybody who waits when the database is away', async () => {
    const { ask, end, refused, begun } = start({ atOnce: 1 });
    await ask(alice, 'a1');
    await ask(alice, 'a2');
    await ask(bob, 'b1');
    await end('a1', unavailable());
    expect([...refused]).toEqual([
      ['a2', 'UNAVAILABLE'],
      ['b1', 'UNAVAILABLE'],
    ]);
    await ask(bob, 'b2');
    expect(begun).toEqual(['a1', 'b2']);
  });

  it('pause between the tasks of somebody who asks for much at once, and for nobody else', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    try {
      const { ask, end, begun } = start({ rest: { from: 2, times: 2 } });
      for (const what of ['a1', 'a2', 'a3', 'a4']) await ask(alice, what);
      for (const what of ['b1', 'b2']) await ask(bob, what);
      jest.advanceTimersByTime(50);
      await end('a1');
      await end('b1');
      expect(begun).toEqual(['a1', 'b1', 'b2']);
      await jest.advanceTimersByTimeAsync(99);
      expect(begun).toEqual(['a1', 'b1', 'b2']);
      await jest.advanceTimersByTimeAsync(1);
      expect(begun).toEqual(['a1', 'b1', 'b2', 'a2']);
      // Two are left: as many as are still too many.
      await end('a2');
      await jest.advanceTimersByTimeAsync(0);
      await end('a3');
      expect(begun).toEqual(['a1', 'b1', 'b2', 'a2', 'a3', 'a4']);
    } finally {
      jest.useRealTimers();
    }
  });

  it('go on to the next where one failed for a reason of its own', async () => {
    const { ask, end, refused, begun } = start({ atOnce: 1 });
    await ask(alice, 'a1');
    await ask(alice, 'a2');
    await end('a1', new AppError('NOT_FOUND', 'Nothing'));
    expect(begun).toEqual(['a1', 'a2']);
    expect(refused.size).toBe(0);
  });
});
