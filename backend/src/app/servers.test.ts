import type { Conversation, Message, Person, ReadNotice } from '@sori/contract';
import { createClient } from 'redis';
import type { Client } from '../testing/live.js';
import { until } from '../testing/program.js';
import { startRedis, type TestRedis } from '../testing/redis.js';
import { type Someone, startServer, type TestServer } from '../testing/server.js';

let redis: TestRedis;
let first: TestServer;
let second: TestServer;
let third: TestServer;
const servers = (): TestServer[] => [first, second, third];

beforeAll(async () => {
  redis = await startRedis();
  const on = (name: string) => ({ settings: { REDIS_URL: redis.url, SERVER_ID: name } });
  first = await startServer(on('first'));
  second = await startServer({ engine: first.engine, ...on('second') });
  third = await startServer({ engine: first.engine, ...on('third') });
  for (const server of servers()) await isReady(server);
});
afterAll(async () => {
  for (const server of [third, second, first]) await server.close();
  await redis.stop();
  for (const server of servers()) expect(server.bugs()).toEqual([]);
});

/** It hears what the others publish, or knows that it does not. */
async function isReady(server: TestServer, degraded?: string[]): Promise<void> {
  const wanted = JSON.stringify({ ok: true, ...(degraded && { degraded }) });
  await until(async () => JSON.stringify((await server.ask('/readyz')).body) === wanted);
}

const group = async (owner: Someone, ...others: Someone[]): Promise<string> => {
  const { status, body } = await owner.post<{ _id: string }>('/api/conversations', {
    kind: 'group',
    name: 'team',
    memberIds: others.map(({ _id }) => _id),
  });
  expect(status).toBe(201);
  return body._id;
};

describe('what is written on one server', () => {
  it('reaches the other person on another, and the sender’s own tab on a third, once', async () => {
    const [alice, bob] = await first.people('alice', 'bob');
    const bobs = await (await second.elsewhere(bob)).sori();
    const hers = await (await third.elsewhere(alice)).sori();
    const sent = await alice.say(bob._id, 'are you there?');
    for (const client of [bobs, hers]) {
      expect(((await client.next('newMessage')) as Message).message).toBe('are you there?');
    }
    const changed = await alice.call('PATCH', `/api/messages/${sent._id}`, { message: 'are you there now?' });
    expect(changed.status).toBe(200);
    for (const client of [bobs, hers]) {
      expect(await client.next('entry')).toMatchObject({
        kind: 'edit',
        target: { message: 'are you there now?' },
      });
      await client.settled();
      expect(client.all('newMessage')).toEqual([]);
      expect(client.all('entry')).toEqual([]);
    }
  });

  it('reaches the members of a group on three servers each once', async () => {
    const [ann, ben, cem] = await first.people('ann', 'ben', 'cem');
    const writers = await Promise.all(
      [ann, ben, cem].map((one, at) => (servers()[at] ?? first).elsewhere(one)),
    );
    const clients = await Promise.all(writers.map((writer) => writer.sori()));
    const id = await group(ann, ben, cem);
    await Promise.all(
      writers.flatMap((writer) => Array.from({ length: 10 }, (_, turn) => writer.say(id, `${turn}`))),
    );
    for (const client of clients) {
      const seqs: number[] = [];
      while (seqs.length < 30) seqs.push(((await client.next('newMessage')) as Message).seq);
      const firstSeq = Math.min(...seqs);
      // Those of one server come in order; what another one stored may be a moment behind or ahead of it.
      expect([...seqs].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, at) => firstSeq + at));
    }
  });
});

/** What a client receives of this name that fits, however much else comes before. */
async function nextThat<Notice>(
  client: Client,
  name: string,
  fits: (notice: Notice) => boolean,
): Promise<Notice> {
  for (;;) {
    const notice = (await client.next(name)) as Notice;
    if (fits(notice)) return notice;
  }
}

describe('people on other servers', () => {
  it('are known to whoever watches for new ones', async () => {
    const [alice] = await first.people('alice');
    const hers = await alice.sori();
    await hers.ask('people:watch', { on: true });
    const [bob] = await second.people('newcomer');
    await nextThat<Person>(hers, 'user:created', ({ _id }) => _id === bob._id);
  });

  it('are seen to come, and to go once their last connection on any server is gone', async () => {
    const [alice, bob] = await first.people('alice', 'bob');
    await alice.say(bob._id, 'hello');
    const hers = await alice.sori();
    const [onSecond, onThird] = [await second.elsewhere(bob), await third.elsewhere(bob)];
    const his = await onSecond.sori();
    expect(await hers.next('presence')).toEqual({ online: [bob._id], offline: [] });
    const hisOther = await onThird.sori();
    expect(await hisOther.next('getOnlineUsers')).toEqual([alice._id]);
    his.socket.disconnect();
    expect((await alice.get(`/api/users?ids=${bob._id}`)).status).toBe(200);
    hisOther.socket.disconnect();
    expect(await hers.next('presence')).toEqual({ online: [], offline: [bob._id] });
    expect(hers.all('presence')).toEqual([]);
  });

  it('are not shown to whom they block, and shown again', async () => {
    const [alice, bob] = await first.people('alice', 'bob');
    await alice.say(bob._id, 'hello');
    const hers = await alice.sori();
    const there = await second.elsewhere(bob);
    await there.sori();
    expect(await hers.next('presence')).toEqual({ online: [bob._id], offline: [] });
    const onThird = await third.elsewhere(bob);
    expect((await onThird.call('PUT', `/api/users/${alice._id}/block`)).status).toBeLessThan(300);
    expect(await hers.next('presence')).toEqual({ online: [], offline: [bob._id] });
    expect((await onThird.call('DELETE', `/api/users/${alice._id}/block`)).status).toBeLessThan(300);
    expect(await hers.next('presence')).toEqual({ online: [bob._id], offline: [] });
  });

  it('are seen to write and to read', async () => {
    const [alice, bob] = await first.people('alice', 'bob');
    const { conversationId, seq } = await alice.say(bob._id, 'hello');
    const hers = await alice.sori();
    const his = await (await second.elsewhere(bob)).sori();
    await his.ask('typing:set', { conversationId, typing: true });
    expect(await hers.next('typing')).toEqual({ conversationId, userId: bob._id, typing: true });
    await his.ask('read:set', { conversationId, seq });
    expect(await nextThat<ReadNotice>(hers, 'read', ({ readSeq }) => readSeq === seq)).toMatchObject({
      userId: bob._id,
    });
  });
});

describe('a group', () => {
  it('begins for who is added, and ends for who is removed, on whichever server they are', async () => {
    const [ann, ben, cem] = await first.people('ann', 'ben', 'cem');
    const [bens, cems] = [
      await (await second.elsewhere(ben)).sori(),
      await (await third.elsewhere(cem)).sori(),
    ];
    const id = await group(ann, ben);
    await nextThat<Conversation>(bens, 'conversation', ({ _id }) => _id === id);
    expect(cems.all('conversation')).toEqual([]);
    const added = await (
      await third.elsewhere(ann)
    ).post(`/api/conversations/${id}/members`, { userIds: [cem._id] });
    expect(added.status).toBe(200);
    await nextThat<Conversation>(cems, 'conversation', ({ _id }) => _id === id);
    await (await second.elsewhere(ann)).say(id, 'welcome');
    for (const client of [bens, cems])
      await nextThat<Message>(client, 'newMessage', ({ message }) => message === 'welcome');
    await ann.call('DELETE', `/api/conversations/${id}/members/${cem._id}`);
    expect(await cems.next('conversation:gone')).toEqual({ conversationId: id });
    await (await second.elsewhere(ann)).say(id, 'without cem');
    await nextThat<Message>(bens, 'newMessage', ({ message }) => message === 'without cem');
    await cems.settled();
    expect(cems.all('newMessage')).toEqual([]);
  });
});

describe('Redis', () => {
  it('carries a message to a group once, however many are in it, and keeps no text', async () => {
    const people = await first.people('ann', 'ben', 'cem', 'dora', 'emil', 'fay');
    const [ann, ...others] = people;
    await Promise.all(others.map(async (one, at) => (await servers()[at % 3]?.elsewhere(one))?.sori()));
    const id = await group(ann, ...others);
    const fays = await (await third.elsewhere(people[5])).sori();
    const watcher = await createClient({ url: redis.url }).connect();
    const heard: string[] = [];
    const text = 'nobody but the six of us';
    await watcher.pSubscribe('*', (published, channel) => {
      if (published.includes(text)) heard.push(channel);
    });
    await (await second.elsewhere(ann)).say(id, text);
    await nextThat<Message>(fays, 'newMessage', ({ message }) => message === text);
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatch(new RegExp(`^sori:[^:]+:c:${id}$`));
    await watcher.pUnsubscribe('*');
    for await (const keys of watcher.scanIterator())
      for (const key of keys) expect(key).toMatch(/^sori:[^:]+:limit:/);
    await watcher.close();
  });
});

describe('a person’s own devices on several servers', () => {
  it('share drafts and mutes', async () => {
    const [alice, bob] = await first.people('alice', 'bob');
    const { conversationId } = await alice.say(bob._id, 'hello');
    const hers = await (await second.elsewhere(alice)).sori();
    const path = `/api/conversations/${conversationId}`;
    expect((await alice.call('PUT', `${path}/draft`, { text: 'I wanted to', rev: 1 })).status).toBe(200);
    await nextThat<Conversation>(hers, 'conversation', ({ draft }) => draft?.text === 'I wanted to');
    expect((await alice.call('PUT', `${path}/mute`, { forSeconds: 60 })).status).toBe(200);
    await nextThat<Conversation>(hers, 'conversation', ({ mutedUntil }) => typeof mutedUntil === 'string');
  });

  it('are signed out at once by a log-out on another one', async () => {
    const [alice] = await first.people('alice');
    const hers = await second.sameBrowser(alice).sori();
    const other = await (await third.elsewhere(alice)).sori();
    expect((await alice.post('/api/auth/logout')).status).toBe(200);
    expect(await hers.next('session')).toEqual({ reason: 'logout' });
    await hers.gone();
    await other.settled();
    expect(other.all('session')).toEqual([]);
  });
});

describe.each([
  ['killed', () => redis.stop(), () => redis.start()],
  ['stopped', () => redis.pause(), () => redis.resume()],
] as [how: string, breakIt: () => Promise<void> | void, mendIt: () => Promise<void> | void][])(
  'while Redis is %s',
  (_how, breakIt, mendIt) => {
    it('people who begin to write to each other by another server are shown to each other', async () => {
      const [alice, bob] = await first.people('alice', 'bob');
      const hers = await (await second.elsewhere(alice)).sori();
      const his = await (await second.elsewhere(bob)).sori();
      for (const client of [hers, his]) expect(await client.next('getOnlineUsers')).toEqual([]);
      await breakIt();
      for (const server of servers()) await isReady(server, ['redis']);
      // The second server may find no more than the last of them.
      await Promise.all(['one', 'two', 'three'].map((text) => alice.say(bob._id, text)));
      expect(await hers.next('presence')).toEqual({ online: [bob._id], offline: [] });
      expect(await his.next('presence')).toEqual({ online: [alice._id], offline: [] });
      await mendIt();
      for (const server of servers()) await isReady(server);
    });

    it('people hear what was written on other servers within a moment, and nothing comes twice afterwards', async () => {
      const [alice, bob] = await first.people('alice', 'bob');
      await alice.say(bob._id, 'before');
      const hers = await alice.sori();
      const hersThere = await second.sameBrowser(alice).sori();
      const there = await second.elsewhere(bob);
      const his = await there.sori();
      await hers.next('presence');
      await breakIt();
      const sentAt = performance.now();
      const { conversationId } = await alice.say(bob._id, 'meanwhile');
      expect(performance.now() - sentAt).toBeLessThan(1_500);
      await nextThat<Message>(his, 'newMessage', ({ message }) => message === 'meanwhile');
      const [carol] = await third.people('carol');
      await (await second.elsewhere(carol)).say(bob._id, 'a new conversation');
      await nextThat<Message>(his, 'newMessage', ({ message }) => message === 'a new conversation');
      for (const server of servers()) await isReady(server, ['redis']);
      // Typing is worth nothing later.
      await his.ask('typing:set', { conversationId, typing: true });
      expect((await alice.post('/api/auth/logout')).status).toBe(200);
      for (const client of [hers, hersThere])
        expect(await client.next('session')).toEqual({ reason: 'logout' });
      const still = await (await third.elsewhere(alice)).sori();
      await mendIt();
      for (const server of servers()) await isReady(server);
      await there.say(alice._id, 'again');
      for (const client of [his, still]) {
        await nextThat<Message>(client, 'newMessage', ({ message }) => message === 'again');
        await client.settled();
        expect(client.all('newMessage')).toEqual([]);
        expect(client.all('typing')).toEqual([]);
      }
    });
  },
);
