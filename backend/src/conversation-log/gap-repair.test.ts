import { Types } from 'mongoose';
import { startEngine, type TestEngine } from '../testing/engine.js';
import { keptLog } from '../testing/kept-log.js';
import { entriesOf, message, newConversation, openLog, type TestLog } from '../testing/log.js';

/** A number that is missing, against all odds: whoever sees it serves what is below, fills it, and says so. */

let engine: TestEngine;
let here: TestLog;
beforeAll(async () => {
  engine = await startEngine();
});
beforeEach(async () => {
  logged.length = 0;
  // Heads are stored when the test says so.
  here = await openLog(engine.uri, { log, headsAfterMs: 60_000 });
});
afterEach(() => here.close());
afterAll(() => engine.stop());

const { log, logged } = keptLog();
const bugs = (): string[] => logged.filter((line) => line.includes('BUG: a gap'));
const headOf = (id: string) => here.log.conversations.findById(id).lean();
const kindsOf = async (id: string): Promise<unknown[]> =>
  (await entriesOf(here.log, id)).map(({ seq, kind }) => [seq, kind]);
const take = (id: string, seq: number) =>
  here.log.entries.collection.deleteOne({ conversationId: idOf(id), seq });
const idOf = (id: string): Types.ObjectId => new Types.ObjectId(id);
/** As if nobody had written the head since then. */
const headAt = (id: string, appliedSeq: number) =>
  here.log.conversations.updateOne({ _id: id }, { appliedSeq, lastMessageSeq: appliedSeq });

/** Five messages, one of which is not there, above a head that was stored below it. */
async function withGap(): Promise<{ id: string; alice: string }> {
  const { id, alice } = await newConversation(here);
  for (const text of ['1', '2', '3', '4', '5']) await here.log.append(message(id, alice, text));
  await here.log.heads.flushAll();
  await headAt(id, 2);
  await take(id, 3);
  return { id, alice };
}
const filled = [
  [1, 'message'],
  [2, 'message'],
  [3, 'noop'],
  [4, 'message'],
  [5, 'message'],
];

it('is filled by whoever repairs a head, and the head comes to the end', async () => {
  const { id } = await withGap();
  await here.log.heads.repair(id);
  expect(await kindsOf(id)).toEqual(filled);
  expect(await headOf(id)).toMatchObject({ appliedSeq: 5, lastMessageSeq: 5 });
  expect(bugs()).toHaveLength(1);
});

it('is found by the next start, also where it is right above the stored head', async () => {
  const { id } = await withGap();
  const next = await openLog(engine.uri, { log });
  expect(await kindsOf(id)).toEqual(filled);
  expect(await headOf(id)).toMatchObject({ appliedSeq: 5 });
  await next.close();
});

it('is filled before a page of history shows what lies above it', async () => {
  const other = await openLog(engine.uri, { log });
  const { id } = await withGap();
  const row = await other.log.conversations.findById(id).lean();
  if (!row) throw new Error('the conversation is missing');
  const { messages } = await other.log.history(row, { limit: 10, viewerId: id }, 1);
  expect(messages.map(({ seq }) => seq)).toEqual([1, 2, 4, 5]);
  expect(await kindsOf(id)).toEqual(filled);
  await other.close();
});

it('is filled by a server that then writes above it, before that is emitted', async () => {
  const other = await openLog(engine.uri, { log });
  const { id, alice } = await withGap();
  await other.log.append(message(id, alice, '6'));
  expect(await kindsOf(id)).toEqual([...filled, [6, 'message']]);
  expect(await headOf(id)).toMatchObject({ appliedSeq: 6, lastMessageSeq: 6 });
  await other.close();
});

it('does not count a head as stored that was not', async () => {
  const { id, alice } = await newConversation(here);
  for (const text of ['1', '2', '3']) await here.log.append(message(id, alice, text));
  // 2 and 3 wait for their head; what is stored is another one than this server wrote.
  expect(here.log.heads.isDirty(id)).toBe(true);
  await headAt(id, 0);
  await take(id, 2);
  await here.log.heads.flushAll();
  expect(await headOf(id)).toMatchObject({ appliedSeq: 3, lastMessageSeq: 3 });
  expect(await kindsOf(id)).toEqual([
    [1, 'message'],
    [2, 'noop'],
    [3, 'message'],
  ]);
  expect(bugs()).toHaveLength(1);
});

it('is not assumed at the end of a deleted conversation’s log: nobody waits for its head for ever', async () => {
  const { id, alice } = await newConversation(here);
  for (const text of ['1', '2']) await here.log.append(message(id, alice, text));
  expect(here.log.heads.isDirty(id)).toBe(true);
  await here.log.conversations.deleteOne({ _id: id });
  await here.log.entries.model.deleteMany({ conversationId: id });
  await here.log.heads.flushAll();
  expect(here.log.heads.isDirty(id)).toBe(false);
});
