import type { EntryRow } from '../conversation-log/entries.model.js';
import { createFakeClock } from '../testing/fake-clock.js';
import { message, newConversation, useLog } from '../testing/log.js';
import { createCatchUp } from './catch-up.js';

/** The head of what is stored is written much later. */
const storing = useLog({ headsAfterMs: 600_000 });

it('finds what was stored until a server listened to a conversation, behind its head and below what is heard first', async () => {
  const { id, alice } = await newConversation(storing);
  const say = async (text: string): Promise<EntryRow> =>
    (await storing.log.append(message(id, alice, text))).entry;
  const emitted: number[] = [];
  const catchUp = createCatchUp({
    link: { isUp: () => true, onUp: () => undefined },
    hearsAll: () => true,
    conversations: storing.log.conversations,
    after: storing.log.after,
    concerns: () => true,
    storedElsewhere: ({ seq }) => void emitted.push(seq),
    clock: createFakeClock(),
    report: (error) => {
      throw error;
    },
  });
  catchUp.emitted(await say('the first'));
  const emitMissing = catchUp.conversation(id);
  await say('nobody listened');
  await say('nobody listened either');
  catchUp.emitted(await say('heard'));
  expect(await storing.log.conversations.findById(id).lean()).toMatchObject({ appliedSeq: 1 });
  await emitMissing();
  expect(emitted).toEqual([2, 3, 4]);
  catchUp.close();
});

it('asks nothing of a conversation of which nothing was emitted here: who has just come is sent its head', async () => {
  const { id, alice } = await newConversation(storing);
  await storing.log.append(message(id, alice, 'the first'));
  const emitted: number[] = [];
  const catchUp = createCatchUp({
    link: { isUp: () => true, onUp: () => undefined },
    hearsAll: () => true,
    conversations: storing.log.conversations,
    after: () => Promise.reject(new Error('asked')),
    concerns: () => true,
    storedElsewhere: ({ seq }) => void emitted.push(seq),
    clock: createFakeClock(),
    report: () => undefined,
  });
  await catchUp.conversation(id)();
  expect(emitted).toEqual([]);
  catchUp.close();
});
