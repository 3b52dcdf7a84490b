import { mkdtemp, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import mongoose from 'mongoose';

import { startEngine, type TestEngine } from '../../testing/engine.js';
import { connectDatabase, type Store } from '../connect.js';
import { DatabaseInUseError, launchDatabase } from './launch.js';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe('the database beside the server', () => {
  let engine: TestEngine;
  let store: Store;

  beforeAll(async () => {
    engine = await startEngine();
    store = await connectDatabase(engine.uri);
  });
  afterAll(async () => {
    await store.close();
    await engine.stop();
  });

  const notes = () => store.connection.collection<{ _id: string; text?: string }>('notes');

  it('is one server whose acknowledgements are journalled', () => {
    expect(store.durability).toEqual({
      kind: 'standalone',
      writeConcern: { w: 1, j: true },
      readConcern: 'local',
      settles: true,
    });
    expect(store.connection.getClient().options.writeConcern).toMatchObject({ w: 1, j: true });
  });

  it('lets nobody else on the machine reach its socket', async () => {
    const { socketPath } = engine.database;
    if (socketPath === null) throw new Error('The engine serves a socket');
    expect((await stat(dirname(socketPath))).mode & 0o777).toBe(0o700);
    expect(Buffer.byteLength(socketPath)).toBeLessThan(100);
  });

  it('survives the session commands that would end the engine', async () => {
    const pid = engine.database.childPid();
    const admin = store.connection.getClient().db('admin');
    const commands = [
      'startSession',
      'endSessions',
      'killSessions',
      'killAllSessions',
      'killAllSessionsByPattern',
    ];
    for (const name of commands) expect(await admin.command({ [name]: [] })).toMatchObject({ ok: 1 });
    // A driver's own sessions end in an `endSessions` that wants no reply.
    await new mongoose.mongo.MongoClient(engine.uri).connect().then((client) => client.close());
    expect(await admin.command({ ping: 1 })).toMatchObject({ ok: 1 });
    expect(engine.database.childPid()).toBe(pid);
  });

  /** Which of the engine's ways to choose among indexes is on. */
  const ranker = async (): Promise<unknown> => {
    const answer = await store.connection
      .getClient()
      .db('admin')
      .command({ getParameter: 1, internalQueryPlanRanker: 1 });
    return answer['internalQueryPlanRanker'];
  };

  it('chooses among indexes in the way that this build of it has', async () => {
    expect(await ranker()).toBe('multiPlanning');
  });

  it('comes back after kill -9 with everything it acknowledged, at the same address', async () => {
    const before = engine.database.childPid();
    const reconnected = new Promise<void>((resolve) => void store.onReconnect(resolve));
    const kept: string[] = [];
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let n = 0; n < 500; n += 1) {
        const _id = `${writer}-${n}`;
        try {
          await notes().insertOne({ _id });
        } catch (error) {
          // Before it was killed: a busy machine. Of the others there is no answer any more.
          if (kept.length < 200) continue;
          throw error;
        }
        kept.push(_id);
        if (kept.length === 200) engine.kill();
      }
    });
    await Promise.allSettled(writers);
    await engine.restarted();
    await reconnected;
    expect(engine.database.childPid()).not.toBe(before);
    expect(kept.length).toBeGreaterThanOrEqual(200);
    const found = new Set((await notes().find().toArray()).map(({ _id }) => _id));
    expect(kept.filter((id) => !found.has(id))).toEqual([]);
    expect(await ranker()).toBe('multiPlanning');
  });

  it('reports that it came back even if nobody asked anything meanwhile', async () => {
    await notes().countDocuments();
    const reconnected = jest.fn();
    const stop = store.onReconnect(reconnected);
    engine.kill();
    await engine.restarted();
    await notes().countDocuments();
    expect(reconnected).toHaveBeenCalled();
    stop();
  });

  it('makes a call fail within 3 s while it hangs, and answers again afterwards', async () => {
    await notes().countDocuments();
    engine.pause();
    try {
      // More than the pool has connections: also those that wait for one are answered in time.
      const calls = Array.from({ length: 100 }, async () => {
        const started = performance.now();
        await expect(notes().findOne()).rejects.toThrow();
        return performance.now() - started;
      });
      expect(Math.max(...(await Promise.all(calls)))).toBeLessThan(6_000);
    } finally {
      engine.resume();
    }
    const heartbeat = store.connection.getClient();
    await expect(heartbeat.db('admin').command({ ping: 1 })).resolves.toMatchObject({ ok: 1 });
  });

  it('refuses a second server on the same data and says why', async () => {
    const second = launchDatabase({ dataDir: engine.dataDir, log: quiet, lockWaitMs: 300 });
    await expect(second).rejects.toThrow(DatabaseInUseError);
    await expect(second).rejects.toThrow(await realpath(engine.dataDir));
    await expect(notes().insertOne({ _id: 'after the second start' })).resolves.toMatchObject({
      acknowledged: true,
    });
  });
});

describe('stopping the database', () => {
  it('leaves no process, and the data for the next start', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'sori-test-'));
    const first = await launchDatabase({ dataDir, log: quiet });
    const pid = first.childPid();
    if (pid === null) throw new Error('The database is not running');
    const store = await connectDatabase(first.uri);
    await store.connection.collection('notes').insertOne({ text: 'kept' });
    await store.close();
    await first.close();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');

    const again = await launchDatabase({ dataDir, log: quiet });
    const next = await connectDatabase(again.uri);
    expect(await next.connection.collection('notes').findOne({ text: 'kept' })).not.toBeNull();
    await next.close();
    await again.close();
    await rm(dataDir, { recursive: true });
  });

  it('is quick even while somebody has stopped the child', async () => {
    const engine = await startEngine();
    engine.pause();
    const started = performance.now();
    await engine.stop();
    // Nobody waits out the 8 s that a database may take to end by itself.
    expect(performance.now() - started).toBeLessThan(7_500);
  });
});
