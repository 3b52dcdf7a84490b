import { Types } from 'mongoose';
import { AppError } from '../core/errors.js';
import { entriesOf, message, newConversation, openLog, type TestLog, useLog } from '../testing/log.js';
import { noOtherServers } from './other-servers.js';
import { tailOf } from './tail-cache.js';

/** Several servers that append to one conversation. */

const faster = useLog();

const codeOf = (error: unknown): unknown => (error instanceof AppError ? error.code : error);

/** Whenever it has read the tail of this log, the other server takes the next number. */
async function loser(conversation: { id: string; bob: string }, until: () => boolean): Promise<TestLog> {
  let taken = 0;
  return openLog(faster.engine.uri, {
    hooks: {
      async tailRead(id) {
        if (id !== conversation.id || until()) return;
        taken += 1;
        await faster.log.append(message(id, conversation.bob, `faster ${taken}`));
      },
    },
  });
}

it('says BUSY after 5 s, and not before: the database answers, so what waits is known not to be stored', async () => {
  const conversation = await newConversation(faster);
  const slow = await loser(conversation, () => false);
  const began = performance.now();
  const both = await Promise.all(
    ['one', 'two'].map((clientId) =>
      slow.log.append(message(conversation.id, conversation.alice, clientId)).catch(codeOf),
    ),
  );
  expect(both).toEqual(['BUSY', 'BUSY']);
  const ms = performance.now() - began;
  expect(ms).toBeGreaterThan(5_000);
  expect(ms).toBeLessThan(15_000);
  const stored = await entriesOf(faster.log, conversation.id);
  expect(stored.filter(({ senderId }) => senderId.equals(new Types.ObjectId(conversation.alice)))).toEqual(
    [],
  );
  await slow.close();
}, 60_000);

it('stores what waited, in its order, as soon as the other server is done', async () => {
  const conversation = await newConversation(faster);
  const began = performance.now();
  const slow = await loser(conversation, () => performance.now() - began > 3_500);
  const both = await Promise.all(
    ['one', 'two'].map((clientId) => slow.log.append(message(conversation.id, conversation.alice, clientId))),
  );
  const stored = await entriesOf(faster.log, conversation.id);
  expect(stored.slice(-2).map(({ clientId }) => clientId)).toEqual(['one', 'two']);
  expect(both.map(({ entry }) => entry.seq)).toEqual([stored.length - 1, stored.length]);
  expect(stored.map(({ seq }) => seq)).toEqual(stored.map((_, index) => index + 1));
  await slow.close();
}, 60_000);

it('inserts by itself what another server also appends to: a number lost there delays no other conversation', async () => {
  const inserts: number[] = [];
  const server = await openLog(faster.engine.uri, { appended: (entries) => void inserts.push(entries) });
  const [shared, own, another] = [
    await newConversation(faster),
    await newConversation(faster),
    await newConversation(faster),
  ];
  const sayInAll = (text: string) =>
    Promise.all(
      [shared, own, another].map(({ id, alice }) => server.log.append(message(id, alice, `${text} ${id}`))),
    );
  await sayInAll('first');
  inserts.length = 0;
  await sayInAll('alone');
  expect(inserts).toEqual([3]);
  const { entry } = await faster.log.append(message(shared.id, shared.bob, 'from the other server'));
  server.log.learn(entry);
  inserts.length = 0;
  await sayInAll('beside the other server');
  expect(inserts.toSorted()).toEqual([1, 2]);
  expect((await entriesOf(faster.log, shared.id)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  await server.close();
});

it('knows a conversation for a shared one by the number that it lost, where nobody says what others append', async () => {
  const inserts: number[] = [];
  const server = await openLog(faster.engine.uri, { appended: (entries) => void inserts.push(entries) });
  const [shared, own] = [await newConversation(faster), await newConversation(faster)];
  await server.log.append(message(shared.id, shared.alice, 'first'));
  await server.log.append(message(own.id, own.alice, 'first'));
  await faster.log.append(message(shared.id, shared.bob, 'taken meanwhile'));
  expect(await server.log.append(message(shared.id, shared.alice, 'late'))).toMatchObject({
    entry: { seq: 3 },
  });
  inserts.length = 0;
  await Promise.all(
    [shared, own].map(({ id, alice }) => server.log.append(message(id, alice, `in both ${id}`))),
  );
  expect(inserts).toEqual([1, 1]);
  await server.close();
});

it('inserts with all others what is appended where another server said that it is its turn, behind them', async () => {
  const inserts: number[] = [];
  const server = await openLog(faster.engine.uri, { appended: (entries) => void inserts.push(entries) });
  const [shared, own] = [await newConversation(faster), await newConversation(faster)];
  const sayInBoth = (text: string) =>
    Promise.all([shared, own].map(({ id, alice }) => server.log.append(message(id, alice, `${text} ${id}`))));
  await sayInBoth('first');
  const { entry } = await faster.log.append(message(shared.id, shared.bob, 'from the other server'));
  server.log.learn(entry, { tail: tailOf(entry), queue: [server.log.turns.self, faster.log.turns.self] });
  inserts.length = 0;
  const insertMany = jest.spyOn(server.log.entries.collection, 'insertMany');
  await sayInBoth('in turn');
  expect(inserts).toEqual([2]);
  const rows = insertMany.mock.calls[0]?.[0] ?? [];
  expect(rows.map(({ conversationId }) => String(conversationId))).toEqual([own.id, shared.id]);
  await server.close();
});

/** How many inserts a server made, and how many of them lost their number to another server. */
interface Counted extends TestLog {
  inserts: () => number;
  lost: () => number;
}

const opened: TestLog[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close();
});

/** Servers that tell each other what they appended and whose turn it is. @param isHeard what of it arrives */
async function threeServers(isHeard: () => boolean = () => true): Promise<Counted[]> {
  const servers: Counted[] = [];
  for (let index = 0; index < 3; index += 1) {
    const toOthers = (tell: (other: TestLog) => void): void =>
      servers.forEach((other, at) => at !== index && isHeard() && tell(other));
    let stored = 0;
    const server = await openLog(faster.engine.uri, {
      servers: { ...noOtherServers, areThere: () => true, areHeard: () => true },
      storedEntries: {
        publish: (entry) => toOthers(({ log }) => log.learn(entry, server.log.turns.saidWith(entry))),
      },
      appended: () => void (stored += 1),
    });
    opened.push(server);
    const { turns } = server.log;
    turns.onAsk((id) => toOthers(({ log }) => log.turns.askedBy(id, turns.self)));
    const insertMany = jest.spyOn(server.log.entries.collection, 'insertMany');
    const inserts = (): number => insertMany.mock.calls.length;
    servers.push({ ...server, inserts, lost: () => inserts() - stored });
  }
  return servers;
}

/** On each server three people write one message after the other. All of it is in the log, once and in their order. */
async function writeOn(servers: readonly TestLog[], messagesEach: number): Promise<void> {
  const { id } = await newConversation(faster);
  const people = servers.flatMap(({ log }) => [1, 2, 3].map(() => ({ log, _id: new Types.ObjectId() })));
  const texts = Array.from({ length: messagesEach }, (_, index) => `message ${index}`);
  await Promise.all(
    people.map(async ({ log, _id }) => {
      for (const text of texts) await log.append(message(id, _id.toHexString(), text));
    }),
  );
  const stored = await entriesOf(faster.log, id);
  expect(stored.map(({ seq }) => seq)).toEqual(stored.map((_, index) => index + 1));
  for (const { _id } of people)
    expect(stored.filter(({ senderId }) => senderId.equals(_id)).map(({ clientId }) => clientId)).toEqual(
      texts,
    );
}

it('three servers that hear each other take turns: few of their inserts lose a number', async () => {
  const servers = await threeServers();
  await writeOn(servers, 20);
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  const [inserts, lost] = [sum(servers.map((one) => one.inserts())), sum(servers.map((one) => one.lost()))];
  // Without turns it is more than half.
  expect(lost / inserts).toBeLessThan(0.4);
});

it('three servers store all of it where most of what they tell each other is lost', async () => {
  let told = 0;
  const servers = await threeServers(() => (told += 1) % 3 === 0);
  await writeOn(servers, 8);
});

it('a server that is named next and is gone holds up the others for a moment, once', async () => {
  const { id, alice, bob } = await newConversation(faster);
  const [one, gone] = await threeServers();
  if (!one || !gone) throw new Error('There are three');
  await one.log.append(message(id, alice, 'one'));
  await gone.log.append(message(id, bob, 'two'));
  await one.log.append(message(id, alice, 'three'));
  const three = (await entriesOf(faster.log, id)).at(-1);
  expect(three && one.log.turns.saidWith(three)?.queue).toEqual([gone.log.turns.self, one.log.turns.self]);
  const { entry } = await one.log.append(message(id, alice, 'four'));
  expect(one.log.turns.saidWith(entry)?.queue).toEqual([one.log.turns.self]);
  expect(one.lost() + gone.lost()).toBeLessThanOrEqual(1);
});
