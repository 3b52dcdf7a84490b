import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditEntry, EnteredRoom, Heads, Message } from '@sori/contract';
import { Types } from 'mongoose';
import { connectDatabase } from '../../database/connect.js';
import { fsck } from '../../conversation-log/fsck.js';
import { conversationsOn } from '../../conversation-log/conversations.model.js';
import { entriesOn, type EntryRow } from '../../conversation-log/entries.model.js';
import { type Someone, startServer } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';
import { sweptAfterMs } from './removal.js';

const server = useServer();
let admin: Someone;
let alice: Someone;
let bob: Someone;
beforeAll(async () => {
  [admin, alice, bob] = await server.people('admin', 'alice', 'bob');
  const code = (await readFile(join(server.engine.dataDir, 'admin-code'), 'utf8')).trim();
  await admin.post('/api/me/admin', { code });
});
afterEach(() => server.leave());

let made = 0;
async function open(owner: Someone = alice): Promise<EnteredRoom> {
  const form = { name: 'Attic', slug: `attic-${(made += 1)}`, language: 'en' };
  return (await owner.post<EnteredRoom>('/api/rooms', form)).body;
}
const enter = (someone: Someone, slug: string) => someone.post<EnteredRoom>(`/api/rooms/${slug}/enter`);
type Refusable = { code?: string } | undefined;
const remove = (someone: Someone, slug: string) => someone.call<Refusable>('DELETE', `/api/rooms/${slug}`);
const stored = (conversationId: string): Promise<EntryRow[]> =>
  server.store.connection
    .collection<EntryRow>('entries')
    .find({ conversationId: new Types.ObjectId(conversationId) })
    .sort({ seq: 1 })
    .toArray();
/** How many rows there are of this room, beside its own. */
async function rowsOf(conversationId: string): Promise<number> {
  const ofRoom = { conversationId: new Types.ObjectId(conversationId) };
  const counts = ['entries', 'members', 'visitors', 'guests', 'bans'].map((name) =>
    server.store.connection.collection(name).countDocuments(ofRoom),
  );
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

describe('a room that its owner deletes', () => {
  it('is gone at once for everybody who was in it, whatever they ask for', async () => {
    const { slug, _id } = await open();
    await enter(bob, slug);
    const guest = await server.guest(slug, 'Gus');
    const said = await alice.say(_id, 'a secret of the attic');
    const [alicesTab, bobsTab, theirs] = await Promise.all([alice.sori(), bob.sori(), guest.sori()]);
    expect(await remove(alice, slug)).toMatchObject({ status: 204, body: undefined });
    for (const tab of [alicesTab, bobsTab, theirs])
      expect(await tab.next('conversation:gone')).toEqual({ conversationId: _id });
    expect(await theirs.next('session')).toEqual({ reason: 'deleted' });
    await theirs.gone();

    for (const path of [
      `/api/rooms/${slug}`,
      `/api/rooms/${slug}/here`,
      `/api/conversations/${_id}`,
      `/api/conversations/${_id}/entries`,
      `/api/messages/${_id}`,
    ]) {
      for (const someone of [alice, bob, admin]) {
        expect([path, (await someone.get<Refusable>(path)).body?.code]).toEqual([path, 'NOT_FOUND']);
      }
      expect([401, 404]).toContain((await guest.get(path)).status);
    }
    expect((await bob.get('/api/conversations')).body).toEqual([]);
    const asked = [
      ['message:send', { to: _id, message: 'hello?', clientId: 'late' }],
      ['message:edit', { messageId: said._id, message: 'mended', clientId: 'edit' }],
      ['entries:after', { conversationId: _id, after: 0 }],
      ['read:set', { conversationId: _id, seq: 1 }],
      ['typing:set', { conversationId: _id, typing: true }],
    ] as const;
    for (const [event, payload] of asked)
      expect([event, (await alicesTab.ask(event, payload))['code']]).toEqual([event, 'NOT_FOUND']);
    expect((await bob.post<Refusable>(`/api/reports`, { messageId: said._id, reason: 'x' })).status).toBe(
      404,
    );
    expect((await enter(bob, slug)).status).toBe(404);
    expect((await bob.post(`/api/rooms/${slug}/leave`)).status).toBe(404);
    // Nothing of it comes by itself either: not its last entry, and no more heads.
    await bobsTab.settled();
    expect([...bobsTab.all('entry'), ...bobsTab.all('newMessage')]).toEqual([]);
    const again = await bob.sori();
    await again.settled();
    const heads = again.all('heads').flatMap((notice) => (notice as Heads).heads);
    expect(heads.map(({ conversationId }) => conversationId)).not.toContain(_id);
    again.socket.disconnect();
    expect((await remove(alice, slug)).body?.code).toBe('NOT_FOUND');
  });

  it('does not free its link for another room', async () => {
    const { slug } = await open();
    await remove(alice, slug);
    for (const someone of [alice, bob]) {
      const form = { name: 'Attic', slug, language: 'en' };
      expect((await someone.post<Refusable>('/api/rooms', form)).body?.code).toBe('CONFLICT');
    }
    const named = await bob.post<EnteredRoom>('/api/rooms', { name: slug, language: 'en' });
    expect(named.body.slug).toMatch(new RegExp(`^${slug}-[0-9a-f]{8}$`));
  });

  it('has every message that was acknowledged in its log below its end, and takes none after that', async () => {
    const { slug, _id } = await open();
    await enter(bob, slug);
    let over = false;
    const acknowledged: Message[] = [];
    const write = async (someone: Someone): Promise<void> => {
      for (let count = 0; !over; count += 1) {
        const { status, body } = await someone.post<Message & { code?: string }>(
          `/api/messages/send/${_id}`,
          { message: `m${count}` },
        );
        if (status === 201) acknowledged.push(body);
        else expect([404, 503]).toContain(status);
      }
    };
    const writing = Promise.all([alice, alice, bob, bob, bob].map(write));
    while (acknowledged.length < 30) await alice.get('/healthz');
    expect((await remove(alice, slug)).status).toBe(204);
    for (let count = 0; count < 20; count += 1) await alice.get('/healthz');
    over = true;
    await writing;
    const log = await stored(_id);
    const end = log.at(-1);
    expect(end).toMatchObject({ kind: 'member', change: 'removed', userIds: [], clientId: ':deleted' });
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
    const ids = new Set(log.map((entry) => entry._id.toHexString()));
    expect(acknowledged.filter((message) => !ids.has(message._id))).toEqual([]);
  });
});

describe('who may delete a room', () => {
  it('its owner, even after leaving it, and an admin may', async () => {
    const first = await open();
    await alice.post(`/api/rooms/${first.slug}/leave`);
    expect((await remove(alice, first.slug)).status).toBe(204);
    const second = await open();
    expect((await remove(admin, second.slug)).status).toBe(204);
    // What an admin did stands in the trail; what an owner does to their own room is nobody's business.
    const trail = (await admin.get<AuditEntry[]>('/api/admin/audit')).body;
    expect(trail).toHaveLength(1);
    expect(trail[0]).toMatchObject({
      action: 'deleteRoom',
      admin: { _id: admin._id },
      person: { _id: alice._id },
    });
  });

  it('nobody else may', async () => {
    const { slug } = await open();
    const guest = await server.guest(slug);
    for (const someone of [bob, guest])
      expect(await remove(someone, slug)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    await enter(bob, slug);
    expect((await remove(bob, slug)).status).toBe(403);
    expect((await server.ask(`/api/rooms/${slug}`, { method: 'DELETE' })).status).toBe(401);
    expect((await remove(bob, 'never-there')).status).toBe(404);
    expect((await server.ask(`/api/rooms/${slug}`)).status).toBe(200);
  });

  it('nobody may delete the lobby', async () => {
    expect((await remove(bob, 'lobby')).body?.code).toBe('FORBIDDEN');
    expect((await remove(admin, 'lobby')).body?.code).toBe('REFUSED');
    expect((await server.ask('/api/rooms/lobby')).status).toBe(200);
  });
});

describe('the log of a deleted room', () => {
  /** As if the time had passed. */
  const letItBeDue = (_id: Types.ObjectId) =>
    server.store.connection
      .collection('conversations')
      .updateOne({ _id }, { $set: { sweepAt: new Date(Date.now() - sweptAfterMs) } });
  const audit = () => server.store.connection.collection('audit');
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    while (!(await isSo())) await new Promise((resume) => setTimeout(resume, 10));
  };

  it('is swept completely, by the next start where it was interrupted; the room’s row stays', async () => {
    const room = await open();
    const [_id, slug] = [new Types.ObjectId(room._id), room.slug];
    await enter(bob, slug);
    await server.guest(slug);
    await alice.call('PUT', `/api/conversations/${room._id}/draft`, { text: 'unsaid', rev: 1 });
    const other = await open();
    await alice.say(other._id, 'this stays');
    // Deleted by an admin and not recorded: the server stopped in between.
    const unrecorded = await open(bob);
    await remove(admin, unrecorded.slug);
    await audit().deleteOne({ once: `deleteRoom ${unrecorded._id}` });
    await letItBeDue(new Types.ObjectId(unrecorded._id));
    const kept = await rowsOf(other._id);
    const { seq } = await alice.say(room._id, 'last');
    const message = (await stored(room._id)).at(-1);
    if (!message) throw new Error('no message');
    // Enough to be swept in several turns.
    const more = Array.from({ length: 2_500 }, (_, index) => ({
      ...message,
      _id: new Types.ObjectId(),
      seq: seq + 1 + index,
      clientId: `more-${index}`,
      messageCount: message.messageCount + 1 + index,
    }));
    await server.store.connection.collection<EntryRow>('entries').insertMany(more);
    await remove(alice, slug);
    // Not at once: somebody may be reading it.
    const all = await rowsOf(room._id);
    expect(all).toBeGreaterThan(2_500);

    await letItBeDue(_id);
    const { engine } = server;
    const beside = await connectDatabase(engine.uri);
    const rows = conversationsOn(beside.connection);
    // As it is left where a sweep is cut short.
    await beside.connection.collection('entries').deleteMany({ conversationId: _id, seq: { $lte: 1_000 } });
    expect((await rows.findById(_id).lean())?.sweepAt).toBeInstanceOf(Date);
    const second = await startServer({ engine });
    await until(async () => (await rows.findById(_id).lean())?.sweepAt === undefined);
    expect(await rowsOf(room._id)).toBe(0);
    expect(await audit().countDocuments({ once: `deleteRoom ${unrecorded._id}` })).toBe(1);
    expect(await rowsOf(other._id)).toBe(kept);
    const left = await rows.findById(_id).lean();
    expect(left?.deletedAt).toBeInstanceOf(Date);
    // Nobody takes what is missing for a gap.
    expect(left?.firstSeq).toBe(seq + more.length + 2);
    const entries = entriesOn(beside.connection);
    const membersOf = () => Promise.resolve([]);
    expect((await fsck({ entries, conversations: rows, membersOf }, [room._id])).findings).toEqual([]);
    await beside.close();
    await second.close();
    expect(second.bugs()).toEqual([]);
    expect((await server.ask(`/api/rooms/${slug}`)).status).toBe(404);
    const form = { name: 'Attic', slug, language: 'en' };
    expect((await bob.post<Refusable>('/api/rooms', form)).body?.code).toBe('CONFLICT');
  });
});
