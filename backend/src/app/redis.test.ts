import { startRedis, type TestRedis } from '../testing/redis.js';
import { startServer, type TestServer } from '../testing/server.js';
import { until } from '../testing/program.js';

let redis: TestRedis;
let first: TestServer;
let second: TestServer;
beforeAll(async () => {
  redis = await startRedis();
  const settings = { REDIS_URL: redis.url, METRICS_TOKEN: 'a-token', LIMIT_SENDS_PER_USER_10S: '20' };
  first = await startServer({ settings: { ...settings, SERVER_ID: 'first' } });
  second = await startServer({ engine: first.engine, settings: { ...settings, SERVER_ID: 'second' } });
});
afterAll(async () => {
  await second.close();
  await first.close();
  await redis.stop();
  for (const server of [first, second]) expect(server.bugs()).toEqual([]);
});

const ready = async (server: TestServer) => {
  const { status, body } = await server.ask('/readyz');
  return { status, body };
};
const metrics = async (server: TestServer): Promise<string> => {
  const headers = { authorization: 'Bearer a-token' };
  return (await fetch(`${server.url}/metrics`, { headers })).text();
};

describe('two servers with one Redis', () => {
  it('count a person’s messages together', async () => {
    await until(async () => (await ready(first)).body !== undefined);
    for (const server of [first, second]) {
      await until(async () => !JSON.stringify((await ready(server)).body).includes('degraded'));
    }
    const [alice, bob] = await first.people('alice', 'bob');
    const there = await second.elsewhere(alice);
    let taken = 0;
    for (let turn = 0; turn < 30; turn += 1) {
      const { status } = await (turn % 2 ? alice : there).post(`/api/messages/send/${bob._id}`, {
        message: 'hello',
      });
      if (status === 201) taken += 1;
      else expect(status).toBe(429);
    }
    expect(taken).toBe(20);
  });

  it('say that they go on without it while it is away, and that they no longer do', async () => {
    await redis.stop();
    const degraded = { status: 200, body: { ok: true, degraded: ['redis'] } };
    for (const server of [first, second]) {
      await until(async () => JSON.stringify(await ready(server)) === JSON.stringify(degraded));
      expect(await metrics(server)).toMatch(/^sori_redis_up 0$/m);
    }
    const [alice, bob] = await first.people('alice', 'bob');
    expect((await alice.say(bob._id, 'without Redis')).message).toBe('without Redis');
    await redis.start();
    for (const server of [first, second]) {
      await until(async () => JSON.stringify((await ready(server)).body) === JSON.stringify({ ok: true }));
      expect(await metrics(server)).toMatch(/^sori_redis_up 1$/m);
      const about = server.logged.filter((line) => line.includes('Redis is away'));
      expect(about).toHaveLength(1);
    }
  });

  it('are known by their names', async () => {
    expect(await metrics(first)).toContain('sori_server_info{server="first"} 1');
    expect(await metrics(second)).toContain('sori_server_info{server="second"} 1');
  });
});
