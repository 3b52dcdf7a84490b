import type { RoomPerson } from '@sori/contract';
import { AppError } from '../../core/errors.js';
import { createFakeClock } from '../../testing/fake-clock.js';
import { createOccupancyBatching } from './occupancy-batching.js';
import type { OccupancyChange } from './occupancy-changes.js';

const room = 'kitchen';
const person = (_id: string, name = _id): RoomPerson => ({ _id, name, guest: true });
const change = (part: Partial<OccupancyChange>): OccupancyChange => ({
  conversationId: room,
  joined: [],
  renamed: [],
  left: [],
  ...part,
});
const joined = (id: string): OccupancyChange => change({ joined: [person(id)] });
const left = (id: string): OccupancyChange => change({ left: [person(id)] });

/** A room whose budget is spent when the test begins, unless there is some left. */
const begin = (budgetLeft = 0) => {
  const clock = createFakeClock();
  const emitted: OccupancyChange[] = [];
  const bugs: unknown[] = [];
  const spent: Record<string, number> = {};
  let failure: Error | undefined;
  const crowd = createOccupancyBatching({
    budget: {
      take(key, cost = 1) {
        if (failure) return Promise.reject(failure);
        spent[key] = (spent[key] ?? 0) + cost;
        return spent[key] <= budgetLeft
          ? Promise.resolve()
          : Promise.reject(new AppError('RATE_LIMITED', 'Too often', { retryAfterMs: 4_000 }));
      },
    },
    clock,
    emit: (one) => Promise.resolve(void emitted.push(one)),
    report: (bug) => void bugs.push(bug),
  });
  return {
    clock,
    emitted,
    bugs,
    crowd,
    fail: (error: Error) => void (failure = error),
    /** The end of the window. What it emits is emitted in order, and so before whatever comes behind it. */
    windowEnds: async (): Promise<void> => {
      clock.advance(4_000);
      spent[room] = -1_000;
      await crowd.changed(change({}));
      emitted.pop();
    },
  };
};

describe('comings and goings', () => {
  it('are emitted one by one within the budget of the room', async () => {
    const { crowd, emitted, clock } = begin(3);
    for (const id of ['a', 'b', 'c']) await crowd.changed(joined(id));
    expect(emitted).toEqual([joined('a'), joined('b'), joined('c')]);
    expect(clock.waiting()).toBe(0);
  });

  it('are emitted as one beyond it, when the window is over, and then one by one again', async () => {
    const { crowd, emitted, clock, windowEnds } = begin(1);
    for (const id of ['a', 'b', 'c']) await crowd.changed(joined(id));
    await crowd.changed(left('a'));
    clock.advance(3_999);
    expect(emitted).toEqual([joined('a')]);
    await windowEnds();
    expect(emitted.slice(1)).toEqual([
      change({ joined: [person('b'), person('c')], left: [person('a')], passed: [] }),
    ]);
    await crowd.changed(left('b'));
    expect(emitted.slice(2)).toEqual([left('b')]);
  });

  it('cancel each other out, and say who only passed, for lists that were made meanwhile', async () => {
    const { crowd, emitted, windowEnds } = begin();
    await crowd.changed(joined('passing'));
    await crowd.changed(left('passing'));
    await crowd.changed(left('returning'));
    await crowd.changed(joined('returning'));
    await crowd.changed(joined('twice'));
    await crowd.changed(left('twice'));
    await crowd.changed(change({ joined: [person('twice', 'other')] }));
    await windowEnds();
    expect(emitted).toEqual([
      change({
        joined: [person('twice', 'other')],
        renamed: [person('returning')],
        passed: [person('passing')],
      }),
    ]);
  });

  it('carry the last of many names', async () => {
    const { crowd, emitted, windowEnds } = begin();
    const renamed = (id: string, name: string) => change({ renamed: [person(id, name)] });
    await crowd.changed(joined('new'));
    for (let n = 0; n < 50; n += 1) {
      await crowd.changed(renamed('new', `n${n}`));
      await crowd.changed(renamed('old', `o${n}`));
    }
    await windowEnds();
    expect(emitted).toEqual([
      change({ joined: [person('new', 'n49')], renamed: [person('old', 'o49')], passed: [] }),
    ]);
  });

  it('of one room do not count for the others', async () => {
    const { crowd, emitted } = begin(1);
    await crowd.changed(joined('a'));
    await crowd.changed(joined('b'));
    await crowd.changed({ ...joined('c'), conversationId: 'cellar' });
    expect(emitted).toEqual([joined('a'), { ...joined('c'), conversationId: 'cellar' }]);
  });

  it('are emitted even if they cannot be counted', async () => {
    const { crowd, emitted, bugs, fail } = begin();
    const broken = new Error('the counter is broken');
    fail(broken);
    await crowd.changed(joined('a'));
    expect(emitted).toEqual([joined('a')]);
    expect(bugs).toEqual([broken]);
  });

  it('leave nothing waiting once it is closed', async () => {
    const { crowd, clock, emitted } = begin();
    await crowd.changed(joined('a'));
    crowd.close();
    expect(clock.waiting()).toBe(0);
    expect(emitted).toEqual([]);
  });
});
