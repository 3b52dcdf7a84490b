import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { isDatabaseAway } from '../core/errors.js';
import { startEngine, type TestEngine } from '../testing/engine.js';
import { connectDatabase, type Store } from './connect.js';

/** What the driver makes of a database that is killed at an unlucky moment. */

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

it('reports UNAVAILABLE when a socket breaks while a call waits to be written', async () => {
  const fromMongoose = createRequire(require.resolve('mongoose'));
  const { Connection } = fromMongoose('mongodb/lib/cmap/connection.js') as {
    Connection: { prototype: object };
  };
  // Its buffer is full, so the driver waits for it to drain, and then gets the system's own error.
  const socket = Object.assign(new EventEmitter(), {
    destroyed: false,
    writableEnded: false,
    write: () => false,
  });
  const connection = Object.assign(Object.create(Connection.prototype) as object, {
    closed: false,
    error: null,
    socket,
  }) as unknown as { writeCommand: (command: object, options: object) => Promise<void> };
  const command = { toBin: () => Promise.resolve([new Uint8Array(1)]) };
  const failed = connection
    .writeCommand(command, { agreedCompressor: 'none' })
    .catch((error: unknown) => error);
  while (socket.listenerCount('error') === 0) await new Promise((resume) => setImmediate(resume));
  socket.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' }));
  expect(isDatabaseAway(await failed)).toBe(true);
});

it.each(['EPIPE', 'ECONNRESET'])('reports UNAVAILABLE for the system’s own %s', (code) => {
  const broken = Object.assign(new Error(`write ${code}`), { code, syscall: 'write', errno: -1 });
  expect(isDatabaseAway(broken)).toBe(true);
  expect(isDatabaseAway(new Error(`write ${code}`))).toBe(false);
});

it('reports UNAVAILABLE for a cursor that a restart has ended', async () => {
  const rows = store.connection.collection('many');
  await rows.insertMany(Array.from({ length: 10 }, (_, number) => ({ number })));
  const cursor = rows.find().batchSize(2);
  await cursor.next();
  // As a restart does, which forgets all cursors.
  await store.connection.db?.command({ killCursors: 'many', cursors: [cursor.id] });
  const failed = await cursor.toArray().catch((error: unknown) => error);
  expect(failed).toMatchObject({ code: 43 });
  expect(isDatabaseAway(failed)).toBe(true);
});
