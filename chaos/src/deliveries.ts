import type { Clock } from '@sori/client';
import type { Random } from './random.js';
import type { Recorder } from './recorder.js';

export interface DeliveriesDeps {
  clock: Clock;
  random: Random;
  recorder: Pick<Recorder, 'count'>;
  /** True while what is emitted may arrive twice, late or not at all. */
  isDisturbed: () => boolean;
}

const latestMs = 900;
const chances = { lost: 0.01, twice: 0.08, late: 0.15 };

/** What is emitted to a device arrives; while it is disturbed, late, twice or not at all. */
export function createDeliveries({ clock, random, recorder, isDisturbed }: DeliveriesDeps) {
  return function deliver(arrive: () => void): void {
    recorder.count('deliveries');
    if (!isDisturbed()) {
      arrive();
      return;
    }
    // Drawn for every delivery, so that what one of them meets does not depend on what others met.
    const [lost, twice, late, second] = [random.next(), random.next(), random.next(), random.next()];
    if (lost < chances.lost) {
      recorder.count('deliveries lost');
      return;
    }
    const arriveAfter = (delayMs: number): void => {
      if (delayMs === 0) arrive();
      else clock.after(delayMs, arrive);
    };
    if (late < chances.late) recorder.count('deliveries late');
    arriveAfter(late < chances.late ? Math.ceil((late / chances.late) * latestMs) : 0);
    if (twice < chances.twice) {
      recorder.count('deliveries doubled');
      arriveAfter(Math.floor(second * latestMs));
    }
  };
}
