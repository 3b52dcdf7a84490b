import { Types } from 'mongoose';
import { headlessAtOnce } from './reconciliation.js';
import { entriesOf, insertAndDie, message, newConversation, openLog, useLog } from '../testing/log.js';

/** What a server that died between an entry and its head leaves to the others. */

const here = useLog();

const exceptIntervals = [
  'Date',
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setTimeout',
  'clearTimeout',
] as const;

const headOf = (id: string) => here.log.conversations.findById(id).lean();

it('is found by a server that wrote the head below it itself', async () => {
  const { id, alice } = await newConversation(here);
  await here.log.append(message(id, alice, 'one'));
  await insertAndDie(here, id, alice, 2);
  expect(await headOf(id)).toMatchObject({ appliedSeq: 1 });
  await here.log.heads.reconcile();
  expect(await headOf(id)).toMatchObject({ appliedSeq: 2, lastMessageSeq: 2 });
});

it('is found by the server that is still there, with nobody asking for that conversation', async () => {
  const watching = await openLog(here.engine.uri, { reconcileEveryMs: 50 });
  const { id, alice } = await newConversation(watching);
  await watching.log.append(message(id, alice, 'one'));
  await insertAndDie(here, id, alice, 2);
  while ((await headOf(id))?.appliedSeq !== 2) await new Promise((resolve) => setImmediate(resolve));
  await watching.close();
});

it('is found where it is the first of its conversation, which nobody has in their list yet', async () => {
  const { id, alice } = await newConversation(here);
  await insertAndDie(here, id, alice, 1);
  await here.log.heads.reconcile();
  expect(await headOf(id)).toMatchObject({ appliedSeq: 1, lastMessageSeq: 1 });
});

it('is found after some rounds among very many conversations without a message, each round reading some of them', async () => {
  const neverBegan = Array.from({ length: headlessAtOnce }, (_, index) => ({
    _id: new Types.ObjectId(index.toString(16).padStart(24, '0')),
    kind: 'direct' as const,
    participants: [],
    createdAt: new Date(),
    appliedSeq: 0,
  }));
  await here.log.conversations.collection.insertMany(neverBegan);
  const { id, alice } = await newConversation(here);
  await insertAndDie(here, id, alice, 1);
  // Besides those, a round looks at what was written lately.
  const recent = await here.log.conversations.countDocuments({ headAt: { $exists: true } });
  expect(await here.log.heads.reconcileSome()).toBeLessThanOrEqual(headlessAtOnce + recent);
  expect(await headOf(id)).toMatchObject({ appliedSeq: 0 });
  await here.log.heads.reconcileSome();
  expect(await headOf(id)).toMatchObject({ appliedSeq: 1 });
  // A start looks at all of them.
  await insertAndDie(here, id, alice, 2);
  await here.log.conversations.updateOne({ _id: id }, { $unset: { headAt: '' } });
  await here.log.heads.reconcile();
  expect(await headOf(id)).toMatchObject({ appliedSeq: 2 });
  await here.log.conversations.deleteMany({ appliedSeq: 0 });
});

it('is looked for by one round at a time, however long that takes', async () => {
  jest.useFakeTimers({ doNotFake: [...exceptIntervals] });
  const watching = await openLog(here.engine.uri, { reconcileEveryMs: 10 });
  try {
    const find = jest.spyOn(watching.log.conversations, 'find');
    const findOne = jest.spyOn(watching.log.conversations, 'findOne');
    jest.advanceTimersByTime(100);
    expect(find).toHaveBeenCalledTimes(1);
    // That was the first thing that a round asks. Once it is over there is a next one.
    while (findOne.mock.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    while (find.mock.calls.length < 3) {
      await new Promise((resolve) => setImmediate(resolve));
      jest.advanceTimersByTime(10);
    }
  } finally {
    jest.useRealTimers();
    await watching.close();
  }
});

it('is not looked for in what was quiet for longer than a head may be behind', async () => {
  const { id, alice } = await newConversation(here);
  await here.log.append(message(id, alice, 'one'));
  await here.log.conversations.updateOne({ _id: id }, { headAt: new Date(Date.now() - 120_000) });
  await insertAndDie(here, id, alice, 2);
  await here.log.heads.reconcile();
  expect(await headOf(id)).toMatchObject({ appliedSeq: 1 });
});

describe('of before a head had a time of its own', () => {
  const react = (id: string, senderId: string): Parameters<typeof here.log.append>[0] => ({
    ...message(id, senderId, 'react'),
    payload: { kind: 'react', targetSeq: 1, emojis: ['👍'] },
  });
  /** As it was stored then: the time of the newest entry, whatever it was, is the last activity. */
  const asBefore = async (id: string): Promise<void> => {
    const row = await headOf(id);
    const update = { $set: { lastActivityAt: row?.headAt }, $unset: { headAt: '' } };
    await here.log.conversations.collection.updateOne({ _id: new Types.ObjectId(id) }, update);
    here.log.heads.forget();
  };

  it('is found, and the last activity is that of the newest message from then on', async () => {
    const { id, alice, bob } = await newConversation(here);
    const { entry: first } = await here.log.append(message(id, alice, 'one'));
    const { entry: reaction } = await here.log.append(react(id, bob));
    await asBefore(id);
    await here.log.heads.reconcile();
    expect(await headOf(id)).toMatchObject({ headAt: reaction.at, lastActivityAt: first.at });
    await asBefore(id);
    await insertAndDie(here, id, alice, 3);
    await here.log.heads.reconcile();
    expect(await headOf(id)).toMatchObject({ appliedSeq: 3, lastMessageSeq: 3 });
  });

  it('keeps its last activity where retention has taken every message and left what was done to one', async () => {
    for (const repaired of [() => here.log.heads.reconcile(), (id: string) => here.log.heads.repair(id)]) {
      const { id, alice, bob } = await newConversation(here);
      await here.log.append(message(id, alice, 'one'));
      const { entry: reaction } = await here.log.append(react(id, bob));
      await here.log.entries.collection.deleteOne({ conversationId: new Types.ObjectId(id), seq: 1 });
      const shown = [{ userId: new Types.ObjectId(alice), lastMessageSeq: 1, lastActivityAt: reaction.at }];
      await here.log.conversations.updateOne({ _id: id }, { firstSeq: 2, shown });
      await asBefore(id);
      await repaired(id);
      expect(await headOf(id)).toMatchObject({ headAt: reaction.at, lastActivityAt: reaction.at, shown });
    }
  });

  it('does not keep others from being repaired where it cannot be repaired itself', async () => {
    const [broken, fine] = [await newConversation(here), await newConversation(here)].sort((one, other) =>
      one.id.localeCompare(other.id),
    );
    if (!broken || !fine) throw new Error('two conversations');
    for (const { id, alice, bob } of [broken, fine]) {
      await here.log.append(message(id, alice, 'one'));
      await here.log.append(react(id, bob));
      await asBefore(id);
    }
    const _id = new Types.ObjectId(broken.id);
    await here.log.conversations.collection.updateOne({ _id }, { $set: { shown: ['nobody'] } });
    await here.log.heads.reconcile();
    expect(await headOf(fine.id)).toHaveProperty('headAt');
    await here.log.conversations.collection.updateOne({ _id }, { $unset: { shown: '' } });
  });

  it('is repaired by the first write that builds on it', async () => {
    const { id, alice, bob } = await newConversation(here);
    const { entry: first } = await here.log.append(message(id, alice, 'one'));
    await here.log.append(react(id, bob));
    await asBefore(id);
    const { entry: again } = await here.log.append({ ...react(id, alice), clientId: 'again' });
    expect(await headOf(id)).toMatchObject({ appliedSeq: 3, headAt: again.at, lastActivityAt: first.at });
  });
});

it('is in the history that is asked for next, also where it is an edit of an older message', async () => {
  const { id, alice } = await newConversation(here);
  await here.log.append(message(id, alice, '1', 'typo'));
  await here.log.append(message(id, alice, '2'));
  await here.log.heads.flushAll();
  const [, second] = await entriesOf(here.log, id);
  const edit = {
    _id: new Types.ObjectId(),
    seq: 3,
    clientId: '3',
    kind: 'edit',
    targetSeq: 1,
    message: 'fixed',
  };
  await here.log.entries.model.collection.insertOne({ ...second, ...edit });
  const row = await headOf(id);
  if (!row) throw new Error('the conversation is missing');
  const { messages } = await here.log.history(row, { limit: 10, viewerId: id }, 1);
  expect(messages).toMatchObject([{ message: 'fixed', editedSeq: 3 }, { message: '2' }]);
  expect(await headOf(id)).toMatchObject({ appliedSeq: 3 });
});
