import { Schema } from 'mongoose';
import { startEngine, type TestEngine } from '../testing/engine.js';
import { startServer } from '../testing/server.js';
import { connectDatabase, type Store } from './connect.js';
import { deleteByTurns } from './delete-in-batches.js';
import { makeIndexes } from './upkeep.js';

let engine: TestEngine;
let store: Store;
beforeAll(async () => {
  engine = await startEngine();
  store = await connectDatabase(engine.uri, { callTimeoutMs: 300 });
});
afterAll(async () => {
  await store.close();
  await engine.stop();
});

/** Rows of which some have a kind, with an index of their own. */
function rowsNamed(name: string) {
  const schema = new Schema<{ at: number }>({ at: Number }, { discriminatorKey: 'kind', autoIndex: false });
  schema.index({ at: 1 });
  const rows = store.connection.model(name, schema, name);
  const child = new Schema<{ of: number }>({ of: Number });
  child.index({ of: 1 }, { partialFilterExpression: { kind: 'child' } });
  rows.discriminator(`${name}Child`, child, 'child');
  return rows;
}

describe('upkeep', () => {
  it('makes all indexes, those of each kind too, also where the database takes longer than a call may', async () => {
    const rows = rowsNamed('slow');
    await rows.collection.insertOne({ at: 1 });
    engine.pause();
    const made = makeIndexes(rows);
    // Whoever waits for an answer is told soon that there is none.
    await expect(rows.collection.findOne({})).rejects.toThrow();
    engine.resume();
    await made;
    const names = (await store.upkeep.collection('slow').indexes()).map(({ name }) => name);
    expect(names.sort()).toEqual(['_id_', 'at_1', 'of_1']);
  });

  it('drops what earlier releases had made, once the server has its own', async () => {
    const former = [
      ['members', { userId: 1 }, 'userId_1'],
      ['sessions', { userId: 1 }, 'userId_1'],
      ['conversations', { lastActivityAt: -1 }, 'lastActivityAt_-1'],
      [
        'conversations',
        { participants: 1, lastActivityAt: -1, _id: -1 },
        'participants_1_lastActivityAt_-1__id_-1',
      ],
    ] as const;
    for (const [collection, key, name] of former)
      expect(await store.upkeep.collection(collection).createIndex({ ...key }, {}, {})).toBe(name);
    const server = await startServer({ engine });
    try {
      for (const [collection, , name] of former) {
        const names = (await store.upkeep.collection(collection).indexes()).map((index) => index.name);
        expect(names).not.toContain(name);
        expect(names.length).toBeGreaterThan(1);
      }
    } finally {
      await server.close();
    }
    expect(server.bugs()).toEqual([]);
  });

  it('deletes by turns exactly what matches, and stops between two of them', async () => {
    const rows = rowsNamed('many');
    const many = Array.from({ length: 2_500 }, (_, at) => ({ at }));
    await store.upkeep.collection('many').insertMany(many);
    let turns = 0;
    expect(await deleteByTurns(rows, { at: { $lt: 2_400 } }, { goesOn: () => (turns += 1) <= 1 })).toBe(
      1_000,
    );
    expect(await deleteByTurns(rows, { at: { $lt: 2_400 } })).toBe(1_400);
    expect(await store.upkeep.collection('many').countDocuments()).toBe(100);
  });
});
