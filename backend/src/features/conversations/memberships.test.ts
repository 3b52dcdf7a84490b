import { startEngine, type TestEngine } from '../../testing/engine.js';
import { newConversation, newId, openLog, type TestLog } from '../../testing/log.js';
import { membersOn } from './members.model.js';
import { createMemberships } from './memberships.js';

let engine: TestEngine;
let here: TestLog;
beforeAll(async () => {
  engine = await startEngine();
  here = await openLog(engine.uri);
});
afterAll(async () => {
  await here.close();
  await engine.stop();
});

describe('conversations that were found as somebody’s, and read a moment later', () => {
  it('are theirs no more where they went meanwhile, or the room was deleted', async () => {
    const { log, store } = here;
    const { writeConcern } = store.durability;
    const memberships = createMemberships({ log, members: membersOn(store.connection), writeConcern });
    const { id: direct, alice, bob } = await newConversation(here);
    const { id: room } = await newConversation(here);
    const inRoom = (...participants: string[]) =>
      log.conversations.updateOne({ _id: room }, { $set: { kind: 'room', participants } });
    const amongFor = async (userId: string): Promise<string[]> => {
      const rows = await log.conversations.find({ _id: { $in: [direct, room] } }).lean();
      const own = await memberships.among({ userId }, rows);
      return own.map(({ row }) => row._id.toHexString()).sort();
    };
    await inRoom(alice, bob);
    expect(await amongFor(bob)).toEqual([direct, room].sort());
    await inRoom(alice);
    expect(await amongFor(bob)).toEqual([direct]);
    expect(await amongFor(alice)).toEqual([direct, room].sort());
    await inRoom();
    expect(await amongFor(alice)).toEqual([direct]);
    expect(await amongFor(newId())).toEqual([]);
  });
});
