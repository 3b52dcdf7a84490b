import { Types } from 'mongoose';
import { newConversation, newId, useLog } from '../testing/log.js';
import { isDirectOf } from './conversations.model.js';

const here = useLog();

it('a new message in a room of thousands does not update an index key for each of them', async () => {
  const _id = new Types.ObjectId();
  const people = Array.from({ length: 2_000 }, () => ({
    conversationId: _id,
    userId: new Types.ObjectId(),
    leftSeq: 0,
  }));
  await here.store.connection.collection('members').insertMany(people);
  await here.log.conversations.collection.insertOne({
    _id,
    kind: 'room',
    participants: [],
    createdAt: new Date(),
    appliedSeq: 1,
    headAt: new Date(),
    lastActivityAt: new Date(),
  });
  const indexes = await here.log.conversations.collection.indexes();
  const moved = indexes.filter(
    ({ key }) => 'lastActivityAt' in key || 'headAt' in key || 'appliedSeq' in key,
  );
  const { keysPerIndex } = (await here.store.upkeep.db?.command({ validate: 'conversations' })) as {
    keysPerIndex: Record<string, number>;
  };
  const keys = moved.map(({ name = '' }) => keysPerIndex[name] ?? Infinity);
  expect(keys.length).toBeGreaterThan(1);
  expect(Math.max(...keys)).toBeLessThan(10);
});

it('somebody’s direct conversations are found without reading those of others', async () => {
  const { alice } = await newConversation(here);
  for (const wanted of [alice, { $in: [alice, newId()] }]) {
    const plan = JSON.stringify(
      await here.log.conversations.find(isDirectOf(wanted)).explain('queryPlanner'),
    );
    expect(plan).toContain('"indexName":"directs"');
    expect(plan).not.toContain('COLLSCAN');
  }
});
