import type { Conversation, EnteredRoom, EntriesPage, Entry } from '@sori/contract';
import { Types } from 'mongoose';
import { connectDatabase } from '../../database/connect.js';
import { fsck } from '../../conversation-log/fsck.js';
import { conversationsOn } from '../../conversation-log/conversations.model.js';
import { entriesOn } from '../../conversation-log/entries.model.js';
import { type Answer, type Someone, startServer, type TestServer } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';

const server = useServer();
let alice: Someone;
let bob: Someone;
let carol: Someone;
beforeEach(async () => {
  [alice, bob, carol] = await server.people('alice', 'bob', 'carol');
});
afterEach(() => server.leave());

const path = '/api/conversations';
type Answered = Answer<Conversation & { code?: string }>;
const make = (owner: Someone, others: Someone[], more: object = {}): Promise<Answered> =>
  owner.post(path, { name: 'Hikers', memberIds: others.map(({ _id }) => _id), ...more });
const add = (by: Someone, id: string, people: Someone[], more: object = {}): Promise<Answered> =>
  by.post(`${path}/${id}/members`, { userIds: people.map(({ _id }) => _id), ...more });
const leave = (who: Someone, id: string): Promise<Answered> => who.post(`${path}/${id}/leave`);
const comeBack = (who: Someone, id: string, body?: object): Promise<Answered> =>
  who.post(`${path}/${id}/members/me`, body);
const block = (who: Someone, whom: Someone) => who.call('PUT', `/api/users/${whom._id}/block`);
const unblock = (who: Someone, whom: Someone) => who.call('DELETE', `/api/users/${whom._id}/block`);
const entriesOf = async (who: Someone, id: string): Promise<Entry[]> =>
  (await who.get<EntriesPage>(`${path}/${id}/entries?after=0`)).body.entries;
const idsIn = ({ body }: Answered): string[] => body.members.map(({ userId }) => userId).sort();
const ids = (...people: Someone[]): string[] => people.map(({ _id }) => _id).sort();
const isIn = async (who: Someone, id: string): Promise<boolean> =>
  (await who.get(`${path}/${id}`)).status === 200;

describe('somebody who blocks the person who adds them', () => {
  it('is left out of a new group, is not notified of it, and the answer lists who was added', async () => {
    await block(bob, alice);
    const phone = await bob.sori();
    const group = await make(alice, [bob, carol]);
    expect(group.status).toBe(201);
    expect(idsIn(group)).toEqual(ids(alice, carol));
    const { _id } = group.body;
    expect(await entriesOf(carol, _id)).toMatchObject([
      { change: 'joined', userIds: [alice._id] },
      { change: 'added', userIds: [carol._id] },
    ]);
    expect(await isIn(bob, _id)).toBe(false);
    await phone.settled();
    for (const name of ['conversation', 'entry', 'presence']) expect(phone.all(name)).toEqual([]);
    // Another one whom they do not block may take them in.
    await alice.call('PATCH', `${path}/${_id}/members/${carol._id}`, { role: 'admin' });
    expect(idsIn(await add(carol, _id, [bob]))).toEqual(ids(alice, bob, carol));
  });

  it('is left out of an addition, which adds the others, or nobody where there are none', async () => {
    const { _id } = (await make(alice, [])).body;
    await block(bob, alice);
    const nobody = await add(alice, _id, [bob]);
    expect(nobody.status).toBe(200);
    expect(idsIn(nobody)).toEqual(ids(alice));
    expect(await entriesOf(alice, _id)).toHaveLength(1);
    const one = await add(alice, _id, [bob, carol]);
    expect(one.status).toBe(200);
    expect(idsIn(one)).toEqual(ids(alice, carol));
    await unblock(bob, alice);
    expect(idsIn(await add(alice, _id, [bob]))).toEqual(ids(alice, bob, carol));
  });

  it('stays out where the same request is repeated after the block was lifted', async () => {
    await block(bob, alice);
    const { _id: alone } = (await make(alice, [bob], { clientId: 'alone' })).body;
    const { _id: some } = (await make(alice, [bob, carol], { clientId: 'some' })).body;
    const { _id: empty } = (await make(alice, [])).body;
    await add(alice, empty, [bob], { clientId: 'nobody' });
    await add(alice, empty, [bob, carol], { clientId: 'one' });
    await unblock(bob, alice);
    const again = await make(alice, [bob], { clientId: 'alone' });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body._id).toBe(alone);
    expect(idsIn(again)).toEqual(ids(alice));
    expect(idsIn(await make(alice, [bob, carol], { clientId: 'some' }))).toEqual(ids(alice, carol));
    expect(idsIn(await add(alice, empty, [bob], { clientId: 'nobody' }))).toEqual(ids(alice, carol));
    expect(idsIn(await add(alice, empty, [bob, carol], { clientId: 'one' }))).toEqual(ids(alice, carol));
    for (const id of [alone, some, empty]) expect(await isIn(bob, id)).toBe(false);
  });
});

describe('somebody who left a group', () => {
  let id: string;
  beforeEach(async () => {
    id = (await make(alice, [bob, carol])).body._id;
  });

  it('is taken back once, and after leaving again comes only by themselves', async () => {
    await leave(bob, id);
    expect(idsIn(await add(alice, id, [bob]))).toEqual(ids(alice, bob, carol));
    await leave(bob, id);
    for (let times = 0; times < 2; times += 1) {
      const again = await add(alice, id, [bob]);
      expect(again.status).toBe(200);
      expect(idsIn(again)).toEqual(ids(alice, carol));
    }
    expect(await isIn(bob, id)).toBe(false);

    const back = await comeBack(bob, id);
    expect(back.status).toBe(200);
    expect(idsIn(back)).toEqual(ids(alice, bob, carol));
    expect((await entriesOf(carol, id)).at(-1)).toMatchObject({
      kind: 'member',
      change: 'joined',
      senderId: bob._id,
      userIds: [bob._id],
      role: 'member',
    });
    await leave(bob, id);
    expect(idsIn(await add(alice, id, [bob]))).toEqual(ids(alice, carol));
    expect((await comeBack(bob, id)).status).toBe(200);
  });

  it('comes back as everybody sees, reads and writes again, and has no rights from before', async () => {
    await alice.call('PATCH', `${path}/${id}/members/${bob._id}`, { role: 'admin' });
    const carolsTab = await carol.sori();
    await leave(bob, id);
    // Emitted to who is there just then: whoever comes beside it may receive it or not.
    expect(await carolsTab.next('entry')).toMatchObject({ change: 'left', userIds: [bob._id] });
    const bobsTab = await bob.sori();
    await comeBack(bob, id);
    expect(await carolsTab.next('entry')).toMatchObject({ change: 'joined', userIds: [bob._id] });
    expect(await bobsTab.next('conversation')).toMatchObject({ _id: id, memberCount: 3 });
    expect((await bob.say(id, 'back')).seq).toBeGreaterThan(0);
    expect((await add(bob, id, [alice])).status).toBe(403);
  });

  it('gets the group unchanged where they are still in it', async () => {
    const before = await entriesOf(alice, id);
    const { status, body } = await comeBack(bob, id);
    expect([status, body._id]).toEqual([200, id]);
    expect(await entriesOf(alice, id)).toEqual(before);
  });

  it('is not brought back by a first try that arrives late', async () => {
    await leave(bob, id);
    expect((await comeBack(bob, id, { clientId: 'back' })).status).toBe(200);
    expect((await comeBack(bob, id, { clientId: 'back' })).status).toBe(200);
    await leave(bob, id);
    expect((await comeBack(bob, id, { clientId: 'back' })).status).toBe(404);
    expect(await isIn(bob, id)).toBe(false);
  });

  it('becomes its owner where nobody else is left', async () => {
    for (const one of [carol, bob, alice]) await leave(one, id);
    await comeBack(bob, id);
    const { body } = await bob.get<Conversation>(`${path}/${id}`);
    expect(body.members).toMatchObject([{ userId: bob._id, role: 'owner' }]);
    await comeBack(carol, id);
    expect((await carol.get<Conversation>(`${path}/${id}`)).body.members).toMatchObject([
      { userId: bob._id, role: 'owner' },
      { userId: carol._id, role: 'member' },
    ]);
  });

  it('leaves a log behind in which the tool that checks every log finds nothing', async () => {
    await leave(bob, id);
    await comeBack(bob, id);
    await bob.say(id, 'back');
    const store = await connectDatabase(server.engine.uri);
    const deps = {
      entries: entriesOn(store.connection),
      conversations: conversationsOn(store.connection),
      membersOf: () => Promise.resolve([]),
    };
    const { findings, entries } = await fsck(deps, [id]);
    await store.close();
    // Made, joined by others, left, come back to, written in.
    expect(entries).toBeGreaterThanOrEqual(5);
    expect(findings.filter(({ invariant }) => invariant === 'I12')).toEqual([]);
  });

  it('is one entry in the log, however often they ask at once', async () => {
    await leave(bob, id);
    const answers = await Promise.all(Array.from({ length: 5 }, () => comeBack(bob, id)));
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
    const comings = (await entriesOf(alice, id)).filter(
      (entry) => entry.kind === 'member' && entry.change === 'joined' && entry.senderId === bob._id,
    );
    expect(comings).toHaveLength(1);
  });
});

describe('who did not leave a group', () => {
  it('cannot join by themselves: people who were taken out, strangers and unknown groups get the same answer', async () => {
    const { _id } = (await make(alice, [bob])).body;
    const said = await alice.say(bob._id, 'hello');
    await alice.call('DELETE', `${path}/${_id}/members/${bob._id}`);
    const missing = await bob.get(`${path}/${'b'.repeat(24)}`);
    const answers = [
      await comeBack(bob, _id),
      await comeBack(carol, _id),
      await comeBack(carol, said.conversationId),
      await comeBack(carol, 'c'.repeat(24)),
    ];
    for (const { status, body } of answers) {
      expect({ status, body }).toEqual({ status: 404, body: missing.body });
    }
    // Also where they left before: what counts is how they went last.
    await add(alice, _id, [bob]);
    await leave(bob, _id);
    await add(alice, _id, [bob]);
    await alice.call('DELETE', `${path}/${_id}/members/${bob._id}`);
    expect((await comeBack(bob, _id)).status).toBe(404);
    expect(idsIn(await add(alice, _id, [bob]))).toEqual(ids(alice, bob));
  });
});

describe('somebody who is in two thousand groups and rooms', () => {
  const fill = async (who: Someone, count: number): Promise<void> => {
    const rows = Array.from({ length: count }, () => ({
      conversationId: new Types.ObjectId(),
      userId: new Types.ObjectId(who._id),
      role: 'member',
      joinSeq: 1,
      firstSeq: 1,
      leftSeq: 0,
      memberSeq: 1,
      readSeq: 0,
      deliveredSeq: 0,
    }));
    await server.store.connection.collection('members').insertMany(rows);
  };

  it('is left out of an addition, may not make, enter or come back to one more, and keeps those there are', async () => {
    const slug = `full-${bob.name}`;
    const mine = await bob.post<EnteredRoom>('/api/rooms', { name: 'Mine', slug, language: 'en' });
    expect(mine.status).toBe(201);
    const other = `other-${bob.name}`;
    await alice.post('/api/rooms', { name: 'Other', slug: other, language: 'en' });
    const { _id: left } = (await make(alice, [bob])).body;
    const { _id: kept } = (await make(alice, [bob])).body;
    await leave(bob, left);
    // With the room and the group that there are.
    await fill(bob, 1_997);
    const { _id } = (await make(alice, [bob, carol])).body;
    expect(await isIn(bob, _id)).toBe(true);

    const without = await make(alice, [bob, carol]);
    expect(without.status).toBe(201);
    expect(idsIn(without)).toEqual(ids(alice, carol));
    expect(idsIn(await add(alice, without.body._id, [bob]))).toEqual(ids(alice, carol));
    const refused = [
      await make(bob, [carol]),
      await comeBack(bob, left),
      await bob.post<{ code?: string }>('/api/rooms', { name: 'More', language: 'en' }),
      await bob.post<{ code?: string }>(`/api/rooms/${other}/enter`, {}),
    ];
    for (const { status, body } of refused) expect([status, body.code]).toEqual([422, 'REFUSED']);

    expect((await bob.post(`/api/rooms/${slug}/enter`, {})).status).toBe(200);
    expect((await comeBack(bob, kept)).status).toBe(200);
    expect((await bob.say(kept, 'still here')).seq).toBeGreaterThan(0);
    await leave(bob, kept);
    expect((await bob.post(`/api/rooms/${other}/enter`, {})).status).toBe(200);
  });
});

describe('people who are put into groups', () => {
  let strict: TestServer;
  beforeAll(async () => {
    strict = await startServer({ engine: server.engine, settings: { LIMIT_ADDS_PER_USER_HOUR: '12' } });
  });
  afterAll(() => strict.close());

  it('are counted one by one, and a large group that is refused uses up nothing', async () => {
    const [eve, ...crowd] = await strict.people('eve', 'a', 'b', 'c', 'd', 'e', 'f', 'g');
    const group = await make(eve, crowd, { clientId: 'first' });
    expect(group.status).toBe(201);
    // The same again is nobody more.
    for (let times = 0; times < 3; times += 1) {
      expect((await make(eve, crowd, { clientId: 'first' })).status).toBe(201);
    }
    const refused = await make(eve, crowd);
    expect([refused.status, refused.body.code]).toEqual([429, 'RATE_LIMITED']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(60);
    expect((await eve.get<Conversation[]>(path)).body).toHaveLength(1);
    expect((await make(eve, crowd.slice(0, 5))).status).toBe(201);
    const addition = await add(eve, group.body._id, [alice]);
    expect([addition.status, addition.body.code]).toEqual([429, 'RATE_LIMITED']);
    // Who is there already is nobody more either.
    expect((await add(eve, group.body._id, crowd)).status).toBe(200);
  });

  it('can be the same person at most ten times an hour, whether or not they join', async () => {
    const [eve, mia] = await strict.people('eve', 'mia');
    const stranger = await strict.person('stranger');
    await block(stranger, mia);
    for (const maker of [eve, mia]) {
      for (let times = 0; times < 10; times += 1) expect((await make(maker, [stranger])).status).toBe(201);
      const refused = await make(maker, [stranger]);
      expect([refused.status, refused.body.code]).toEqual([429, 'RATE_LIMITED']);
    }
    expect((await make(eve, [mia])).status).toBe(201);
    expect((await stranger.get<Conversation[]>(path)).body).toHaveLength(10);
  });

  it('do not come back by themselves again and again', async () => {
    const [eve, mia] = await strict.people('eve', 'mia');
    const { _id } = (await make(eve, [mia])).body;
    for (let times = 0; times < 10; times += 1) {
      await leave(mia, _id);
      expect((await comeBack(mia, _id)).status).toBe(200);
    }
    await leave(mia, _id);
    expect((await comeBack(mia, _id)).body.code).toBe('RATE_LIMITED');
  });
});
