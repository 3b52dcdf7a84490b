import type { EnteredRoom, RoomHere, RoomPerson } from '@sori/contract';
import { Types } from 'mongoose';
import { createFakeClock, createSkippingClock } from '../../testing/fake-clock.js';
import type { Client } from '../../testing/live.js';
import { type Someone, startServer } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';
import { createConnectedOccupants, graceMs, renewEveryMs, withoutSocketMs } from './connected-occupants.js';

/** Who comes and goes in a room, and who is sent away. */

const serverClock = createSkippingClock();
/** Lets the grace pass of somebody whose last socket goes just now. */
const skipGrace = async (): Promise<void> => {
  await serverClock.waitsFor(graceMs);
  serverClock.skip(graceMs);
};

const server = useServer({ clock: serverClock });
afterEach(() => server.leave());

let made = 0;
const open = async (owner: Someone, form: object = {}): Promise<EnteredRoom> => {
  const slug = `room-${(made += 1)}`;
  return (await owner.post<EnteredRoom>('/api/rooms', { name: 'Room', slug, language: 'en', ...form })).body;
};
const enter = (someone: Someone, slug: string) =>
  someone.post<EnteredRoom & { code?: string }>(`/api/rooms/${slug}/enter`, {});
const hereOf = async (someone: Someone, slug: string): Promise<string[]> =>
  (await someone.get<RoomPerson[]>(`/api/rooms/${slug}/here`)).body.map(({ name }) => name);
const joined = async (client: Client): Promise<string[]> =>
  ((await client.next('room:here')) as RoomHere).joined.map(({ name }) => name);

describe('coming and going', () => {
  it('is emitted once for each person: not for a second tab, a refresh or another entering; and nothing of it is in the log', async () => {
    const alice = await server.person('alice');
    const bob = await server.person('bob');
    const { slug, _id } = await open(alice);
    const alicesTab = await alice.sori();
    const guest = await server.guest(slug, 'Gil');
    expect(await joined(alicesTab)).toEqual(['Gil']);
    const first = await guest.sori();
    const second = await guest.sori();
    first.socket.disconnect();
    await enter(guest, slug);
    const refreshed = await guest.sori();
    second.socket.disconnect();
    await enter(bob, slug);
    expect(await joined(alicesTab)).toEqual(['bob']);
    await enter(bob, slug);
    const bobsTab = await bob.sori();
    expect(await hereOf(guest, slug)).toEqual(['alice', 'Gil', 'bob']);
    await alicesTab.settled();
    expect(alicesTab.all('room:here')).toEqual([]);

    // The last one of Gil's goes; nobody comes back within the grace.
    refreshed.socket.disconnect();
    await skipGrace();
    const left = await alicesTab.next('room:here');
    expect(left).toEqual({ conversationId: _id, joined: [], left: [guest._id] });
    expect(await hereOf(alice, slug)).toEqual(['alice', 'bob']);
    await bobsTab.settled();
    expect((bobsTab.all('room:here') as RoomHere[]).flatMap((notice) => notice.left)).toEqual([guest._id]);
    // Whoever took the name meanwhile has it; the guest is the same one, in a name like it.
    expect((await server.guest(slug, 'Gil')).name).toBe('Gil');
    const back = await guest.sori();
    expect(await joined(alicesTab)).toEqual(['Gil']);
    expect(((await alicesTab.next('room:here')) as RoomHere).joined).toEqual([
      { _id: guest._id, name: 'Gil2', guest: true },
    ]);
    expect(await back.ask('message:send', { to: _id, message: 'back', clientId: 'x' })).toMatchObject({
      message: { senderId: guest._id, senderName: 'Gil2', seq: 2 },
    });
    // A person with an account comes and goes too, and keeps the place in the room.
    bobsTab.socket.disconnect();
    await skipGrace();
    expect(((await alicesTab.next('room:here')) as RoomHere).left).toEqual([bob._id]);
    expect((await bob.get(`/api/messages/${_id}`)).status).toBe(200);
    await bob.sori();
    expect(await joined(alicesTab)).toEqual(['bob']);
  });

  it('leaves no ghosts where a server was killed: another one finds them, and emits that they left', async () => {
    const alice = await server.person('alice');
    const { slug, _id } = await open(alice);
    const alicesTab = await alice.sori();
    const collection = (name: string) => server.store.connection.collection(name);
    const ghost = new Types.ObjectId();
    const conversationId = new Types.ObjectId(_id);
    // What a server leaves behind that renewed this a minute ago for the last time.
    const seenAt = new Date(Date.now() - 60_000);
    const row = { userId: ghost, guest: true, name: 'Ghost', nameKey: 'ghost', claim: 'ghost', here: true };
    const member = { role: 'member', joinSeq: 0, leftSeq: 0, readSeq: 0, deliveredSeq: 0 };
    await collection('members').insertOne({ conversationId, userId: ghost, ...member });
    await enter(alice, slug);
    // Last: whoever looks for ghosts before alice is there would take it away unseen.
    await collection('visitors').insertOne({ conversationId, ...row, hereSince: seenAt, seenAt });
    await serverClock.waitsFor(renewEveryMs);
    serverClock.skip(renewEveryMs);
    expect(await alicesTab.next('room:here')).toEqual({
      conversationId: _id,
      joined: [],
      left: [ghost.toHexString()],
    });
    expect(await hereOf(alice, slug)).toEqual(['alice']);
    expect((await alice.get<EnteredRoom>(`/api/conversations/${_id}`)).body.memberCount).toBe(1);
  });
});

describe('how long somebody is here', () => {
  const begin = () => {
    const clock = createFakeClock();
    const gone: string[] = [];
    const arrived: string[] = [];
    const connectedOccupants = createConnectedOccupants({
      clock,
      arrive: ({ userId }) => {
        arrived.push(userId);
        return Promise.resolve(['lobby']);
      },
      depart: (userId) => Promise.resolve(void gone.push(userId)),
      renew: () => Promise.resolve(),
      releaseAll: () => Promise.resolve(),
      departLost: () => Promise.resolve(),
      report: (error) => {
        throw error;
      },
    });
    return { clock, gone, arrived, connectedOccupants };
  };
  const caller = { userId: 'gil', sessionId: 'gil' };

  it('is as long as a socket is connected, and a grace period more', async () => {
    const { clock, gone, arrived, connectedOccupants } = begin();
    await connectedOccupants.connected('one', caller);
    await connectedOccupants.connected('two', caller);
    connectedOccupants.disconnected('one');
    clock.advance(graceMs * 2);
    connectedOccupants.disconnected('two');
    clock.advance(graceMs - 1);
    await connectedOccupants.connected('three', caller);
    clock.advance(graceMs * 2);
    expect(gone).toEqual([]);
    connectedOccupants.disconnected('three');
    connectedOccupants.disconnected('three');
    clock.advance(graceMs);
    expect(gone).toEqual(['gil']);
    expect(new Set(arrived)).toEqual(new Set(['gil']));
  });

  it('is half a minute from the last request for somebody without a socket', () => {
    const { clock, gone, connectedOccupants } = begin();
    expect(connectedOccupants.renewed('gil')).toBe(false);
    connectedOccupants.entered('gil', 'lobby');
    clock.advance(withoutSocketMs - 1);
    expect(connectedOccupants.renewed('gil')).toBe(true);
    clock.advance(withoutSocketMs - 1);
    expect(gone).toEqual([]);
    clock.advance(1);
    expect(gone).toEqual(['gil']);
    expect(connectedOccupants.renewed('gil')).toBe(false);
  });
});

describe('sending somebody away', () => {
  it.each(['kick', 'ban'])(
    '(%s) stops everything that a guest receives at once, for good, over every way in',
    async (what) => {
      const alice = await server.person('alice');
      const { slug, _id } = await open(alice);
      const guest = await server.guest(slug, 'Troll');
      const other = await server.guest(slug, 'Sam');
      const [alicesTab, guestsTab, theirs] = await Promise.all([alice.sori(), guest.sori(), other.sori()]);
      await alice.say(_id, 'before');
      expect(await guestsTab.next('newMessage')).toMatchObject({ message: 'before' });
      expect((await alice.post(`/api/rooms/${slug}/${what}`, { userId: guest._id })).status).toBe(200);
      await alice.say(_id, 'after');
      expect(await guestsTab.next('conversation:gone')).toEqual({ conversationId: _id });
      expect(await guestsTab.next('session')).toEqual({ reason: 'kicked' });
      await guestsTab.gone();
      expect(guestsTab.all('newMessage')).toEqual([]);
      expect(((await alicesTab.next('room:here')) as RoomHere).left).toEqual([guest._id]);
      expect(((await theirs.next('room:here')) as RoomHere).left).toEqual([guest._id]);
      expect(await hereOf(alice, slug)).toEqual(['alice', 'Sam']);

      for (const path of [
        `/api/messages/${_id}`,
        `/api/conversations/${_id}/entries`,
        `/api/rooms/${slug}/here`,
      ])
        expect((await guest.get(path)).status).toBe(401);
      expect((await guest.post(`/api/messages/send/${_id}`, { message: 'x' })).status).toBe(401);
      const refused = await new Promise((resolve) =>
        guest
          .knock()
          .socket.once('connect_error', (error: Error & { data?: unknown }) => resolve(error.data)),
      );
      expect(refused).toMatchObject({ code: 'UNAUTHENTICATED' });

      const again = await enter(guest, slug);
      if (what === 'kick') {
        // Somebody else, as far as anybody can tell.
        expect(again.body.me._id).not.toBe(guest._id);
      } else {
        expect(again).toMatchObject({ status: 422, body: { code: 'REFUSED' } });
        // Nor without the cookie: the address is known.
        await expect(server.guest(slug)).rejects.toThrow('REFUSED');
        // Who was in already, from the same house, stays and may refresh; so may people with accounts.
        expect((await enter(other, slug)).status).toBe(200);
        expect((await enter(await server.person('carol'), slug)).status).toBe(200);
        // And other rooms are none of this one's business.
        await server.guest('lobby');
      }
    },
  );

  it.each(['kick', 'ban'])(
    '(%s) ends the place of somebody with an account in the room, and nothing else of theirs',
    async (what) => {
      const [alice, bob] = await server.people('alice', 'bob');
      const { slug, _id } = await open(alice);
      await enter(bob, slug);
      const bobsTab = await bob.sori();
      expect((await alice.post(`/api/rooms/${slug}/${what}`, { userId: bob._id })).status).toBe(200);
      await alice.say(_id, 'after');
      await alice.say(bob._id, 'nothing personal');
      expect(await bobsTab.next('conversation:gone')).toEqual({ conversationId: _id });
      expect(await bobsTab.next('newMessage')).toMatchObject({ message: 'nothing personal' });
      await bobsTab.settled();
      expect(bobsTab.all('newMessage')).toEqual([]);
      expect((await bob.get(`/api/messages/${_id}`)).status).toBe(404);
      expect(await bobsTab.ask('message:send', { to: _id, message: 'x', clientId: 'a' })).toMatchObject({
        code: 'NOT_FOUND',
      });
      // A socket that comes back is not in the room either.
      bobsTab.socket.disconnect();
      const back = await bob.sori();
      await alice.say(_id, 'still after');
      await back.settled();
      expect(back.all('newMessage')).toEqual([]);
      const again = await enter(bob, slug);
      expect(again.status).toBe(what === 'kick' ? 200 : 422);
    },
  );

  it('may be done by the owner of the room and by admins, and not to the owner', async () => {
    const [alice, bob, carol] = await server.people('alice', 'bob', 'carol');
    const { slug } = await open(alice);
    await enter(bob, slug);
    const guest = await server.guest(slug);
    for (const what of ['kick', 'ban']) {
      const path = `/api/rooms/${slug}/${what}`;
      const asked = (who: Someone, userId: unknown) => who.post<{ code: string }>(path, { userId });
      expect(await asked(bob, guest._id)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
      expect((await asked(guest, bob._id)).status).toBe(403);
      expect((await asked(carol, guest._id)).status).toBe(404);
      expect((await asked(alice, alice._id)).status).toBe(403);
      expect((await asked(alice, 'f'.repeat(24))).status).toBe(404);
      for (const wrong of [undefined, 'x', { $ne: null }, 7])
        expect((await asked(alice, wrong)).status).toBe(400);
      expect((await server.ask(path, { method: 'POST' })).status).toBe(401);
    }
    expect(await hereOf(alice, slug)).toHaveLength(3);
    await server.store.connection
      .collection('users')
      .updateOne({ username: carol.name }, { $set: { admin: true } });
    expect((await carol.post(`/api/rooms/${slug}/kick`, { userId: guest._id })).status).toBe(200);
    expect(await hereOf(alice, slug)).toHaveLength(2);
  });
});

describe('slow mode', () => {
  it('refuses a second message too soon, says when, and takes the same one again', async () => {
    const alice = await server.person('alice');
    const { slug, _id } = await open(alice, { slowModeSeconds: 600 });
    const guest = await server.guest(slug);
    const guestsTab = await guest.sori();
    const send = (clientId: string) => guestsTab.ask('message:send', { to: _id, message: 'hello', clientId });
    expect(await send('a')).toMatchObject({ ok: true });
    expect(await send('a')).toMatchObject({ ok: true, repeat: true });
    const refused = (await send('b')) as { retryAfterMs: number };
    expect(refused).toMatchObject({ ok: false, code: 'REFUSED' });
    expect(refused.retryAfterMs).toBeGreaterThan(590_000);
    const rest = await guest.post<{ details: { retryAfterMs: number } }>(`/api/messages/send/${_id}`, {
      message: 'x',
    });
    expect(rest).toMatchObject({
      status: 422,
      body: { code: 'REFUSED', details: { retryAfterMs: expect.any(Number) as number } },
    });
    // Not for others, and not for the owner.
    const other = await server.guest(slug);
    await other.say(_id, 'mine');
    await alice.say(_id, 'one');
    await alice.say(_id, 'two');
    // Another server knows it from the log, also of who deleted the message.
    const sent = await server.store.connection
      .collection('entries')
      .findOne({ conversationId: new Types.ObjectId(_id), clientId: 'a' });
    const messageId = sent?._id.toHexString();
    expect(await guestsTab.ask('message:delete', { messageId, clientId: 'd' })).toMatchObject({ ok: true });
    const second = await startServer({ engine: server.engine });
    for (const { cookie } of [guest, other]) {
      const there = await second.ask(`/api/messages/send/${_id}`, {
        method: 'POST',
        headers: { cookie, 'content-type': 'application/json' },
        body: JSON.stringify({ message: 'there' }),
      });
      expect(there.status).toBe(422);
    }
    await second.close();
  });
});
