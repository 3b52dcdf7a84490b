import type { Connection } from 'mongoose';
import { connectDatabase, type Store } from '../database/connect.js';
import { startEngine, type TestEngine } from '../testing/engine.js';
import { startServer } from '../testing/server.js';
import { collections, type DeclaredIndex } from './indexes.js';
import { makeIndexes, nameOf } from './make-indexes.js';

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

type Found = Record<string, Record<string, unknown>>;

/** What the database says of its indexes, by collection and name, but the one of `_id`. */
async function indexesIn({ db }: Connection): Promise<Found> {
  const found: Found = {};
  for (const rows of (await db?.collections()) ?? []) {
    const indexes = await rows.indexes();
    found[rows.collectionName] = Object.fromEntries(
      indexes
        .filter(({ name }) => name !== '_id_')
        .map(({ v: _, collation: _simple, name, ...index }) => [name ?? '', index]),
    );
  }
  return found;
}

const asStored = (index: DeclaredIndex) => {
  const { meanwhile: _, name: _name, ...stored } = index;
  return [nameOf(index), stored] as const;
};

describe('the table of indexes', () => {
  it('is what a fresh database has, no index more and none less', async () => {
    const server = await startServer({ engine });
    try {
      const [alice, bob] = await server.people('alice', 'bob');
      await alice.say(bob._id, 'so that there is something in it');
      const found = await indexesIn(store.upkeep);
      const declared = Object.fromEntries(
        Object.entries(collections).map(([name, { indexes }]) => [
          name,
          Object.fromEntries(indexes.map(asStored)),
        ]),
      );
      for (const [name, indexes] of Object.entries(found))
        expect([name, indexes]).toEqual([name, declared[name]]);
      // Those that a server writes to when there is a reason.
      const later = Object.keys(declared).filter((name) => !(name in found));
      for (const name of later) expect([name, declared[name]]).toEqual([name, {}]);
    } finally {
      await server.close();
    }
    expect(server.bugs()).toEqual([]);
  });

  it('is the only place: no model declares an index of its own', async () => {
    const server = await startServer({ engine });
    try {
      const models = Object.values(server.store.connection.models);
      expect(models.length).toBeGreaterThan(10);
      for (const { modelName, schema } of models)
        expect([modelName, schema.indexes()]).toEqual([modelName, []]);
    } finally {
      await server.close();
    }
  });

  it('gives each index of a collection a name of its own, and brings no former one back', () => {
    for (const { indexes, former = [] } of Object.values(collections)) {
      const names = [...indexes.map(nameOf), ...former];
      expect(names).toEqual([...new Set(names)]);
    }
  });
});

describe('creating the indexes', () => {
  it('goes on even if the database takes longer than the call timeout', async () => {
    const rows = store.connection.collection('slow');
    await rows.insertOne({ at: 1 });
    engine.pause();
    const made = makeIndexes(store.upkeep, { slow: { indexes: [{ key: { at: 1 } }] } });
    // Whoever waits for an answer soon learns that there is none.
    await expect(rows.findOne({})).rejects.toThrow();
    engine.resume();
    await made;
    expect((await indexesIn(store.upkeep))['slow']).toEqual({ at_1: { key: { at: 1 } } });
  });

  it('drops what earlier releases had made, once the server has its own', async () => {
    const former = [
      ['members', { userId: 1 }],
      ['sessions', { userId: 1 }],
      ['conversations', { lastActivityAt: -1 }],
      ['conversations', { participants: 1, lastActivityAt: -1, _id: -1 }],
    ] as const;
    for (const [collection, key] of former)
      await store.upkeep.collection(collection).createIndex({ ...key }, {}, {});
    const server = await startServer({ engine });
    try {
      const found = await indexesIn(store.upkeep);
      for (const [collection, key] of former) {
        const names = Object.keys(found[collection] ?? {});
        expect(names).not.toContain(nameOf({ key }));
        expect(names.length).toBeGreaterThan(1);
      }
    } finally {
      await server.close();
    }
    expect(server.bugs()).toEqual([]);
  });

  it('leaves an index alone that somebody has made for themselves', async () => {
    await store.upkeep.collection('slow').createIndex({ own: 1 }, {}, {});
    await makeIndexes(store.upkeep, { slow: { indexes: [{ key: { at: 1 } }], former: ['gone_1'] } });
    expect(Object.keys((await indexesIn(store.upkeep))['slow'] ?? {}).sort()).toEqual(['at_1', 'own_1']);
  });
});
