import { ApiError, type Ask, withChanges } from '@sori/client';
import { alice, between, bob, conversationId, said, entryOf } from '@sori/client/testing';
import type { Message } from '@sori/contract';
import { createMemoryChanges, type ChangesStorage } from './changesStorage';
import { createAppStore } from '../../session/appStore';
import { createFakeClock, settle } from '../../testing/clock';
import { createChanges } from './changes';

type Asked = { name: string; input: { clientId: string }; answer: (message: Message | ApiError) => void };

const open = (storage: Promise<ChangesStorage> | null = null) => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  store.getState().conversationsReceived([between({ headSeq: 0 })]);
  store.getState().conversationBegun(conversationId);
  store.getState().entriesApplied(conversationId, [entryOf(said(1, alice)), entryOf(said(2, bob))]);
  const clock = createFakeClock();
  const asked: Asked[] = [];
  const ask = ((name: string, input: Asked['input']) =>
    new Promise<{ message: Message }>((done, failed) =>
      asked.push({
        name,
        input,
        answer: (answer) => (answer instanceof ApiError ? failed(answer) : done({ message: answer })),
      }),
    )) as unknown as Ask;
  const changes = createChanges({ store, ask, clock, isConnected: () => true, storage });
  const shown = (seq: number) => {
    const { windows, changes: pending } = store.getState();
    const message = windows[conversationId]?.messages.find((one) => one.seq === seq) ?? said(seq);
    return withChanges(message, pending[message._id] ?? [], alice._id);
  };
  return { store, clock, asked, changes, shown };
};

describe('what a person does to a message', () => {
  it('shows at once, and is the stored one in the same step in which that comes', async () => {
    const { changes, asked, shown, store } = open();
    const done = changes.make(said(1, alice), { kind: 'edit', text: 'better' });
    expect(shown(1)).toMatchObject({ message: 'better', _id: said(1)._id });
    const seen: string[] = [];
    store.subscribe(() => seen.push(shown(1).message));
    asked[0]?.answer({ ...said(1, alice), message: 'better', updatedAt: '2025-03-09T12:00:00Z' });
    await done;
    expect(seen).toEqual(['better']);
    expect(store.getState().changes).toEqual({});
  });

  it('is as it was before where the server refuses it, and says why', async () => {
    const { changes, asked, shown } = open();
    const done = changes.make(said(2, bob), { kind: 'pin', pinned: true });
    expect(shown(2).pinnedAt).toBeDefined();
    asked[0]?.answer(new ApiError('FORBIDDEN', 'no'));
    await expect(done).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(shown(2).pinnedAt).toBeUndefined();
  });

  it('gives the new words of a refused edit back, and those of no other change', async () => {
    const { changes, asked, store } = open();
    const edited = changes.make(said(1, alice), { kind: 'edit', text: 'better' });
    const pinned = changes.make(said(2, bob), { kind: 'pin', pinned: true });
    for (const { answer } of asked) answer(new ApiError('NOT_FOUND', 'deleted meanwhile'));
    await expect(edited).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(pinned).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(store.getState().edits).toEqual({
      [conversationId]: [{ messageId: said(1)._id, text: 'better', before: said(1).message }],
    });
  });

  it('is asked again as the same thing where the answer was lost, at the latest with the next connection', async () => {
    const { changes, asked, clock } = open();
    const done = changes.make(said(2, bob), { kind: 'react', emojis: ['👍'] });
    asked[0]?.answer(new ApiError('NO_ANSWER', 'lost'));
    await settle();
    clock.pass(1_000);
    expect(asked[1]?.input).toEqual(asked[0]?.input);
    asked[1]?.answer(new ApiError('UNAVAILABLE', 'away'));
    await settle();
    changes.resume();
    expect(asked).toHaveLength(3);
    asked[2]?.answer(said(2, bob, { reactions: [{ emoji: '👍', count: 1, userIds: [alice._id] }] }));
    await done;
  });

  it('goes one after the other for one message, and does not wait for other messages', async () => {
    const { changes, asked, shown } = open();
    const done = [
      changes.make(said(2, bob), { kind: 'react', emojis: ['👍'] }),
      changes.make(said(2, bob), { kind: 'react', emojis: ['👍', '🎉'] }),
      changes.make(said(1, alice), { kind: 'delete' }),
    ];
    expect(asked.map(({ name }) => name)).toEqual(['message:react', 'message:delete']);
    expect(shown(2).reactions.map(({ emoji }) => emoji)).toEqual(['👍', '🎉']);
    expect(shown(1)).toMatchObject({ message: '', reactions: [] });
    asked[0]?.answer(said(2, bob));
    asked[1]?.answer(said(1, alice, { message: '', deletedAt: '2025-03-09T12:00:00Z' }));
    await settle();
    asked[2]?.answer(said(2, bob));
    await Promise.all(done);
  });

  it('counts for one among very many, of whom only the first are named', () => {
    const { changes, shown, store } = open();
    const others = ['one', 'two'];
    const many = (more: string[]) => ({
      emoji: '👍',
      count: 70 + more.length,
      userIds: [...others, ...more],
    });
    store.getState().entriesApplied(conversationId, [entryOf(said(3, bob, { reactions: [many([])] }))]);
    const waits = [changes.make(said(3, bob), { kind: 'react', emojis: ['👍'] })];
    expect(shown(3).reactions).toEqual([many([alice._id])]);
    waits.push(changes.make(said(3, bob), { kind: 'react', emojis: [] }));
    expect(shown(3).reactions).toEqual([many([])]);
    changes.stop();
    return Promise.allSettled(waits);
  });

  it('is given up when the person signs out, and never asked later', async () => {
    const { changes, asked, clock } = open();
    const done = changes.make(said(1, alice), { kind: 'delete' });
    changes.stop();
    await expect(done).rejects.toMatchObject({ code: 'ABORTED' });
    asked[0]?.answer(new ApiError('NO_ANSWER', 'lost'));
    await settle();
    clock.pass(60_000);
    expect(asked).toHaveLength(1);
  });

  it('survives a reload, and is done before what is done afterwards', async () => {
    const storage = createMemoryChanges();
    const before = open(storage(alice._id));
    before.changes.make(said(1, alice), { kind: 'edit', text: 'better' }).catch(() => undefined);
    before.changes.make(said(2, bob), { kind: 'react', emojis: ['👍'] }).catch(() => undefined);
    await settle();
    before.changes.stop();

    const after = open(storage(alice._id));
    const done = after.changes.make(said(1, alice), { kind: 'edit', text: 'best' });
    await settle();
    expect(after.shown(1).message).toBe('best');
    expect(after.shown(2).reactions).toEqual([{ emoji: '👍', count: 1, userIds: [alice._id] }]);
    expect(after.asked.map(({ input }) => input)).toMatchObject([{ message: 'better' }, { emojis: ['👍'] }]);
    const ids = (tab: typeof after) => tab.asked.slice(0, 2).map(({ input: { clientId } }) => clientId);
    expect(ids(after)).toEqual(ids(before));
    after.asked[0]?.answer({ ...said(1, alice), message: 'better' });
    after.asked[1]?.answer(said(2, bob));
    await settle();
    expect(after.asked[2]?.input).toMatchObject({ message: 'best' });
    after.asked[2]?.answer({ ...said(1, alice), message: 'best' });
    await done;
    await settle();
    expect(await (await storage(alice._id)).load()).toEqual([]);
  });

  it('is forgotten where the server refuses it, also by the device', async () => {
    const storage = createMemoryChanges();
    const { changes, asked } = open(storage(alice._id));
    const done = changes.make(said(2, bob), { kind: 'pin', pinned: true });
    await settle();
    asked[0]?.answer(new ApiError('FORBIDDEN', 'no'));
    await expect(done).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await settle();
    expect(await (await storage(alice._id)).load()).toEqual([]);
  });

  it('is done where the browser never gives back what it kept, and what comes late is not done over it', async () => {
    const memory = createMemoryChanges();
    const kept = await memory(alice._id);
    const change = (seq: number, text: string) => ({
      clientId: `kept ${seq}`,
      conversationId,
      messageId: said(seq)._id,
      change: { kind: 'edit', text } as const,
      askedAt: '2025-03-09T11:00:00Z',
      order: seq,
    });
    await kept.put(change(1, 'older'));
    await kept.put(change(2, 'not overtaken'));
    let answer: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const { changes, clock, asked } = open(answered.then(() => kept));
    void changes.make(said(1, alice), { kind: 'edit', text: 'newer' });
    await settle();
    expect(asked).toEqual([]);
    clock.pass(5_000);
    await settle();
    expect(asked.map(({ input }) => input)).toMatchObject([{ message: 'newer' }]);
    answer();
    await settle();
    expect(asked.map(({ input }) => input)).toMatchObject([
      { message: 'newer' },
      { message: 'not overtaken' },
    ]);
    expect((await kept.load()).map(({ clientId }) => clientId)).not.toContain('kept 1');
  });
});
