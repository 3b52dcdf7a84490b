import { Types } from 'mongoose';
import type { EnteredRoom, OpenUpdate, RoomHere, RoomPerson } from '@sori/contract';
import { lobbyId } from '../features/rooms/room-id.js';
import { graceMs } from '../features/rooms/connected-occupants.js';
import { createSkippingClock } from '../testing/fake-clock.js';
import type { Client } from '../testing/live.js';
import { until } from '../testing/program.js';
import { startRedis, type TestRedis } from '../testing/redis.js';
import { type Someone, startServer, type TestServer } from '../testing/server.js';

/** Open rooms and the lobby on two servers, which have one database and one Redis. */

const clock = createSkippingClock();
let redis: TestRedis;
let first: TestServer;
let second: TestServer;

beforeAll(async () => {
  redis = await startRedis();
  const on = (name: string) => ({
    clock,
    settings: { REDIS_URL: redis.url, SERVER_ID: name, TRUST_PROXY_HOPS: '1' },
  });
  first = await startServer(on('first'));
  second = await startServer({ engine: first.engine, ...on('second') });
  for (const server of [first, second]) await isReady(server);
});
afterEach(async () => {
  first.leave();
  second.leave();
  await redis.stop();
  await redis.start();
  for (const server of [first, second]) await isReady(server);
});
afterAll(async () => {
  await second.close();
  await first.close();
  await redis.stop();
  for (const server of [first, second]) expect(server.bugs()).toEqual([]);
});

/** It hears what the other publishes, or knows that it does not. */
async function isReady(server: TestServer, degraded?: string[]): Promise<void> {
  const wanted = JSON.stringify({ ok: true, ...(degraded && { degraded }) });
  await until(async () => JSON.stringify((await server.ask('/readyz')).body) === wanted);
}
async function loseRedis(): Promise<void> {
  await redis.stop();
  for (const server of [first, second]) await isReady(server, ['redis']);
}

let made = 0;
const open = async (owner: Someone, form: object = {}): Promise<EnteredRoom> => {
  const slug = `room-${(made += 1)}`;
  return (await owner.post<EnteredRoom>('/api/rooms', { name: 'Room', slug, language: 'en', ...form })).body;
};
const enter = (someone: Someone, slug: string) =>
  someone.post<EnteredRoom & { code?: string }>(`/api/rooms/${slug}/enter`, {});
/** The same guest in a browser tab that is with another server. */
const guestOn = async (server: TestServer, { token }: Someone): Promise<Client> => {
  const client = server.connect({ auth: { token, protocol: 1 } });
  await client.next('heads');
  return client;
};
const namesHere = async (someone: Someone, slug: string): Promise<string[]> =>
  (await someone.get<RoomPerson[]>(`/api/rooms/${slug}/here`)).body.map(({ name }) => name);

const unique = (name: string): string => `${name}${'abcdefghijk'[made % 11]}${(made += 1) + 10}`;
/** A plain client of the lobby. */
async function plain(server: TestServer, name: string): Promise<Client> {
  const client = server.connect({}, '/open');
  expect(await client.ask('newUser', name)).toMatchObject({ ok: true });
  return client;
}
/** The next ones that are about these people. */
async function updates(client: Client, names: readonly string[], most: number): Promise<string[]> {
  const seen: string[] = [];
  while (seen.length < most) {
    const { name, message } = (await client.next('update')) as OpenUpdate;
    if (names.includes(name)) seen.push(message);
  }
  return seen;
}
const leftovers = (client: Client, names: readonly string[]): OpenUpdate[] =>
  (client.all('update') as OpenUpdate[]).filter(({ name }) => names.includes(name));

describe('the lobby’s plain clients on two servers', () => {
  it('are told once of each who comes, by whichever server, all in the same order', async () => {
    const watchers = [await plain(first, unique('watch')), await plain(second, unique('watch'))];
    const names = Array.from({ length: 12 }, () => unique('sam'));
    const came = await Promise.all(names.map((name, turn) => plain(turn % 2 === 0 ? first : second, name)));
    const [here, there] = await Promise.all(watchers.map((client) => updates(client, names, names.length)));
    expect(here).toEqual(there);
    expect([...(here ?? [])].sort()).toEqual(names.map((name) => `${name}님이 입장했습니다.`).sort());

    for (const client of came) client.socket.disconnect();
    const gone = await Promise.all(watchers.map((client) => updates(client, names, names.length)));
    expect(gone[0]).toEqual(gone[1]);
    expect([...(gone[0] ?? [])].sort()).toEqual(names.map((name) => `${name}님이 나갔습니다.`).sort());
    for (const client of watchers) {
      await client.settled();
      expect(leftovers(client, names)).toEqual([]);
    }
  });

  it('read what is written on either, once, and have no name twice', async () => {
    const [one, two] = [unique('one'), unique('two')];
    const alice = await plain(first, one);
    const bob = await plain(second, two);
    expect(await second.connect({}, '/open').ask('newUser', one)).toMatchObject({ name: `${one}2` });
    expect(await alice.ask('message', { type: 'message', message: 'hello' })).toMatchObject({ ok: true });
    expect(await updates(bob, [one], 1)).toEqual(['hello']);
    expect(await bob.ask('message', { type: 'message', message: 'hi' })).toMatchObject({ ok: true });
    const seen = await updates(alice, [two], 2);
    expect(seen).toEqual([`${two}님이 입장했습니다.`, 'hi']);
    for (const client of [alice, bob]) {
      await client.settled();
      expect(leftovers(client, [one, two])).toEqual([]);
    }
  });

  it('hear without Redis of whoever comes and goes by the other server, a little later and once', async () => {
    const bob = await plain(second, unique('bob'));
    const alice = await first.person('alice');
    await enter(alice, 'lobby');
    const tab = await alice.sori();
    const hers = await second.sameBrowser(alice).sori();
    await loseRedis();
    const came = new Map<string, Client>();
    const heard = (type: OpenUpdate['type']): string | undefined =>
      (bob.all('update') as OpenUpdate[]).find((one) => one.type === type && came.has(one.name))?.name;
    // Whoever came before it was looked for the first time is one of those who were there.
    await until(async () => {
      const late = unique('late');
      came.set(late, await plain(first, late));
      clock.skip(500);
      return heard('connect') !== undefined;
    });
    const name = heard('connect') ?? '';
    expect(await updates(bob, [name], 1)).toEqual([`${name}님이 입장했습니다.`]);
    for (const client of [tab, hers]) {
      for (;;) {
        const { joined } = (await client.next('room:here')) as RoomHere;
        if (joined.some((person) => person.name === name)) break;
      }
    }
    came.get(name)?.socket.disconnect();
    await until(() => {
      clock.skip(500);
      return heard('disconnect') !== undefined;
    });
    expect(await updates(bob, [name], 1)).toEqual([`${name}님이 나갔습니다.`]);
    await bob.settled();
    expect(leftovers(bob, [name])).toEqual([]);
  });

  it('are told by their own server without Redis, and hear the other’s messages within 3 s', async () => {
    const [one, two] = [unique('one'), unique('two')];
    const alice = await plain(first, one);
    const bob = await plain(second, two);
    await updates(alice, [two], 1);
    await loseRedis();
    const came = await plain(first, unique('late'));
    expect(await came.ask('message', { type: 'message', message: 'anybody?' })).toMatchObject({ ok: true });
    for (;;) if (((await alice.next('update')) as OpenUpdate).message === 'anybody?') break;
    const since = performance.now();
    for (;;) if (((await bob.next('update')) as OpenUpdate).message === 'anybody?') break;
    expect(performance.now() - since).toBeLessThan(3_000);
    came.socket.disconnect();
  });
});

describe('one person on two servers', () => {
  it.each(['an account', 'a guest'])('(%s) leaves once, with the last socket on either', async (who) => {
    const alice = await first.person('alice');
    const { slug, _id } = await open(alice);
    const alicesTab = await alice.sori();
    let person: Someone;
    let there: Client;
    if (who === 'a guest') {
      person = await first.guest(slug, 'Gil');
      there = await guestOn(second, person);
    } else {
      person = await first.person('bob');
      await enter(person, slug);
      there = await (await second.elsewhere(person)).sori();
    }
    const here = await person.sori();
    expect(((await alicesTab.next('room:here')) as RoomHere).joined).toMatchObject([{ _id: person._id }]);

    here.socket.disconnect();
    await skipUntil(async () => (await heldBy(_id, person._id)).join() === 'second');
    await alice.say(_id, 'still here?');
    expect(await there.next('newMessage')).toMatchObject({ message: 'still here?' });
    await alicesTab.settled();
    expect(alicesTab.all('room:here')).toEqual([]);
    expect(await namesHere(alice, slug)).toContain(who === 'a guest' ? 'Gil' : 'bob');

    there.socket.disconnect();
    await skipUntil(async () => (await heldBy(_id, person._id)).length === 0);
    expect(await alicesTab.next('room:here')).toEqual({
      conversationId: _id,
      joined: [],
      left: [person._id],
    });
    await alicesTab.settled();
    expect(alicesTab.all('room:here')).toEqual([]);
    expect(await namesHere(alice, slug)).toEqual(['alice']);
  });
});

describe('a server that goes', () => {
  it('in good order takes nobody out of a room who comes to another one', async () => {
    const alice = await first.person('alice');
    const { slug, _id } = await open(alice);
    const alicesTab = await alice.sori();
    const guest = await first.guest(slug, 'Gil');
    await alicesTab.next('room:here');
    await skipUntil(async () => (await heldBy(_id, guest._id)).length === 0);
    expect(((await alicesTab.next('room:here')) as RoomHere).left).toEqual([guest._id]);

    const third = await startServer({
      engine: first.engine,
      clock,
      settings: { REDIS_URL: redis.url, SERVER_ID: 'third', TRUST_PROXY_HOPS: '1' },
    });
    await isReady(third);
    await guestOn(third, guest);
    expect(((await alicesTab.next('room:here')) as RoomHere).joined).toMatchObject([{ name: 'Gil' }]);
    expect(await heldBy(_id, guest._id)).toEqual(['third']);
    await third.close();
    expect(await heldBy(_id, guest._id)).toEqual([]);
    const back = await guestOn(second, guest);
    expect(await heldBy(_id, guest._id)).toEqual(['second']);
    await alice.say(_id, 'nobody left?');
    expect(await back.next('newMessage')).toMatchObject({ message: 'nobody left?' });
    await alicesTab.settled();
    expect(alicesTab.all('room:here')).toEqual([]);
    expect(third.bugs()).toEqual([]);
  });

  it('without a word holds nobody in a room any more who was there by it', async () => {
    const alice = await first.person('alice');
    const { _id } = await open(alice);
    const tab = await (await second.elsewhere(alice)).sori();
    const row = { conversationId: new Types.ObjectId(_id), userId: new Types.ObjectId(alice._id) };
    const visitors = first.store.connection.collection<{ servers: string[] }>('visitors');
    await visitors.updateOne(row, { $push: { servers: 'killed' } });
    const servers = first.store.connection.collection<{ _id: string; seenAt: Date }>('servers');
    const startedAt = new Date();
    const killed = { build: 1, kinds: [], startedAt, seenAt: startedAt };
    await servers.updateOne({ _id: 'killed' }, { $set: killed }, { upsert: true });
    await until(() => {
      clock.skip(1_000);
      return first.logged.some((line) => line.includes('"appeared":"killed"'));
    });
    const seenAt = new Date(startedAt.getTime() - 60_000);
    await servers.updateOne({ _id: 'killed' }, { $set: { seenAt } });
    await until(async () => {
      clock.skip(1_000);
      return !(await heldBy(_id, alice._id)).includes('killed');
    });
    expect(tab.socket.connected).toBe(true);
    await servers.deleteOne({ _id: 'killed' });
  });
});

/** Lets the grace pass of whoever went just now, and no more than that by much. */
const skipUntil = (holds: () => Promise<boolean>): Promise<void> =>
  until(async () => {
    clock.skip(graceMs / 8);
    return holds();
  });

/** The servers that have something of theirs. */
async function heldBy(conversationId: string, userId: string): Promise<string[]> {
  const row = await first.store.connection
    .collection<{ servers: string[] }>('visitors')
    .findOne({ conversationId: new Types.ObjectId(conversationId), userId: new Types.ObjectId(userId) });
  return row?.servers ?? [];
}

/** Three seconds from the answer; where the machine is busy with other things, longer by what the answer itself took. */
function begins() {
  const began = performance.now();
  let answered = began;
  return {
    answered: (): void => void (answered = performance.now()),
    isOver: (): void => expect(performance.now() - answered).toBeLessThan(3_000 + 2 * (answered - began)),
  };
}

describe.each(['with Redis', 'without Redis'])('whoever is sent away by another server, %s,', (how) => {
  const begin = () => (how === 'without Redis' ? loseRedis() : Promise.resolve());

  it.each(['kick', 'ban'])('(%s, a guest) is deaf and signed out within 3 s', async (what) => {
    const alice = await first.person('alice');
    const { slug, _id } = await open(alice);
    const guest = await first.guest(slug, 'Troll');
    const tab = await guestOn(second, guest);
    await begin();
    const inTime = begins();
    expect((await alice.post(`/api/rooms/${slug}/${what}`, { userId: guest._id })).status).toBe(200);
    inTime.answered();
    await alice.say(_id, 'after');
    await tab.gone();
    inTime.isOver();
    expect(tab.all('newMessage')).toEqual([]);
    const { status } = await second.ask(`/api/messages/${_id}`, { headers: { cookie: guest.cookie } });
    expect(status).toBe(401);
    expect(await namesHere(alice, slug)).toEqual(['alice']);
  });

  it('(a ban, an account) is deaf and told; and who is where it is by that server goes as well', async () => {
    const alice = await first.person('alice');
    const bob = await first.person('bob');
    const { slug, _id } = await open(alice);
    await enter(bob, slug);
    made += 1;
    const extraHeaders = { 'x-forwarded-for': `203.0.113.${made}` };
    const tab = await (await second.elsewhere(bob)).sori({ extraHeaders });
    const guest = await first.guest(slug, 'Gil');
    const guestsTab = second.connect({ auth: { token: guest.token, protocol: 1 }, extraHeaders });
    const other = await guestOn(second, await first.guest(slug, 'Sam'));
    await guestsTab.next('heads');
    await begin();
    const inTime = begins();
    expect((await alice.post(`/api/rooms/${slug}/ban`, { userId: bob._id })).status).toBe(200);
    inTime.answered();
    await alice.say(_id, 'after');
    await alice.say(bob._id, 'nothing personal');
    expect(await tab.next('conversation:gone')).toEqual({ conversationId: _id });
    inTime.isOver();
    expect(await tab.next('newMessage')).toMatchObject({ message: 'nothing personal' });
    await tab.settled();
    expect(tab.all('newMessage')).toEqual([]);
    expect((await enter(bob, slug)).status).toBe(422);
    await guestsTab.gone();
    inTime.isOver();
    await other.settled();
    expect(other.socket.connected).toBe(true);
  });

  it('(a room is deleted) is deaf and told', async () => {
    const alice = await first.person('alice');
    const { slug, _id } = await open(alice);
    const bob = await first.person('bob');
    await enter(bob, slug);
    const tab = await (await second.elsewhere(bob)).sori();
    const guests = await guestOn(second, await first.guest(slug));
    await begin();
    const inTime = begins();
    expect((await alice.call('DELETE', `/api/rooms/${slug}`)).status).toBeLessThan(300);
    inTime.answered();
    expect(await tab.next('conversation:gone')).toEqual({ conversationId: _id });
    expect(await guests.next('session')).toEqual({ reason: 'deleted' });
    await guests.gone();
    inTime.isOver();
  });

  it('(a plain client of the lobby) loses its connection within 3 s', async () => {
    const admin = await first.person('admin');
    await first.store.connection
      .collection('users')
      .updateOne({ username: admin.name }, { $set: { admin: true } });
    await enter(admin, 'lobby');
    const name = unique('troll');
    const other = await plain(second, unique('sam'));
    const troll = await plain(second, name);
    const { body } = await admin.get<RoomPerson[]>('/api/rooms/lobby/here');
    const userId = body.find((person) => person.name === name)?._id;
    await begin();
    const inTime = begins();
    expect((await admin.post('/api/rooms/lobby/kick', { userId })).status).toBe(200);
    inTime.answered();
    await troll.gone();
    inTime.isOver();
    await other.settled();
    expect(other.socket.connected).toBe(true);
    await admin.say(lobbyId, 'quiet now');
    for (;;) if (((await other.next('update')) as OpenUpdate).message === 'quiet now') break;
    expect(leftovers(troll, [admin.name])).toEqual([]);
  });
});

describe('slow mode', () => {
  it('is one budget for who writes by two servers, also at the same time and without Redis', async () => {
    const alice = await first.person('alice');
    const { slug, _id } = await open(alice, { slowModeSeconds: 600 });
    const guest = await first.guest(slug);
    const [here, there] = [await guest.sori(), await guestOn(second, guest)];
    await loseRedis();
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, turn) =>
        (turn % 2 === 0 ? here : there).ask('message:send', {
          to: _id,
          message: `${turn}`,
          clientId: `c${turn}`,
        }),
      ),
    );
    expect(replies.filter((reply) => reply['ok'] === true)).toHaveLength(1);
    expect(replies.filter((reply) => reply['code'] === 'REFUSED')).toHaveLength(9);
  });
});
