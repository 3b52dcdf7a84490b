import { createFakeClock } from '../../testing/clock';
import { createDwell, dwellMs } from './dwell';

const open = () => {
  const clock = createFakeClock();
  const seen: number[][] = [];
  return { clock, seen, dwell: createDwell(clock, (seqs) => seen.push([...seqs])) };
};

describe('a message on the screen', () => {
  it('is seen when it stayed there long enough, and is told once', () => {
    const { clock, seen, dwell } = open();
    dwell.look([1, 2]);
    clock.pass(dwellMs - 1);
    dwell.look([1, 2, 3]);
    expect(seen).toEqual([]);
    clock.pass(1);
    expect(seen).toEqual([[1, 2]]);
    clock.pass(dwellMs);
    dwell.look([1, 2, 3]);
    clock.pass(dwellMs);
    expect(seen).toEqual([[1, 2], [3]]);
  });

  it('is not seen by whoever scrolls past, or looks away in between', () => {
    const { clock, seen, dwell } = open();
    for (let seq = 1; seq <= 100; seq += 1) {
      dwell.look([seq, seq + 1]);
      clock.pass(20);
    }
    dwell.look([]);
    clock.pass(dwellMs);
    dwell.look([7]);
    clock.pass(dwellMs / 2);
    dwell.look([]);
    dwell.look([7]);
    clock.pass(dwellMs / 2);
    expect(seen).toEqual([]);
    clock.pass(dwellMs / 2);
    expect(seen).toEqual([[7]]);
  });

  it('is not told of after the conversation was left', () => {
    const { clock, seen, dwell } = open();
    dwell.look([1]);
    dwell.stop();
    clock.pass(dwellMs);
    expect(seen).toEqual([]);
    expect(clock.waiting()).toBe(0);
  });
});
