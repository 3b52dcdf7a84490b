import { createAppStore } from '../store/store';
import { createFakeClock, settle } from '../testing/clock';
import { alice, between, conversationId } from '../testing/people';
import type { Ask } from './connection';
import { createReadings } from './readings';

const open = () => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  store.getState().conversationsTold([between({ headSeq: 100, unread: 100 })]);
  const clock = createFakeClock();
  const asked: number[] = [];
  const ask: Ask = (_name, input) => {
    asked.push((input as { seq: number }).seq);
    return Promise.reject(new Error('the line is away'));
  };
  return { clock, asked, readings: createReadings({ store, ask, clock }) };
};

describe('what somebody has read', () => {
  it('is told at once, so that it is read also by who closes the page right after a look', () => {
    const { asked, readings } = open();
    readings.seen(conversationId, 10);
    expect(asked).toEqual([10]);
  });

  it('is told a few times and not a hundred while one scrolls', async () => {
    const { clock, asked, readings } = open();
    for (let seq = 1; seq <= 100; seq += 1) {
      readings.seen(conversationId, seq);
      clock.pass(5);
      await settle();
    }
    clock.pass(1_000);
    expect(asked[0]).toBe(1);
    expect(asked.at(-1)).toBe(100);
    expect(asked.length).toBeLessThan(7);
    expect(clock.waiting()).toBe(0);
  });
});
