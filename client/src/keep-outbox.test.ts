import { createOutbox, type HeldOutbox } from './held-outbox.js';
import { keepOutbox } from './keep-outbox.js';
import { itemsOf, type OutboxItem } from './outbox.js';
import { createMemoryStorage } from './outbox-storage.js';
import { createFakeClock, settle } from './testing/clock.js';
import { conversationId } from './testing/people.js';

const written = (clientId: string, order: number): OutboxItem => ({
  clientId,
  to: conversationId,
  lane: conversationId,
  text: clientId,
  order,
  queuedAt: '2025-03-09T03:00:00.000Z',
  state: 'waiting',
});

/** A tab in which the log has told the "old" messages already: its outbox does not take them in. */
const openTab = async () => {
  const storage = await createMemoryStorage()('');
  await storage.write({ put: [written('old', 1), written('unsent', 2)], remove: [] });
  const own = createOutbox();
  const isRecent = ({ clientId }: OutboxItem) => !clientId.startsWith('old');
  const outbox: HeldOutbox = {
    ...own,
    loaded: (items) => own.loaded(items.filter(isRecent)),
    received: (items) => own.received(items.filter(isRecent)),
  };
  const kept = keepOutbox({
    outbox,
    clock: createFakeClock(),
    storage: Promise.resolve(storage),
    announce: () => undefined,
    keepingChanged: () => undefined,
  });
  await kept.ready;
  await settle();
  return { kept, own, storage };
};

describe('a message that the log has told already', () => {
  it('does not stay in the storage of who wrote it', async () => {
    const { own, storage } = await openTab();
    expect(itemsOf(own.current()).map(({ clientId }) => clientId)).toEqual(['unsent']);
    expect((await storage.load()).map(({ clientId }) => clientId)).toEqual(['unsent']);
  });

  it('is not remembered as written in another tab', async () => {
    const { kept } = await openTab();
    kept.received({ put: [written('older', 1), written('new', 3)], discarded: [] });
    expect(kept.isOthers(written('new', 3))).toBe(true);
    expect(kept.isOthers(written('older', 1))).toBe(false);
  });
});
