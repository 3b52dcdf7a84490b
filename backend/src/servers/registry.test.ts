import { connectDatabase, type Store } from '../database/connect.js';
import { startEngine, type TestEngine } from '../testing/engine.js';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.js';
import { keptLog } from '../testing/kept-log.js';
import { until } from '../testing/program.js';
import { beatEveryMs, createRegistry, judgesAfterMs, keptMs, liveMs, type Registry } from './registry.js';
import { serversOn } from './servers.model.js';

interface TestServer {
  registry: Registry;
  clock: FakeClock;
  logged: string[];
  appeared: string[];
  vanished: string[];
  /** Writes its row and looks who else is there, so many times, 5 s apart. */
  beat: (times?: number) => Promise<void>;
}

let engine: TestEngine;
let store: Store;
let started: TestServer[] = [];
beforeAll(async () => {
  engine = await startEngine();
  store = await connectDatabase(engine.uri);
});
afterEach(async () => {
  for (const { registry } of started) await registry.close();
  started = [];
  await rows().deleteMany({});
});
afterAll(async () => {
  await store.close();
  await engine.stop();
});

const rows = () => serversOn(store.connection);
/** As if a server had last written so long ago by the database's clock. */
const lastSeen = async (serverId: string, agoMs: number): Promise<void> => {
  await rows().updateOne({ _id: serverId }, [{ $set: { seenAt: { $subtract: ['$$NOW', agoMs] } } }]);
};
const ids = ({ registry }: TestServer): string[] => registry.live().map(({ serverId }) => serverId);

/** Its clock stands still, so it writes only where a test says so: else it is as if it had been killed. */
async function server(
  serverId: string,
  { kinds = ['message'], clock = createFakeClock() } = {},
): Promise<TestServer> {
  const { log, logged } = keptLog();
  const registry = await createRegistry({
    store,
    serverId,
    build: 1,
    kinds,
    log,
    clock,
    report: (bug) => log.error({ err: bug }, 'A bug'),
  });
  const [appeared, vanished]: string[][] = [[], []];
  registry.onAppeared((id) => appeared?.push(id));
  registry.onVanished((id) => vanished?.push(id));
  async function beat(times = 1): Promise<void> {
    for (let time = 0; time < times; time += 1) {
      clock.advance(beatEveryMs);
      await until(() => clock.waiting() === 1);
    }
  }
  const one = { registry, clock, logged, appeared: appeared ?? [], vanished: vanished ?? [], beat };
  started.push(one);
  return one;
}

const beatsUntilJudging = judgesAfterMs / beatEveryMs;

describe('servers on one database', () => {
  it('know of each other, and of one that stops that it has gone in good order', async () => {
    const first = await server('first');
    expect(first.registry.isAlone()).toBe(true);
    expect(first.registry.areThere()).toBe(false);
    const second = await server('second');
    expect(ids(second)).toEqual(['first']);
    await first.beat();
    expect(first.registry.live()).toMatchObject([{ serverId: 'second', build: 1, kinds: ['message'] }]);
    expect(first.appeared).toEqual(['second']);
    await first.beat();
    expect(first.appeared).toEqual(['second']);
    await second.registry.close();
    await first.beat(beatsUntilJudging);
    expect(first.registry.isAlone()).toBe(true);
    expect(first.registry.areThere()).toBe(false);
    expect(first.vanished).toEqual([]);
    expect(await rows().distinct('_id')).toEqual(['first']);
  });

  it('know after 45 s that one was killed, and not before', async () => {
    const first = await server('first');
    await server('killed');
    await first.beat(beatsUntilJudging);
    await lastSeen('killed', liveMs - 10_000);
    await first.beat();
    expect(ids(first)).toEqual(['killed']);
    expect(first.vanished).toEqual([]);
    await lastSeen('killed', liveMs + 1);
    await first.beat(2);
    expect(first.vanished).toEqual(['killed']);
    expect(first.registry.isAlone()).toBe(true);
    // What it left behind may be found later, too.
    expect(first.registry.areThere()).toBe(true);
    expect(first.logged.filter((line) => line.includes('gone without a word'))).toHaveLength(1);
  });

  it('know that one which was stopped for a while is back', async () => {
    const first = await server('first');
    const stopped = await server('stopped');
    await first.beat(beatsUntilJudging);
    await lastSeen('stopped', liveMs + 1);
    await first.beat();
    expect(first.vanished).toEqual(['stopped']);
    await stopped.beat();
    await first.beat();
    expect(ids(first)).toEqual(['stopped']);
    expect(first.appeared).toEqual(['stopped', 'stopped']);
    expect(stopped.vanished).toEqual([]);
  });

  it('judge nobody once the database was away, until all had the time to write again', async () => {
    const first = await server('first');
    const second = await server('second');
    await first.beat(beatsUntilJudging);
    engine.pause();
    // Its own row cannot be written either.
    await first.beat();
    engine.resume();
    const away = () => false;
    await until(() => lastSeen('second', 2 * liveMs).then(() => true, away));
    await first.beat(beatsUntilJudging);
    expect(first.vanished).toEqual([]);
    expect(ids(first)).toEqual(['second']);
    await second.beat();
    await first.beat(beatsUntilJudging);
    expect(first.vanished).toEqual([]);
    // Of one that does not come back it is found out all the same.
    await lastSeen('second', 2 * liveMs);
    await first.beat();
    expect(first.vanished).toEqual(['second']);
  }, 30_000);

  it('judge nobody right after their start', async () => {
    await server('second');
    const first = await server('first');
    await lastSeen('second', liveMs + 1);
    await first.beat();
    expect(first.vanished).toEqual([]);
    await first.beat();
    expect(first.vanished).toEqual(['second']);
  });

  it('forget one that was not seen for a day', async () => {
    const first = await server('first');
    await server('old');
    await server('older');
    await lastSeen('old', keptMs - 60_000);
    await lastSeen('older', keptMs + 1);
    await first.beat();
    expect(await rows().distinct('_id')).toEqual(['first', 'old']);
    expect(first.appeared).toEqual([]);
  });

  it('write a kind of entry only when each of them reads it', async () => {
    const first = await server('first', { kinds: ['message', 'poll'] });
    expect(first.registry.everyServerReads('poll')).toBe(true);
    const before = await server('before', { kinds: ['message'] });
    await first.beat();
    expect(first.registry.everyServerReads('message')).toBe(true);
    expect(first.registry.everyServerReads('poll')).toBe(false);
    expect(before.registry.everyServerReads('poll')).toBe(false);
    await before.registry.close();
    await first.beat();
    expect(first.registry.everyServerReads('poll')).toBe(true);
  });
});

describe('two processes with one SERVER_ID', () => {
  const complaints = ({ logged }: TestServer) => logged.filter((line) => line.includes('same SERVER_ID'));

  it('both say so, once, and go on; the one that stays keeps its row', async () => {
    const [one, other] = [await server('same'), await server('same')];
    for (let round = 0; round < 3; round += 1) {
      await one.beat();
      await other.beat();
    }
    expect(complaints(one)).toHaveLength(1);
    expect(complaints(other)).toHaveLength(1);
    await one.registry.close();
    expect(await rows().countDocuments()).toBe(1);
  });

  it('are not meant where one was killed and started again', async () => {
    await server('same');
    const again = await server('same');
    await again.beat(3);
    expect(complaints(again)).toEqual([]);
    expect(again.registry.isAlone()).toBe(true);
  });
});

describe('the clock of this machine', () => {
  const far = ({ logged }: TestServer) => logged.filter((line) => line.includes('far from the database'));

  it('is held against the database’s', async () => {
    const right = await server('right');
    expect(Math.abs(right.registry.clockSkewMs())).toBeLessThan(20_000);
    expect(far(right)).toEqual([]);
    const wrong = await server('wrong', { clock: createFakeClock(Date.now() - 3_600_000) });
    expect(wrong.registry.clockSkewMs()).toBeLessThan(-3_500_000);
    await wrong.beat();
    expect(far(wrong)).toHaveLength(1);
    wrong.clock.step(3_600_000);
    await wrong.beat();
    expect(Math.abs(wrong.registry.clockSkewMs())).toBeLessThan(20_000);
    expect(wrong.logged.some((line) => line.includes('is near the database'))).toBe(true);
  });
});
