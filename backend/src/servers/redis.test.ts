import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../testing/program.js';
import { keptLog } from '../testing/kept-log.js';
import { startRedis, type TestRedis } from '../testing/redis.js';
import { systemClock } from '../realtime/clock.js';
import { createRedis, type Redis } from './redis.js';

let server: TestRedis;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

let redis: Redis;
let logged: string[];
beforeEach(() => {
  const kept = keptLog();
  logged = kept.logged;
  redis = createRedis({ url: server.url, prefix: 'sori:test:', log: kept.log, clock: systemClock });
});
afterEach(async () => {
  redis.close();
  await server.stop();
  await server.start();
});

const words = (): string[] =>
  logged.map((line) => (JSON.parse(line) as { msg: string }).msg.split(':', 1)[0] ?? '');

describe('the connection to Redis', () => {
  it('is up once Redis answers, and down once it was killed, and says each once', async () => {
    await until(() => redis.isUp());
    await server.stop();
    await until(() => !redis.isUp());
    // Several attempts to connect fail meanwhile.
    await delay(1_500);
    expect(words()).toEqual(['Redis is there', 'Redis is away']);
    await server.start();
    await until(() => redis.isUp());
    expect(words()).toEqual(['Redis is there', 'Redis is away', 'Redis is there']);
  });

  it('is down while Redis hangs, although its connections stay open, and up when it goes on', async () => {
    await until(() => redis.isUp());
    server.pause();
    await until(() => !redis.isUp());
    server.resume();
    await until(() => redis.isUp());
    expect(await redis.client.ping()).toBe('PONG');
  });

  it('refuses what is asked while it is away at once, and never says it later', async () => {
    await until(() => redis.isUp());
    await server.stop();
    await until(() => !redis.isUp());
    await expect(redis.client.set('sori:test:late', '1')).rejects.toThrow();
    await server.start();
    await until(() => redis.isUp());
    expect(await redis.client.get('sori:test:late')).toBeNull();
  });

  it('says each time that it is there again', async () => {
    let times = 0;
    redis.onUp(() => (times += 1));
    await until(() => times === 1);
    await server.stop();
    await until(() => !redis.isUp());
    await server.start();
    await until(() => times === 2);
  });
});

describe('a Redis that was never there', () => {
  it('is said once, and found when it comes', async () => {
    await server.stop();
    const kept = keptLog();
    const other = createRedis({ url: server.url, prefix: 'sori:test:', log: kept.log, clock: systemClock });
    try {
      await until(() => kept.logged.length === 1);
      expect(other.isUp()).toBe(false);
      await server.start();
      await until(() => other.isUp());
      expect(kept.logged).toHaveLength(2);
    } finally {
      other.close();
    }
  });
});
