import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EnteredRoom, RoomPerson } from '@sori/contract';
import { Types } from 'mongoose';
import { type Client, refusal } from '../../testing/live.js';
import { type Someone, startServer } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';
import { lobbyId } from './room-id.js';

/** Whom a ban keeps out besides who is named in it, where every address comes by a proxy of ours. */

const server = useServer({ settings: { TRUST_PROXY_HOPS: '1' } });
let admin: Someone;
beforeAll(async () => {
  admin = await server.person('owner');
  const code = readFileSync(join(server.engine.dataDir, 'admin-code'), 'utf8').trim();
  expect((await admin.post('/api/me/admin', { code })).status).toBe(200);
  await admin.post('/api/rooms/lobby/enter');
});
afterEach(() => server.leave());

const at = (address: string): Record<string, string> => ({ 'x-forwarded-for': address });
const plain = (address: string, on = server): Client => on.connect({ extraHeaders: at(address) }, '/open');
const connected = ({ socket }: Client): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
const named = async (address: string, nickname: string): Promise<Client> => {
  const client = plain(address);
  expect(await client.ask('newUser', nickname)).toMatchObject({ ok: true });
  return client;
};
const enter = (slug: string, address: string, cookie?: string) =>
  server.ask<EnteredRoom & { code?: string }>(`/api/rooms/${slug}/enter`, {
    method: 'POST',
    headers: { ...at(address), ...(cookie === undefined ? {} : { cookie }) },
  });
/** A guest who comes from there, and whose socket does too. */
const guest = async (slug: string, address: string) => {
  const { headers, body } = await enter(slug, address);
  const cookie = headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
  const client = server.connect({ auth: { protocol: 1 }, extraHeaders: { cookie, ...at(address) } });
  await client.next('heads');
  return { cookie, client, _id: body.me._id };
};
const ban = (userId: string, slug = 'lobby') => admin.post(`/api/rooms/${slug}/ban`, { userId });

describe('the ban of an account', () => {
  it('also removes people without an account at its address, at once, and lets none of them in from there', async () => {
    const bob = await server.person('bob');
    await bob.sori({ extraHeaders: at('198.51.100.1') });
    await bob.tutorial({ extraHeaders: { cookie: bob.cookie, ...at('198.51.100.2') } });
    expect((await enter('lobby', '198.51.100.3', bob.cookie)).status).toBe(200);
    const alias = await named('198.51.100.2', 'alias');
    const elsewhere = await named('203.0.113.1', 'elsewhere');
    const unnamed = plain('198.51.100.3');
    await connected(unnamed);
    const near = await guest('lobby', '198.51.100.1');
    const away = await guest('lobby', '198.51.100.2');
    away.client.socket.disconnect();
    const other = await guest('lobby', '203.0.113.1');
    // Began elsewhere, and is there now.
    const moved = await guest('lobby', '203.0.113.2');
    const movedHere = server.connect({
      auth: { protocol: 1 },
      extraHeaders: { cookie: moved.cookie, ...at('198.51.100.1') },
    });
    await movedHere.next('heads');

    expect((await ban(bob._id)).status).toBe(200);
    await Promise.all([alias.gone(), unnamed.gone()]);
    for (const client of [near.client, movedHere])
      expect(await client.next('session')).toEqual({ reason: 'kicked' });
    for (const address of ['198.51.100.1', '198.51.100.2', '198.51.100.3']) {
      expect(await refusal(plain(address))).toMatchObject({ code: 'REFUSED' });
      for (const cookie of [undefined, near.cookie, away.cookie])
        expect(await enter('lobby', address, cookie)).toMatchObject({
          status: 422,
          body: { code: 'REFUSED' },
        });
    }

    // Others stay and come, from there too if they have an account; and other rooms are none of its business.
    expect(elsewhere.socket.connected && other.client.socket.connected).toBe(true);
    const carol = await server.person('carol');
    expect((await enter('lobby', '198.51.100.1', carol.cookie)).status).toBe(200);
    await admin.post('/api/rooms', { name: 'Kitchen', slug: 'kitchen', language: 'en' });
    expect((await enter('kitchen', '198.51.100.1')).status).toBe(200);
    expect((await enter('kitchen', '198.51.100.1', bob.cookie)).status).toBe(200);
    const here = (await admin.get<RoomPerson[]>('/api/rooms/lobby/here')).body.map(({ _id }) => _id);
    expect(here).toContain(other._id);
    for (const gone of [bob._id, near._id, away._id, moved._id]) expect(here).not.toContain(gone);
  });

  it('ends in a week, and is one ban however often it is repeated', async () => {
    const dave = await server.person('dave');
    await dave.sori({ extraHeaders: at('198.51.100.9') });
    for (const _time of [1, 2, 3]) expect((await ban(dave._id)).status).toBe(200);
    const bans = server.store.connection.collection<{ address?: string; expiresAt?: Date }>('bans');
    const rows = await bans.find({ by: new Types.ObjectId(admin._id), address: '198.51.100.9' }).toArray();
    expect(rows).toHaveLength(1);
    expect(await bans.countDocuments({ userId: new Types.ObjectId(dave._id) })).toBe(1);
    // They are swept by when they end.
    const keys = (await bans.indexes()).map(({ key }) => Object.keys(key).join());
    expect(keys).toContain('expiresAt');
    const days = ((rows[0]?.expiresAt?.getTime() ?? 0) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6.9);
    expect(days).toBeLessThanOrEqual(7);
    expect(await refusal(plain('198.51.100.9'))).toMatchObject({ code: 'REFUSED' });
    await bans.updateOne({ address: '198.51.100.9' }, { $set: { expiresAt: new Date() } });
    await named('198.51.100.9', 'a week later');
    expect((await enter('lobby', '198.51.100.9', dave.cookie)).status).toBe(422);
  });

  it('covers no address that others come from as well: this machine, or a proxy that is not in the settings', async () => {
    const own = await startServer({ engine: server.engine });
    const cookie = admin.cookie;
    const json = { cookie, 'content-type': 'application/json' };
    for (const extraHeaders of [{}, at('198.51.100.30')]) {
      const eve = await own.person('eve');
      await eve.sori({ extraHeaders });
      await own.ask('/api/rooms/lobby/enter', {
        method: 'POST',
        headers: { cookie: eve.cookie, ...extraHeaders },
      });
      const neighbour = own.connect({}, '/open');
      await neighbour.ask('newUser', 'neighbour');
      const body = JSON.stringify({ userId: eve._id });
      expect((await own.ask('/api/rooms/lobby/ban', { method: 'POST', headers: json, body })).status).toBe(
        200,
      );
      expect((await eve.post('/api/rooms/lobby/enter')).status).toBe(422);
      expect(await neighbour.ask('message', { type: 'message', message: 'still here' })).toMatchObject({
        ok: true,
      });
      expect(await plain('198.51.100.30', own).ask('newUser', '')).toMatchObject({ ok: true });
      await own.guest('lobby');
    }
    await own.close();
  });
});

describe('the ban of a plain client', () => {
  it('is checked before it connects, so that it receives nothing of the lobby', async () => {
    const troll = await named('192.0.2.50', 'troll');
    const { body: here } = await admin.get<RoomPerson[]>('/api/rooms/lobby/here');
    const silent = plain('192.0.2.50');
    await connected(silent);
    expect((await ban(here.find(({ name }) => name === 'troll')?._id ?? '')).status).toBe(200);
    await troll.gone();
    const again = plain('192.0.2.50');
    expect(await refusal(again)).toMatchObject({ code: 'REFUSED' });
    // Whose connection was there already does not get a name either.
    expect(await silent.ask('newUser', 'somebody')).toMatchObject({ ok: false, code: 'REFUSED' });
    const watcher = await named('192.0.2.51', 'watcher');
    await admin.say(lobbyId, 'they are gone');
    expect(await watcher.next('update')).toBeDefined();
    await silent.settled();
    for (const client of [again, silent])
      expect([...client.all('update'), ...client.all('server-client-chat')]).toEqual([]);
  });
});

describe('somebody who has not said who they are', () => {
  it('receives nothing, in neither dialect, until they have', async () => {
    const silent = plain('192.0.2.60');
    await connected(silent);
    const other = await named('192.0.2.61', 'other');
    await admin.say(lobbyId, 'before');
    await other.ask('message', { type: 'message', message: 'before too' });
    for (const wrong of [7, 'Admin', '관리자']) {
      const { ok } = await silent.ask('newUser', wrong);
      expect(ok).toBe(false);
    }
    await admin.say(lobbyId, 'still before');
    await other.settled();
    await silent.settled();
    expect([...silent.all('update'), ...silent.all('server-client-chat')]).toEqual([]);
    expect(await silent.ask('newUser', 'now')).toEqual({ ok: true, name: 'now' });
    await admin.say(lobbyId, 'after');
    expect(await silent.next('update')).toMatchObject({ type: 'connect', name: 'now' });
    expect(await silent.next('update')).toMatchObject({ type: 'message', message: 'after' });
  });
});

describe('a name that sounds official', () => {
  it.each(['관리자', 'Admin', 'ＳＹＳＴＥＭ', 'Ѕоrі', '운영자1'])(
    'is refused to somebody without an account: %s',
    async (name) => {
      const room = { method: 'POST', headers: { ...at('192.0.2.70'), 'content-type': 'application/json' } };
      const asked = (headers: Record<string, string> = {}) =>
        server.ask<{ code: string; error: string }>('/api/rooms/lobby/enter', {
          ...room,
          headers: { ...room.headers, ...headers },
          body: JSON.stringify({ nickname: name }),
        });
      expect(await asked()).toMatchObject({ status: 422, body: { code: 'REFUSED' } });
      const { cookie } = await guest('lobby', '192.0.2.71');
      expect(await asked({ cookie })).toMatchObject({ status: 422, body: { code: 'REFUSED' } });
      const client = plain('192.0.2.72');
      expect(await client.ask('newUser', name)).toMatchObject({ ok: false, code: 'REFUSED' });
      const notice = { type: 'notice', userName: name, message: '' };
      expect(await client.ask('client-server-chat', notice)).toMatchObject({ ok: false, code: 'REFUSED' });
      // It is no reason to be sent away: another one will do.
      expect(await client.ask('newUser', 'Sam')).toMatchObject({ ok: true });
    },
  );

  it('may be an account’s like any other, and is not given back to a guest who had it before', async () => {
    const person = await server.person('Sori');
    const { body } = await person.post<EnteredRoom>('/api/rooms/lobby/enter');
    expect(body.me.name).toBe('Sori');
    const { _id, cookie, client } = await guest('lobby', '192.0.2.80');
    client.socket.disconnect();
    await server.store.connection
      .collection('guests')
      .updateOne({ _id: new Types.ObjectId(_id) }, { $set: { name: 'Admin' } });
    const back = await enter('lobby', '192.0.2.80', cookie);
    expect(back.body.me._id).toBe(_id);
    expect(back.body.me.name).not.toBe('Admin');
  });
});
