import { createPace } from '@sori/client';
import { alice, between } from '@sori/client/testing';
import { createAppStore } from '../../session/appStore';
import { createFakeClock, settle } from '../../testing/clock';
import { createWarmUp } from './warmUp';

const idOf = (number: number) => number.toString(16).padStart(24, '0');

const open = (kind: 'direct' | 'group', count: number) => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  store
    .getState()
    .conversationsReceived(
      Array.from({ length: count }, (_, index) => between({ _id: idOf(index + 1), kind, unread: 1 })),
    );
  const clock = createFakeClock();
  const fetched: string[] = [];
  const warmUp = createWarmUp({
    store,
    pace: createPace(clock),
    cache: { newest: () => Promise.resolve(null), fetching: () => () => undefined },
    isFollowed: () => true,
    fetchPage: (id) => {
      fetched.push(id);
      return Promise.resolve({ messages: [], hasOlder: false, hasNewer: false });
    },
  });
  warmUp.look();
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      for (let turn = 0; turn < 5; turn += 1) await settle();
      clock.pass(1_000);
    }
    await settle();
  };
  return { fetched, warmUp, pass };
};

describe('what is brought here for later', () => {
  it.each([
    ['direct', 5],
    ['group', 2],
  ] as const)('comes at a calm pace, and all of it: %s', async (kind, eachSecond) => {
    const { fetched, warmUp, pass } = open(kind, 30);
    await pass(4);
    expect(fetched.length).toBeGreaterThanOrEqual(4 * eachSecond);
    expect(fetched.length).toBeLessThanOrEqual(5 * (eachSecond + 1));
    await pass(12);
    expect(new Set(fetched).size).toBe(30);
    expect(fetched).toHaveLength(30);
    warmUp.stop();
  });

  it('is not asked for any more when the session is over', async () => {
    const { fetched, warmUp, pass } = open('direct', 30);
    await pass(1);
    const before = fetched.length;
    warmUp.stop();
    await pass(5);
    expect(fetched).toHaveLength(before);
  });
});
