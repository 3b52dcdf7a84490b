import { ApiError } from '@sori/client';
import { alice, between, bob } from '@sori/client/testing';
import { versions, type Bootstrap } from '@sori/contract';
import { createAppStore } from '../session/appStore';
import { createFakeClock, settle } from '../testing/clock';
import { createBeginning } from './beginning';

const bootstrapOf = (more: Partial<Bootstrap> = {}): Bootstrap => ({
  me: alice,
  settings: { receipts: true, typing: true, language: null },
  blocks: [],
  admin: false,
  conversations: [between()],
  next: null,
  people: [bob],
  versions,
  ...more,
});

const open = (begun: Bootstrap | null = null) => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  const clock = createFakeClock();
  const asked: { limit: number | undefined; answer: (answer: Bootstrap | ApiError) => Promise<void> }[] = [];
  const others: string[] = [];
  const oldest: number[] = [];
  const said: number[] = [];
  const beginning = createBeginning({
    store,
    clock,
    account: alice._id,
    begun,
    versionsReceived: ({ oldestBuild }) => oldest.push(oldestBuild),
    isSomebodyElse: ({ _id }) => others.push(_id),
    said: () => said.push(clock.now()),
    api: {
      conversations: () => Promise.reject(new Error('Nobody asks for a later page')),
      bootstrap: ({ limit }) =>
        new Promise((done, failed) =>
          asked.push({
            limit,
            answer: async (answer) => {
              if (answer instanceof ApiError) failed(answer);
              else done(answer);
              await settle();
            },
          }),
        ),
    },
  });
  return { store, clock, asked, others, oldest, said, beginning };
};

describe('what a page begins with', () => {
  it('comes with the first page of the list: one question for all', async () => {
    const { store, asked, oldest, beginning } = open();
    const page = beginning.conversations({ limit: 100 });
    await asked[0]?.answer(bootstrapOf({ blocks: [bob._id], admin: true, next: 'later' }));
    expect(oldest).toEqual([versions.oldestBuild]);
    expect(await page).toEqual({ conversations: [between()], next: 'later' });
    expect(store.getState()).toMatchObject({ admin: true, settings: bootstrapOf().settings });
    expect(store.getState().blocked.has(bob._id)).toBe(true);
    expect(store.getState().people[bob._id]).toEqual(bob);
    expect(asked).toHaveLength(1);
  });

  it('is not asked for again where it came with the answer to who is signed in', async () => {
    const { store, asked, beginning } = open(bootstrapOf({ admin: true }));
    expect((await beginning.conversations({ limit: 100 })).conversations).toHaveLength(1);
    expect(store.getState().admin).toBe(true);
    expect(asked).toHaveLength(0);
    void beginning.conversations({ limit: 100 });
    expect(asked).toHaveLength(1);
  });

  it('says whose it is to a connection that opens at the same time, which need not ask', async () => {
    const { asked, said, beginning } = open();
    expect(beginning.whose()).toBeNull();
    void beginning.conversations({ limit: 100 });
    const whose = beginning.whose();
    await asked[0]?.answer(bootstrapOf());
    expect(await whose).toEqual(alice);
    expect(said).toHaveLength(1);
    expect(beginning.whose()).toBeNull();
  });

  it('does not undo what was told meanwhile, and is asked for anew, the rest of it counts', async () => {
    const { store, asked, beginning } = open();
    beginning.refresh();
    store.getState().blockReceived({ userId: bob._id, blocked: true });
    await asked[0]?.answer(bootstrapOf({ admin: true }));
    expect(store.getState().blocked.has(bob._id)).toBe(true);
    expect(store.getState().admin).toBe(true);
    expect(asked).toHaveLength(2);
    await asked[1]?.answer(bootstrapOf({ blocks: [], admin: true }));
    expect(store.getState().blocked.has(bob._id)).toBe(false);
    expect(asked).toHaveLength(2);
  });

  it('is what the later of two questions was answered, in whatever order they are', async () => {
    for (const first of [0, 1]) {
      const { store, asked, beginning } = open();
      void beginning.conversations({ limit: 100 });
      beginning.refresh();
      const answers = [bootstrapOf({ blocks: [] }), bootstrapOf({ blocks: [bob._id] })] as const;
      for (const which of [first, 1 - first]) await asked[which]?.answer(answers[which === 0 ? 0 : 1]);
      expect(store.getState().blocked.has(bob._id)).toBe(true);
      expect(asked).toHaveLength(2);
    }
  });

  it('does not take a change of this moment for an earlier answer', async () => {
    const { store, asked, beginning } = open();
    void beginning.conversations({ limit: 100 });
    beginning.refresh();
    await asked[0]?.answer(bootstrapOf());
    store.getState().settingsReceived({ receipts: false, typing: true, language: null });
    await asked[1]?.answer(bootstrapOf());
    expect(store.getState().settings?.receipts).toBe(false);
    expect(asked).toHaveLength(3);
  });

  it('is asked for again after the time the server says, without an end to the session', async () => {
    const { store, clock, asked, beginning } = open();
    beginning.refresh();
    await asked[0]?.answer(new ApiError('RATE_LIMITED', 'Not so fast', { retryAfterMs: 7_000 }));
    clock.pass(6_900);
    expect(asked).toHaveLength(1);
    clock.pass(200);
    expect(asked).toHaveLength(2);
    await asked[1]?.answer(bootstrapOf({ admin: true }));
    expect(store.getState()).toMatchObject({ status: 'signedIn', admin: true });
    expect(clock.waiting()).toBe(0);
  });

  it('is asked for again once, however often the connection came back meanwhile', async () => {
    const { clock, asked, beginning } = open();
    for (let turn = 0; turn < 3; turn += 1) beginning.refresh();
    for (let turn = 0; turn < 3; turn += 1) await asked[turn]?.answer(new ApiError('BUSY', 'Busy'));
    expect(clock.waiting()).toBe(1);
    beginning.stop();
    expect(clock.waiting()).toBe(0);
  });

  it('is not taken where it is somebody else’s: they signed in beside this tab', async () => {
    const { store, asked, others, beginning } = open();
    const page = beginning.conversations({ limit: 100 });
    await Promise.all([
      expect(page).rejects.toMatchObject({ code: 'ABORTED' }),
      asked[0]?.answer(bootstrapOf({ me: bob, admin: true })),
    ]);
    expect(others).toEqual([bob._id]);
    expect(store.getState().admin).toBeNull();
  });

  it('is not taken any more when the session is over', async () => {
    const { store, asked, beginning } = open();
    beginning.refresh();
    beginning.stop();
    await asked[0]?.answer(bootstrapOf({ admin: true }));
    expect(store.getState().admin).toBeNull();
  });
});
