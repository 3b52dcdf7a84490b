import { mongo, Types } from 'mongoose';
import { AppError } from '../core/errors.js';
import { entriesOf, message, newConversation, newId, openLog, type TestLog, useLog } from '../testing/log.js';

const here = useLog();

const seqs = (entries: { seq: number }[]): number[] => entries.map((entry) => entry.seq);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const codeOf = (error: unknown): unknown => (error instanceof AppError ? error.code : error);

describe('writing to a conversation', () => {
  it('numbers what people write without a gap, in the order in which they wrote it', async () => {
    const { id, alice, bob } = await newConversation(here);
    const order = Array.from({ length: 250 }, (_, index) => ({
      who: index % 3 === 0 ? bob : alice,
      clientId: `n${index}`,
    }));
    const answers = await Promise.all(
      order.map(({ who, clientId }) => here.log.append(message(id, who, clientId))),
    );
    expect(seqs(answers.map(({ entry }) => entry))).toEqual(upTo(250));
    const stored = await entriesOf(here.log, id);
    expect(stored.map((entry) => entry.clientId)).toEqual(order.map(({ clientId }) => clientId));
    expect(stored.map((entry) => entry.messageCount)).toEqual(upTo(250));
    expect(seqs(here.stored.filter((entry) => entry.conversationId.toHexString() === id))).toEqual(upTo(250));
  });

  it('stores a message once that is sent three times at once, and answers it three times', async () => {
    const { id, alice } = await newConversation(here);
    const answers = await Promise.all([1, 2, 3].map(() => here.log.append(message(id, alice, 'same'))));
    expect(new Set(answers.map(({ entry }) => entry._id.toHexString())).size).toBe(1);
    expect(answers.map(({ repeat }) => repeat)).toEqual([false, true, true]);
    expect(await entriesOf(here.log, id)).toHaveLength(1);
  });

  it('answers a repeat that comes later with the first message, also between other messages', async () => {
    const { id, alice } = await newConversation(here);
    const first = await here.log.append(message(id, alice, 'first'));
    const [a, repeat, b] = await Promise.all([
      here.log.append(message(id, alice, 'a')),
      here.log.append(message(id, alice, 'first')),
      here.log.append(message(id, alice, 'b')),
    ]);
    expect(repeat).toMatchObject({ repeat: true, entry: { seq: 1, _id: first.entry._id } });
    expect([a.entry.seq, b.entry.seq]).toEqual([2, 3]);
    expect(seqs(await entriesOf(here.log, id))).toEqual([1, 2, 3]);
  });

  it('refuses another text under a clientId that was used, whether it waits or is stored', async () => {
    const { id, alice } = await newConversation(here);
    const both = await Promise.allSettled([
      here.log.append(message(id, alice, 'x', 'one')),
      here.log.append(message(id, alice, 'x', 'two')),
    ]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    const later = await here.log.append(message(id, alice, 'x', 'three')).catch(codeOf);
    expect(later).toBe('CONFLICT');
    expect(await entriesOf(here.log, id)).toMatchObject([{ message: 'one' }]);
  });

  it('lets two people use the same clientId', async () => {
    const { id, alice, bob } = await newConversation(here);
    await here.log.append(message(id, alice, 'mine'));
    await expect(here.log.append(message(id, bob, 'mine'))).resolves.toMatchObject({
      repeat: false,
      entry: { seq: 2 },
    });
  });

  it('says BUSY beyond a thousand waiting messages of one conversation, and loses none of the others', async () => {
    const { id, alice } = await newConversation(here);
    const sends = Array.from({ length: 1_050 }, (_, index) =>
      here.log.append(message(id, alice, `m${index}`)),
    );
    const outcomes = await Promise.allSettled(sends);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused.length).toBe(50);
    expect(refused.every((outcome) => codeOf(outcome.reason) === 'BUSY')).toBe(true);
    expect(seqs(await entriesOf(here.log, id))).toEqual(upTo(1_000));
  });

  it('does not time out messages that wait behind others which the database still stores, however slowly', async () => {
    const { id, alice } = await newConversation(here);
    const { collection } = here.log.entries;
    const insertMany = collection.insertMany.bind(collection);
    const slow = jest.spyOn(collection, 'insertMany').mockImplementation(async (rows, options) => {
      await new Promise((resolve) => setTimeout(resolve, 900));
      return insertMany(rows, options);
    });
    try {
      // In batches of a hundred: the last of them is stored after more than the time in which a database must answer.
      await Promise.all(upTo(500).map((n) => here.log.append(message(id, alice, `m${n}`))));
    } finally {
      slow.mockRestore();
    }
    expect(seqs(await entriesOf(here.log, id))).toEqual(upTo(500));
  });

  it('never gives an entry an earlier time than the one before, even if the clock is set back', async () => {
    let clock = Date.now();
    const skewed = await openLog(here.engine.uri, { now: () => clock });
    const { id, alice } = await newConversation(skewed);
    await skewed.log.append(message(id, alice, 'before'));
    clock -= 5 * 60 * 60 * 1_000;
    await skewed.log.append(message(id, alice, 'after'));
    const [before, after] = await entriesOf(skewed.log, id);
    expect(after?.at).toEqual(before?.at);
    await skewed.close();
  });
});

describe('a member who is removed', () => {
  it('is refused the messages that wait behind the removal, and the others are stored', async () => {
    const { id, alice, bob } = await newConversation(here);
    const removal = { kind: 'member' as const, change: 'removed' as const, userIds: [] };
    const asked: number[] = [];
    const rights = (allowed: boolean) => ({
      membersVersion: 0,
      recheck: () => {
        asked.push(asked.length);
        return allowed ? Promise.resolve(2) : Promise.reject(new AppError('NOT_FOUND', 'gone'));
      },
    });
    const outcomes = await Promise.allSettled([
      here.log.append(message(id, bob, 'b1', 'before', rights(false))),
      here.log.append({ ...message(id, alice, 'out'), payload: removal }),
      here.log.append(message(id, bob, 'b2', 'too late', rights(false))),
      here.log.append(message(id, alice, 'a1', 'still here', rights(true))),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(asked).toHaveLength(2);
    expect(
      (await entriesOf(here.log, id)).map((entry) => [entry.seq, entry.kind, entry.membersVersion]),
    ).toEqual([
      [1, 'message', 0],
      [2, 'member', 2],
      [3, 'message', 2],
    ]);
  });
});

describe('two servers on one database', () => {
  let there: TestLog;
  beforeAll(async () => {
    there = await openLog(here.engine.uri);
  });
  afterAll(() => there.close());

  it('number one log without a gap together', async () => {
    const { id, alice, bob } = await newConversation(here);
    const answers = await Promise.all(
      Array.from({ length: 120 }, (_, index) =>
        (index % 2 ? there : here).log.append(message(id, index % 2 ? alice : bob, `z${index}`)),
      ),
    );
    expect(seqs(await entriesOf(here.log, id))).toEqual(upTo(120));
    expect(new Set(seqs(answers.map(({ entry }) => entry))).size).toBe(120);
  });

  it('store a message once that was sent to both servers', async () => {
    const { id, alice } = await newConversation(here);
    const answers = await Promise.all([here, there].map(({ log }) => log.append(message(id, alice, 'both'))));
    expect(answers.map(({ repeat }) => repeat).sort()).toEqual([false, true]);
    expect(await entriesOf(here.log, id)).toHaveLength(1);
  });

  it('do not take each other for dead: what one wrote, the other reads at once', async () => {
    const { id, alice } = await newConversation(here);
    await here.log.append(message(id, alice, 'one'));
    const row = await there.log.conversations.findById(id).lean();
    if (!row) throw new Error('the conversation is missing');
    await expect(there.log.after(row, 0, 10)).resolves.toMatchObject({
      entries: [{ seq: 1 }],
      headSeq: 1,
      more: false,
    });
  });
});

describe('heads', () => {
  const headOf = async (id: string) => here.log.conversations.findById(id).lean();

  it('are stored before the first message of a conversation is answered', async () => {
    const { id, alice } = await newConversation(here);
    await here.log.append(message(id, alice, 'first'));
    await expect(headOf(id)).resolves.toMatchObject({ appliedSeq: 1, lastMessageSeq: 1 });
  });

  it('are stored later for further messages, and this server knows them meanwhile', async () => {
    const { id, alice } = await newConversation(here);
    for (const clientId of ['1', '2', '3']) await here.log.append(message(id, alice, clientId));
    expect(here.log.heads.known(id)?.seq).toBe(3);
    await here.log.heads.flushAll();
    await expect(headOf(id)).resolves.toMatchObject({ appliedSeq: 3, lastMessageSeq: 3 });
  });

  it('are not stored for somebody whom none of the waiting heads concerns', async () => {
    const slow = await openLog(here.engine.uri, { headsAfterMs: 60_000 });
    const [one, other] = [await newConversation(slow), await newConversation(slow)];
    for (const { id, alice } of [one, other])
      for (const clientId of ['1', '2']) await slow.log.append(message(id, alice, clientId));
    await slow.log.heads.flushAll((id) => id !== one.id && id !== other.id);
    await expect(headOf(one.id)).resolves.toMatchObject({ appliedSeq: 1 });
    await slow.log.heads.flushAll((id) => id === one.id);
    await expect(headOf(one.id)).resolves.toMatchObject({ appliedSeq: 2 });
    await slow.close();
  });

  it('are repaired after a server died between the message and its head', async () => {
    const { id, alice } = await newConversation(here);
    await here.log.append(message(id, alice, '1'));
    const dying = await openLog(here.engine.uri);
    await dying.log.append(message(id, alice, '2'));
    await dying.log.append(message(id, alice, '3'));
    await dying.log.heads.flushAll();
    // As if the last head had never been written.
    await here.log.conversations.updateOne({ _id: id }, { appliedSeq: 1, lastMessageSeq: 1 });
    await dying.close();
    const next = await openLog(here.engine.uri);
    await expect(headOf(id)).resolves.toMatchObject({ appliedSeq: 3, lastMessageSeq: 3 });
    await next.close();
  });

  it('are not overwritten where another server changed a message meanwhile', async () => {
    const { id, alice } = await newConversation(here);
    await here.log.append(message(id, alice, '1', 'typo'));
    const edit = { kind: 'edit' as const, targetSeq: 1, message: 'fixed' };
    await here.log.append({ ...message(id, alice, '2'), payload: edit });
    // As if the editor had died after the insert: nothing of it is applied.
    await here.log.entries.model.updateOne(
      { conversationId: id, seq: 1 },
      { $set: { message: 'typo' }, $unset: { editedAt: '', editedSeq: '' } },
      { strict: false },
    );
    await here.log.conversations.updateOne({ _id: id }, { appliedSeq: 1 });
    const other = await openLog(here.engine.uri);
    await other.log.append(message(id, alice, '3'));
    await other.log.heads.flushAll();
    const [first] = await entriesOf(here.log, id);
    expect(first).toMatchObject({ message: 'fixed', editedSeq: 2 });
    await expect(headOf(id)).resolves.toMatchObject({ appliedSeq: 3 });
    await other.close();
  });

  it('do not skip a change during which another server died, however recently this server wrote them', async () => {
    const { id, alice } = await newConversation(here);
    await here.log.append(message(id, alice, '1', 'typo'));
    await here.log.append(message(id, alice, '2'));
    await here.log.heads.flushAll();
    const [, second] = await entriesOf(here.log, id);
    // What the other server got to do: the insert, and nothing after it.
    await here.log.entries.model.collection.insertOne({
      ...second,
      _id: new Types.ObjectId(),
      seq: 3,
      clientId: '3',
      kind: 'edit',
      targetSeq: 1,
      message: 'fixed',
    });
    await here.log.append(message(id, alice, '4'));
    await here.log.heads.flushAll();
    expect(await entriesOf(here.log, id)).toMatchObject([
      { message: 'fixed', editedSeq: 3 },
      {},
      {},
      { seq: 4 },
    ]);
    await expect(headOf(id)).resolves.toMatchObject({ appliedSeq: 4, lastMessageSeq: 4 });
  });

  it('point to the newest message that is not deleted', async () => {
    const { id, alice } = await newConversation(here);
    for (const clientId of ['1', '2']) await here.log.append(message(id, alice, clientId));
    await here.log.append({ ...message(id, alice, 'd'), payload: { kind: 'delete', targetSeq: 2 } });
    await expect(headOf(id)).resolves.toMatchObject({ appliedSeq: 3, lastMessageSeq: 1 });
  });
});

describe('changes of a message', () => {
  const apply = async (id: string, who: string, payload: Parameters<typeof here.log.append>[0]['payload']) =>
    here.log.append({ ...message(id, who, newId()), payload });

  it('keep one set of reactions per person, the latest', async () => {
    const { id, alice, bob } = await newConversation(here);
    await here.log.append(message(id, alice, '1'));
    await apply(id, bob, { kind: 'react', targetSeq: 1, emojis: ['👍', '🎉'] });
    await apply(id, alice, { kind: 'react', targetSeq: 1, emojis: ['👍'] });
    await apply(id, bob, { kind: 'react', targetSeq: 1, emojis: ['🎉'] });
    const [first] = await here.log.messagesAt([{ conversationId: new Types.ObjectId(id), seq: 1 }]);
    const stored = first?.reactions ?? [];
    // Read with many others, they stay as they are stored: some messages have thousands.
    expect(ArrayBuffer.isView(stored) && mongo.BSON.deserialize(stored)).toMatchObject({
      0: { emojis: ['👍'], seq: 3 },
      1: { emojis: ['🎉'], seq: 4 },
    });
  });

  it('leave no text behind after a deletion, neither in the edits nor in one that came too late', async () => {
    const { id, alice } = await newConversation(here);
    await here.log.append(message(id, alice, '1', 'secret'));
    await apply(id, alice, { kind: 'edit', targetSeq: 1, message: 'secret two' });
    await apply(id, alice, { kind: 'delete', targetSeq: 1 });
    await apply(id, alice, { kind: 'edit', targetSeq: 1, message: 'secret three' });
    const stored = JSON.stringify(await entriesOf(here.log, id));
    expect(stored).toContain('deletedAt');
    // The payload hash of these tests is the text itself; production keys it.
    expect(stored.replaceAll(/"payloadHash":"[^"]*"/g, '')).not.toContain('secret');
  });
});
