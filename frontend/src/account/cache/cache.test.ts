import { alice, between, conversationId, said } from '@sori/client/testing';
import { createMemoryCache } from './cacheStorage';
import { createAppStore } from '../../session/appStore';
import { createFakeClock, settle } from '../../testing/clock';
import { createCache } from './cache';

const open = async (received: { epoch: string | null }) => {
  const store = createAppStore();
  const clock = createFakeClock();
  const storage = await createMemoryCache()(alice._id);
  const cache = createCache({
    store,
    clock,
    storage: Promise.resolve(storage),
    cursorOf: () => 2,
    epoch: () => received.epoch,
    restored: () => undefined,
    late: () => undefined,
    stored: () => undefined,
  });
  store.getState().signedIn(alice);
  store.getState().conversationsReceived([between({ headSeq: 2, unread: 2 })]);
  cache.fetching(conversationId)({ messages: [said(1), said(2)], hasOlder: false, hasNewer: false });
  return {
    cache,
    keptAfter: async (ms: number) => {
      clock.pass(ms);
      await settle();
      return (await storage.messages(conversationId))?.messages.map(({ seq }) => seq) ?? [];
    },
  };
};

describe('what the page was told', () => {
  it('is kept on the device after a moment', async () => {
    const { keptAfter } = await open({ epoch: 'one' });
    expect(await keptAfter(1_000)).toEqual([1, 2]);
  });

  it('before its connection to the server was there is kept as soon as that is, with nothing new said', async () => {
    const received: { epoch: string | null } = { epoch: null };
    const { cache, keptAfter } = await open(received);
    expect(await keptAfter(60_000)).toEqual([]);
    received.epoch = 'one';
    cache.epochReceived();
    expect(await keptAfter(1_000)).toEqual([1, 2]);
  });
});

describe('a browser that never gives back what it keeps', () => {
  it('is waited for once, and then not any more', async () => {
    const store = createAppStore();
    const clock = createFakeClock();
    const never = new Promise<never>(() => undefined);
    const cache = createCache({
      store,
      clock,
      storage: never,
      cursorOf: () => 2,
      epoch: () => 'one',
      restored: () => undefined,
      late: () => undefined,
      stored: () => undefined,
    });
    let ready = false;
    void cache.ready.then(() => (ready = true));
    clock.pass(2_000);
    await settle();
    expect(ready).toBe(true);
    const page = cache.newest(conversationId);
    clock.pass(1);
    await expect(page).resolves.toBeNull();
    cache.stop(false);
  });
});
