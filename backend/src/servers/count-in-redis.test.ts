import { AppError } from '../core/errors.js';
import { createLimit, type Limit, type Window } from '../limits/limit.js';
import { systemClock } from '../realtime/clock.js';
import { keptLog } from '../testing/kept-log.js';
import { until } from '../testing/program.js';
import { startRedis, type TestRedis } from '../testing/redis.js';
import { createCountInRedis } from './count-in-redis.js';
import { createRedis, type Redis } from './redis.js';

let server: TestRedis;
const connections: Redis[] = [];
beforeAll(async () => {
  server = await startRedis();
});
afterEach(async () => {
  for (const redis of connections.splice(0)) redis.close();
  await server.stop();
  await server.start();
});
afterAll(() => server.stop());

/** The same limit as three servers have it, and the connection of the first. */
async function threeServers(window: Partial<Window> = {}) {
  const connect = (): Redis => {
    const redis = createRedis({
      url: server.url,
      prefix: 'sori:test:',
      log: keptLog().log,
      clock: systemClock,
    });
    connections.push(redis);
    return redis;
  };
  const limitOver = (redis: Redis): Limit =>
    createLimit(
      { name: 'sends', most: 100, windowSeconds: 60, ...window },
      createCountInRedis({ redis, clock: systemClock }),
    );
  const redis = connect();
  const [first, second, third] = [limitOver(redis), limitOver(connect()), limitOver(connect())];
  await until(() => connections.every((one) => one.isUp()));
  return { redis, first, second, third };
}

const isRefusal = (error: unknown): boolean => error instanceof AppError && error.code === 'RATE_LIMITED';

/** How many of these were let pass. */
async function passed(takes: readonly Promise<void>[]): Promise<number> {
  const outcomes = await Promise.allSettled(takes);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected' && !isRefusal(outcome.reason)) throw outcome.reason;
  }
  return outcomes.filter(({ status }) => status === 'fulfilled').length;
}

describe('a limit of several servers', () => {
  it('is one budget for whoever uses it up at one and goes on at another', async () => {
    const { first, second } = await threeServers();
    expect(await passed(Array.from({ length: 100 }, () => first.take('alice')))).toBe(100);
    await expect(second.take('alice')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await expect(first.take('alice')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await second.take('bob');
  });

  it('is one budget for whoever goes through three of them in turn', async () => {
    const { first, second, third } = await threeServers();
    const limits = [first, second, third];
    let count = 0;
    for (let turn = 0; turn < 50; turn += 1) {
      for (const limit of limits) count += await passed([limit.take('alice')]);
    }
    expect(count).toBe(100);
  });

  it('is exceeded by little where all of it is asked for at once everywhere', async () => {
    const { first, second, third } = await threeServers();
    const limits = [first, second, third];
    const takes = limits.flatMap((limit) => Array.from({ length: 100 }, () => limit.take('alice')));
    const count = await passed(takes);
    expect(count).toBeGreaterThanOrEqual(100);
    expect(count).toBeLessThan(130);
    for (const limit of limits)
      await expect(limit.take('alice')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  });

  it('gives back at all of them what one gave back', async () => {
    const { first, second } = await threeServers({ most: 2 });
    await first.take('alice');
    await first.take('alice');
    await first.giveBack('alice');
    await second.take('alice');
    await expect(first.take('alice')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  });

  it('says until when, by the time at which anybody began', async () => {
    const { first, second } = await threeServers({ most: 1, windowSeconds: 2 });
    await first.take('alice');
    const refusal: unknown = await second.take('alice').catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'RATE_LIMITED' });
    expect((refusal as AppError).retryAfterMs).toBeLessThanOrEqual(2_000);
    await until(async () => (await passed([second.take('alice')])) === 1);
  });
});

describe('while Redis is away', () => {
  it.each(['killed', 'hanging'] as const)(
    '(%s) each server counts for itself, and nobody waits',
    async (how) => {
      const { first, second } = await threeServers({ most: 10 });
      await passed([first.take('alice'), second.take('alice')]);
      if (how === 'killed') await server.stop();
      else server.pause();
      expect(await passed(Array.from({ length: 20 }, () => first.take('alice')))).toBe(9);
      await until(() => connections.every((redis) => !redis.isUp()));
      expect(await passed(Array.from({ length: 20 }, () => second.take('alice')))).toBe(9);
      if (how === 'hanging') server.resume();
    },
  );

  it('what a server counted alone still counts when Redis is back and empty', async () => {
    const { first } = await threeServers({ most: 10 });
    await server.stop();
    await until(() => connections.every((redis) => !redis.isUp()));
    expect(await passed(Array.from({ length: 20 }, () => first.take('alice')))).toBe(10);
    await server.start();
    await until(() => connections.every((redis) => redis.isUp()));
    // Redis has forgotten: it lets pass what this server would not have. That is one more budget at most.
    expect(await passed(Array.from({ length: 20 }, () => first.take('alice')))).toBeLessThanOrEqual(10);
  });
});

describe('far from the limit', () => {
  it('counts many things together, and asks Redis far less often than once for each', async () => {
    const { first, redis } = await threeServers({ most: 10_000 });
    const asked = async (): Promise<number> => {
      const info = await redis.client.info('commandstats');
      return Number(/cmdstat_incrby:calls=(\d+)/.exec(info)?.[1] ?? 0);
    };
    await first.take('alice');
    const before = await asked();
    for (let count = 0; count < 500; count += 1) await first.take('alice');
    await until(async () => Number(await redis.client.get('sori:test:limit:sends:alice')) === 501);
    expect((await asked()) - before).toBeLessThan(100);
  });
});

describe('what is counted for one connection', () => {
  it('never leaves its server', async () => {
    const { first, redis } = await threeServers({ name: 'events', most: 5 });
    expect(await passed(Array.from({ length: 8 }, () => first.take('socket')))).toBe(5);
    expect(await redis.client.keys('*')).toEqual([]);
  });
});
