import type { Model, mongo } from 'mongoose';
import { connectDatabase, type Store } from '../../database/connect.js';
import { startEngine, type TestEngine } from '../../testing/engine.js';
import { newId } from '../../testing/log.js';
import { type BlockRow, blocksOn, blocksVersionOn } from './block.model.js';
import { createRelations } from './relations.js';

let engine: TestEngine;
let store: Store;
let rows: Model<BlockRow>;
let version: ReturnType<typeof blocksVersionOn>;
const reads: string[] = [];
beforeAll(async () => {
  engine = await startEngine();
  store = await connectDatabase(`${engine.uri}&monitorCommands=true`);
  rows = blocksOn(store.connection);
  version = blocksVersionOn(store.connection);
  const client: mongo.MongoClient = store.connection.getClient();
  client.on('commandStarted', ({ commandName, command }) => {
    if (commandName === 'find') reads.push(String((command as { find: unknown }).find));
  });
});
afterAll(async () => {
  await store.close();
  await engine.stop();
});
beforeEach(async () => {
  await store.connection.collection('versions').deleteMany({});
});

let timeMs = 0;

/** What one server remembers, which looks for what others changed at its next question. */
function server() {
  const relations = createRelations({ rows, version: () => version.read(), elapsed: () => timeMs });
  return {
    ...relations,
    async later(userId: string) {
      timeMs += 1_000;
      const { blocks, blockedBy } = await relations.of(userId);
      return { blocks: [...blocks], blockedBy: [...blockedBy] };
    },
  };
}
/** As another server does it. */
async function block(userId: string, blockedId: string): Promise<void> {
  await rows.updateOne({ userId, blockedId }, { at: new Date() }, { upsert: true });
  await version.raise([userId, blockedId]);
}
const readsOf = async (done: () => Promise<unknown>): Promise<number> => {
  reads.length = 0;
  await done();
  return reads.filter((name) => name === 'blocks').length;
};

describe('a block', () => {
  it('of two people does not cause a look-up for anybody else', async () => {
    const here = server();
    const [anna, ben, carol, dave] = [newId(), newId(), newId(), newId()];
    const everybody = [anna, ben, carol, dave];
    for (const id of everybody) await here.later(id);
    await block(anna, ben);
    expect(await readsOf(() => Promise.all([carol, dave].map((id) => here.later(id))))).toBe(0);
    expect(await here.later(anna)).toEqual({ blocks: [ben], blockedBy: [] });
    expect(await here.later(ben)).toEqual({ blocks: [], blockedBy: [anna] });
    expect(await readsOf(() => Promise.all(everybody.map((id) => here.later(id))))).toBe(0);
  });

  it('takes effect for both even if many others were made since the last look-up', async () => {
    const here = server();
    const [anna, ben, carol] = [newId(), newId(), newId()];
    for (const id of [anna, ben, carol]) await here.later(id);
    await block(anna, ben);
    for (let n = 0; n < 120; n += 1) await version.raise([newId(), newId()]);
    expect(await here.later(carol)).toEqual({ blocks: [], blockedBy: [] });
    expect(await here.later(ben)).toEqual({ blocks: [], blockedBy: [anna] });
  });

  it('takes effect even if an older server counts blocks without saying whose they are', async () => {
    const here = server();
    const [anna, ben] = [newId(), newId()];
    for (const id of [anna, ben]) await here.later(id);
    await block(newId(), newId());
    await here.later(anna);
    await rows.updateOne({ userId: anna, blockedId: ben }, { at: new Date() }, { upsert: true });
    await store.connection
      .collection<{ _id: string }>('versions')
      .updateOne({ _id: 'blocks' }, { $inc: { version: 1 } });
    expect(await here.later(ben)).toEqual({ blocks: [], blockedBy: [anna] });
  });
});
