import { startEngine, type TestEngine } from '../testing/engine.js';
import { message, newConversation, openLog, type TestLog } from '../testing/log.js';

/**
 * A server's clock is set, by a person or by NTP, and then the server dies before a head that it writes behind is stored.
 * The next one looks for such heads by their time.
 */

const hour = 3_600_000;
let engine: TestEngine;
let dying: TestLog;
let next: TestLog | undefined;
let offset: number;
beforeEach(async () => {
  engine = await startEngine();
  offset = 0;
  next = undefined;
  dying = await openLog(engine.uri, { now: () => Date.now() + offset, headsAfterMs: 60_000 });
});
afterEach(async () => {
  await dying.close();
  await next?.close();
  await engine.stop();
});

/** What the next server finds at its start. */
async function headAfterDeath(id: string) {
  // Its heads are not due for a minute.
  await dying.store.close();
  next = await openLog(engine.uri);
  return next.log.conversations.findById(id).lean();
}

it('finds a head that was behind where the clock had been set back', async () => {
  offset = hour;
  const ahead = await newConversation(dying);
  await dying.log.append(message(ahead.id, ahead.alice, 'in an hour'));
  offset = 0;
  const { id, alice } = await newConversation(dying);
  await dying.log.append(message(id, alice, 'one'));
  await dying.log.append(message(id, alice, 'two'));
  expect(await headAfterDeath(id)).toMatchObject({ appliedSeq: 2, lastMessageSeq: 2 });
});

it('finds a head that was behind where the clock had been set back before this server started', async () => {
  offset = hour;
  const ahead = await newConversation(dying);
  await dying.log.append(message(ahead.id, ahead.alice, 'in an hour'));
  await dying.close();
  offset = 0;
  dying = await openLog(engine.uri, { now: () => Date.now() + offset, headsAfterMs: 60_000 });
  const { id, alice } = await newConversation(dying);
  await dying.log.append(message(id, alice, 'one'));
  await dying.log.append(message(id, alice, 'two'));
  expect(await headAfterDeath(id)).toMatchObject({ appliedSeq: 2, lastMessageSeq: 2 });
});

it('finds a head that was behind while the clock was set forward', async () => {
  const { id, alice } = await newConversation(dying);
  const ahead = await newConversation(dying);
  await dying.log.append(message(id, alice, 'one'));
  await dying.log.append(message(id, alice, 'two'));
  offset = hour;
  await dying.log.append(message(ahead.id, ahead.alice, 'in an hour'));
  expect(await headAfterDeath(id)).toMatchObject({ appliedSeq: 2, lastMessageSeq: 2 });
});
