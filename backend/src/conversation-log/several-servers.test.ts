import { Types } from 'mongoose';
import { AppError } from '../core/errors.js';
import { until } from '../testing/program.js';
import {
  entriesOf,
  insertAndDie,
  message,
  newConversation,
  openLog,
  type TestLog,
  useLog,
} from '../testing/log.js';
import type { Append } from './append.js';
import type { EntryPayload } from './entries.model.js';
import { noOtherServers, type OtherServers } from './other-servers.js';
import { toEntry } from './to-contract.js';

/** What the log does differently where other servers write to the same database, of other clocks and other releases. */

const minute = 60_000;
const alone = useLog({ headsAfterMs: 10 * minute });
const opened: TestLog[] = [];
afterEach(async () => {
  for (const log of opened.splice(0)) await log.close();
});

/** A server that knows of others. Its heads are written behind by nobody for ten minutes. */
async function oneOfSeveral(servers: Partial<OtherServers> = {}, now = Date.now): Promise<TestLog> {
  const log = await openLog(alone.engine.uri, {
    servers: { ...noOtherServers, areThere: () => true, ...servers },
    headsAfterMs: 10 * minute,
    now,
  });
  opened.push(log);
  return log;
}

const headOf = (id: string) => alone.log.conversations.findById(id).lean();
const headIsFrom = async (id: string, ms: number): Promise<void> => {
  await alone.log.conversations.updateOne({ _id: id }, { headAt: new Date(ms) });
};
const say = ({ log }: TestLog, id: string, senderId: string, clientId: string) =>
  log.append(message(id, senderId, clientId));

/** A conversation whose head is of then, and a message behind it that its server never came to. */
async function leftBehind(ms: number): Promise<string> {
  const { id, alice } = await newConversation(alone);
  await say(alone, id, alice, 'one');
  await headIsFrom(id, ms);
  await insertAndDie(alone, id, alice, 2);
  return id;
}

describe('what another server left behind', () => {
  beforeEach(async () => {
    const { id, alice } = await newConversation(alone);
    await say(alone, id, alice, 'now');
  });

  it('is found up to five minutes later, because its clock may have been another', async () => {
    const several = await oneOfSeveral();
    const [found, beyond] = [
      await leftBehind(Date.now() - 4 * minute),
      await leftBehind(Date.now() - 6 * minute),
    ];
    await alone.log.heads.reconcile();
    expect(await headOf(found)).toMatchObject({ appliedSeq: 1 });
    await several.log.heads.reconcile();
    expect(await headOf(found)).toMatchObject({ appliedSeq: 2, lastMessageSeq: 2 });
    expect(await headOf(beyond)).toMatchObject({ appliedSeq: 1 });
  });

  it('is found where the newest message of all is from an hour ahead', async () => {
    const ahead = await newConversation(alone);
    await say(alone, ahead.id, ahead.alice, 'in an hour');
    await headIsFrom(ahead.id, Date.now() + 60 * minute);
    // The clock of the one that looks is wrong as well: the database's counts.
    const several = await oneOfSeveral({ clockSkewMs: () => 60 * minute }, () => Date.now() + 60 * minute);
    const id = await leftBehind(Date.now() - 2 * minute);
    await several.log.heads.reconcile();
    expect(await headOf(id)).toMatchObject({ appliedSeq: 2 });
    await headIsFrom(ahead.id, Date.now());
  });

  it('is looked for by each round where the last one did not, and may be behind since', async () => {
    let time = Date.now();
    const several = await oneOfSeveral({}, () => time);
    const [recent, older] = [await leftBehind(time - 90_000), await leftBehind(time - 4 * minute)];
    await several.log.heads.reconcileSome();
    // Its first round goes on from its start.
    expect(await headOf(recent)).toMatchObject({ appliedSeq: 2 });
    expect(await headOf(older)).toMatchObject({ appliedSeq: 1 });
    // What is not looked at for a while is not forgotten either.
    time += minute;
    const late = await leftBehind(time - 2 * minute);
    await several.log.heads.reconcileSome();
    expect(await headOf(late)).toMatchObject({ appliedSeq: 2 });
    await several.log.heads.reconcile();
    expect(await headOf(older)).toMatchObject({ appliedSeq: 2 });
  });

  it('is repaired as soon as that one has vanished', async () => {
    let vanish: (serverId: string) => void = () => undefined;
    await oneOfSeveral({ onVanished: (callback) => void (vanish = callback) });
    const id = await leftBehind(Date.now() - minute);
    expect(await headOf(id)).toMatchObject({ appliedSeq: 1 });
    vanish('another');
    await until(async () => (await headOf(id))?.appliedSeq === 2);
  });
});

describe('a head', () => {
  it('is written before the answer by a server whose clock is far from the database’s, and else behind it', async () => {
    for (const [skewMs, stored] of [
      [29_000, 1],
      [31_000, 2],
      [-31_000, 2],
    ] as const) {
      const server = await oneOfSeveral({ clockSkewMs: () => skewMs });
      const { id, alice } = await newConversation(alone);
      await say(server, id, alice, 'one');
      await say(server, id, alice, 'two');
      expect(await headOf(id)).toMatchObject({ appliedSeq: stored });
    }
  });

  it('is written behind although another server’s clock is an hour ahead', async () => {
    const ahead = await newConversation(alone);
    await say(alone, ahead.id, ahead.alice, 'in an hour');
    await headIsFrom(ahead.id, Date.now() + 60 * minute);
    const server = await oneOfSeveral();
    const { id, alice } = await newConversation(alone);
    await say(server, id, alice, 'one');
    await say(server, id, alice, 'two');
    expect(await headOf(id)).toMatchObject({ appliedSeq: 1 });
    await headIsFrom(ahead.id, Date.now());
  });
});

describe('the head of a conversation into which two servers write', () => {
  /** Both wrote its head and hear what the other stores. One has two messages behind it, of which the other wrote the first. */
  async function bothWrite() {
    const { id, alice, bob } = await newConversation(alone);
    const [one, other] = [await oneOfSeveral(), await oneOfSeveral()];
    const write = async (by: TestLog, to: TestLog, senderId: string, clientId: string): Promise<void> =>
      to.log.learn((await say(by, id, senderId, clientId)).entry);
    await write(one, other, alice, 'one');
    await write(other, one, bob, 'two');
    await write(one, other, alice, 'three');
    await write(other, one, bob, 'four');
    expect(await headOf(id)).toMatchObject({ appliedSeq: 2 });
    const read = [one, other].map(({ log }) => jest.spyOn(log.entries.model, 'find'));
    const reads = (): number => read.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
    return { id, one, other, reads };
  }

  it('is stored by either over that of the other, without a look at the log', async () => {
    const { id, one, other, reads } = await bothWrite();
    await one.log.heads.flushAll();
    expect(await headOf(id)).toMatchObject({ appliedSeq: 3, lastMessageSeq: 3 });
    await other.log.heads.flushAll();
    expect(await headOf(id)).toMatchObject({ appliedSeq: 4, lastMessageSeq: 4 });
    expect([one, other].map(({ log }) => log.heads.isDirty(id))).toEqual([false, false]);
    expect(reads()).toBe(0);
  });

  it('is not taken back by the one that comes later and knows less', async () => {
    const { id, one, other, reads } = await bothWrite();
    await other.log.heads.flushAll();
    await one.log.heads.flushAll();
    expect(await headOf(id)).toMatchObject({ appliedSeq: 4, lastMessageSeq: 4 });
    expect([one, other].map(({ log }) => log.heads.isDirty(id))).toEqual([false, false]);
    expect(reads()).toBe(0);
  });
});

describe('a kind of entry of a newer release', () => {
  const poll = (id: string, senderId: string): Append => ({
    ...message(id, senderId, 'poll'),
    payload: { kind: 'poll', question: 'Lunch?' } as unknown as EntryPayload,
  });

  it('is written only once every server reads it', async () => {
    let all = false;
    const server = await oneOfSeveral({ everyServerReads: (kind) => kind === 'poll' && all });
    const { id, alice } = await newConversation(alone);
    await say(server, id, alice, 'what everybody reads');
    const refused = await server.log.append(poll(id, alice)).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AppError);
    expect(refused).toMatchObject({ code: 'UNAVAILABLE', retryAfterMs: 1_000 });
    expect(await entriesOf(alone.log, id)).toHaveLength(1);
    all = true;
    expect(await server.log.append(poll(id, alice))).toMatchObject({ entry: { seq: 2, kind: 'poll' } });
  });

  it('is passed by nobody who does not read it: what follows is stored and read, and applied by who does', async () => {
    const server = await oneOfSeveral();
    const { id, alice } = await newConversation(alone);
    await say(server, id, alice, 'one');
    await insertAndDie(alone, id, alice, 2, { kind: 'poll' });
    expect(await say(server, id, alice, 'three')).toMatchObject({ entry: { seq: 3 } });
    await server.log.heads.reconcile();
    const row = await headOf(id);
    expect(row).toMatchObject({ appliedSeq: 1 });
    if (!row) throw new Error('the conversation is missing');
    const { entries, targets, headSeq } = await server.log.after(row, 0, 10);
    expect(headSeq).toBe(3);
    expect(entries.map((entry) => toEntry(entry, targets))).toMatchObject([
      { seq: 1, kind: 'message' },
      { seq: 2, kind: 'newer' },
      { seq: 3, kind: 'message' },
    ]);
    // The release that reads it.
    await alone.log.entries.collection.updateOne(
      { conversationId: new Types.ObjectId(id), seq: 2 },
      { $set: { kind: 'noop' } },
    );
    await server.log.heads.reconcile();
    expect(await headOf(id)).toMatchObject({ appliedSeq: 3, lastMessageSeq: 3 });
  });
});
