/** @jest-environment node */
import { createServerTime } from './serverTime';

const hour = 3_600_000;

/** A device whose clock is set anyhow, and answers that take a moment each way. */
const setUp = (deviceAheadMs: number) => {
  let real = Date.parse('2025-03-09T12:00:00.400Z');
  let slept = 0;
  let ahead = deviceAheadMs;
  const time = createServerTime({ wall: () => real + ahead, steady: () => real - slept - 1e12 });
  const answer = time.listening(() => {
    real += 40;
    const headers = { Date: new Date(real).toUTCString() };
    real += 40;
    return Promise.resolve(new Response('', { headers }));
  });
  return {
    time,
    ask: () => answer('/api/auth/me'),
    offBy: () => Math.abs(time.now() - real),
    pass: (ms: number) => {
      real += ms;
    },
    sleep: (ms: number) => {
      real += ms;
      slept += ms;
    },
    set: (ms: number) => {
      ahead = ms;
    },
  };
};

describe('the time by the server’s clock', () => {
  it('is the device’s own until the server was heard', () => {
    const { time, offBy } = setUp(5 * hour);
    expect(time.isKnown()).toBe(false);
    expect(offBy()).toBe(5 * hour);
  });

  it.each([-5 * hour, 0, 5 * hour])(
    'is known from one answer where the device is %d ms ahead',
    async (ms) => {
      const { time, ask, offBy, pass } = setUp(ms);
      await ask();
      expect(time.isKnown()).toBe(true);
      expect(offBy()).toBeLessThan(700);
      pass(hour);
      expect(offBy()).toBeLessThan(700);
    },
  );

  it('is known better with each answer', async () => {
    const { ask, offBy, pass } = setUp(5 * hour);
    for (let answers = 0; answers < 20; answers += 1) {
      await ask();
      pass(370);
    }
    expect(offBy()).toBeLessThan(100);
  });

  it('goes on where somebody sets the device’s clock, and is asked for where the device slept', async () => {
    const { time, ask, offBy, sleep, set } = setUp(0);
    await ask();
    expect(time.isDoubtful()).toBe(false);
    set(-3 * hour);
    expect(offBy()).toBeLessThan(700);
    expect(time.isDoubtful()).toBe(true);
    await ask();
    expect(time.isDoubtful()).toBe(false);
    sleep(2 * hour);
    expect(time.isDoubtful()).toBe(true);
    await ask();
    expect(offBy()).toBeLessThan(700);
    expect(time.isDoubtful()).toBe(false);
  });

  it('says when it turns out to be another, and only then', async () => {
    const { time, ask } = setUp(5 * hour);
    let changes = 0;
    const end = time.subscribe(() => (changes += 1));
    await ask();
    await ask();
    expect(changes).toBe(1);
    end();
  });

  it('is not touched by an answer without a date', async () => {
    const { time } = setUp(0);
    await time.listening(() => Promise.resolve(new Response('')))('/api/auth/me');
    expect(time.isKnown()).toBe(false);
  });
});
