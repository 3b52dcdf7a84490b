import type { Message } from '@sori/contract';
import { until } from '../testing/program.js';
import { startRedis, type TestRedis } from '../testing/redis.js';
import { type Someone, startServer, type TestServer } from '../testing/server.js';

let redis: TestRedis;
let first: TestServer;
let second: TestServer;
let third: TestServer;
const servers = (): TestServer[] => [first, second, third];

beforeAll(async () => {
  redis = await startRedis();
  const on = (name: string) => ({ settings: { REDIS_URL: redis.url, SERVER_ID: name } });
  first = await startServer(on('first'));
  second = await startServer({ engine: first.engine, ...on('second') });
  third = await startServer({ engine: first.engine, ...on('third') });
  for (const server of servers()) await isReady(server);
});
afterAll(async () => {
  for (const server of [third, second, first]) await server.close();
  await redis.stop();
  for (const server of servers()) expect(server.bugs()).toEqual([]);
});

/** It hears what the others publish, or knows that it does not. */
async function isReady(server: TestServer, degraded?: string[]): Promise<void> {
  const wanted = JSON.stringify({ ok: true, ...(degraded && { degraded }) });
  await until(async () => JSON.stringify((await server.ask('/readyz')).body) === wanted);
}

const group = async (owner: Someone, ...others: Someone[]): Promise<string> => {
  const { status, body } = await owner.post<{ _id: string }>('/api/conversations', {
    kind: 'group',
    name: 'team',
    memberIds: others.map(({ _id }) => _id),
  });
  expect(status).toBe(201);
  return body._id;
};

describe('what is written on one server', () => {
  it('reaches the other person on another, and the sender’s own tab on a third, once', async () => {
    const [alice, bob] = await first.people('alice', 'bob');
    const bobs = await (await second.elsewhere(bob)).sori();
    const hers = await (await third.elsewhere(alice)).sori();
    const sent = await alice.say(bob._id, 'are you there?');
    for (const client of [bobs, hers]) {
      expect(((await client.next('newMessage')) as Message).message).toBe('are you there?');
    }
    const changed = await alice.call('PATCH', `/api/messages/${sent._id}`, { message: 'are you there now?' });
    expect(changed.status).toBe(200);
    for (const client of [bobs, hers]) {
      expect(await client.next('entry')).toMatchObject({
        kind: 'edit',
        target: { message: 'are you there now?' },
      });
      await client.settled();
      expect(client.all('newMessage')).toEqual([]);
      expect(client.all('entry')).toEqual([]);
    }
  });

  it('reaches the members of a group on three servers each once', async () => {
    const [ann, ben, cem] = await first.people('ann', 'ben', 'cem');
    const writers = await Promise.all(
      [ann, ben, cem].map((one, at) => (servers()[at] ?? first).elsewhere(one)),
    );
    const clients = await Promise.all(writers.map((writer) => writer.sori()));
    const id = await group(ann, ben, cem);
    await Promise.all(
      writers.flatMap((writer) => Array.from({ length: 10 }, (_, turn) => writer.say(id, `${turn}`))),
    );
    for (const client of clients) {
      const seqs: number[] = [];
      while (seqs.length < 30) seqs.push(((await client.next('newMessage')) as Message).seq);
      const firstSeq = Math.min(...seqs);
      // Those of one server come in order; what another one stored may be a moment behind or ahead of it.
      expect([...seqs].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, at) => firstSeq + at));
    }
  });
});
