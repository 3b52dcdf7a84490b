import {
  createMemoryStorage,
  itemsOf,
  keepOutbox,
  type OpenOutboxStorage,
  type OutboxChange,
} from '@sori/client';
import { alice, bob, conversationId, said, entryOf } from '@sori/client/testing';
import { createFakeClock, settle } from '../../testing/clock';
import { outboxInStore } from './outboxInStore';
import { createAppStore } from '../../session/appStore';

/** A tab of Alice's, whose neighbours hear what it tells. */
const openTab = (storage: OpenOutboxStorage, account = alice) => {
  const store = createAppStore();
  store.getState().signedIn(account);
  const neighbours: { received: (outboxChange: OutboxChange) => void }[] = [];
  const clock = createFakeClock();
  const kept = keepOutbox({
    outbox: outboxInStore(store),
    keepingChanged: (isKept) => store.getState().keepingChanged('outbox', isKept),
    clock,
    storage: storage(account._id),
    announce: (outboxChange) => neighbours.forEach((neighbour) => neighbour.received(outboxChange)),
  });
  return {
    store,
    clock,
    kept,
    neighbours,
    write: (clientId: string) =>
      store.getState().messageWritten({
        clientId,
        to: conversationId,
        lane: conversationId,
        text: clientId,
        queuedAt: '2025-03-09T03:00:00.000Z',
      }),
    states: () => itemsOf(store.getState().outbox).map(({ clientId, state }) => `${clientId} ${state}`),
  };
};
const stored = async (storage: OpenOutboxStorage, account = alice) =>
  (await (await storage(account._id)).load()).map(({ clientId }) => clientId);

describe('the outbox that outlives the page', () => {
  it('is there again after a reload, in its order, with what failed', async () => {
    const storage = createMemoryStorage();
    const before = openTab(storage);
    before.write('1');
    before.write('2');
    before.store.getState().messageRefused('1', { code: 'TOO_LARGE', message: '' });
    await settle();
    before.kept.stop();
    const after = openTab(storage);
    await settle();
    expect(after.states()).toEqual(['1 failed', '2 waiting']);
  });

  it('has a message before the first attempt to send it', async () => {
    const storage = createMemoryStorage();
    const tab = openTab(storage);
    tab.write('1');
    const [item] = itemsOf(tab.store.getState().outbox);
    if (item !== undefined) await tab.kept.kept(item);
    expect(await stored(storage)).toEqual(['1']);
  });

  it('lets go of what the server has, and of what was discarded', async () => {
    const storage = createMemoryStorage();
    const tab = openTab(storage);
    tab.write('1');
    tab.write('2');
    tab.write('3');
    await settle();
    tab.store.getState().messageStored('1', said(1, alice, { clientId: '1' }));
    tab.store.getState().messageRefused('2', { code: 'REFUSED', message: '' });
    tab.store.getState().messageDiscarded('2');
    await settle();
    expect(await stored(storage)).toEqual(['3']);
    tab.store.getState().entriesApplied(conversationId, [entryOf(said(1, alice, { clientId: '1' }))]);
    expect(tab.states()).toEqual(['3 waiting']);
  });

  it('stays on the device when the person leaves, and nobody else sees it', async () => {
    const storage = createMemoryStorage();
    const tab = openTab(storage);
    tab.write('1');
    await settle();
    tab.kept.stop();
    tab.store.getState().signedOut();
    await settle();
    expect(await stored(storage)).toEqual(['1']);
    const next = openTab(storage, bob);
    await settle();
    expect(next.states()).toEqual([]);
  });

  it('shows in the other tab what was written, failed and was discarded in this one', async () => {
    const storage = createMemoryStorage();
    const [one, other] = [openTab(storage), openTab(storage)];
    one.neighbours.push(other.kept);
    other.neighbours.push(one.kept);
    await settle();
    one.write('1');
    expect(other.states()).toEqual(['1 waiting']);
    one.store.getState().messageRefused('1', { code: 'REFUSED', message: '' });
    expect(other.states()).toEqual(['1 failed']);
    other.store.getState().messageDiscarded('1');
    expect(one.states()).toEqual([]);
    await settle();
    expect(await stored(storage)).toEqual([]);
  });

  it('makes one write of whatever was written while another one was under way', async () => {
    const storage = createMemoryStorage();
    const writes: number[] = [];
    const counting: OpenOutboxStorage = async (account) => {
      const opened = await storage(account);
      return {
        ...opened,
        write: (change) => {
          writes.push(change.put.length);
          return opened.write(change);
        },
      };
    };
    const tab = openTab(counting);
    await tab.kept.ready;
    const all = Array.from({ length: 300 }, (_, index) => `m${index}`);
    for (const clientId of all) tab.write(clientId);
    const last = itemsOf(tab.store.getState().outbox).at(-1);
    if (last !== undefined) await tab.kept.kept(last);
    expect(writes).toEqual([300]);
    expect((await stored(storage)).sort()).toEqual(all.sort());
  });

  it('puts what was written before the page was opened in front of what was written while it was read', async () => {
    const storage = createMemoryStorage();
    const before = openTab(storage);
    before.write('old 1');
    before.write('old 2');
    await settle();
    before.kept.stop();
    const after = openTab(storage);
    after.write('new');
    await after.kept.ready;
    expect(after.states()).toEqual(['old 1 waiting', 'old 2 waiting', 'new waiting']);
    await settle();
    after.kept.stop();
    const again = openTab(storage);
    await again.kept.ready;
    expect(again.states()).toEqual(['old 1 waiting', 'old 2 waiting', 'new waiting']);
  });

  it('goes on sending where the browser keeps nothing', async () => {
    const store = createAppStore();
    store.getState().signedIn(alice);
    const kept = keepOutbox({
      outbox: outboxInStore(store),
      keepingChanged: (isKept) => store.getState().keepingChanged('outbox', isKept),
      clock: createFakeClock(),
      storage: Promise.reject(new DOMException('private window', 'InvalidStateError')),
      announce: () => undefined,
    });
    store.getState().messageWritten({
      clientId: '1',
      to: conversationId,
      lane: conversationId,
      text: 'hello',
      queuedAt: '2025-03-09T03:00:00.000Z',
    });
    const [item] = itemsOf(store.getState().outbox);
    if (item === undefined) throw new Error('nothing written');
    await expect(kept.kept(item)).resolves.toBeUndefined();
    expect([...store.getState().unkept]).toEqual(['outbox']);
  });

  it('is not waited for where the browser never answers, which is said; what comes late after all goes in front', async () => {
    const storage = createMemoryStorage({ outlivesPage: true });
    const before = openTab(storage);
    before.write('old');
    await settle();
    before.kept.stop();
    let answer: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const after = openTab(async (account) => {
      await answered;
      return storage(account);
    });
    after.write('new');
    const [item] = itemsOf(after.store.getState().outbox);
    if (item === undefined) throw new Error('nothing written');
    const sendable = Promise.all([after.kept.ready, after.kept.kept(item)]);
    after.clock.pass(5_000);
    await expect(sendable).resolves.toBeDefined();
    expect([...after.store.getState().unkept]).toEqual(['outbox']);
    // Nobody waits a second time.
    after.write('newer');
    const newer = itemsOf(after.store.getState().outbox).at(-1);
    if (newer !== undefined) await after.kept.kept(newer);
    answer();
    await settle();
    expect(after.states()).toEqual(['old waiting', 'new waiting', 'newer waiting']);
    expect((await stored(storage)).sort()).toEqual(['new', 'newer', 'old']);
    expect([...after.store.getState().unkept]).toEqual([]);
  });

  it('is said to be lost with the page where the disk is full, until there is room again', async () => {
    const storage = createMemoryStorage({ outlivesPage: true });
    let isFull = true;
    const tab = openTab(async (account) => {
      const opened = await storage(account);
      return {
        ...opened,
        write: (change) =>
          isFull ? Promise.reject(new DOMException('full', 'QuotaExceededError')) : opened.write(change),
      };
    });
    await settle();
    expect([...tab.store.getState().unkept]).toEqual([]);
    tab.write('1');
    await settle();
    expect([...tab.store.getState().unkept]).toEqual(['outbox']);
    isFull = false;
    tab.write('2');
    await settle();
    expect([...tab.store.getState().unkept]).toEqual([]);
  });
});
