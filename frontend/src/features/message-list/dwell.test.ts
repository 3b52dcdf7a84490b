import { createFakeClock } from '../../testing/clock';
import { createDwell, dwellMs } from './dwell';

const open = () => {
  const clock = createFakeClock();
  const told: number[][] = [];
  return { clock, told, dwell: createDwell(clock, (seqs) => told.push([...seqs])) };
};

describe('a message on the screen', () => {
  it('is seen when it stayed there long enough, and is told once', () => {
    const { clock, told, dwell } = open();
    dwell.look([1, 2]);
    clock.pass(dwellMs - 1);
    dwell.look([1, 2, 3]);
    expect(told).toEqual([]);
    clock.pass(1);
    expect(told).toEqual([[1, 2]]);
    clock.pass(dwellMs);
    dwell.look([1, 2, 3]);
    clock.pass(dwellMs);
    expect(told).toEqual([[1, 2], [3]]);
  });

  it('is not seen by whoever scrolls past, or looks away in between', () => {
    const { clock, told, dwell } = open();
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
    expect(told).toEqual([]);
    clock.pass(dwellMs / 2);
    expect(told).toEqual([[7]]);
  });

  it('is not told of after the conversation was left', () => {
    const { clock, told, dwell } = open();
    dwell.look([1]);
    dwell.stop();
    clock.pass(dwellMs);
    expect(told).toEqual([]);
    expect(clock.waiting()).toBe(0);
  });
});
