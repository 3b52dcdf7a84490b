import { ApiError, type Ask, createPace, itemsOf } from '@sori/client';
import { alice, between, bob, changed, conversationId, said, entryOf } from '@sori/client/testing';
import { createMemoryCache } from './cache/cacheStorage';
import { draftMarks, keepDrafts } from './drafts/draftsStorage';
import { createAppStore } from '../session/appStore';
import { createFakeClock, settle } from '../testing/clock';
import { writeInOtherTab } from '../testing/otherTab';
import { createCache } from './cache/cache';
import { createConversationList } from './conversations/conversationList';
import { createDeliveries } from './read-state/deliveries';
import { createDrafts } from './drafts/drafts';
import { createReadings } from './read-state/readings';

/** Answers, events and other tabs that come late: they bring nothing old back, and take nothing away. */

/** A tab of this browser, open at the conversation, that has followed it up to `cursor`. */
const openTab = async (keeps: ReturnType<typeof createMemoryCache>, upTo: number) => {
  const store = createAppStore();
  const clock = createFakeClock();
  const state = { cursor: upTo, epoch: 'one' };
  const storage = await keeps(alice._id);
  const cache = createCache({
    store,
    clock,
    storage: Promise.resolve(storage),
    cursorOf: () => state.cursor,
    epoch: () => state.epoch,
    restored: () => undefined,
    late: () => undefined,
    stored: () => undefined,
  });
  store.getState().signedIn(alice);
  store.getState().conversationsReceived([between({ headSeq: upTo })]);
  const pass = async (ms = 1_000) => {
    clock.pass(ms);
    await settle();
  };
  return {
    store,
    cache,
    storage,
    state,
    pass,
    shows: (seqs: number[]) => {
      store.getState().conversationOpened(conversationId);
      store.getState().pageAsked(conversationId, 'replace');
      store.getState().pageCame(conversationId, 'replace', {
        messages: seqs.map((seq) => said(seq)),
        hasOlder: false,
        hasNewer: false,
      });
    },
    receives: (seq: number) => {
      state.cursor = seq;
      const entries = [entryOf(said(seq))];
      store.getState().entriesApplied(conversationId, entries);
      cache.applied(conversationId, entries);
    },
  };
};

describe('what this device gives back late', () => {
  it('is not of another life of the database than was told meanwhile, and what the list did not have is asked for', async () => {
    for (const epoch of ['one', 'two']) {
      const keeps = createMemoryCache();
      const before = await openTab(keeps, 2);
      before.shows([1, 2]);
      await before.pass();
      const store = createAppStore();
      store.getState().signedIn(alice);
      const clock = createFakeClock();
      const asked: string[] = [];
      let give: () => void = () => undefined;
      const cache = createCache({
        store,
        clock,
        storage: new Promise((resolve) => (give = () => resolve(keeps(alice._id)))),
        cursorOf: () => null,
        epoch: () => epoch,
        restored: () => undefined,
        late: (ids) => asked.push(...ids),
        stored: () => undefined,
      });
      clock.pass(1_500);
      await cache.ready;
      give();
      await settle();
      const isThere = store.getState().conversations[conversationId] !== undefined;
      expect({ isThere, asked }).toEqual(
        epoch === 'one' ? { isThere: true, asked: [conversationId] } : { isThere: false, asked: [] },
      );
      cache.stop(false);
    }
  });
});

const seqsOf = (page: { messages: readonly { seq: number }[] } | null | undefined) =>
  page?.messages.map(({ seq }) => seq);

describe('what this device keeps', () => {
  it('has no hole where another tab threw it away, late, beneath this one', async () => {
    const keeps = createMemoryCache();
    const tab = await openTab(keeps, 3);
    tab.shows([1, 2, 3]);
    await tab.pass();
    const other = await openTab(keeps, 3);
    // It heard late of another life of the database, or of the end of the session before this one.
    other.cache.clear();
    await settle();
    tab.receives(4);
    await tab.pass();
    const reloaded = await openTab(keeps, 4);
    const page = await reloaded.cache.newest(conversationId);
    // Either all four, or it is said that there is more.
    expect({ seqs: seqsOf(page), hasOlder: page?.hasOlder }).toEqual({ seqs: [1, 2, 3, 4], hasOlder: false });
  });

  it('has no hole where a tab that had not heard of another life of the database wrote what it knew', async () => {
    const keeps = createMemoryCache();
    const tab = await openTab(keeps, 3);
    tab.state.epoch = 'two';
    tab.shows([1, 2, 3]);
    await tab.pass();
    const other = await openTab(keeps, 3);
    other.receives(4);
    await other.pass();
    tab.receives(4);
    await tab.pass();
    const reloaded = await openTab(keeps, 4);
    reloaded.state.epoch = 'two';
    const page = await reloaded.cache.newest(conversationId);
    expect({ seqs: seqsOf(page), hasOlder: page?.hasOlder }).toEqual({ seqs: [1, 2, 3, 4], hasOlder: false });
  });

  it('is not what a page said that was read before what the log told meanwhile', async () => {
    const keeps = createMemoryCache();
    const tab = await openTab(keeps, 2);
    // Asked for, and read by the server; then one of them is deleted, and that is heard first.
    const page = { messages: [said(1), said(2)], hasOlder: false, hasNewer: false };
    const fetched = tab.cache.fetching(conversationId);
    tab.state.cursor = 3;
    const gone = said(2, bob, { message: '', deletedAt: said(3).createdAt });
    const entries = [changed(3, 'delete', gone)];
    tab.store.getState().entriesApplied(conversationId, entries);
    tab.cache.applied(conversationId, entries);
    fetched(page);
    await tab.pass();
    const kept = await tab.storage.messages(conversationId);
    expect(kept?.messages.map(({ message }) => message)).toEqual(['said 1', '']);
  });
});

describe('a draft', () => {
  const openDrafts = () => {
    const store = createAppStore();
    store.getState().signedIn(alice);
    const clock = createFakeClock();
    const saves: string[] = [];
    const drafts = createDrafts({
      store,
      clock,
      account: alice._id,
      isConnected: () => true,
      api: {
        saveDraft: (_id, { text, rev }) => {
          saves.push(text);
          return Promise.resolve(between({ draft: { text, rev } }));
        },
      },
    });
    const stop = keepDrafts(store, alice._id, drafts.changed);
    const text = () => store.getState().drafts[conversationId]?.text ?? '';
    const type = (typed: string) =>
      store.getState().draftChanged(conversationId, { text: typed, replyTo: null });
    const close = () => {
      stop();
      drafts.stop();
    };
    return { store, clock, drafts, saves, text, type, stop: close };
  };
  beforeEach(() => localStorage.clear());

  it('that was written before the conversation was described is not taken away by that', () => {
    localStorage.setItem(
      `sori:draftrev:${alice._id}:${conversationId}`,
      JSON.stringify({ rev: 5, saved: true }),
    );
    const { store, drafts, text, type, stop } = openDrafts();
    type('hello');
    for (let times = 0; times < 2; times += 1) {
      store.getState().conversationsReceived([between()]);
      drafts.received(between());
    }
    expect(text()).toBe('hello');
    stop();
  });

  it('that was written before the conversation was described is newer than what another device wrote', () => {
    const { store, drafts, text, type, stop } = openDrafts();
    type('hello');
    const there = between({ draft: { text: 'from the phone, yesterday', rev: 7 } });
    store.getState().conversationsReceived([there]);
    drafts.received(there);
    expect(text()).toBe('hello');
    stop();
  });

  it('is asked about twice, however long ago something else was doubted there', async () => {
    const { store, clock, drafts, text, type, stop } = openDrafts();
    store.getState().conversationsReceived([between()]);
    const writes = async (typed: string) => {
      type(typed);
      clock.pass(1_000);
      await settle();
    };
    await writes('one');
    // Read before that was saved. Then it is sent, and there is nothing left to doubt.
    drafts.received(between());
    await writes('');
    drafts.received(between());
    await writes('two');
    drafts.received(between());
    expect(text()).toBe('two');
    stop();
  });

  it('goes on as it is typed here, whatever is heard late of what another tab had before', () => {
    const { store, text, type, stop } = openDrafts();
    store.getState().conversationsReceived([between()]);
    const row = `sori:draft:${alice._id}:${conversationId}`;
    const late = JSON.stringify({ text: 'hello', replyTo: null });
    localStorage.setItem(row, late);
    type('hello you');
    window.dispatchEvent(new StorageEvent('storage', { key: row, newValue: late }));
    expect(text()).toBe('hello you');
    store.getState().messageWritten({
      clientId: 'x',
      to: conversationId,
      lane: conversationId,
      text: text(),
      queuedAt: '',
    });
    window.dispatchEvent(new StorageEvent('storage', { key: row, newValue: late }));
    expect(text()).toBe('');
    stop();
  });

  it('is not saved as it was here by a tab that has still to hear that another one goes on', async () => {
    const { store, clock, saves, type, stop } = openDrafts();
    store.getState().conversationsReceived([between()]);
    type('h');
    const other = writeInOtherTab(alice._id, conversationId);
    other.writes('hello');
    clock.pass(1_000);
    await settle();
    expect(saves).toEqual([]);
    expect(draftMarks(alice._id).read(conversationId)?.saved).toBe(false);
    stop();
  });
});

describe('the outbox', () => {
  it('of a person with whom a conversation is known by now is read into that conversation', () => {
    const store = createAppStore();
    store.getState().signedIn(alice);
    store.getState().conversationsReceived([between()]);
    store.getState().outboxLoaded([
      {
        clientId: 'x',
        to: bob._id,
        lane: bob._id,
        text: 'hello',
        order: 1,
        queuedAt: '',
        state: 'failed',
        refused: { code: 'REFUSED', message: 'no' },
      },
    ]);
    expect(itemsOf(store.getState().outbox).map(({ lane }) => lane)).toEqual([conversationId]);
  });
});

describe('the list', () => {
  it('does not bring back what was taken away while the answer was on its way', async () => {
    const store = createAppStore();
    store.getState().signedIn(alice);
    const group = between({ kind: 'group', name: 'Group' });
    store.getState().conversationsReceived([group]);
    let answer: () => void = () => undefined;
    const list = createConversationList({
      store,
      clock: createFakeClock(),
      pace: createPace(createFakeClock()),
      api: {
        conversations: () =>
          new Promise((resolve) => (answer = () => resolve({ conversations: [group], next: null }))),
        conversation: () => Promise.reject(new Error('not asked')),
      },
      received: () => undefined,
      gone: () => undefined,
    });
    void list.load();
    list.forget(conversationId);
    store.getState().conversationGone(conversationId);
    answer();
    await settle();
    expect(store.getState().conversations).toEqual({});
    list.stop();
  });

  it('does not give a group its old name back', () => {
    const store = createAppStore();
    store.getState().signedIn(alice);
    store.getState().conversationsReceived([between({ kind: 'group', name: 'old', headSeq: 1 })]);
    store.getState().entriesApplied(conversationId, [
      {
        _id: 'e'.repeat(24),
        conversationId,
        seq: 2,
        at: said(2).createdAt,
        kind: 'title',
        senderId: bob._id,
        name: 'new',
      },
    ]);
    store.getState().conversationsReceived([between({ kind: 'group', name: 'old', headSeq: 1 })]);
    expect(store.getState().conversations[conversationId]?.conversation.name).toBe('new');
  });
});

describe('how far somebody has read', () => {
  it.each([
    ['read:set', createReadings, 'readAll'],
    ['delivered:set', createDeliveries, 'stored'],
  ] as const)(
    'is told again where the server could not store it just then: %s',
    async (name, create, say) => {
      const store = createAppStore();
      store.getState().signedIn(alice);
      store.getState().conversationsReceived([between({ headSeq: 2, unread: 2 })]);
      const clock = createFakeClock();
      const asked: string[] = [];
      const ask = ((what: string) => {
        asked.push(what);
        return asked.length === 1
          ? Promise.reject(new ApiError('UNAVAILABLE', 'The database is away'))
          : Promise.resolve({ readSeq: 2, deliveredSeq: 2 });
      }) as unknown as Ask;
      const sent = create({ store, ask, clock }) as unknown as Record<
        string,
        (id: string, seq: number) => void
      > & { stop: () => void };
      sent[say]?.(conversationId, 2);
      for (let seconds = 0; seconds < 60; seconds += 1) {
        clock.pass(1_000);
        await settle();
      }
      expect(asked).toEqual([name, name]);
      sent.stop();
    },
  );
});
