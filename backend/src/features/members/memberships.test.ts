import { Types } from 'mongoose';
import { startEngine, type TestEngine } from '../../testing/engine.js';
import { newConversation, newId, openLog, type TestLog } from '../../testing/log.js';
import { createAudiences } from './audiences.js';
import { membersOn } from './members.model.js';
import { createMemberships } from './memberships.js';

let engine: TestEngine;
let here: TestLog;
let members: ReturnType<typeof membersOn>;
beforeAll(async () => {
  engine = await startEngine();
  here = await openLog(engine.uri);
  members = membersOn(here.store.connection);
});
afterAll(async () => {
  await here.close();
  await engine.stop();
});

describe('conversations that were found as somebody’s, and read a moment later', () => {
  it('are left out where the person left meanwhile, or the room was deleted', async () => {
    const { log } = here;
    const memberships = createMemberships({ log, members });
    const { id: direct, alice, bob } = await newConversation(here);
    const { id: room } = await newConversation(here);
    await log.conversations.updateOne({ _id: room }, { $set: { kind: 'room', participants: [] } });
    const inRoom = async (...people: string[]) => {
      await members.deleteMany({ conversationId: room });
      const row = {
        conversationId: room,
        role: 'member',
        joinSeq: 0,
        leftSeq: 0,
        readSeq: 0,
        deliveredSeq: 0,
      };
      await members.insertMany(people.map((userId) => ({ ...row, userId })));
    };
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
    await log.conversations.updateOne({ _id: room }, { $set: { deletedAt: new Date() } });
    expect(await amongFor(alice)).toEqual([direct]);
    expect(await amongFor(newId())).toEqual([]);
  });
});

describe('what a server remembers of who is in which conversation', () => {
  it('is bounded by the number of people: a hundred crowds, or thousands of pairs', () => {
    const audiences = createAudiences({ log: here.log, members, now: Date.now });
    const rowsOf = (participants: Types.ObjectId[], count: number) =>
      Array.from({ length: count }, () => ({
        _id: new Types.ObjectId(),
        participants,
      }));
    const remembered = (participants: Types.ObjectId[], count: number): number => {
      const rows = rowsOf(participants, count);
      for (const row of rows) audiences.remember(row);
      return rows.filter(({ _id }) => audiences.known(_id.toHexString())).length;
    };
    const crowd = Array.from({ length: 5_000 }, () => new Types.ObjectId());
    expect(remembered(crowd.slice(0, 2), 2_000)).toBe(2_000);
    expect(remembered(crowd, 120)).toBe(99);
  });
});
