import { setImmediate } from 'node:timers/promises';
import { mongo, Types } from 'mongoose';
import { AppError } from '../core/errors.js';
import { keptLog } from '../testing/kept-log.js';
import { message, newConversation, newId, openLog, useLog } from '../testing/log.js';
import { fsck } from './fsck.js';
import { isForGood, setAsideIn, setAsideOn, UnreadableEntry } from './set-aside.js';
import { toEntry, toMessage } from './to-contract.js';

const { log, logged: alarms } = keptLog('error');
const here = useLog({ log });
beforeEach(() => void (alarms.length = 0));

const asidesOf = (id: string) => setAsideIn(setAsideOn(here.store.connection), new Types.ObjectId(id));
const rowAt = (id: string, seq: number) =>
  here.log.entries.model.findOne({ conversationId: id, seq }, { filler: 0 }).lean();
const change = (id: string, seq: number, update: object) =>
  here.log.entries.collection.updateOne({ conversationId: new Types.ObjectId(id), seq }, update);
const headOf = (id: string) => here.log.conversations.findById(id).lean();
const check = (id: string) =>
  fsck(
    {
      entries: here.log.entries,
      conversations: here.log.conversations,
      membersOf: () => Promise.resolve([]),
      setAsideOf: () => asidesOf(id),
    },
    [id],
  );

/** To write megabytes may take longer than a call of the server's. */
const patient = ({ collectionName }: { collectionName: string }) =>
  here.store.upkeep.collection(collectionName);

/** A document has 16 MB at most: this one has room for a few characters more. */
async function fillUp(id: string, seq: number): Promise<void> {
  const { collection } = here.log.entries;
  const row = await collection.findOne({ conversationId: new Types.ObjectId(id), seq });
  if (!row) throw new Error('the message is missing');
  const filler = 'x'.repeat(16 * 1024 * 1024 - mongo.BSON.calculateObjectSize(row) - 50);
  await patient(collection).updateOne({ _id: row._id }, { $set: { filler } });
}
/** As a client does it: what took too long on a busy machine is sent again. */
async function sent<Answer>(send: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'RETRY')) throw error;
      // The first try may still be on its way, and nothing arrives while this loop asks without a pause.
      await setImmediate();
    }
  }
}
/** The head is there: what took too long on a busy machine is repaired. */
async function repaired(id: string, seq: number): Promise<void> {
  for (let tries = 0; tries < 10 && (await headOf(id))?.appliedSeq !== seq; tries += 1) {
    await here.log.heads.repair(id);
  }
}
const react = (id: string, senderId: string, clientId: string, targetSeq: number) =>
  here.log.append({
    ...message(id, senderId, clientId),
    payload: { kind: 'react', targetSeq, emojis: ['👍'] },
  });

describe('a change that its message can never take', () => {
  it('is set aside with an alarm, and what comes behind it is stored, applied and emitted', async () => {
    const { id, alice, bob } = await newConversation(here);
    await here.log.append(message(id, alice, '1'));
    await here.log.append(message(id, alice, '2'));
    await fillUp(id, 1);
    await expect(sent(() => react(id, bob, '3', 1))).resolves.toMatchObject({ entry: { seq: 3 } });
    await sent(() => react(id, bob, '4', 2));
    await sent(() => here.log.append(message(id, alice, '5')));
    await here.log.heads.flushAll();
    await repaired(id, 5);
    expect(await headOf(id)).toMatchObject({ appliedSeq: 5, lastMessageSeq: 5 });
    expect(await rowAt(id, 1)).toMatchObject({ message: '1', reactions: [] });
    expect(await rowAt(id, 2)).toMatchObject({ reactions: [{ emojis: ['👍'], seq: 4 }] });
    expect(here.stored.filter((entry) => entry.conversationId.toHexString() === id)).toHaveLength(5);
    expect(await asidesOf(id)).toMatchObject([{ seq: 3, kind: 'react' }]);
    // Beside what a busy machine may say of calls that took too long.
    const said = alarms.map((line) => JSON.parse(line) as { seq?: number }).filter(({ seq }) => seq);
    expect(said).toMatchObject([{ level: 50, conversationId: id, seq: 3 }]);
    await expect(check(id)).resolves.toMatchObject({ setAside: [{ seq: 3, kind: 'react' }], findings: [] });
  });

  it('is set aside without the changes around it, and does not keep a server from starting', async () => {
    const { id, alice, bob } = await newConversation(here);
    const other = await newConversation(here);
    await here.log.append(message(id, alice, '1'));
    await here.log.append(message(id, alice, '2'));
    await here.log.append(message(other.id, other.alice, '1'));
    await react(id, bob, '3', 1);
    await react(id, bob, '4', 2);
    await react(other.id, other.bob, '2', 1);
    // As a crash leaves it, before any of it was applied.
    for (const seq of [1, 2]) await change(id, seq, { $set: { reactions: [] } });
    await change(other.id, 1, { $set: { reactions: [] } });
    await change(id, 1, { $set: { reactions: 'no list' } });
    await here.log.conversations.updateMany({ _id: { $in: [id, other.id] } }, { appliedSeq: 1 });
    const next = await openLog(here.engine.uri, { log });
    await next.close();
    expect(await headOf(id)).toMatchObject({ appliedSeq: 4 });
    expect(await headOf(other.id)).toMatchObject({ appliedSeq: 2 });
    expect(await rowAt(id, 2)).toMatchObject({ reactions: [{ seq: 4 }] });
    expect(await rowAt(other.id, 1)).toMatchObject({ reactions: [{ seq: 2 }] });
    expect(await asidesOf(id)).toMatchObject([{ seq: 3 }]);
  });

  it('is set aside once, however often and by however many servers it is tried', async () => {
    const { id, alice, bob } = await newConversation(here);
    await here.log.append(message(id, alice, '1'));
    await change(id, 1, { $set: { reactions: 'no list' } });
    await react(id, bob, '2', 1);
    const there = await openLog(here.engine.uri, { log });
    await here.log.conversations.updateOne({ _id: id }, { appliedSeq: 1 });
    await Promise.all([here.log.heads.repair(id), there.log.heads.repair(id)]);
    await there.close();
    expect(await asidesOf(id)).toHaveLength(1);
    expect(alarms).toHaveLength(1);
  });

  it('logs none of the message text', async () => {
    const { id, alice, bob } = await newConversation(here);
    await here.log.append(message(id, alice, '1', 'a secret'));
    await change(id, 1, { $set: { reactions: 'another secret' } });
    await react(id, bob, '2', 1);
    expect(alarms).toHaveLength(1);
    expect(JSON.stringify([alarms, await asidesOf(id)])).not.toContain('secret');
  });
});

it.each<[string, unknown]>([
  ['is no list', 'no list'],
  ['holds what is no emoji', [{ emoji: '👍' }]],
])('a reaction that %s is set aside, and its message stays readable', async (_what, emojis) => {
  const { id, alice, bob } = await newConversation(here);
  await here.log.append(message(id, alice, '1'));
  const payload = { kind: 'react', targetSeq: 1, emojis } as never;
  await here.log.append({ ...message(id, bob, '2'), payload });
  await react(id, alice, '3', 1);
  expect(await asidesOf(id)).toMatchObject([{ seq: 2, kind: 'react', reason: 'UnreadableEntry' }]);
  const row = await here.log.conversations.findById(id).lean();
  if (!row) throw new Error('the conversation is missing');
  const { entries, targets } = await here.log.after(row, 0, 10);
  const reactions = [{ emoji: '👍', count: 1, userIds: [alice] }];
  expect(entries.map((entry) => toEntry(entry, targets))).toMatchObject([
    { kind: 'message', reactions },
    { kind: 'react', emojis: [], target: { reactions } },
    { kind: 'react', emojis: ['👍'], target: { reactions } },
  ]);
  await expect(check(id)).resolves.toMatchObject({ findings: [] });
});

it('a message whose reactions are no list is shown without any, and fsck finds it', async () => {
  const { id, alice, bob } = await newConversation(here);
  await here.log.append(message(id, alice, '1'));
  await react(id, bob, '2', 1);
  await change(id, 1, { $set: { reactions: 'no list' } });
  const [read] = await here.log.messagesAt([{ conversationId: new Types.ObjectId(id), seq: 1 }]);
  expect(read && toMessage(read)).toMatchObject({ message: '1', reactions: [] });
  const { findings } = await check(id);
  expect(findings).toMatchObject([{ invariant: 'I6' }]);
});

it('a change of members that cannot be stored does not stop those who wait for its version', async () => {
  const { id, alice } = await newConversation(here);
  const member = { kind: 'member', change: 'added', userIds: 'nobody' } as const;
  await here.log.append({ ...message(id, alice, '1'), payload: member as never });
  await here.log.append(message(id, alice, '2'));
  await here.log.heads.flushAll();
  expect(await headOf(id)).toMatchObject({ appliedSeq: 2, membersVersion: 1 });
  expect(await asidesOf(id)).toMatchObject([{ seq: 1, kind: 'member' }]);
});

it('one conversation whose head can never be stored does not keep others from theirs, or its people from writing', async () => {
  const broken = await newConversation(here);
  const fine = await newConversation(here);
  for (const { id, alice } of [broken, fine]) await here.log.append(message(id, alice, '1'));
  const filler = 'x'.repeat(16 * 1024 * 1024 - 300);
  const rows = patient(here.log.conversations.collection);
  await rows.updateOne({ _id: new Types.ObjectId(broken.id) }, { $set: { filler } });
  const hidden = { hiddenFor: () => newId() };
  for (const { id, alice } of [broken, fine]) {
    await here.log.append({ ...message(id, alice, '2'), ...hidden });
    await here.log.append({ ...message(id, alice, '3'), ...hidden });
  }
  await here.log.heads.flushAll();
  await here.log.heads.reconcile();
  expect(await headOf(fine.id)).toMatchObject({ appliedSeq: 3 });
  expect(alarms.length).toBeGreaterThan(0);
  await rows.updateOne({ _id: new Types.ObjectId(broken.id) }, { $unset: { filler: '' } });
});

describe('what is tried again and never set aside', () => {
  const noResult = { getWriteConcernError: () => undefined } as unknown as mongo.BulkWriteResult;
  const said = (code: number, errmsg = 'Plan executor error during update') =>
    new mongo.MongoServerError({ index: 0, code, errmsg });
  const bulk = (...writeErrors: { code: number; errmsg?: string }[]) =>
    Object.assign(new mongo.MongoBulkWriteError({ message: 'failed', code: 0, writeErrors: [] }, noResult), {
      writeErrors,
    });

  it.each<[string, unknown]>([
    ['a line that broke', new mongo.MongoNetworkError('connection closed')],
    ['an answer that does not come', new mongo.MongoNetworkTimeoutError('timed out')],
    ['no server', new mongo.MongoServerSelectionError('none', {} as never)],
    ['a server that is no primary any more', said(10107)],
    ['a server that is shutting down', said(91)],
    ['an operation that took too long', said(50)],
    ['a disk that is full', said(14031)],
    ['somebody else in the way', said(112)],
    ['a majority that is not there', new mongo.MongoServerError({ code: 64 })],
    ['a command that was not understood as a whole', new mongo.MongoServerError({ code: 59 })],
    [
      'an index that is missing',
      said(2, 'planner returned error :: hint provided does not correspond to an existing index'),
    ],
    ['a plan that was given up', said(175)],
    ['an interruption', said(11601)],
    ['a code that nobody has heard of', said(987_654)],
    ['a bulk of which one may go well the next time', bulk({ code: 10334 }, { code: 175 })],
    ['a bug of ours that nobody knows', new Error('what?')],
    ['a bug of ours or of the driver', new TypeError('Cannot read properties of null')],
    ['a loop without end', new RangeError('Maximum call stack size exceeded')],
  ])('%s', (_what, error) => expect(isForGood(error)).toBe(false));

  it.each<[string, unknown]>([
    ['a document that is too large', said(10334)],
    ['a path that is none', said(28)],
    ['what would not be the same document any more', said(66)],
    [
      'a list that is none',
      said(2, 'Plan executor error during update :: caused by :: Cannot apply $pull to a non-array value'),
    ],
    ['a bulk of which none can be stored', bulk({ code: 10334 }, { code: 17419 })],
    ['a row that nobody can make anything of', new UnreadableEntry('userIds')],
    ['what is too large to be sent', Object.assign(new RangeError('offset'), { code: 'ERR_OUT_OF_RANGE' })],
  ])('but not %s', (_what, error) => expect(isForGood(error)).toBe(true));
});
