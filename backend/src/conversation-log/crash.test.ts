import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import fc from 'fast-check';
import { Types } from 'mongoose';
import { startEngine, type TestEngine } from '../testing/engine.js';
import { entriesOf, message, newConversation, newId, openLog, type TestLog } from '../testing/log.js';
import type { Order, Outcome } from '../testing/writer.js';
import type { EntryRow } from './entries.model.js';

/** I1 to I4 and I7, with two processes that write and a database that is killed under them. */

let engine: TestEngine;
let here: TestLog;
let other: Writer;
beforeAll(async () => {
  engine = await startEngine();
  here = await openLog(engine.uri);
  other = await startWriter(engine.uri);
});
afterAll(async () => {
  await other.stop();
  await here.close();
  await engine.stop();
});

interface Writer {
  append(order: Order): Promise<Outcome>;
  stop(): Promise<void>;
}

async function startWriter(uri: string): Promise<Writer> {
  const child: ChildProcess = fork(join(__dirname, '../testing/writer.ts'), [uri], {
    execArgv: ['--import', 'tsx'],
  });
  await once(child, 'message');
  const waiting = new Map<string, (outcome: Outcome) => void>();
  const keyOf = ({ conversationId, senderId, clientId }: Order): string =>
    `${conversationId} ${senderId} ${clientId}`;
  child.on('message', (outcome: Outcome) => {
    waiting.get(keyOf(outcome))?.(outcome);
    waiting.delete(keyOf(outcome));
  });
  return {
    append: (order) =>
      new Promise((resolve) => {
        waiting.set(keyOf(order), resolve);
        child.send(order);
      }),
    async stop() {
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}

const byUs = async (order: Order): Promise<Outcome> => {
  try {
    const { entry, repeat } = await here.log.append(
      message(order.conversationId, order.senderId, order.clientId),
    );
    return { ...order, seq: entry.seq, entryId: entry._id.toHexString(), repeat };
  } catch (error) {
    return { ...order, code: String(error) };
  }
};

/** A person's outbox: the same clientId until it is answered, one after the other. */
async function sendAll(doors: ((order: Order) => Promise<Outcome>)[], orders: Order[]): Promise<Outcome[]> {
  const answered: Outcome[] = [];
  for (const [index, order] of orders.entries()) {
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await doors[(index + attempt) % doors.length]?.(order);
      if (outcome && 'seq' in outcome) {
        answered.push(outcome);
        break;
      }
    }
  }
  return answered;
}

function expectSound(stored: EntryRow[], answered: Outcome[], ordersBySender: Order[][]): void {
  expect(stored.map((entry) => entry.seq)).toEqual(stored.map((_, index) => index + 1));
  expect(stored.map((entry) => entry.messageCount)).toEqual(stored.map((_, index) => index + 1));
  const keys = stored.map((entry) => `${entry.senderId.toHexString()} ${entry.clientId}`);
  expect(new Set(keys).size).toBe(keys.length);
  const idAt = new Map(stored.map((entry) => [entry.seq, entry._id.toHexString()]));
  for (const outcome of answered) {
    if ('seq' in outcome) expect(idAt.get(outcome.seq)).toBe(outcome.entryId);
  }
  for (const orders of ordersBySender) {
    const own = stored.filter((entry) => entry.senderId.toHexString() === orders[0]?.senderId);
    expect(own.map((entry) => entry.clientId)).toEqual(orders.map((order) => order.clientId));
  }
}

it('keeps every log whole while two processes write and the database is killed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        // How many messages each person writes; even ones begin with our process, odd ones with the other.
        people: fc.array(fc.integer({ min: 3, max: 25 }), { minLength: 2, maxLength: 5 }),
        // Which of the messages are sent a second time after they were answered, to the other process.
        repeats: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
        // Kill the database once this many messages are stored.
        killAfter: fc.option(fc.integer({ min: 1, max: 40 }), { freq: 3 }),
      }),
      async ({ people, repeats, killAfter }) => {
        const { id } = await newConversation(here);
        const orders = people.map((count, person): Order[] => {
          const senderId = newId();
          return Array.from({ length: count }, (_, index) => ({
            conversationId: id,
            senderId,
            clientId: `p${person}-${index}`,
          }));
        });
        let answers = 0;
        const counting =
          (door: (order: Order) => Promise<Outcome>) =>
          async (order: Order): Promise<Outcome> => {
            const outcome = await door(order);
            answers += 1;
            if (answers === killAfter) engine.kill();
            return outcome;
          };
        const doors = [counting(byUs), counting((order) => other.append(order))];
        const answered = (
          await Promise.all(
            orders.map((list, person) => sendAll(person % 2 === 0 ? doors : [...doors].reverse(), list)),
          )
        ).flat();
        await engine.restarted();
        const again = answered
          .filter((_, index) => repeats[index % repeats.length])
          .map(({ conversationId, senderId, clientId }) => ({ conversationId, senderId, clientId }));
        const repeated = await sendAll([byUs, (order) => other.append(order)], again);
        const stored = await entriesOf(here.log, id);
        expect(repeated.every((outcome) => 'seq' in outcome && outcome.repeat)).toBe(true);
        expect(stored).toHaveLength(people.reduce((sum, count) => sum + count, 0));
        expectSound(stored, [...answered, ...repeated], orders);
      },
    ),
    { numRuns: Number(process.env['SORI_PROPERTY_RUNS'] ?? 12) },
  );
}, 480_000);

/** What a write without a journal flush behind it leaves: visible to all, and gone after a kill. */
async function insertUnflushed(conversationId: string, seq: number, text: string): Promise<void> {
  await here.log.entries.collection.insertOne(
    {
      _id: new Types.ObjectId(),
      conversationId: new Types.ObjectId(conversationId),
      seq,
      kind: 'message',
      senderId: new Types.ObjectId(),
      clientId: newId(),
      payloadHash: '',
      at: new Date(),
      updatedAt: new Date(),
      messageCount: seq,
      membersVersion: 0,
      message: text,
      attachments: [],
      reactions: [],
    },
    { writeConcern: { w: 1, j: false } },
  );
}

/** A place where somebody waits until the test lets them go on. */
function pausePoint() {
  let arrive: () => void = () => undefined;
  let goOn: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const gone = new Promise<void>((resolve) => (goOn = resolve));
  let first = true;
  return {
    arrived,
    goOn: () => goOn(),
    async pass(): Promise<void> {
      if (!first) return;
      first = false;
      arrive();
      await gone;
    },
  };
}

/** The engine flushes its journal of its own accord many times a second: again until it died before that. */
async function untilLost(tryOnce: (conversation: { id: string; alice: string }) => Promise<boolean>) {
  for (let times = 0; times < 30; times += 1) if (await tryOnce(await newConversation(here))) return;
  throw new Error('The journal was always faster');
}

describe('a database that dies with what it had not flushed', () => {
  it('leaves no hole where another server had read the tail and not yet written', async () => {
    await untilLost(async ({ id, alice }) => {
      const point = pausePoint();
      const paused = await openLog(engine.uri, {
        hooks: { tailRead: (conversationId) => (conversationId === id ? point.pass() : Promise.resolve()) },
      });
      await insertUnflushed(id, 1, 'never flushed');
      const sending = paused.log.append(message(id, alice, 'second')).then(
        ({ entry }) => entry.seq,
        () => undefined,
      );
      await point.arrived;
      engine.kill();
      await engine.restarted();
      // Proof that it could have gone wrong: what was read at 1 is not there any more.
      const isLost = (await entriesOf(here.log, id)).length === 0;
      point.goOn();
      const seq = (await sending) ?? (await paused.log.append(message(id, alice, 'second'))).entry.seq;
      await paused.close();
      if (!isLost) return false;
      expect(seq).toBe(1);
      expect((await entriesOf(here.log, id)).map((entry) => entry.seq)).toEqual([1]);
      return true;
    });
  }, 240_000);

  it('never shows a reader what another message then takes the place of', async () => {
    await untilLost(async ({ id, alice }) => {
      const point = pausePoint();
      const paused = await openLog(engine.uri, {
        hooks: { pageRead: (conversationId) => (conversationId === id ? point.pass() : Promise.resolve()) },
      });
      const row = await paused.log.conversations.findById(id).lean();
      if (!row) throw new Error('the conversation is missing');
      await insertUnflushed(id, 1, 'never flushed');
      const reading = paused.log.after(row, 0, 10).catch(() => undefined);
      await point.arrived;
      engine.kill();
      await engine.restarted();
      const isLost = (await entriesOf(here.log, id)).length === 0;
      if (isLost) await here.log.append(message(id, alice, 'first', 'took its place'));
      point.goOn();
      const page = (await reading) ?? (await paused.log.after(row, 0, 10));
      await paused.close();
      if (!isLost) return false;
      expect(page.entries).toMatchObject([{ seq: 1, message: 'took its place' }]);
      return true;
    });
  }, 240_000);
});
