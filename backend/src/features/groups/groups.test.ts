import type { Conversation, EntriesPage, Entry, Message } from '@sori/contract';
import type { Someone } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';

const server = useServer();
let alice: Someone;
let bob: Someone;
let carol: Someone;
let dave: Someone;
beforeEach(async () => {
  [alice, bob, carol, dave] = await server.people('alice', 'bob', 'carol', 'dave');
});
afterEach(() => server.leave());

const path = '/api/conversations';
const make = async (owner: Someone, ...others: Someone[]): Promise<Conversation> => {
  const { status, body } = await owner.post<Conversation>(path, {
    name: 'Hikers',
    memberIds: others.map(({ _id }) => _id),
  });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body;
};
const entriesOf = async (someone: Someone, id: string): Promise<Entry[]> =>
  (await someone.get<EntriesPage>(`${path}/${id}/entries?after=0`)).body.entries;
const seenBy = async (someone: Someone, id: string): Promise<Conversation> =>
  (await someone.get<Conversation>(`${path}/${id}`)).body;
const rolesIn = async (someone: Someone, id: string): Promise<Record<string, string>> =>
  Object.fromEntries((await seenBy(someone, id)).members.map(({ userId, role }) => [userId, role]));
const setRole = (someone: Someone, id: string, target: Someone, role: string) =>
  someone.call<Conversation>('PATCH', `${path}/${id}/members/${target._id}`, { role });
const add = (someone: Someone, id: string, ...people: Someone[]) =>
  someone.post<Conversation>(`${path}/${id}/members`, { userIds: people.map(({ _id }) => _id) });
const remove = (someone: Someone, id: string, target: Someone) =>
  someone.call<Conversation>('DELETE', `${path}/${id}/members/${target._id}`);
const leave = (someone: Someone, id: string) => someone.post<Conversation>(`${path}/${id}/leave`);

describe('making a group', () => {
  it('makes its maker the owner and shows it to everybody with its people', async () => {
    const group = await make(alice, bob, carol);
    expect(group).toMatchObject({ kind: 'group', name: 'Hikers', memberCount: 3, unread: 0, mentions: 0 });
    expect(group.participants.map(({ _id }) => _id).sort()).toEqual(
      [alice, bob, carol].map(({ _id }) => _id).sort(),
    );
    expect(group.participants[0]?._id).toBe(alice._id);
    for (const someone of [alice, bob, carol]) {
      const { body } = await someone.get<Conversation[]>(path);
      expect(body.map(({ _id }) => _id)).toEqual([group._id]);
      expect(await rolesIn(someone, group._id)).toEqual({
        [alice._id]: 'owner',
        [bob._id]: 'member',
        [carol._id]: 'member',
      });
    }
    expect((await entriesOf(bob, group._id)).map((entry) => entry)).toMatchObject([
      { seq: 1, kind: 'member', change: 'joined', senderId: alice._id, userIds: [alice._id], role: 'owner' },
      { seq: 2, kind: 'member', change: 'added', senderId: alice._id },
    ]);
  });

  it('notifies the devices of everybody in it', async () => {
    const [phone, laptop, stranger] = await Promise.all([bob.sori(), alice.sori(), dave.sori()]);
    const group = await make(alice, bob);
    expect(await phone.next('conversation')).toMatchObject({
      _id: group._id,
      name: 'Hikers',
      memberCount: 2,
    });
    expect(await laptop.next('conversation')).toMatchObject({ _id: group._id });
    await stranger.settled();
    for (const name of ['conversation', 'entry', 'newMessage']) expect(stranger.all(name)).toEqual([]);
  });

  it('is one group however often it is asked for under one clientId, and another content is refused', async () => {
    const body = { name: 'Hikers', memberIds: [bob._id], clientId: 'once' };
    const answers = await Promise.all([1, 2, 3].map(() => alice.post<Conversation>(path, body)));
    expect(new Set(answers.map(({ body: { _id } }) => _id)).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    const again = await alice.post<Conversation>(path, body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await entriesOf(alice, again.body._id)).toHaveLength(2);
    expect((await alice.post(path, { ...body, name: 'Other' })).status).toBe(409);
  });

  it('refuses people who do not exist and a name that cannot be seen', async () => {
    const nobody = 'a'.repeat(24);
    expect((await alice.post(path, { name: 'Hikers', memberIds: [nobody] })).status).toBe(404);
    expect((await alice.post(path, { name: '\u200b', memberIds: [bob._id] })).status).toBe(400);
    expect((await alice.get<unknown[]>(path)).body).toEqual([]);
  });
});

describe('a change of who is in a group', () => {
  let group: Conversation;
  beforeEach(async () => {
    group = await make(alice, bob, carol);
  });
  const changes = async (): Promise<unknown[]> =>
    (await entriesOf(alice, group._id))
      .slice(2)
      .map((entry) => (entry.kind === 'member' ? [entry.change, ...entry.userIds] : entry.kind));
  const members = (): string => `${path}/${group._id}/members`;
  const addDave = () => alice.post<Conversation>(members(), { userIds: [dave._id], clientId: 'in' });
  const removeDave = () =>
    alice.call<Conversation>('DELETE', `${members()}/${dave._id}`, { clientId: 'out' });

  it('is made once however often it is asked for under one clientId, also at the same moment', async () => {
    for (const answers of [await Promise.all([addDave(), addDave(), addDave()]), [await addDave()]])
      for (const answer of answers) expect(answer).toMatchObject({ status: 200, body: { memberCount: 4 } });
    for (const answers of [
      await Promise.all([removeDave(), removeDave(), removeDave()]),
      [await removeDave()],
    ])
      for (const answer of answers) expect(answer).toMatchObject({ status: 200, body: { memberCount: 3 } });
    const promote = () =>
      alice.call('PATCH', `${members()}/${bob._id}`, { role: 'admin' }, { 'Idempotency-Key': 'up' });
    expect([(await promote()).status, (await promote()).status]).toEqual([200, 200]);
    expect(await changes()).toEqual([
      ['added', dave._id],
      ['removed', dave._id],
      ['role', bob._id],
    ]);
  });

  it('brings nobody back, and takes nobody out again, when one of its tries arrives late', async () => {
    await addDave();
    await removeDave();
    expect(await addDave()).toMatchObject({ status: 200, body: { memberCount: 3 } });
    expect(await add(alice, group._id, dave)).toMatchObject({ status: 200 });
    expect(await removeDave()).toMatchObject({ status: 200, body: { memberCount: 4 } });

    const leave = () => dave.post<Conversation>(`${path}/${group._id}/leave`, { clientId: 'bye' });
    expect(await leave()).toMatchObject({ status: 200, body: { memberCount: 3 } });
    expect((await leave()).status).toBe(404);
    expect(await add(alice, group._id, dave)).toMatchObject({ status: 200 });
    expect(await leave()).toMatchObject({ status: 200, body: { memberCount: 4 } });
    expect((await seenBy(dave, group._id)).memberCount).toBe(4);
  });

  it('is refused under a clientId that was used for something else', async () => {
    await addDave();
    expect((await alice.post(members(), { userIds: [bob._id], clientId: 'in' })).status).toBe(409);
    const other = await alice.call('DELETE', `${members()}/${bob._id}`, undefined, {
      'Idempotency-Key': 'in',
    });
    expect(other.status).toBe(409);
    expect((await alice.call('DELETE', `${members()}/${bob._id}`, { clientId: ':in' })).status).toBe(400);
    expect(await changes()).toEqual([['added', dave._id]]);
  });
});

describe('rights in a group', () => {
  let group: Conversation;
  beforeEach(async () => {
    group = await make(alice, bob, carol);
  });

  it('lets members write, and not name, add, remove or promote', async () => {
    expect((await bob.say(group._id, 'hello')).conversationId).toBe(group._id);
    expect((await bob.call('PATCH', `${path}/${group._id}`, { name: 'Mine' })).status).toBe(403);
    expect((await bob.call('PATCH', `${path}/${group._id}`, { history: 'all' })).status).toBe(403);
    expect((await add(bob, group._id, dave)).status).toBe(403);
    expect((await remove(bob, group._id, carol)).status).toBe(403);
    expect((await setRole(bob, group._id, bob, 'owner')).status).toBe(403);
    expect((await seenBy(alice, group._id)).name).toBe('Hikers');
  });

  it('lets admins name, add and remove, and not promote, nor remove an owner', async () => {
    expect((await setRole(alice, group._id, bob, 'admin')).status).toBe(200);
    const renamed = await bob.call<Conversation>('PATCH', `${path}/${group._id}`, { name: ' Climbers ' });
    expect(renamed).toMatchObject({ status: 200, body: { name: 'Climbers' } });
    expect(await add(bob, group._id, dave)).toMatchObject({ status: 200, body: { memberCount: 4 } });
    expect(await remove(bob, group._id, carol)).toMatchObject({ status: 200, body: { memberCount: 3 } });
    expect((await setRole(bob, group._id, dave, 'admin')).status).toBe(403);
    expect((await remove(bob, group._id, alice)).status).toBe(403);
    const kinds = (await entriesOf(dave, group._id)).map((entry) =>
      entry.kind === 'member' ? entry.change : entry.kind,
    );
    expect(kinds).toEqual(['joined', 'added', 'role', 'title', 'added', 'removed']);
  });

  it('answers everybody else as if there were no such group', async () => {
    const missing = await dave.get(`${path}/${'b'.repeat(24)}`);
    const answers = [
      await dave.get(`${path}/${group._id}`),
      await dave.get(`${path}/${group._id}/entries?after=0`),
      await dave.get(`${path}/${group._id}/members`),
      await dave.get(`/api/messages/${group._id}`),
      await dave.post(`/api/messages/send/${group._id}`, { message: 'hi' }),
      await dave.call('PATCH', `${path}/${group._id}`, { name: 'Mine' }),
      await add(dave, group._id, dave),
      await remove(dave, group._id, bob),
      await setRole(dave, group._id, dave, 'owner'),
      await leave(dave, group._id),
      await dave.call('PUT', `${path}/${group._id}/read`, { seq: 1 }),
      await dave.call('PUT', `${path}/${group._id}/mute`, { until: null }),
    ];
    for (const { status, body } of answers)
      expect({ status, body }).toEqual({ status: 404, body: missing.body });
  });

  it('lets those who manage it pin, and delete what others wrote; others only what is theirs', async () => {
    const message = await carol.say(group._id, 'look at this');
    const of = (id: string) => `/api/messages/${id}`;
    expect((await bob.call('PUT', `${of(message._id)}/pin`)).status).toBe(403);
    expect((await bob.call('DELETE', of(message._id))).status).toBe(403);
    expect((await bob.call('PUT', `${of(message._id)}/reactions/👍`)).status).toBe(200);
    expect((await bob.call('PATCH', of(message._id), { message: 'no' })).status).toBe(403);
    await setRole(alice, group._id, bob, 'admin');
    expect((await bob.call<Message>('PUT', `${of(message._id)}/pin`)).body.pinnedAt).toBeDefined();
    expect((await bob.call('PATCH', of(message._id), { message: 'no' })).status).toBe(403);
    expect((await bob.call<Message>('DELETE', of(message._id))).body.deletedAt).toBeDefined();
    const own = await carol.say(group._id, 'mine');
    expect((await carol.call('DELETE', of(own._id))).status).toBe(200);
  });

  it('refuses to change a conversation of two', async () => {
    const { conversationId } = await alice.say(bob._id, 'hello');
    const answers = [
      await alice.call('PATCH', `${path}/${conversationId}`, { name: 'Us' }),
      await add(alice, conversationId, carol),
      await remove(alice, conversationId, bob),
      await setRole(alice, conversationId, alice, 'owner'),
      await leave(alice, conversationId),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
  });
});

describe('a group without its owner', () => {
  it('goes to the longest-standing admin when the last owner leaves, else to a member', async () => {
    const group = await make(alice, bob);
    await add(alice, group._id, carol);
    await add(alice, group._id, dave);
    await setRole(alice, group._id, dave, 'admin');
    const left = await leave(alice, group._id);
    expect(left).toMatchObject({ status: 200, body: { _id: group._id, memberCount: 3 } });
    expect(await rolesIn(bob, group._id)).toEqual({
      [bob._id]: 'member',
      [carol._id]: 'member',
      [dave._id]: 'owner',
    });
    await leave(dave, group._id);
    expect(await rolesIn(bob, group._id)).toEqual({ [bob._id]: 'owner', [carol._id]: 'member' });
    expect((await entriesOf(bob, group._id)).slice(-4)).toMatchObject([
      { change: 'role', role: 'owner', userIds: [dave._id], senderId: alice._id },
      { change: 'left', userIds: [alice._id] },
      { change: 'role', role: 'owner', userIds: [bob._id] },
      { change: 'left', userIds: [dave._id] },
    ]);
  });

  it('keeps an owner when two owners leave at the same moment', async () => {
    const group = await make(alice, bob, carol);
    await setRole(alice, group._id, bob, 'owner');
    const answers = await Promise.all([leave(alice, group._id), leave(bob, group._id)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await rolesIn(carol, group._id)).toEqual({ [carol._id]: 'owner' });
  });

  it('does not let the last owner step down', async () => {
    const group = await make(alice, bob);
    expect((await setRole(alice, group._id, alice, 'member')).status).toBe(422);
    await setRole(alice, group._id, bob, 'owner');
    expect((await setRole(alice, group._id, alice, 'member')).status).toBe(200);
  });

  it('takes one of two admins out who remove each other', async () => {
    const group = await make(alice, bob, carol);
    await setRole(alice, group._id, bob, 'admin');
    await setRole(alice, group._id, carol, 'admin');
    const answers = await Promise.all([remove(bob, group._id, carol), remove(carol, group._id, bob)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404]);
    expect((await seenBy(alice, group._id)).memberCount).toBe(2);
  });

  it('ends with the last one who leaves', async () => {
    const group = await make(alice);
    expect((await leave(alice, group._id)).status).toBe(200);
    expect((await alice.get(`${path}/${group._id}`)).status).toBe(404);
    expect((await alice.get<unknown[]>(path)).body).toEqual([]);
  });
});
