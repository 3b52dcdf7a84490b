import { Types } from 'mongoose';
import { AppError } from '../core/errors.js';
import { entriesOf, message, newConversation, openLog, type TestLog, useLog } from '../testing/log.js';

/** A server that loses every number to another one. */

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
