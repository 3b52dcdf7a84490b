import type { Typing } from '@sori/contract';
import { createTypings } from './typing.service.js';
import type { Client } from '../../testing/live.js';
import { type Someone, startServer, type TestServer } from '../../testing/server.js';

const set = (client: Client, conversationId: string, typing: unknown) =>
  client.ask('typing:set', { conversationId, typing });

describe('that somebody writes', () => {
  let server: TestServer;
  let alice: Someone;
  let bob: Someone;
  let conversationId: string;
  beforeAll(async () => {
    server = await startServer();
  });
  beforeEach(async () => {
    alice = await server.person('alice');
    bob = await server.person('bob');
    ({ conversationId } = await alice.say(bob._id, 'hello'));
  });
  afterEach(() => server.leave());
  afterAll(async () => {
    await server.close();
    expect(server.bugs()).toEqual([]);
  });

  it('reaches the other person on all devices, begun and ended, and not the own other tab', async () => {
    const [mine, myOther, phone, laptop] = await Promise.all(
      [alice, alice, bob, bob].map((one) => one.sori()),
    );
    if (!mine || !myOther || !phone || !laptop) throw new Error('nobody came');
    for (const typing of [true, false]) {
      expect(await set(mine, conversationId, typing)).toEqual({ ok: true });
      for (const device of [phone, laptop]) {
        expect(await device.next('typing')).toEqual({ conversationId, userId: alice._id, typing });
      }
    }
    await myOther.settled();
    expect(myOther.all('typing')).toEqual([]);
    await mine.settled();
    expect(mine.all('typing')).toEqual([]);
  });

  it('reaches no stranger, and no stranger can send it: the conversation is not found', async () => {
    const carol = await server.person('carol');
    await carol.say(bob._id, 'I know bob too');
    const [mine, stranger, other] = await Promise.all([alice.sori(), carol.sori(), bob.sori()]);
    await set(mine, conversationId, true);
    expect(await other.next('typing')).toMatchObject({ userId: alice._id });
    await stranger.settled();
    expect(stranger.all('typing')).toEqual([]);

    const refused = await set(stranger, conversationId, true);
    expect(refused).toMatchObject({ ok: false, code: 'NOT_FOUND' });
    // What is not there at all looks the same.
    expect(await set(stranger, 'f'.repeat(24), true)).toEqual(refused);
    await Promise.all([mine.settled(), other.settled()]);
    expect([...mine.all('typing'), ...other.all('typing')]).toEqual([]);
  });

  it('does not reach tutorial clients, who may send it all the same', async () => {
    const [tutorial, theirs, tab] = await Promise.all([bob.tutorial(), alice.tutorial(), bob.sori()]);
    expect(await set(theirs, conversationId, true)).toEqual({ ok: true });
    expect(await tab.next('typing')).toMatchObject({ typing: true });
    await tutorial.settled();
    expect(tutorial.all('typing')).toEqual([]);
  });

  it('is emitted once, however fast it is repeated, from however many tabs', async () => {
    const [one, two, other] = await Promise.all([alice.sori(), alice.sori(), bob.sori()]);
    const began = performance.now();
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => set(index % 2 === 0 ? one : two, conversationId, true)),
    );
    await other.settled();
    // Once for each three seconds that it took, less what a clock may be off: one, where nothing holds it up.
    const rounds = 1 + Math.floor((performance.now() - began) / 2_750);
    expect(rounds).toBeLessThan(10);
    const notices = other.all('typing').length;
    expect([notices > 0, notices <= rounds]).toEqual([true, true]);
  });

  it('is emitted again at once for somebody who has just sent a message', async () => {
    const [mine, other] = await Promise.all([alice.sori(), bob.sori()]);
    for (const text of ['one', 'two']) {
      await set(mine, conversationId, true);
      expect(await other.next('typing')).toMatchObject({ typing: true });
      await set(mine, conversationId, true);
      await mine.ask('message:send', { to: conversationId, message: text, clientId: text });
      await other.settled();
      expect(other.all('typing')).toEqual([]);
    }
  });

  it('ends after it began, even if both are sent in the same moment', async () => {
    const [mine, other] = await Promise.all([alice.sori(), bob.sori()]);
    await Promise.all([set(mine, conversationId, true), set(mine, conversationId, false)]);
    await other.settled();
    expect(other.all('typing').map((notice) => (notice as Typing).typing)).toEqual([true, false]);
  });

  it('is not emitted for somebody who switched that off, and ends where they do so while writing', async () => {
    const [mine, other] = await Promise.all([alice.sori(), bob.sori()]);
    await set(mine, conversationId, true);
    expect(await other.next('typing')).toMatchObject({ typing: true });
    await alice.call('PATCH', '/api/me/settings', { typing: false });
    await set(mine, conversationId, false);
    expect(await other.next('typing')).toMatchObject({ typing: false });

    const carol = await server.person('carol');
    const { conversationId: another } = await alice.say(carol._id, 'hi');
    const carolsTab = await carol.sori();
    expect(await set(mine, another, true)).toEqual({ ok: true });
    await carolsTab.settled();
    expect(carolsTab.all('typing')).toEqual([]);
    // Others still show them theirs.
    await set(carolsTab, another, true);
    expect(await mine.next('typing')).toMatchObject({ userId: carol._id });
  });

  it('is not stored in the log', async () => {
    const mine = await alice.sori();
    await set(mine, conversationId, true);
    const { body } = await bob.get<{ headSeq: number }>(
      `/api/conversations/${conversationId}/entries?after=0`,
    );
    expect(body).toMatchObject({ headSeq: 1, entries: [{ seq: 1 }] });
  });
});

describe('how often typing is emitted', () => {
  const caller = { userId: 'alice', sessionId: 'session' };
  const begin = () => {
    let now = 0;
    const emitted: [at: number, typing: boolean][] = [];
    const typings = createTypings({
      audienceFor: () =>
        Promise.resolve({
          conversationId: 'lobby',
          kind: 'direct',
          participants: ['alice', 'bob'],
          membersVersion: 0,
        }),
      relationsOf: () => Promise.resolve({ blocks: new Set(), blockedBy: new Set() }),
      shows: () => Promise.resolve(true),
      emit: {
        toOthersIn: (_audience, _except, _name, notice) => emitted.push([now, (notice as Typing).typing]),
      },
      now: () => now,
    });
    const say = (at: number, typing: boolean, conversationId = 'lobby') => {
      now = at;
      return typings.set(caller, { conversationId, typing });
    };
    return { emitted, say };
  };

  it('is every three seconds, not more often on the whole though one may come a moment early', async () => {
    const { emitted, say } = begin();
    for (let at = 0; at <= 12_000; at += 50) await say(at, true);
    expect(emitted.map(([at]) => at)).toEqual([0, 2_750, 5_750, 8_750, 11_750]);
  });

  it('is not more often for those who stop and begin again; each stop is emitted at once', async () => {
    const { emitted, say } = begin();
    for (let at = 0; at < 2_700; at += 100) await say(at, at % 200 === 0);
    expect(emitted).toEqual([
      [0, true],
      [100, false],
    ]);
    await say(3_000, true);
    expect(emitted.at(-1)).toEqual([3_000, true]);
  });

  it('is counted in each conversation for itself', async () => {
    const { emitted, say } = begin();
    await say(0, true, 'lobby');
    await say(1, true, 'kitchen');
    expect(emitted).toHaveLength(2);
  });

  it('is never for somebody who stops without having begun', async () => {
    const { emitted, say } = begin();
    await say(0, false);
    expect(emitted).toEqual([]);
  });
});
