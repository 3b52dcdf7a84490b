import { Bootstrap, type Conversation, type Person, type Settings } from '@sori/contract';
import { Types } from 'mongoose';
import type { Someone } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';
import { peopleAtMost, toEmit } from './bootstrap.service.js';

const server = useServer();
let alice: Someone;
beforeEach(async () => {
  alice = await server.person('alice');
});

const begin = async (someone: Someone, query = ''): Promise<Bootstrap> => {
  const { status, body } = await someone.get<Bootstrap>(`/api/bootstrap${query}`);
  expect(status).toBe(200);
  return body;
};
const idsOf = (people: readonly { _id: string }[]) => people.map(({ _id }) => _id);

describe('what a page begins with', () => {
  it('is the same as the answers of the separate calls', async () => {
    const [bob, mallory] = await server.people('bob', 'mallory');
    await bob.say(alice._id, 'hello');
    await alice.say(alice._id, 'a note');
    await alice.post('/api/conversations', { name: 'Us', memberIds: [bob._id] });
    await alice.call('PUT', `/api/users/${mallory._id}/block`);
    await alice.call('PATCH', '/api/me/settings', { typing: false });

    const answer = await begin(alice);
    expect(Bootstrap.parse(answer)).toEqual(answer);
    expect(answer.me).toEqual((await alice.get('/api/auth/me')).body);
    expect(answer.settings).toEqual((await alice.get('/api/me/settings')).body);
    expect(answer.blocks).toEqual(idsOf((await alice.get<Person[]>('/api/me/blocks')).body));
    expect({ admin: answer.admin }).toEqual((await alice.get('/api/me/admin')).body);
    expect(answer.conversations).toHaveLength(3);
    expect(answer.conversations).toEqual((await alice.get('/api/conversations')).body);
    expect(answer.next).toBeNull();
    expect(answer.versions).toEqual({ protocol: 1, build: 1, oldestBuild: 1 });
  });

  it('includes what the person has just done', async () => {
    const bob = await server.person('bob');
    await begin(alice);
    for (let turn = 0; turn < 5; turn += 1) {
      await alice.call('PATCH', '/api/me/settings', { receipts: turn % 2 === 1 });
      await alice.call(turn % 2 === 0 ? 'PUT' : 'DELETE', `/api/users/${bob._id}/block`);
      const { _id } = await alice.say(alice._id, `note ${turn}`);
      const answer = await begin(alice);
      expect(answer.settings).toMatchObject({ receipts: turn % 2 === 1 } satisfies Partial<Settings>);
      expect(answer.blocks).toEqual(turn % 2 === 0 ? [bob._id] : []);
      expect(answer.conversations[0]?.lastMessage?._id).toBe(_id);
    }
  });

  it('names the conversations in which the person’s own state changed since the last call, and no others', async () => {
    const others = await server.people('bob', 'carol', 'dan', 'erin', 'frank', 'grace');
    const ids: string[] = [];
    for (const other of others) ids.push((await other.say(alice._id, 'hello')).conversationId);
    const [read, marked, muted, drafted, untouched] = ids;
    const put = (id: string | undefined, what: string, body: object) =>
      alice.call('PUT', `/api/conversations/${id}/${what}`, body);
    expect((await begin(alice)).changed).toBeUndefined();
    const changedSince = async (asOf: string | undefined): Promise<string[]> => {
      // What is from a moment before counts too: here nothing from before is to.
      const since = new Date(Date.parse(asOf ?? '') + 10_000).toISOString();
      return (await begin(alice, `?since=${since}`)).changed ?? ['not said'];
    };
    const before = (await begin(alice)).asOf;
    expect(await changedSince(before)).toEqual([]);
    await put(read, 'read', { seq: 1 });
    await put(marked, 'unread', { seq: 1 });
    await put(muted, 'mute', { until: new Date(Date.now() + 3_600_000).toISOString() });
    await put(drafted, 'draft', { text: 'unsaid', rev: 1 });
    // What others do, and what the log says, is none of it.
    await others[4].say(alice._id, 'again');
    await others[4].call('PUT', `/api/conversations/${untouched}/read`, { seq: 1 });
    const first = await begin(alice);
    expect((await changedSince(before)).sort()).toEqual([read, marked, muted, drafted].sort());
    await alice.post('/api/conversations/read-all');
    expect((await changedSince(first.asOf)).sort()).toEqual(ids.filter((id) => id !== read).sort());
    expect((await alice.get('/api/bootstrap?since=yesterday')).status).toBe(400);
  });

  it('names none where so many changed that reading the whole list is faster', async () => {
    const before = (await begin(alice)).asOf;
    const change = async (count: number): Promise<void> => {
      const rows = Array.from({ length: count }, () => ({
        conversationId: new Types.ObjectId(),
        userId: new Types.ObjectId(alice._id),
        changedAt: new Date(Date.parse(before ?? '') + 60_000),
      }));
      await server.store.connection.collection('members').insertMany(rows);
    };
    const since = new Date(Date.parse(before ?? '') + 30_000).toISOString();
    await change(101);
    expect((await begin(alice, `?limit=1&since=${since}`)).changed).toHaveLength(101);
    await change(1);
    expect(await begin(alice, `?limit=1&since=${since}`)).not.toHaveProperty('changed');
  });

  it('has the first page of the list, and where the next one begins', async () => {
    const others = await server.people('bob', 'carol', 'dave');
    for (const other of others) await alice.say(other._id, 'hello');
    const { conversations, next } = await begin(alice, '?limit=2');
    expect(
      conversations.map(({ participants }) => participants.find(({ _id }) => _id !== alice._id)?._id),
    ).toEqual([others[2]._id, others[1]._id]);
    const rest = await alice.get<Conversation[]>(`/api/conversations?before=${next ?? ''}`);
    expect(rest.body).toHaveLength(1);
    const whole = await alice.get<Conversation[]>('/api/conversations');
    expect(idsOf([...conversations, ...rest.body])).toEqual(idsOf(whole.body));
    expect((await begin(alice, '?limit=1000')).conversations).toHaveLength(3);
  });

  it('names everybody whom the list shows and whom the person blocks, each once', async () => {
    const members = await server.people('b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j');
    const last = members[8];
    const { body: group } = await alice.post<Conversation>('/api/conversations', {
      name: 'Us',
      memberIds: idsOf(members),
    });
    await last.say(group._id, 'I am not among the first eight');
    await members[0].say(alice._id, 'hello');
    await alice.call('PUT', `/api/users/${members[0]._id}/block`);
    const mallory = await server.person('mallory');
    await alice.call('PUT', `/api/users/${mallory._id}/block`);

    const { people, conversations, blocks } = await begin(alice);
    const known = idsOf(people);
    expect(new Set(known).size).toBe(known.length);
    expect(known).not.toContain(alice._id);
    const shown = conversations.flatMap(({ participants, lastMessage }) => [
      ...idsOf(participants),
      lastMessage?.senderId,
    ]);
    expect(shown).toContain(last._id);
    for (const id of [...shown, ...blocks]) if (id !== alice._id) expect(known).toContain(id);
    expect(people.find(({ _id }) => _id === last._id)).toEqual(
      (await alice.get(`/api/users/${last._id}`)).body,
    );
  });

  it('is not for strangers', async () => {
    expect(await server.ask('/api/bootstrap')).toMatchObject({
      status: 401,
      body: { code: 'UNAUTHENTICATED' },
    });
  });

  it('refuses a limit of zero', async () => {
    expect(await alice.get('/api/bootstrap?limit=0')).toMatchObject({
      status: 400,
      body: { code: 'INVALID' },
    });
  });
});

describe('those whom it names', () => {
  const person = (number: number): Person => ({
    _id: number.toString(16).padStart(24, '0'),
    fullName: `Person ${number}`,
    username: `p${number}`,
    profilePic: '/api/avatars/a.svg',
  });
  const people = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => person(from + index));

  it('are a bounded number, the most needed ones first', () => {
    const emitted = toEmit(person(0), people(0, 3), people(2, 400), people(300, 2_000));
    expect(emitted).toEqual(people(1, peopleAtMost + 1));
  });
});
