import type { Conversation, EntriesPage, Entry, Message } from '@sori/contract';
import type { Client } from '../../testing/live.js';
import type { Someone } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';
import { silentPeople } from '../../testing/silent-people.js';

const server = useServer();
let alice: Someone;
let bob: Someone;
let carol: Someone;
let dave: Someone;
let id: string;
beforeEach(async () => {
  [alice, bob, carol, dave] = await server.people('alice', 'bob', 'carol', 'dave');
  const { body } = await alice.post<Conversation>('/api/conversations', {
    name: 'Hikers',
    memberIds: [bob._id, carol._id],
  });
  id = body._id;
});
afterEach(() => server.leave());

const at = (rest = ''): string => `/api/conversations/${id}${rest}`;
const add = async (...people: Someone[]): Promise<void> => {
  const { status } = await alice.post(at('/members'), { userIds: people.map(({ _id }) => _id) });
  expect(status).toBe(200);
};
const remove = (target: Someone, by = alice) => by.call<Conversation>('DELETE', at(`/members/${target._id}`));
const seenBy = async (someone: Someone): Promise<Conversation> =>
  (await someone.get<Conversation>(at())).body;
const entriesOf = async (someone: Someone, after = 0): Promise<Entry[]> =>
  (await someone.get<EntriesPage>(at(`/entries?after=${after}`))).body.entries;
const historyOf = async (someone: Someone): Promise<Message[]> =>
  (await someone.get<Message[]>(`/api/messages/${id}`)).body;
const everything = ['newMessage', 'entry', 'conversation', 'read', 'typing', 'presence'] as const;
const reachedBy = (client: Client): unknown[] =>
  everything.flatMap((name) => client.all(name).map((notice) => ({ name, notice })));

describe('somebody who was taken out', () => {
  it('is notified that it is gone, and from then on receives and finds nothing', async () => {
    const said = await bob.say(id, 'before');
    const [phone, old] = await Promise.all([bob.sori(), bob.tutorial()]);
    expect((await remove(bob)).status).toBe(200);
    expect(await phone.next('conversation:gone')).toEqual({ conversationId: id });
    await carol.say(id, 'after');
    await carol.call('PUT', `/api/messages/${said._id}/reactions/👍`);
    await alice.call('PATCH', at(), { name: 'Without Bob' });
    const carols = await carol.sori();
    await carols.ask('typing:set', { conversationId: id, typing: true });
    await carols.ask('read:set', { conversationId: id, seq: 4 });
    await Promise.all([phone.settled(), old.settled()]);
    expect(reachedBy(phone)).toEqual([]);
    expect(reachedBy(old)).toEqual([]);

    const missing = await bob.get(`/api/conversations/${'b'.repeat(24)}`);
    const answers = [
      await bob.get(at()),
      await bob.get(at('/entries?after=0')),
      await bob.get(`/api/messages/${id}`),
      await bob.post(`/api/messages/send/${id}`, { message: 'still here?' }),
      await bob.call('PATCH', `/api/messages/${said._id}`, { message: 'still mine?' }),
      await bob.call('DELETE', `/api/messages/${said._id}`),
      await bob.call('PUT', `/api/messages/${said._id}/pin`),
      await bob.call('PUT', at('/read'), { seq: 3 }),
      await bob.call('PUT', at('/draft'), { text: 'x', rev: 9 }),
      await bob.post(at('/leave')),
      await bob.get(at('/members')),
    ];
    for (const { status, body } of answers)
      expect({ status, body }).toEqual({ status: 404, body: missing.body });
    for (const [name, input] of [
      ['message:send', { to: id, message: 'hi', clientId: 'late' }],
      ['entries:after', { conversationId: id, after: 0 }],
      ['read:set', { conversationId: id, seq: 1 }],
      ['delivered:set', { conversationId: id, seq: 1 }],
      ['typing:set', { conversationId: id, typing: true }],
    ] as const) {
      expect(await phone.ask(name, input)).toMatchObject({ ok: false, code: 'NOT_FOUND' });
    }
    expect((await bob.get<unknown[]>('/api/conversations')).body).toEqual([]);

    const again = bob.knock();
    const heads = (await again.next('heads')) as { heads: unknown[] };
    expect(heads.heads).toEqual([]);
    await alice.say(id, 'much later');
    await again.settled();
    expect(reachedBy(again)).toEqual([]);
  });

  it('has each message sent at that moment refused, or stored before the removal', async () => {
    const phone = await bob.sori();
    const sends = Array.from({ length: 30 }, (_, n) =>
      phone.ask('message:send', { to: id, message: `m${n}`, clientId: `race-${n}` }),
    );
    const removal = remove(bob);
    const more = Array.from({ length: 30 }, (_, n) =>
      phone.ask('message:send', { to: id, message: `n${n}`, clientId: `late-${n}` }),
    );
    const answers = await Promise.all([...sends, ...more]);
    expect((await removal).status).toBe(200);
    const log = await entriesOf(alice);
    const removed = log.find((entry) => entry.kind === 'member' && entry.change === 'removed')?.seq ?? 0;
    const bobsMessages = log.filter((entry) => entry.kind === 'message' && entry.senderId === bob._id);
    expect(bobsMessages.every(({ seq }) => seq < removed)).toBe(true);
    expect(answers.filter(({ ok }) => ok === true)).toHaveLength(bobsMessages.length);
    for (const answer of answers) if (answer['ok'] !== true) expect(answer['code']).toBe('NOT_FOUND');
    expect((await phone.ask('message:send', { to: id, message: 'x', clientId: 'x' }))['code']).toBe(
      'NOT_FOUND',
    );
  });

  it('may come back, with the old history where the group shows it, and has nothing unread', async () => {
    await bob.say(id, 'before');
    await remove(bob);
    await carol.say(id, 'meanwhile');
    const phone = await bob.sori();
    await add(bob);
    expect(await phone.next('conversation')).toMatchObject({ _id: id, unread: 0, memberCount: 3 });
    expect((await historyOf(bob)).map(({ message }) => message)).toEqual(['before', 'meanwhile']);
    await carol.say(id, 'welcome back');
    expect(await seenBy(bob)).toMatchObject({ unread: 1, lastMessage: { message: 'welcome back' } });
  });

  it('leaves no draft or mute behind for when they come back', async () => {
    await bob.call('PUT', at('/draft'), { text: 'secret', rev: 1 });
    await bob.call('PUT', at('/mute'), { until: '2999-01-01T00:00:00.000Z' });
    expect(await seenBy(bob)).toMatchObject({
      draft: { text: 'secret' },
      mutedUntil: '2999-01-01T00:00:00.000Z',
    });
    await remove(bob);
    await add(bob);
    const again = await seenBy(bob);
    expect(again.draft).toBeUndefined();
    expect(again.mutedUntil).toBeNull();
  });

  it('does not see who of the group comes and goes', async () => {
    await remove(bob);
    const phone = await bob.sori();
    expect(await phone.next('getOnlineUsers')).toEqual([]);
    const carols = await carol.sori();
    expect(await carols.next('getOnlineUsers')).not.toContain(bob._id);
    // Sent with the next round, as carol's presence would be.
    const [dave] = await server.people('dave');
    await bob.say(dave._id, 'hi');
    await dave.sori();
    expect(await phone.next('presence')).toMatchObject({ online: [dave._id] });
    expect(JSON.stringify(phone.all('presence'))).not.toContain(carol._id);
  });
});

describe('somebody who leaves', () => {
  it('loses it on all devices, and the others are notified', async () => {
    const [phone, others] = await Promise.all([bob.sori(), carol.sori()]);
    await bob.post(at('/leave'));
    expect(await phone.next('conversation:gone')).toEqual({ conversationId: id });
    expect(await others.next('entry')).toMatchObject({ kind: 'member', change: 'left', userIds: [bob._id] });
    expect(await others.next('conversation')).toMatchObject({ memberCount: 2 });
  });
});

describe('who joins a group that shows its history from joining on', () => {
  beforeEach(async () => {
    await alice.call('PATCH', at(), { history: 'since-joining' });
  });

  it('gets nothing from before, whichever way they ask', async () => {
    const secret = await carol.say(id, 'a secret');
    const quoted = await carol.post(`/api/messages/send/${id}`, {
      message: 'q',
      replyTo: secret._id,
    });
    const phone = await dave.sori();
    await add(dave);
    const begins = await phone.next('conversation');
    const firstSeq = quoted.body.seq + 1;
    expect(begins).toMatchObject({ firstSeq, unread: 0, mentions: 0 });
    expect(begins).not.toHaveProperty('lastMessage');
    expect(await phone.next('entry')).toMatchObject({ seq: firstSeq, kind: 'member', change: 'added' });

    await alice.call('PUT', `/api/messages/${secret._id}/pin`);
    expect(await phone.next('entry')).toEqual({
      _id: expect.any(String) as string,
      conversationId: id,
      seq: firstSeq + 1,
      at: expect.any(String) as string,
      kind: 'noop',
    });
    await carol.post(`/api/messages/send/${id}`, { message: 'as I said', replyTo: secret._id });
    const received = (await phone.next('newMessage')) as Message;
    expect(received).toMatchObject({ message: 'as I said' });
    expect(received).not.toHaveProperty('replyTo');
    expect(received).not.toHaveProperty('replyToSeq');
    await carol.call('PUT', `/api/messages/${received._id}/reactions/👍`);
    const reaction = (await phone.next('entry')) as { target: Message };
    expect(reaction.target).toMatchObject({ _id: received._id });
    expect(reaction.target).not.toHaveProperty('replyTo');

    expect((await historyOf(dave)).map(({ message }) => message)).toEqual(['as I said']);
    for (const query of ['?before=4', '?around=3', '?after=0', '?limit=100']) {
      const { body } = await dave.get<Message[]>(`/api/messages/${id}${query}`);
      expect(body.every(({ seq }) => seq >= firstSeq)).toBe(true);
      expect(JSON.stringify(body)).not.toContain('secret');
      expect(JSON.stringify(body)).not.toContain(secret._id);
    }
    const entries = await entriesOf(dave);
    expect(entries.map(({ seq, kind }) => [seq, kind])).toEqual([
      [firstSeq, 'member'],
      [firstSeq + 1, 'noop'],
      [firstSeq + 2, 'message'],
      [firstSeq + 3, 'react'],
    ]);
    expect(JSON.stringify(entries)).not.toContain(secret._id);
    const { body: below } = await dave.get<EntriesPage>(at('/entries?after=2'));
    expect(below).toMatchObject({ reset: true, entries: [] });
    const overSocket = (await phone.ask('entries:after', {
      conversationId: id,
      after: 0,
    })) as unknown as EntriesPage;
    expect(overSocket.entries.map(({ seq }) => seq)[0]).toBe(firstSeq);

    for (const answer of [
      await dave.call('PUT', `/api/messages/${secret._id}/reactions/👍`),
      await dave.call('DELETE', `/api/messages/${secret._id}`),
    ]) {
      expect(answer.status).toBe(404);
    }
    const asQuote = { message: 'x', replyTo: secret._id };
    expect((await dave.post(`/api/messages/send/${id}`, asQuote)).status).toBe(400);
    expect((await dave.call('PUT', at('/draft'), { text: 'x', replyTo: secret._id, rev: 1 })).status).toBe(
      400,
    );
    const list = await dave.get<Conversation[]>('/api/conversations');
    expect(list.body[0]).toMatchObject({ firstSeq, unread: 1, lastMessage: { message: 'as I said' } });

    expect((await historyOf(bob)).map(({ message }) => message)).toEqual(['a secret', 'q', 'as I said']);
  });

  it('has nothing unread from before, also after marking everything as unread', async () => {
    for (const text of ['one', 'two']) await carol.say(id, text);
    await add(dave);
    expect(await seenBy(dave)).toMatchObject({ unread: 0 });
    await carol.say(id, 'three');
    const { body } = await dave.call<Conversation>('PUT', at('/unread'), { seq: 1 });
    expect(body).toMatchObject({ unread: 1 });
  });
});

describe('who joins a group that shows its history from the start', () => {
  it('is described to those who are there, who need not ask, and stands in the log by id alone', async () => {
    const phone = await carol.sori();
    await add(dave);
    const { body: described } = await carol.get(`/api/users/${dave._id}`);
    const received = await phone.next('entry');
    expect(received).toMatchObject({ change: 'added', userIds: [dave._id], people: [described] });
    // In their order: what is said right after it waits for the look at who came.
    await alice.say(id, 'welcome');
    expect(await phone.next('newMessage')).toMatchObject({ message: 'welcome' });
    expect(
      (await entriesOf(carol)).find(({ kind, seq }) => kind === 'member' && seq === (received as Entry).seq),
    ).not.toHaveProperty('people');
  });

  it('can read it all, and has nothing unread', async () => {
    await carol.say(id, 'long ago');
    await add(dave);
    expect(await seenBy(dave)).toMatchObject({
      firstSeq: 1,
      unread: 0,
      lastMessage: { message: 'long ago' },
    });
    expect((await entriesOf(dave)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });
});

describe('a group of many, like a conversation of two,', () => {
  it('counts what others wrote, and shows everybody how far each one has read', async () => {
    await bob.say(id, 'one');
    const { seq } = await carol.say(id, 'two');
    expect(await seenBy(alice)).toMatchObject({ unread: 2 });
    expect(await seenBy(bob)).toMatchObject({ unread: 1 });
    const [bobs, carols] = await Promise.all([bob.sori(), carol.sori()]);
    await alice.call('PUT', at('/read'), { seq });
    const notice = { conversationId: id, userId: alice._id, readSeq: seq, deliveredSeq: seq };
    expect(await bobs.next('read')).toEqual(notice);
    expect(await carols.next('read')).toEqual(notice);
    expect((await seenBy(bob)).members.find(({ userId }) => userId === alice._id)).toMatchObject({
      readSeq: seq,
      joinSeq: 1,
    });
    expect(await seenBy(alice)).toMatchObject({ unread: 0 });
  });

  it('shows no receipts of somebody who switched them off, and none to them', async () => {
    await alice.call('PATCH', '/api/me/settings', { receipts: false });
    const { seq } = await bob.say(id, 'one');
    const bobs = await bob.sori();
    for (const reader of [alice, carol]) await reader.call('PUT', at('/read'), { seq });
    expect(await bobs.next('read')).toMatchObject({ userId: carol._id });
    await bobs.settled();
    expect(bobs.all('read')).toEqual([]);
    const shownTo = async (viewer: Someone, reader: Someone) =>
      (await seenBy(viewer)).members.find(({ userId }) => userId === reader._id)?.readSeq;
    expect(await shownTo(bob, carol)).toBe(seq);
    expect(await shownTo(bob, alice)).toBe(0);
    expect(await shownTo(alice, carol)).toBe(0);
  });

  it('brings everything to every device, and nothing to tutorial clients', async () => {
    const [own, other, old] = await Promise.all([bob.sori(), carol.sori(), carol.tutorial()]);
    const said = await bob.say(id, 'hello all');
    for (const device of [own, other]) expect(await device.next('newMessage')).toEqual(said);
    await own.ask('typing:set', { conversationId: id, typing: true });
    expect(await other.next('typing')).toEqual({ conversationId: id, userId: bob._id, typing: true });
    await old.settled();
    for (const name of ['newMessage', 'conversation', 'entry']) expect(old.all(name)).toEqual([]);
  });

  it('shows its people to each other when they come', async () => {
    const [bobs] = await Promise.all([bob.sori()]);
    await bobs.next('getOnlineUsers');
    await dave.sori();
    await add(dave);
    expect(await bobs.next('presence')).toEqual({ online: [dave._id], offline: [] });
  });

  it('reads all of it at once', async () => {
    const { seq } = await bob.say(id, 'one');
    const bobs = await bob.sori();
    const init = { method: 'POST', headers: { cookie: carol.cookie } };
    expect((await fetch(`${server.url}/api/conversations/read-all`, init)).status).toBe(204);
    expect(await bobs.next('read')).toMatchObject({ userId: carol._id, readSeq: seq });
    expect(await seenBy(carol)).toMatchObject({ unread: 0 });
  });
});

describe('mentions', () => {
  const mentionsOf = async (someone: Someone): Promise<number> => (await seenBy(someone)).mentions;

  it('count for the people they name, until these read them', async () => {
    await alice.say(id, `@${bob.name} and @${bob.name}: look`);
    const { seq } = await carol.say(id, `안녕 @${bob.name}님, 그리고 @${dave.name}`);
    await carol.say(id, 'nobody');
    expect(await seenBy(bob)).toMatchObject({ unread: 3, mentions: 2 });
    expect(await mentionsOf(alice)).toBe(0);
    await bob.call('PUT', at('/read'), { seq: seq - 1 });
    expect(await mentionsOf(bob)).toBe(1);
    await bob.call('PUT', at('/read'), { seq });
    expect(await mentionsOf(bob)).toBe(0);
  });

  it('follow the text when it is edited, and go with it when it is deleted', async () => {
    const message = await alice.say(id, `hello @${bob.name}`);
    await alice.call('PATCH', `/api/messages/${message._id}`, { message: `hello @${carol.name}` });
    expect([await mentionsOf(bob), await mentionsOf(carol)]).toEqual([0, 1]);
    await alice.call('DELETE', `/api/messages/${message._id}`);
    expect(await mentionsOf(carol)).toBe(0);
  });

  it('name nobody within a word, nobody by half a name, and not their own writer', async () => {
    await alice.say(id, `mail me: a@${bob.name}, or @${bob.name}x, or @${alice.name}`);
    expect([await mentionsOf(bob), await mentionsOf(alice)]).toEqual([0, 0]);
    await alice.say(id, `https://a.kr/@${bob.name}`);
    expect(await mentionsOf(bob)).toBe(0);
    await alice.say(id, `(@${bob.name.toUpperCase()})`);
    expect(await mentionsOf(bob)).toBe(1);
  });

  it('name whoever is called without spaces, in the ways that the page shows', async () => {
    await alice.say(id, `안녕＠${bob.name}님@${carol.name}`);
    expect([await mentionsOf(bob), await mentionsOf(carol)]).toEqual([1, 1]);
  });
});

describe('the members of a group', () => {
  it('are listed with their roles, by pages, and found by name', async () => {
    type Row = { _id: string; role: string };
    const { body } = await bob.get<Row[]>(at('/members'));
    expect(body).toHaveLength(3);
    expect(body.find(({ _id }) => _id === alice._id)).toMatchObject({ role: 'owner', username: alice.name });
    const { body: first } = await bob.get<Row[]>(at('/members?limit=2'));
    const { body: rest } = await bob.get<Row[]>(at(`/members?limit=2&after=${first[1]?._id}`));
    expect([...first, ...rest]).toEqual(body);
    const { body: found } = await bob.get<Row[]>(at('/members?search=CAR'));
    expect(found.map(({ _id }) => _id)).toEqual([carol._id]);
  });
});

describe('a group of more than fifty', () => {
  it('emits everything to everybody in order except receipts, and nothing to somebody who was taken out', async () => {
    const userIds = await silentPeople(server.store.connection, alice._id, 60);
    expect((await alice.post(at('/members'), { userIds })).status).toBe(200);
    const [bobs, carols] = await Promise.all([bob.sori(), carol.sori()]);
    const said: Promise<Message>[] = [];
    for (let n = 0; n < 20; n += 1) said.push(alice.say(id, `${n}`));
    await Promise.all(said);
    const removal = remove(bob);
    for (let n = 20; n < 40; n += 1) said.push(alice.say(id, `${n}`));
    await Promise.all([...said, removal]);
    await bobs.next('conversation:gone');
    await Promise.all([bobs.settled(), carols.settled()]);
    const seqsOf = (client: Client) => (client.all('newMessage') as Message[]).map(({ seq }) => seq);
    const removed = (await entriesOf(alice)).find(
      (entry) => entry.kind === 'member' && entry.change === 'removed',
    );
    const wanted = (await Promise.all(said)).map(({ seq }) => seq).sort((a, b) => a - b);
    expect(seqsOf(carols)).toEqual(wanted);
    expect(seqsOf(bobs)).toEqual(wanted.filter((seq) => seq < (removed?.seq ?? 0)));

    const alices = await alice.sori();
    await carol.call('PUT', at('/read'), { seq: 10 });
    await alices.settled();
    expect(alices.all('read')).toEqual([]);
    expect(await seenBy(alice)).toMatchObject({ memberCount: 62 });
    const { members, participants } = await seenBy(alice);
    expect([members.length, participants.length]).toEqual([50, 8]);
    expect(members.find(({ userId }) => userId === carol._id)).toMatchObject({ readSeq: 0 });
  });

  it('has at most as many members as the contract says', async () => {
    const tooMany = Array.from({ length: 5_001 }, (_, index) => index.toString(16).padStart(24, '0'));
    expect((await alice.post(at('/members'), { userIds: tooMany })).status).toBe(400);
  });
});
