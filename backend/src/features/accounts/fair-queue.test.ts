import { createFairQueue } from './fair-queue.js';

const busy = { code: 'BUSY', retryAfterMs: 5_000 };

/** Jobs that end when the test says so, and the order in which they began. */
function jobs() {
  const began: string[] = [];
  const ends: (() => void)[] = [];
  return {
    began,
    make: (name: string) => () => {
      began.push(name);
      return new Promise<string>((resolve) => ends.push(() => resolve(name)));
    },
    endOne: async (): Promise<void> => {
      ends.shift()?.();
      await new Promise((resolve) => void setImmediate(resolve));
    },
  };
}

describe('jobs that wait', () => {
  it('take turns by person, so that somebody with a hundred jobs keeps nobody else waiting', async () => {
    const queue = createFairQueue({ atOnce: 1, waitingPerKey: 200, waitingInAll: 300 });
    const { began, make, endOne } = jobs();
    const many = Array.from({ length: 100 }, (_, n) => queue.run('crowd', make(`crowd ${n}`)));
    const two = [queue.run('alice', make('alice 1')), queue.run('alice', make('alice 2'))];
    const one = queue.run('bob', make('bob'));
    for (let n = 0; n < 110; n += 1) await endOne();
    expect(began.slice(0, 6)).toEqual(['crowd 0', 'crowd 1', 'alice 1', 'bob', 'crowd 2', 'alice 2']);
    expect(await Promise.all([...two, one])).toEqual(['alice 1', 'alice 2', 'bob']);
    expect(await Promise.all(many)).toHaveLength(100);
  });

  it('go on where one of them fails', async () => {
    const queue = createFairQueue({ atOnce: 1, waitingPerKey: 10, waitingInAll: 10 });
    const broken = new Error('broken');
    await expect(queue.run('alice', () => Promise.reject(broken))).rejects.toBe(broken);
    expect(await queue.run('alice', () => Promise.resolve('fine'))).toBe('fine');
  });

  it('are refused where one person has more than their share', async () => {
    const queue = createFairQueue({ atOnce: 1, waitingPerKey: 2, waitingInAll: 10 });
    const { make, endOne } = jobs();
    const taken = ['a', 'b', 'c'].map((name) => queue.run('alice', make(name)));
    await expect(queue.run('alice', make('d'))).rejects.toMatchObject(busy);
    const other = queue.run('bob', make('e'));
    for (let n = 0; n < 5; n += 1) await endOne();
    expect(await Promise.all([...taken, other])).toEqual(['a', 'b', 'c', 'e']);
  });

  it('give their place to somebody with fewer jobs, where no place is left', async () => {
    const queue = createFairQueue({ atOnce: 1, waitingPerKey: 10, waitingInAll: 3 });
    const { make, endOne } = jobs();
    const crowd = ['a', 'b', 'c', 'd'].map((name) => queue.run('crowd', make(name)));
    const outcomes = Promise.allSettled(crowd);
    const alice = queue.run('alice', make('alice'));
    await expect(queue.run('crowd', make('e'))).rejects.toMatchObject(busy);
    for (let n = 0; n < 6; n += 1) await endOne();
    expect(await alice).toBe('alice');
    expect((await outcomes).map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
    ]);
  });
});
