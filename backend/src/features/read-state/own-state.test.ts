import type { Conversation, Draft, Message } from '@sori/contract';
import { Types } from 'mongoose';
import type { Client } from '../../testing/live.js';
import { doors, type Someone, startServer } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';

const server = useServer();
let alice: Someone;
let bob: Someone;
let conversationId: string;
let messages: Message[];
beforeEach(async () => {
  alice = await server.person('alice');
  bob = await server.person('bob');
  messages = [];
  const tabs = await Promise.all([alice.sori(), bob.sori()]);
  for (const text of ['one', 'two', 'three']) messages.push(await alice.say(bob._id, text));
  ({ conversationId } = messages[0] as Message);
  // That it began is emitted a little later, and is not what the tests listen for.
  await Promise.all(tabs.map((tab) => tab.next('conversation')));
  server.leave();
});
afterEach(() => server.leave());

const seenBy = async (viewer: Someone): Promise<Conversation> =>
  (await viewer.get<Conversation>(`/api/conversations/${conversationId}`)).body;
const put = (someone: Someone, what: string, body: unknown, id = conversationId) =>
  someone.call<Conversation>('PUT', `/api/conversations/${id}/${what}`, body);
const nextConversation = async (client: Client): Promise<Conversation> =>
  (await client.next('conversation')) as Conversation;
const readSeqOf = ({ members }: Conversation, someone: Someone): number | undefined =>
  members.find(({ userId }) => userId === someone._id)?.readSeq;

// Its answer has no body, which `call` would take for a wrong one.
const readAll = async ({ cookie }: Someone): Promise<number> =>
  (await fetch(`${server.url}/api/conversations/read-all`, { method: 'POST', headers: { cookie } })).status;

describe('marking as unread', () => {
  it('counts from the marked message on, on all own devices, and moves no read position', async () => {
    const [phone, laptop] = await Promise.all([bob.sori(), bob.sori()]);
    await put(bob, 'read', { seq: 3 });
    const { status, body } = await put(bob, 'unread', { seq: 2 });
    expect(status).toBe(200);
    expect(body).toMatchObject({ unread: 2, unreadFromSeq: 2 });
    expect(readSeqOf(body, bob)).toBe(3);
    expect(await nextConversation(phone)).toEqual(body);
    expect(await nextConversation(laptop)).toEqual(body);
    expect(await seenBy(bob)).toEqual(body);
    const { body: list } = await bob.get<Conversation[]>('/api/conversations');
    expect(list).toEqual([body]);
  });

  it('is not seen by the other person in any way', async () => {
    await put(bob, 'read', { seq: 3 });
    const before = await seenBy(alice);
    const writer = await alice.sori();
    await put(bob, 'unread', { seq: 1 });
    await put(bob, 'read', { seq: 3 });
    await writer.settled();
    expect([...writer.all('conversation'), ...writer.all('read')]).toEqual([]);
    expect(await seenBy(alice)).toEqual(before);
    expect(before).not.toHaveProperty('unreadFromSeq');
  });

  it('counts from the first unread one where that comes before the mark', async () => {
    await put(bob, 'read', { seq: 1 });
    expect((await put(bob, 'unread', { seq: 3 })).body).toMatchObject({ unread: 2, unreadFromSeq: 3 });
  });

  it('counts what others wrote, not what the person wrote', async () => {
    await bob.say(alice._id, 'four');
    await alice.say(bob._id, 'five');
    await put(bob, 'read', { seq: 5 });
    expect((await put(bob, 'unread', { seq: 4 })).body).toMatchObject({ unread: 1 });
  });

  it.each(doors)('ends with reading over %s, at the very same place too', async (door) => {
    await put(bob, 'read', { seq: 3 });
    await put(bob, 'unread', { seq: 2 });
    const phone = await bob.sori();
    if (door === 'REST') await put(bob, 'read', { seq: 3 });
    else await (await bob.sori()).ask('read:set', { conversationId, seq: 3 });
    const received = await nextConversation(phone);
    expect(received).toMatchObject({ unread: 0 });
    expect(received).not.toHaveProperty('unreadFromSeq');
    expect(await seenBy(bob)).toEqual(received);
  });

  it.each(doors)('ends with an own message over %s', async (door) => {
    await put(bob, 'read', { seq: 3 });
    await put(bob, 'unread', { seq: 2 });
    const phone = await bob.sori();
    await bob.send(door, conversationId, { message: 'an answer' });
    const received = await nextConversation(phone);
    expect(received).toMatchObject({ unread: 0, headSeq: 4 });
    expect(received).not.toHaveProperty('unreadFromSeq');
    expect(await seenBy(bob)).toEqual(received);
  });

  it('ends with a message through a server that does not know of the mark, and is gone on all devices', async () => {
    const other = await startServer({ engine: server.engine });
    try {
      await put(bob, 'read', { seq: 3 });
      const there = await other.elsewhere(bob);
      await put(bob, 'unread', { seq: 2 });
      await there.say(conversationId, 'from elsewhere');
      for (const one of [bob, there]) {
        const { body } = await one.get<Conversation>(`/api/conversations/${conversationId}`);
        expect(body).toMatchObject({ unread: 0 });
        expect(body).not.toHaveProperty('unreadFromSeq');
      }
    } finally {
      await other.close();
    }
  });

  it('does not end with what reached a device, with messages of others, or with a repeat of an old one', async () => {
    await bob.say(alice._id, 'mine', 'old-one');
    await put(bob, 'read', { seq: 4 });
    await put(bob, 'unread', { seq: 2 });
    const phone = await bob.sori();
    await phone.ask('delivered:set', { conversationId, seq: 4 });
    await alice.say(bob._id, 'more');
    await bob.say(alice._id, 'mine', 'old-one');
    expect(await seenBy(bob)).toMatchObject({ unread: 3, unreadFromSeq: 2 });
    expect(phone.all('conversation')).toEqual([]);
    // It would end with the next one all the same.
    await bob.say(alice._id, 'a new one');
    expect(await nextConversation(phone)).toMatchObject({ unread: 1, headSeq: 6 });
  });

  it('can be done again after it ended', async () => {
    await put(bob, 'unread', { seq: 1 });
    await bob.say(alice._id, 'four');
    expect((await put(bob, 'unread', { seq: 3 })).body).toMatchObject({ unreadFromSeq: 3 });
  });

  it('beyond the end marks the newest one', async () => {
    expect((await put(bob, 'unread', { seq: 99 })).body).toMatchObject({ unreadFromSeq: 3 });
  });

  it('is refused without a message to begin from', async () => {
    expect(await put(bob, 'unread', { seq: 0 })).toMatchObject({ status: 400, body: { code: 'INVALID' } });
  });
});

describe('reading everything', () => {
  it('leaves nothing unread and no mark, and notifies the writers and the own devices', async () => {
    const carol = await server.person('carol');
    const tabs = await Promise.all([bob.sori(), carol.sori()]);
    const begun = Promise.all(tabs.map((tab) => tab.next('conversation')));
    await carol.say(bob._id, 'hi');
    const read = await bob.say(carol._id, 'hi too');
    await begun;
    await put(bob, 'read', { seq: 2 }, read.conversationId);
    await put(bob, 'unread', { seq: 1 }, read.conversationId);
    const [phone, writer, other] = await Promise.all([bob.sori(), alice.sori(), carol.sori()]);

    expect(await readAll(bob)).toBe(204);
    const notice = { conversationId, userId: bob._id, readSeq: 3, deliveredSeq: 3 };
    expect(await phone.next('read')).toEqual(notice);
    expect(await writer.next('read')).toEqual(notice);
    expect(await nextConversation(phone)).toMatchObject({ _id: read.conversationId, unread: 0 });
    await Promise.all([phone.settled(), other.settled()]);
    // What had been read before is not emitted again.
    expect([...phone.all('read'), ...other.all('read')]).toEqual([]);
    const { body: list } = await bob.get<Conversation[]>('/api/conversations');
    expect(list.map(({ unread, unreadFromSeq }) => [unread, unreadFromSeq])).toEqual([
      [0, undefined],
      [0, undefined],
    ]);
  });

  it('notifies nobody who switched off receipts', async () => {
    await alice.call('PATCH', '/api/me/settings', { receipts: false });
    const [phone, writer] = await Promise.all([bob.sori(), alice.sori()]);
    await readAll(bob);
    expect(await phone.next('read')).toMatchObject({ readSeq: 3 });
    await writer.settled();
    expect(writer.all('read')).toEqual([]);
  });

  it("changes nothing of anybody else's", async () => {
    await bob.say(alice._id, 'four');
    await readAll(bob);
    expect(await seenBy(alice)).toMatchObject({ unread: 1 });
    expect(readSeqOf(await seenBy(alice), alice)).toBe(0);
  });

  it('does not disconnect a device of somebody with very many conversations', async () => {
    const crowd = 300;
    const ids = Array.from(
      { length: crowd },
      (_, index) => new Types.ObjectId((index + 1).toString(16).padStart(24, '0')),
    );
    const collection = (name: string) => server.store.connection.collection(name);
    const room = { kind: 'room', participants: [], appliedSeq: 1, createdAt: new Date() };
    await collection('conversations').insertMany(ids.map((_id) => ({ _id, ...room })));
    const member = { userId: new Types.ObjectId(bob._id), role: 'member', joinSeq: 0, leftSeq: 0 };
    await collection('members').insertMany(
      ids.map((conversationId) => ({ conversationId, ...member, readSeq: 0, deliveredSeq: 0 })),
    );
    const phone = await bob.sori();
    await readAll(bob);
    await phone.settled();
    expect(phone.socket.connected).toBe(true);
    expect(phone.all('read')).toHaveLength(crowd + 1);
    await collection('conversations').deleteMany({ _id: { $in: ids } });
    await collection('members').deleteMany({ conversationId: { $in: ids } });
  });
});

describe('a draft', () => {
  const draftOf = async (someone: Someone): Promise<Draft | undefined> => (await seenBy(someone)).draft;

  it('is on all devices of its writer, with what it replies to, and on nobody else’s', async () => {
    const [phone, theirs] = await Promise.all([bob.sori(), alice.sori()]);
    const draft = { text: '  wait, \n I …', replyTo: messages[1]?._id, rev: 1 };
    const { status, body } = await put(bob, 'draft', draft);
    expect(status).toBe(200);
    expect(body.draft).toEqual(draft);
    expect(await nextConversation(phone)).toEqual(body);
    await theirs.settled();
    expect(theirs.all('conversation')).toEqual([]);
    expect(await draftOf(alice)).toBeUndefined();
  });

  it('gives way to a newer one, and a late or repeated save of an older one changes and emits nothing', async () => {
    const phone = await bob.sori();
    await put(bob, 'draft', { text: 'newer', rev: 5 });
    await phone.next('conversation');
    for (const rev of [1, 4, 5]) {
      const { status, body } = await put(bob, 'draft', { text: 'older', rev });
      expect(status).toBe(200);
      expect(body.draft).toEqual({ text: 'newer', rev: 5 });
    }
    await phone.settled();
    expect(phone.all('conversation')).toEqual([]);
    // What it replied to goes with it.
    await put(bob, 'draft', { text: 'newest', rev: 6 });
    expect(await draftOf(bob)).toEqual({ text: 'newest', rev: 6 });
  });

  it('that was cleared is not brought back by a late save', async () => {
    const phone = await bob.sori();
    await put(bob, 'draft', { text: 'about to be sent', rev: 7 });
    await phone.next('conversation');
    const { body } = await put(bob, 'draft', { text: '', replyTo: messages[0]?._id, rev: 8 });
    expect(body).not.toHaveProperty('draft');
    expect(await nextConversation(phone)).not.toHaveProperty('draft');
    await put(bob, 'draft', { text: 'about to be sent', rev: 7 });
    await put(bob, 'draft', { text: 'about to be sent', rev: 8 });
    expect(await draftOf(bob)).toBeUndefined();
    await put(bob, 'draft', { text: 'the next one', rev: 9 });
    expect(await draftOf(bob)).toEqual({ text: 'the next one', rev: 9 });
  });

  it('that was cleared is sent with its rev, so that no device takes silence, or an older state, for that', async () => {
    expect(await seenBy(bob)).not.toHaveProperty('draftRev');
    await put(bob, 'draft', { text: 'about to be sent', rev: 7 });
    expect(await seenBy(bob)).not.toHaveProperty('draftRev');
    const { body } = await put(bob, 'draft', { text: '', rev: 8 });
    expect(body.draftRev).toBe(8);
    expect((await seenBy(bob)).draftRev).toBe(8);
    expect(await seenBy(alice)).not.toHaveProperty('draftRev');
  });

  it('is the newest one, in whatever order many saves arrive at once', async () => {
    const revs = [3, 1, 9, 2, 8, 5];
    const answers = await Promise.all(revs.map((rev) => put(bob, 'draft', { text: `rev ${rev}`, rev })));
    expect(answers.map(({ status }) => status)).toEqual(revs.map(() => 200));
    expect(await draftOf(bob)).toEqual({ text: 'rev 9', rev: 9 });
  });

  it('leaves what was read, muted or marked as it was', async () => {
    await put(bob, 'read', { seq: 2 });
    await put(bob, 'draft', { text: 'x', rev: 1 });
    const { body } = await put(bob, 'unread', { seq: 1 });
    expect(body).toMatchObject({ unread: 3, unreadFromSeq: 1, draft: { text: 'x' } });
    expect(readSeqOf(body, bob)).toBe(2);
  });

  it('takes 8,000 characters and not one more', async () => {
    const longest = '😀'.repeat(8_000);
    expect((await put(bob, 'draft', { text: longest, rev: 1 })).body.draft?.text).toBe(longest);
    expect(await put(bob, 'draft', { text: `${longest}a`, rev: 2 })).toMatchObject({
      status: 413,
      body: { code: 'TOO_LARGE' },
    });
  });

  it('does not reply to a message of another conversation, or to none', async () => {
    const carol = await server.person('carol');
    const elsewhere = await carol.say(bob._id, 'hi');
    for (const replyTo of [elsewhere._id, 'f'.repeat(24)]) {
      expect(await put(bob, 'draft', { text: 'x', replyTo, rev: 1 })).toMatchObject({
        status: 400,
        body: { code: 'INVALID' },
      });
    }
    expect(await draftOf(bob)).toBeUndefined();
  });

  it('that is invalid is refused and changes nothing', async () => {
    const wrong = { text: { $ne: 1 }, rev: 1 };
    expect(await put(bob, 'draft', wrong)).toMatchObject({ status: 400, body: { code: 'INVALID' } });
    expect(await draftOf(bob)).toBeUndefined();
  });
});

describe('a mute', () => {
  const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

  it('holds on all own devices until it is taken back, and is nobody else’s business', async () => {
    const [phone, theirs] = await Promise.all([bob.sori(), alice.sori()]);
    const until = inAnHour();
    const { status, body } = await put(bob, 'mute', { until });
    expect(status).toBe(200);
    expect(body.mutedUntil).toBe(until);
    expect(await nextConversation(phone)).toEqual(body);
    await put(bob, 'mute', { until: null });
    expect(await nextConversation(phone)).toMatchObject({ mutedUntil: null });
    await theirs.settled();
    expect(theirs.all('conversation')).toEqual([]);
    expect(await seenBy(alice)).toMatchObject({ mutedUntil: null });
  });

  it('ends when its time is over', async () => {
    const past = new Date(Date.now() - 1).toISOString();
    expect((await put(bob, 'mute', { until: past })).body).toMatchObject({ mutedUntil: null });
  });

  it('for a time is counted by the clock of the server', async () => {
    const phone = await bob.sori();
    const before = Date.now();
    const { status, body } = await put(bob, 'mute', { forSeconds: 3_600 });
    expect(status).toBe(200);
    const end = Date.parse(body.mutedUntil ?? '') - 3_600_000;
    expect(end).toBeGreaterThanOrEqual(before);
    expect(end).toBeLessThanOrEqual(Date.now());
    expect(await nextConversation(phone)).toEqual(body);
    expect((await put(bob, 'mute', { until: null })).body.mutedUntil).toBeNull();
  });

  it('without an end is refused', async () => {
    expect(await put(bob, 'mute', {})).toMatchObject({ status: 400, body: { code: 'INVALID' } });
    expect(await seenBy(bob)).toMatchObject({ mutedUntil: null });
  });
});

describe('what is kept for oneself', () => {
  const calls: [string, unknown][] = [
    ['unread', { seq: 1 }],
    ['draft', { text: 'x', rev: 1 }],
    ['mute', { until: null }],
  ];

  it.each(calls)('as %s is not for strangers: there is no such conversation', async (what, body) => {
    const carol = await server.person('carol');
    const refused = await put(carol, what, body);
    expect(refused).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect((await put(carol, what, body, 'f'.repeat(24))).body).toEqual(refused.body);
    expect(await put(carol, what, body, 'no-id')).toMatchObject({ status: 400, body: { code: 'INVALID' } });
    const rows = server.store.connection.models['Member'];
    expect(await rows?.countDocuments({ userId: carol._id })).toBe(0);
  });

  it.each(calls)('as %s is for those who are signed in', async (what) => {
    expect(await server.ask(`/api/conversations/${conversationId}/${what}`, { method: 'PUT' })).toMatchObject(
      {
        status: 401,
      },
    );
  });
});
