import { startEngine, type TestEngine } from '../testing/engine.js';
import { until } from '../testing/program.js';
import { connectDatabase, type Store } from './connect.js';
import { leaseOn } from './lease.js';

let engine: TestEngine;
let store: Store;
let other: Store;
beforeAll(async () => {
  engine = await startEngine();
  store = await connectDatabase(engine.uri);
  other = await connectDatabase(engine.uri);
});
afterAll(async () => {
  await store.close();
  await other.close();
  await engine.stop();
});

const rows = () => store.connection.collection<{ _id: string; owner: string; expiresAt: Date }>('leases');
const nothing = () => Promise.resolve();
const inMs = async (ms: number): Promise<Date> => new Date((await store.now()).getTime() + ms);

describe('a lease', () => {
  it('is held by one of ten servers that want it at once, and by the next when that one is done', async () => {
    let holders = 0;
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const work = async (): Promise<void> => {
      holders += 1;
      await held;
    };
    const leases = Array.from({ length: 10 }, (_, index) =>
      leaseOn((index % 2 ? store : other).connection, 'ten'),
    );
    let refused = 0;
    const tries = leases.map(async (lease) => {
      const had = await lease.hold(work);
      if (!had) refused += 1;
      return had;
    });
    await until(() => refused === 9);
    letGo();
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
    expect(holders).toBe(1);
    expect(await leaseOn(other.connection, 'ten').hold(nothing)).toBe(true);
    expect(await rows().findOne({ _id: 'ten' })).toBeNull();
  });

  it('of a server that was killed runs out by the database’s clock, and not before', async () => {
    await rows().insertOne({ _id: 'killed', owner: 'nobody any more', expiresAt: await inMs(60_000) });
    expect(await leaseOn(store.connection, 'killed').hold(nothing)).toBe(false);
    await rows().updateOne({ _id: 'killed' }, { $set: { expiresAt: await inMs(-1) } });
    expect(await leaseOn(store.connection, 'killed').hold(nothing)).toBe(true);
  });

  it('is renewed for as long as the work takes', async () => {
    const seen = new Set<number>();
    const had = await leaseOn(store.connection, 'long', { ms: 300 }).hold(async (lost) => {
      await until(async () => {
        seen.add((await rows().findOne({ _id: 'long' }))?.expiresAt.getTime() ?? 0);
        return seen.size === 5;
      });
      expect(lost.aborted).toBe(false);
      expect(await leaseOn(other.connection, 'long').hold(nothing)).toBe(false);
    });
    expect(had).toBe(true);
  });

  it('that another server has taken meanwhile is reported lost, and is left to that one', async () => {
    const work = leaseOn(store.connection, 'taken', { ms: 300 }).hold(async (lost) => {
      await rows().updateOne({ _id: 'taken' }, { $set: { owner: 'another', expiresAt: await inMs(60_000) } });
      await new Promise<void>((resolve) => lost.addEventListener('abort', () => resolve()));
      lost.throwIfAborted();
    });
    await expect(work).rejects.toThrow('Another server has the lease');
    expect(await rows().findOne({ _id: 'taken' })).toMatchObject({ owner: 'another' });
  });

  it('that cannot be renewed, because the database hangs, is reported lost', async () => {
    const work = leaseOn(store.connection, 'hangs', { ms: 300 }).hold(async (lost) => {
      engine.pause();
      await new Promise<void>((resolve) => lost.addEventListener('abort', () => resolve()));
      engine.resume();
      lost.throwIfAborted();
    });
    await expect(work).rejects.toThrow('could not be renewed in time');
  });
});
