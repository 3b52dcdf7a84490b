import { requests } from '@sori/contract';
import { AppError } from '../core/errors.js';
import { alice, bob, type Live, message, startLive } from '../testing/live.js';
import type { Asking } from './answers.js';

const draft = { to: bob, message: ' hi ', clientId: 'once' };

describe('asking over several sockets', () => {
  it('is counted by the person: what is emitted to others, each kind by itself, and all of it together', async () => {
    const there = () => Promise.resolve({ readSeq: 1, deliveredSeq: 1 });
    const live = await startLive({
      limits: { eventsPerSocket10s: 2 },
      answers: { 'read:set': there, 'delivered:set': there, 'typing:set': () => Promise.resolve({}) },
    });
    const [one, two, bobs] = [await live.sori(alice), await live.sori(alice), await live.sori(bob)];
    const position = { conversationId: 'e'.repeat(24), seq: 1 };
    const limited = { ok: false, code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) as number };
    const tabs = [one, two, one, two];
    for (const tab of tabs) expect(await tab.ask('delivered:set', position)).toMatchObject({ ok: true });
    expect(await two.ask('delivered:set', position)).toMatchObject(limited);
    for (const tab of tabs) expect(await tab.ask('read:set', position)).toMatchObject({ ok: true });
    expect(await one.ask('read:set', position)).toMatchObject(limited);
    const typing = { conversationId: position.conversationId, typing: true };
    for (const tab of tabs) expect(await tab.ask('typing:set', typing)).toMatchObject({ ok: true });
    expect(await two.ask('typing:set', typing)).toMatchObject(limited);
    expect(await bobs.ask('read:set', position)).toMatchObject({ ok: true });
    // Fifteen of forty are spent.
    for (let times = 15; times < 40; times += 1)
      expect(await tabs[times % 2]?.ask('people:watch', { on: false })).toMatchObject({ ok: true });
    expect(await one.ask('people:watch', { on: false })).toMatchObject(limited);
    expect(await bobs.ask('people:watch', { on: false })).toMatchObject({ ok: true });
    await live.close();
  });
});

describe('asking over a socket', () => {
  let live: Live;
  let asked: { asking: Asking; input: unknown }[];
  let limit: (socketId: string) => Promise<void>;
  let forgetting: ((socketId: string) => void)[];
  beforeEach(async () => {
    asked = [];
    limit = () => Promise.resolve();
    forgetting = [];
    live = await startLive({
      eventLimit: {
        take: (socketId) => limit(socketId),
        forget: (socketId) => {
          for (const forgotten of forgetting) forgotten(socketId);
          return Promise.resolve();
        },
      },
      answers: {
        'message:send': (asking, input) => {
          asked.push({ asking, input });
          if (input.message === 'bug') return Promise.reject(new Error('secret'));
          if (input.message === 'unlisted') return Promise.reject(new AppError('USERNAME_TAKEN', 'Taken'));
          return Promise.resolve({ message: message(asking.userId, 1, input.message) });
        },
      },
    });
  });
  afterEach(() => live.close());

  it('is answered with what the handler gives, and the handler learns who asks from the session alone', async () => {
    const client = await live.sori(alice);
    const reply = await client.ask('message:send', { ...draft, userId: bob, senderId: bob });
    expect(reply).toEqual({ ok: true, message: message(alice, 1, 'hi') });
    expect(asked).toEqual([
      {
        asking: {
          userId: alice,
          sessionId: 'session-of-token-0',
          socketId: client.socket.id,
          speaksSori: true,
        },
        input: { to: bob, message: 'hi', clientId: 'once', attachments: [] },
      },
    ]);
  });

  it('is answered to tutorial clients too', async () => {
    const client = await live.tutorial(alice);
    expect(await client.ask('message:send', draft)).toMatchObject({ ok: true });
    expect(asked[0]?.asking).toMatchObject({ userId: alice, speaksSori: false });
  });

  it('is carried out even if the client does not wait for the answer', async () => {
    const client = await live.sori(alice);
    client.socket.emit('message:send', draft);
    await client.settled();
    expect(asked).toHaveLength(1);
  });

  it.each(Object.keys(requests))('for %s is validated before it is handled', async (name) => {
    const client = await live.sori(alice);
    const wrong = { conversationId: { $ne: null }, messageId: 7, to: [], userIds: 'all', on: 'yes' };
    expect(await client.ask(name, wrong)).toMatchObject({ ok: false, code: 'INVALID' });
    expect(asked).toEqual([]);
    expect(live.bugs).toEqual([]);
  });

  it.each([
    ['nothing', []],
    ['null', [null]],
    ['a number', [7]],
    ['a text', ['hi']],
    ['a list', [[draft]]],
    ['an object where a text belongs', [{ ...draft, message: { $ne: null } }]],
    ['a function before the payload', [() => undefined, draft]],
  ])('with %s is answered as invalid', async (_what, args) => {
    const client = await live.sori(alice);
    expect(await client.ask('message:send', ...args)).toMatchObject({
      ok: false,
      code: 'INVALID',
      error: expect.any(String) as unknown,
    });
    // And nothing is broken by asking it of a server that is not waited for.
    client.socket.emit('message:send', ...args);
    expect(await client.ask('message:send', draft)).toMatchObject({ ok: true });
    expect(asked).toHaveLength(1);
    expect(live.bugs).toEqual([]);
  });

  it('with more arguments than the payload uses the payload', async () => {
    const client = await live.sori(alice);
    expect(await client.ask('message:send', draft, 'and', { more: true })).toMatchObject({ ok: true });
  });

  it.each(['nonsense', 'message:sends', '__proto__', 'constructor', 'toString', 'error', ''])(
    'for the unknown event "%s" is answered as invalid, and ignored where no answer is waited for',
    async (name) => {
      const client = await live.sori(alice);
      client.socket.emit(name, draft);
      expect(await client.ask(name, draft)).toMatchObject({ ok: false, code: 'INVALID' });
      expect(client.socket.connected).toBe(true);
    },
  );

  it('with a text of a million characters is answered as too large, not cut off', async () => {
    const client = await live.sori(alice);
    const reply = await client.ask('message:send', { ...draft, message: 'x'.repeat(1_000_000) });
    expect(reply).toMatchObject({ ok: false, code: 'TOO_LARGE' });
    expect(client.socket.connected).toBe(true);
  });

  it('shows a bug to the log and not to the client', async () => {
    const client = await live.sori(alice);
    const reply = await client.ask('message:send', { ...draft, message: 'bug' });
    expect(reply).toEqual({ ok: false, code: 'INTERNAL', error: 'Something went wrong on our side' });
    expect(live.bugs).toEqual([new Error('secret')]);
  });

  it('is refused also where the table does not list the code, and that is reported as a bug', async () => {
    const client = await live.sori(alice);
    const reply = await client.ask('message:send', { ...draft, message: 'unlisted' });
    expect(reply).toEqual({ ok: false, code: 'USERNAME_TAKEN', error: 'Taken' });
    // Taken out: a code that is not listed fails every other test.
    expect(String(live.bugs.pop())).toBe('UnlistedCode: "message:send" may not answer USERNAME_TAKEN');
    expect(live.bugs).toEqual([]);
  });

  it('too often is answered with the time to wait, whatever was asked, and delays nobody else', async () => {
    const flooder = await live.sori(alice);
    const other = await live.sori(bob);
    const limited = new AppError('RATE_LIMITED', 'Too often', { retryAfterMs: 4_000 });
    const flooding = flooder.socket.io.engine.id;
    limit = (name) => (name === flooding ? Promise.reject(limited) : Promise.resolve());
    for (const name of ['message:send', 'nonsense', 'people:watch']) {
      expect(await flooder.ask(name, draft)).toEqual({
        ok: false,
        code: 'RATE_LIMITED',
        error: 'Too often',
        retryAfterMs: 4_000,
      });
    }
    for (let n = 0; n < 500; n += 1) flooder.socket.emit('message:send', draft);
    expect(await other.ask('message:send', draft)).toMatchObject({ ok: true });
    await flooder.settled();
    expect(asked).toHaveLength(1);
  });

  it('is no longer counted once the socket is gone, and costs no memory', async () => {
    const client = await live.sori(alice);
    const { id } = client.socket.io.engine;
    const forgotten = new Promise<string>((resolve) => forgetting.push(resolve));
    await client.ask('message:send', draft);
    client.socket.disconnect();
    expect(await forgotten).toBe(id);
  });
});

describe('watching people', () => {
  let live: Live;
  beforeEach(async () => {
    live = await startLive();
  });
  afterEach(() => live.close());
  const newcomer = { _id: bob, fullName: 'Bob', username: 'bob', profilePic: '/avatar' };

  it('emits newcomers to those whose search is open, and to no other tab', async () => {
    const open = await live.sori(alice);
    const closed = await live.sori(alice);
    const tutorial = await live.tutorial(alice);
    for (const client of [open, tutorial]) {
      expect(await client.ask('people:watch', { on: true })).toEqual({ ok: true });
    }
    live.emit.toWatchers('people', 'user:created', newcomer);
    expect(await open.next('user:created')).toEqual(newcomer);
    await Promise.all([closed.settled(), tutorial.settled()]);
    expect([...closed.all('user:created'), ...tutorial.all('user:created')]).toEqual([]);
  });

  it('ends when the search is closed', async () => {
    const client = await live.sori(alice);
    await client.ask('people:watch', { on: true });
    await client.ask('people:watch', { on: false });
    live.emit.toWatchers('people', 'user:created', newcomer);
    await client.settled();
    expect(client.all('user:created')).toEqual([]);
  });
});

describe('asking for heavy things', () => {
  const page = { entries: [], next: 0, headSeq: 0, epoch: 'first', more: false };
  const asked = { conversationId: 'e'.repeat(24), after: 0 };
  let live: Live;
  let begun: { userId: string; done: (more?: object) => void }[];
  let taken: number[];
  let began: () => void = () => undefined;
  beforeEach(async () => {
    begun = [];
    taken = [];
    live = await startLive({
      eventLimit: {
        take: (_socketId, cost = 1) => {
          taken.push(cost);
          return Promise.resolve();
        },
      },
      answers: {
        'entries:after': ({ userId }) =>
          new Promise((resolve) => {
            begun.push({ userId, done: (more) => resolve({ ...page, ...more }) });
            began();
          }),
        'message:send': ({ userId }) => Promise.resolve({ message: message(userId, 1) }),
      },
    });
  });
  afterEach(() => live.close());
  const atLeast = async (count: number): Promise<void> => {
    while (begun.length < count) await new Promise<void>((resolve) => (began = resolve));
  };

  it('makes a person wait for their own heavy requests on all their sockets, but not for their sends, and nobody else', async () => {
    const [one, two, other] = [await live.sori(alice), await live.sori(alice), await live.sori(bob)];
    const first = one.ask('entries:after', asked);
    const second = one.ask('entries:after', asked);
    await atLeast(1);
    const third = two.ask('entries:after', asked);
    expect(await two.ask('message:send', draft)).toMatchObject({ ok: true });
    expect(await one.ask('message:send', draft)).toMatchObject({ ok: true });
    const others = other.ask('entries:after', asked);
    await atLeast(2);
    expect(begun.map(({ userId }) => userId)).toEqual([alice, bob]);
    for (const count of [1, 2, 3, 4]) {
      await atLeast(count);
      begun[count - 1]?.done();
    }
    for (const reply of [first, second, third, others]) expect(await reply).toMatchObject({ ok: true });
  });

  it('drops the requests of a socket that has disconnected, and goes on with those of the person’s next socket', async () => {
    const [gone, here] = [await live.sori(alice), await live.sori(alice)];
    for (let time = 0; time < 5; time += 1) gone.socket.emit('entries:after', asked);
    await atLeast(1);
    const next = here.ask('entries:after', asked);
    await here.settled();
    const left = new Promise((resolve) =>
      live.io.sockets.sockets.get(gone.socket.id ?? '')?.once('disconnect', resolve),
    );
    gone.socket.disconnect();
    await left;
    begun[0]?.done();
    await atLeast(2);
    begun[1]?.done();
    expect(await next).toMatchObject({ ok: true });
    expect(begun).toHaveLength(2);
  });

  it('counts a large page as more than the event that asked for it', async () => {
    const one = await live.sori(alice);
    const reply = one.ask('entries:after', asked);
    await atLeast(1);
    begun[0]?.done({ entries: Array.from({ length: 350 }, () => ({})) });
    expect(await reply).toMatchObject({ ok: true });
    expect(taken).toEqual([1, 3]);
  });
});
