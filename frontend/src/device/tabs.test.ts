import { createFakeClock, settle, type FakeClock } from '../testing/clock';
import { lead, openChannel } from './tabs';

const hour = 3_600_000;
const name = 'test';

/** The same moments as another clock shows them. */
const off = (clock: FakeClock, ms: () => number): FakeClock => ({ ...clock, now: () => clock.now() + ms() });

const withLocks = (locks: unknown) =>
  Object.defineProperty(navigator, 'locks', { value: locks, configurable: true });

beforeEach(() => localStorage.clear());
afterEach(() => {
  Reflect.deleteProperty(navigator, 'locks');
});

describe('one tab of all leads, where there are no locks', () => {
  it('and another one follows within seconds when it is gone', () => {
    const clock = createFakeClock();
    let received = 0;
    const one = lead({ name, clock, changed: () => undefined });
    const other = lead({ name, clock, changed: () => (received += 1) });
    clock.pass(20_000);
    expect([one.leads(), other.leads()]).toEqual([true, false]);
    one.stop();
    clock.pass(2_000);
    expect([other.leads(), received]).toEqual([true, 1]);
    other.stop();
  });

  it('and is followed at once by the page that is loaded in its place', () => {
    const clock = createFakeClock();
    const one = lead({ name, clock, changed: () => undefined });
    window.dispatchEvent(new Event('pagehide'));
    const next = lead({ name, clock, changed: () => undefined });
    expect(next.leads()).toBe(true);
    one.stop();
    next.stop();
  });

  it('and says so when it leads again because somebody went back to it', () => {
    const clock = createFakeClock();
    let received = 0;
    const one = lead({ name, clock, changed: () => (received += 1) });
    window.dispatchEvent(new Event('pagehide'));
    expect(one.leads()).toBe(false);
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    expect([one.leads(), received]).toEqual([true, 1]);
    one.stop();
  });

  it('and not the one that somebody went back to, where another one has followed', () => {
    const clock = createFakeClock();
    const one = lead({ name, clock, changed: () => undefined });
    window.dispatchEvent(new Event('pagehide'));
    const next = lead({ name, clock, changed: () => undefined });
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    expect([one.leads(), next.leads()]).toEqual([false, true]);
    one.stop();
    next.stop();
  });

  it.each([5 * hour, 10_000, 0])(
    'and one that broke off while the clock was %d ms ahead holds nobody up for longer than a lease',
    (ahead) => {
      const clock = createFakeClock();
      let error = ahead;
      // Its timers end with it, as those of a window that was killed.
      const crashed = lead({
        name,
        clock: { ...off(clock, () => error), after: () => () => undefined },
        changed: () => undefined,
      });
      expect(crashed.leads()).toBe(true);
      error = 0;
      const next = lead({ name, clock, changed: () => undefined });
      clock.pass(6_000);
      expect(next.leads()).toBe(true);
      next.stop();
    },
  );

  it('and keeps leading when its own clock is set right, hours back or hours on', () => {
    const clock = createFakeClock();
    let error = 5 * hour;
    const one = lead({ name, clock: off(clock, () => error), changed: () => undefined });
    const other = lead({ name, clock: off(clock, () => error), changed: () => undefined });
    for (const next of [0, -5 * hour, 0]) {
      error = next;
      clock.pass(30_000);
      expect([one, other].filter((tab) => tab.leads())).toHaveLength(1);
    }
    one.stop();
    other.stop();
  });

  it.each([5 * hour, -5 * hour])('and one alone does, beside a tab whose clock is %d ms off', (error) => {
    const clock = createFakeClock();
    const one = lead({ name, clock, changed: () => undefined });
    const other = lead({ name, clock: off(clock, () => error), changed: () => undefined });
    const leaders = new Set<number>();
    clock.pass(20_000);
    for (let seconds = 0; seconds < 30; seconds += 1) {
      clock.pass(1_000);
      const now = [one, other].findIndex((tab) => tab.leads());
      expect([one, other].filter((tab) => tab.leads())).toHaveLength(1);
      leaders.add(now);
    }
    expect(leaders.size).toBe(1);
    one.stop();
    other.stop();
  });

  it('and goes on where the clock stands still', () => {
    const clock = createFakeClock();
    const stopped = { ...clock, now: () => 0 };
    const one = lead({ name, clock: stopped, changed: () => undefined });
    const other = lead({ name, clock: stopped, changed: () => undefined });
    clock.pass(30_000);
    expect([one.leads(), other.leads()]).toEqual([true, false]);
    one.stop();
    other.stop();
  });
});

describe('locks that the browser has, but does not give', () => {
  it.each([
    ['refuses', () => Promise.reject(new DOMException('denied', 'SecurityError'))],
    [
      'throws',
      () => {
        throw new DOMException('denied', 'SecurityError');
      },
    ],
  ])('are done without where it %s, and asked for once', async (_how, refuse) => {
    const clock = createFakeClock();
    const request = jest.fn(refuse);
    withLocks({ request, query: refuse });
    let received = 0;
    const one = lead({ name, clock, changed: () => (received += 1) });
    await settle();
    expect([one.leads(), received, request.mock.calls.length]).toEqual([true, 1, 1]);
    one.stop();
  });

  it.each([
    ['answers nothing', () => new Promise(() => undefined)],
    ['says that nobody has it', () => Promise.resolve({ held: [], pending: [] })],
  ])('are done without where it never gives one and %s', async (_how, query) => {
    const clock = createFakeClock();
    withLocks({ request: () => new Promise(() => undefined), query });
    const one = lead({ name, clock, changed: () => undefined });
    one.take();
    for (let seconds = 0; seconds < 6; seconds += 1) {
      clock.pass(1_000);
      await settle();
    }
    expect(one.leads()).toBe(true);
    one.stop();
  });

  it('are waited for behind another tab, however long', async () => {
    const clock = createFakeClock();
    withLocks({
      request: () => new Promise(() => undefined),
      query: () => Promise.resolve({ held: [{ name }], pending: [] }),
    });
    const one = lead({ name, clock, changed: () => undefined });
    for (let seconds = 0; seconds < 60; seconds += 1) {
      clock.pass(1_000);
      await settle();
    }
    expect(one.leads()).toBe(false);
    one.stop();
  });

  it('may not be looked at', () => {
    Object.defineProperty(navigator, 'locks', {
      get: () => {
        throw new DOMException('denied', 'SecurityError');
      },
      configurable: true,
    });
    const one = lead({ name, clock: createFakeClock(), changed: () => undefined });
    expect(one.leads()).toBe(true);
    one.stop();
  });
});

describe('the other tabs', () => {
  afterEach(() => {
    Reflect.deleteProperty(globalThis, 'BroadcastChannel');
  });

  it.each([
    ['missing', undefined],
    [
      'forbidden',
      function forbidden() {
        throw new DOMException('denied', 'SecurityError');
      },
    ],
    [
      'closed',
      class {
        postMessage() {
          throw new DOMException('closed', 'InvalidStateError');
        }
        close() {}
      },
    ],
  ])('are not told where the channel is %s', (_how, Channel) => {
    Object.assign(globalThis, { BroadcastChannel: Channel });
    const channel = openChannel(name, () => undefined);
    expect(() => channel.post('news')).not.toThrow();
    expect(() => channel.stop()).not.toThrow();
  });
});
