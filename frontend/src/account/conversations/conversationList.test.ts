import { ApiError, createPace } from '@sori/client';
import { alice, between, conversationId } from '@sori/client/testing';
import type { Conversation } from '@sori/contract';
import { createAppStore } from '../../session/appStore';
import { createFakeClock, settle } from '../../testing/clock';
import { createConversationList } from './conversationList';
import type { ListPage } from './listPages';

/** The list of somebody whose page knows one conversation, and has asked for it as it is now. */
const open = () => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  store.getState().conversationsReceived([between()]);
  const clock = createFakeClock();
  const asked: { answer: (conversation: Conversation) => void; refuse: () => void }[] = [];
  const gone: string[] = [];
  const list = createConversationList({
    store,
    clock,
    pace: createPace(clock),
    api: {
      conversations: () => Promise.reject(new Error('Nobody asks for the list')),
      conversation: () =>
        new Promise((answer, reject) =>
          asked.push({ answer, refuse: () => reject(new ApiError('NOT_FOUND', 'Not found')) }),
        ),
    },
    received: () => undefined,
    gone: (id) => gone.push(id),
  });
  list.refresh(conversationId, 0);
  clock.pass(0);
  return { store, asked, gone };
};

const idOf = (number: number) => number.toString(16).padStart(24, '0');
const many = (count: number) =>
  Array.from({ length: count }, (_, index) => between({ _id: idOf(index + 1), kind: 'group' }));

/** The list of somebody who has many conversations; each question for one of them, or for a page, is noted. */
const openLong = () => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  const clock = createFakeClock();
  const [ones, pages]: [string[], (string | undefined)[]] = [[], []];
  const sinces: (string | undefined)[] = [];
  const answers: ((page: Page) => Promise<void>)[] = [];
  const list = createConversationList({
    store,
    clock,
    pace: createPace(clock),
    api: {
      conversations: ({ before, since }) => {
        pages.push(before);
        sinces.push(since);
        return new Promise((done) =>
          answers.push(async (page) => {
            done(page);
            await settle();
          }),
        );
      },
      conversation: (id) => {
        ones.push(id);
        return Promise.resolve(between({ _id: id, kind: 'group' }));
      },
    },
    received: () => undefined,
    gone: () => undefined,
  });
  return { store, clock, list, ones, pages, sinces, answers };
};
type Page = ListPage;

describe('many conversations', () => {
  it('are asked for a few each second where one by one is the only way', async () => {
    const { clock, list, ones } = openLong();
    for (const { _id } of many(60)) list.refresh(_id);
    clock.pass(150);
    await settle();
    expect(ones).toHaveLength(5);
    clock.pass(10_000);
    await settle();
    expect(ones).toHaveLength(55);
    clock.pass(1_000);
    await settle();
    expect(ones).toEqual(many(60).map(({ _id }) => _id));
    list.stop();
  });

  it('are not asked for one by one while the list is on its way again and may bring them', async () => {
    const { store, list, ones, answers } = openLong();
    void list.load();
    await answers[0]?.({ conversations: [], next: null });
    void list.load();
    for (const { _id } of many(3)) list.want(_id);
    expect(ones).toEqual([]);
    await answers[1]?.({ conversations: many(2), next: null });
    expect(ones).toEqual([idOf(3)]);
    expect(Object.keys(store.getState().conversations)).toHaveLength(3);
    list.stop();
  });

  it('come page after page, each when the one before is there, and no more than a few each second', async () => {
    const { clock, list, pages, answers } = openLong();
    void list.load();
    for (let page = 0; page < 10; page += 1)
      await answers[page]?.({ conversations: [], next: `page ${page + 1}` });
    expect(pages).toHaveLength(6);
    clock.pass(1_000);
    await settle();
    expect(pages).toHaveLength(7);
    expect(pages.slice(0, 3)).toEqual([undefined, 'page 1', 'page 2']);
    list.stop();
  });
});

describe('the list after the connection was away', () => {
  const [first, second] = [many(4).slice(0, 2), many(4).slice(2)];
  /** Held whole, in two pages, as it was at noon. */
  const openWhole = async (said: Partial<ListPage> = { asOf: 'noon' }) => {
    const opened = openLong();
    const { list, answers, pages } = opened;
    void list.load();
    await answers[0]?.({ conversations: first, next: 'page 2', ...said });
    await answers[1]?.({ conversations: second, next: null });
    expect(pages).toEqual([undefined, 'page 2']);
    return opened;
  };

  it('is asked for with its first page, and beyond that for what of the own changed elsewhere', async () => {
    const { store, list, ones, pages, sinces, answers } = await openWhole();
    void list.renew();
    const named = between({ _id: idOf(1), kind: 'group', name: 'renamed' });
    const changed = [idOf(1), idOf(3), idOf(99)];
    await answers[2]?.({ conversations: [named], next: 'page 2', asOf: 'one', changed });
    expect(pages).toEqual([undefined, 'page 2', undefined]);
    expect(sinces).toEqual([undefined, undefined, 'noon']);
    // It came with the page; the third did not; the last is not in the list, and the heads tell whether it is new.
    expect(ones).toEqual([idOf(3)]);
    expect(store.getState().conversations[idOf(1)]?.conversation.name).toBe('renamed');
    expect(Object.keys(store.getState().conversations)).toHaveLength(4);
    expect(store.getState().list).toMatchObject({ state: 'ready', next: null });
    void list.renew();
    expect(sinces[3]).toBe('one');
    list.stop();
  });

  it('is asked for page after page where very much changed, where it was never there, or who is asked cannot say', async () => {
    const changed = many(103).map(({ _id }) => _id);
    const much = await openWhole();
    much.store.getState().conversationsReceived(many(103));
    void much.list.renew();
    await much.answers[2]?.({ conversations: first, next: 'page 2', asOf: 'one', changed });
    await much.answers[3]?.({ conversations: many(103).slice(2), next: null });
    expect(much.pages).toEqual([undefined, 'page 2', undefined, 'page 2']);
    expect(much.ones).toEqual([]);
    much.list.stop();

    const older = await openWhole({});
    void older.list.renew();
    await older.answers[2]?.({ conversations: first, next: 'page 2' });
    expect(older.pages).toEqual([undefined, 'page 2', undefined, 'page 2']);
    older.list.stop();

    const half = openLong();
    void half.list.load();
    await half.answers[0]?.({ conversations: first, next: 'page 2', asOf: 'noon' });
    void half.list.renew();
    expect(half.sinces).toEqual([undefined, undefined]);
    half.list.stop();
  });

  it('comes whole where the database has begun another life while it was on its way', async () => {
    const { store, list, pages, sinces, answers, ones } = await openWhole();
    void list.renew();
    store.getState().conversationsForgotten();
    void list.load();
    const [late, early] = [many(6).slice(0, 3), many(6).slice(3)];
    // Asked in the old life: it says nothing of what the new one has beyond the first page.
    await answers[2]?.({ conversations: first, next: 'page 2', asOf: 'one', changed: [] });
    await answers[3]?.({ conversations: late, next: 'other page 2', asOf: 'two' });
    await answers[4]?.({ conversations: early, next: null });
    expect(pages.slice(2)).toEqual([undefined, undefined, 'other page 2']);
    expect(sinces.slice(2)).toEqual(['noon', undefined, undefined]);
    expect(Object.keys(store.getState().conversations)).toHaveLength(6);
    expect(ones).toEqual([]);
    void list.renew();
    expect(sinces[5]).toBe('two');
    list.stop();
  });

  it('has no gap where another life of the database began between two of its pages', async () => {
    const { store, list, pages, answers } = openLong();
    void list.load();
    await answers[0]?.({ conversations: first, next: 'page 2', asOf: 'noon' });
    store.getState().conversationsForgotten();
    void list.load();
    await answers[1]?.({ conversations: [], next: null });
    await answers[2]?.({ conversations: first, next: null, asOf: 'one' });
    expect(pages).toEqual([undefined, 'page 2', undefined]);
    expect(Object.keys(store.getState().conversations)).toHaveLength(2);
    list.stop();
  });

  it('is renewed once more where the connection came back while it was on its way', async () => {
    const { list, ones, pages, sinces, answers } = openLong();
    void list.load();
    await answers[0]?.({ conversations: first, next: 'page 2', asOf: 'noon' });
    let isRenewed = false;
    void list.renew().then(() => (isRenewed = true));
    void list.renew();
    await answers[1]?.({ conversations: second, next: null });
    expect(isRenewed).toBe(false);
    await answers[2]?.({ conversations: first, next: 'page 2', asOf: 'one', changed: [idOf(3)] });
    expect(pages).toEqual([undefined, 'page 2', undefined]);
    expect(sinces).toEqual([undefined, undefined, 'noon']);
    expect(ones).toEqual([idOf(3)]);
    expect(isRenewed).toBe(true);
    list.stop();
  });

  it('lets go of what the heads do not name any more, and of nothing before it is whole', async () => {
    const early = openLong();
    void early.list.load();
    await early.answers[0]?.({ conversations: first, next: 'page 2', asOf: 'noon' });
    early.list.headsReceived({ epoch: 'e', heads: [] });
    expect(early.ones).toEqual([]);
    early.list.stop();

    const { list, ones } = await openWhole();
    const heads = [1, 2, 4].map((number) => ({ conversationId: idOf(number), headSeq: 1 }));
    list.headsReceived({ epoch: 'e', heads });
    expect(ones).toEqual([idOf(3)]);
    list.stop();
  });

  it('has what is shown asked for once: who read how far was told to nobody', async () => {
    const { list, ones, answers } = await openWhole();
    list.opened(idOf(4));
    expect(ones).toEqual([]);
    void list.renew();
    await answers[2]?.({ conversations: first, next: 'page 2', asOf: 'one', changed: [] });
    list.opened(idOf(1));
    list.opened(idOf(4));
    await settle();
    list.opened(idOf(4));
    expect(ones).toEqual([idOf(4)]);
    list.stop();
  });
});

describe('a conversation that the server does not know', () => {
  it('is let go of', async () => {
    const { asked, gone } = open();
    asked[0]?.refuse();
    await settle();
    expect(gone).toEqual([conversationId]);
    expect(asked).toHaveLength(1);
  });

  it('is asked for once more where it was told of since: somebody is taken in again', async () => {
    const { store, asked, gone } = open();
    store.getState().conversationsReceived([between({ headSeq: 7 })]);
    asked[0]?.refuse();
    await settle();
    expect(gone).toEqual([]);
    asked[1]?.answer(between({ headSeq: 8 }));
    await settle();
    expect(store.getState().conversations[conversationId]?.conversation.headSeq).toBe(8);
    expect(gone).toEqual([]);
  });
});
