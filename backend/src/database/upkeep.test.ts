import { Schema } from 'mongoose';
import { startEngine, type TestEngine } from '../testing/engine.js';
import { connectDatabase, type Store } from './connect.js';
import { deleteByTurns } from './delete-in-batches.js';

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

function rowsNamed(name: string) {
  const schema = new Schema<{ at: number }>({ at: Number }, { autoIndex: false });
  return store.connection.model(name, schema, name);
}

describe('upkeep', () => {
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
