import { createFakeClock, createSkippingClock, type SkippingClock } from '../testing/fake-clock.js';
import { insertAndDie, message, newConversation, openLog } from '../testing/log.js';
import { until } from '../testing/program.js';
import { type ServerOptions, startServer, type TestServer } from '../testing/server.js';
import { serversOn } from '../servers/servers.model.js';
import { beatEveryMs, judgesAfterMs, liveMs } from '../servers/registry.js';

/** Two servers that know of each other by the database alone. */

const settings = { MONGODB_URI: 'mongodb://of.the.test', METRICS_TOKEN: 'a-token' };
let clock: SkippingClock;
let first: TestServer;
beforeAll(async () => {
  clock = createSkippingClock();
  first = await startServer({ clock, settings: { ...settings, SERVER_ID: 'first' } });
});
const beside: TestServer[] = [];
const start = async (options: ServerOptions): Promise<TestServer> => {
  const server = await startServer({ ...options, engine: first.engine });
  beside.push(server);
  return server;
};
afterAll(async () => {
  for (const server of beside) await server.close();
  await first.close();
  expect(first.bugs()).toEqual([]);
});

const rows = () => serversOn(first.store.connection);
const metrics = async (): Promise<string> => {
  const headers = { authorization: 'Bearer a-token' };
  return (await fetch(`${first.url}/metrics`, { headers })).text();
};
const missed = () => first.logged.filter((line) => line.includes('gone without a word'));
const beat = async (): Promise<void> => {
  await clock.waitsFor(beatEveryMs);
  clock.skip(beatEveryMs);
};
const seesLive = async (count: number): Promise<void> => {
  await until(async () => {
    await beat();
    return (await metrics()).includes(`\nsori_servers_live ${count}\n`);
  });
};

describe('a server', () => {
  it('that stops is seen for as long as it runs, and not missed', async () => {
    expect(await metrics()).toMatch(/^sori_servers_live 1$/m);
    expect(await metrics()).toMatch(/^sori_clock_skew_seconds -?[\d.e-]+$/m);
    const second = await start({ settings: { ...settings, SERVER_ID: 'second' } });
    expect(await rows().distinct('_id')).toEqual(['first', 'second']);
    await seesLive(2);
    await second.close();
    expect(await rows().distinct('_id')).toEqual(['first']);
    await seesLive(1);
    expect(missed()).toEqual([]);
  });

  it('that is killed is missed after 45 s, and what it left behind is repaired', async () => {
    const killed = await openLog(first.engine.uri);
    const { id, alice } = await newConversation(killed);
    // Its clock stands still: it writes its row once.
    await start({ clock: createFakeClock(), settings: { ...settings, SERVER_ID: 'killed' } });
    await seesLive(2);
    for (let beats = 0; beats * beatEveryMs <= judgesAfterMs; beats += 1) await beat();
    await killed.log.append(message(id, alice, 'one'));
    // Longer ago than a server alone would look for it.
    await killed.log.conversations.updateOne({ _id: id }, { headAt: new Date(Date.now() - 120_000) });
    await insertAndDie(killed, id, alice, 2);
    expect(missed()).toEqual([]);
    await rows().updateOne({ _id: 'killed' }, [{ $set: { seenAt: { $subtract: ['$$NOW', liveMs + 1] } } }]);
    await beat();
    await until(() => missed().length === 1);
    await until(async () => (await killed.log.conversations.findById(id).lean())?.appliedSeq === 2);
    await seesLive(1);
    await killed.close();
  });

  it('on a database of its own writes nothing about itself', async () => {
    await start({ settings: { SERVER_ID: 'beside' } });
    expect(await rows().distinct('_id')).not.toContain('beside');
    expect(await rows().distinct('_id')).toContain('first');
  });
});
