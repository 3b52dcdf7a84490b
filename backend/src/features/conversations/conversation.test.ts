import { Conversation, EntriesPage, type Message, type ReadNotice } from '@sori/contract';
import type { Client } from '../../testing/live.js';
import { type Answer, type Door, doors, type Someone } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';

const server = useServer();
let alice: Someone;
let bob: Someone;
let carol: Someone;
beforeAll(async () => {
  [alice, bob, carol] = await server.people('alice', 'bob', 'carol');
});

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const seqs = (entries: { seq: number }[]): number[] => entries.map(({ seq }) => seq);
const nobody = 'f'.repeat(24);

const listOf = async (person: Someone, query = ''): Promise<Conversation[]> =>
  (await person.get<Conversation[]>(`/api/conversations${query}`)).body;
const unreadOf = async (person: Someone, id: string): Promise<number | undefined> =>
  (await listOf(person)).find(({ _id }) => _id === id)?.unread;
const tabs = new Map<string, Promise<Client>>();
/** One tab per person for what is asked over the socket. */
const tabOf = (person: Someone): Promise<Client> => {
  const tab = tabs.get(person._id) ?? person.sori();
  tabs.set(person._id, tab);
  return tab;
};

interface Asked<Result> {
  code: string | undefined;
  result: Result;
}
const entriesOf = async (
  door: Door,
  person: Someone,
  conversationId: string,
  asked: Record<string, unknown>,
): Promise<Asked<EntriesPage>> => {
  if (door === 'REST') {
    const query = new URLSearchParams(asked as Record<string, string>).toString();
    const { body } = await person.get<EntriesPage & { code?: string }>(
      `/api/conversations/${conversationId}/entries?${query}`,
    );
    return { code: body.code, result: body };
  }
  const reply = await (await tabOf(person)).ask('entries:after', { conversationId, ...asked });
  return { code: reply['code'] as string | undefined, result: reply as unknown as EntriesPage };
};
const setRead = async (
  door: Door,
  person: Someone,
  conversationId: string,
  seq: unknown,
): Promise<Asked<number | undefined>> => {
  if (door === 'REST') {
    const { body } = await person.call<Partial<Conversation> & { code?: string }>(
      'PUT',
      `/api/conversations/${conversationId}/read`,
      { seq },
    );
    const mine = body.members?.find(({ userId }) => userId === person._id);
    return { code: body.code, result: mine?.readSeq };
  }
  const reply = await (await tabOf(person)).ask('read:set', { conversationId, seq });
  return { code: reply['code'] as string | undefined, result: reply['readSeq'] as number | undefined };
};

describe('the list of conversations', () => {
  it('shows to both people a conversation that has begun, as the contract has it', async () => {
    const [one, other] = await server.people('one', 'other');
    const message = await one.say(other._id, 'hello');
    const [mine] = await listOf(one);
    const [theirs] = await listOf(other);
    expect(Conversation.parse(mine)).toEqual(mine);
    expect(theirs).toMatchObject({
      _id: message.conversationId,
      kind: 'direct',
      memberCount: 2,
      headSeq: 1,
      firstSeq: 1,
      lastMessage: message,
      lastActivityAt: message.createdAt,
      unread: 1,
      mentions: 0,
      mutedUntil: null,
    });
    expect(theirs?.participants.map(({ _id }) => _id).sort()).toEqual([one._id, other._id].sort());
    expect(mine?.unread).toBe(0);
    expect((await one.get(`/api/conversations/${message.conversationId}`)).body).toEqual(mine);
  });

  it('is in the order of the latest activity, and a message of mine brings its own to the top', async () => {
    const [me, a, b, c] = await server.people('me', 'a', 'b', 'c');
    for (const one of [a, b, c]) await me.say(one._id, 'hi');
    const order = async () =>
      (await listOf(me)).map(({ participants }) => participants.find(({ _id }) => _id !== me._id)?._id);
    expect(await order()).toEqual([c._id, b._id, a._id]);
    await a.say(me._id, 'first again');
    expect(await order()).toEqual([a._id, c._id, b._id]);
    await me.say(b._id, 'no, me');
    expect(await order()).toEqual([b._id, a._id, c._id]);
  });

  it('is not reordered by a reaction, a pin, an edit or a deletion, and keeps the time of a deleted message', async () => {
    const [me, a, b] = await server.people('me', 'a', 'b');
    const first = await a.say(me._id, 'one');
    const second = await a.say(me._id, 'two');
    await b.say(me._id, 'three');
    const before = await listOf(me);
    expect(before[1]).toMatchObject({ lastActivityAt: second.createdAt });
    await me.call('PUT', `/api/messages/${first._id}/reactions/${encodeURIComponent('👍')}`);
    await me.call('PUT', `/api/messages/${first._id}/pin`);
    await a.call('PATCH', `/api/messages/${second._id}`, { message: 'two!' });
    await a.call('DELETE', `/api/messages/${second._id}`);
    const after = await listOf(me);
    expect(after.map(({ _id }) => _id)).toEqual(before.map(({ _id }) => _id));
    expect(after[1]).toMatchObject({ headSeq: 6, lastActivityAt: second.createdAt, lastMessage: { seq: 1 } });
  });

  it('has a group or room at the time at which one joined, if nobody has written since, on every page', async () => {
    const [me, owner] = await server.people('me', 'owner');
    const all = (await owner.post<Conversation>('/api/conversations', { name: 'All', memberIds: [] })).body;
    const since = { name: 'Since', memberIds: [], history: 'since-joining' };
    const late = (await owner.post<Conversation>('/api/conversations', since)).body;
    const slug = `place-${me._id.slice(-6)}`;
    const rules = { name: 'Place', slug, language: 'en' };
    const room = (await owner.post<Conversation>('/api/rooms', rules)).body;
    for (const { _id } of [all, late, room]) await owner.say(_id, 'old');
    const note = await me.say(me._id, 'a note');
    for (const { _id } of [all, late])
      await owner.post(`/api/conversations/${_id}/members`, { userIds: [me._id] });
    await me.post(`/api/rooms/${slug}/enter`, {});
    const wanted = [room._id, late._id, all._id, note.conversationId];
    const list = await listOf(me);
    expect(list.map(({ _id }) => _id)).toEqual(wanted);
    // Who wrote before one came, and when, is not shown where the log begins then.
    expect(list[1]).toMatchObject({ lastActivityAt: late.lastActivityAt });
    for (const { joinedAt = '', lastActivityAt } of list.slice(0, 3))
      expect(Date.parse(joinedAt)).toBeGreaterThan(Date.parse(lastActivityAt));
    expect(list[3]).not.toHaveProperty('joinedAt');
    const walked: string[] = [];
    let path: string | undefined = '/api/conversations?limit=1';
    while (path !== undefined) {
      const page: Answer<Conversation[]> = await me.get<Conversation[]>(path);
      walked.push(...page.body.map(({ _id }) => _id));
      path = /<([^>]*)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1];
    }
    expect(walked).toEqual(wanted);
    await owner.say(all._id, 'new');
    expect((await listOf(me))[0]?._id).toBe(all._id);
  });

  it('comes in pages by the Link, each conversation once, ties by _id', async () => {
    const [me, ...others] = await server.people('me', 'p', 'q', 'r', 's', 't', 'u', 'v');
    const ids: string[] = [];
    for (const other of others) ids.push((await other.say(me._id, 'hi')).conversationId);
    await listOf(me);
    // Five of them at the same moment: the newest and the oldest keep their own.
    const rows = server.store.connection.collection('conversations');
    const at = new Date();
    const tied = ids.slice(1, 6);
    for (const row of await rows.find().toArray()) {
      if (tied.includes(row._id.toHexString()))
        await rows.updateOne({ _id: row._id }, { $set: { lastActivityAt: at } });
    }
    const pages: string[][] = [];
    let path: string | undefined = '/api/conversations?limit=2';
    while (path !== undefined) {
      const page: Answer<Conversation[]> = await me.get<Conversation[]>(path);
      pages.push(page.body.map(({ _id }) => _id));
      path = /<([^>]*)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1];
    }
    expect(pages.map(({ length }) => length)).toEqual([2, 2, 2, 1]);
    const walked = pages.flat();
    expect([...walked].sort()).toEqual([...ids].sort());
    expect(walked.filter((id) => tied.includes(id))).toEqual([...tied].sort().reverse());
  });

  it.each([
    'limit=0',
    // No page ever said so.
    'before=5',
    'before=',
    'before=bm9uc2Vuc2U',
  ])('is refused with ?%s', async (query) => {
    expect(await alice.get(`/api/conversations?${query}`)).toMatchObject({
      status: 400,
      body: { code: 'INVALID' },
    });
  });

  it('ignores unknown parameters', async () => {
    expect(await listOf(alice, '?before[$gt]=5&limit[$ne]=0&x=1')).toEqual(await listOf(alice));
  });

  it('never has a conversation in which nothing was written', async () => {
    const [one, other] = await server.people('one', 'other');
    // It is made before the quote is found to be of another conversation.
    const refused = await one.send('REST', other._id, { message: 'a', replyTo: nobody });
    expect(refused.code).toBe('INVALID');
    expect([await listOf(one), await listOf(other)]).toEqual([[], []]);
    expect(await one.knock().next('heads')).toMatchObject({ heads: [] });
    const { conversationId } = await one.say(other._id, 'now');
    expect(await listOf(other)).toHaveLength(1);
    expect(await one.knock().next('heads')).toMatchObject({ heads: [{ conversationId, headSeq: 1 }] });
  });

  it('counts exactly what others wrote and I have not read; sending and fetching do not mark anything as read', async () => {
    const [one, other] = await server.people('one', 'other');
    const { conversationId } = await one.say(other._id, '1');
    for (const n of ['2', '3']) await one.say(other._id, n);
    expect([await unreadOf(one, conversationId), await unreadOf(other, conversationId)]).toEqual([0, 3]);
    await other.say(one._id, '4');
    await other.get(`/api/messages/${one._id}`);
    await entriesOf('REST', other, conversationId, { after: 0 });
    await entriesOf('the socket', other, conversationId, { after: 0 });
    expect([await unreadOf(one, conversationId), await unreadOf(other, conversationId)]).toEqual([1, 3]);
    await setRead('REST', other, conversationId, 2);
    expect(await unreadOf(other, conversationId)).toBe(1);
    const [row] = await listOf(other);
    expect(row?.members.find(({ userId }) => userId === other._id)).toMatchObject({
      readSeq: 2,
      deliveredSeq: 2,
    });
    await setRead('REST', other, conversationId, 4);
    expect(await unreadOf(other, conversationId)).toBe(0);
  });

  it('shows at once what was just answered, however fast one writes', async () => {
    const [one, other] = await server.people('one', 'other');
    const tab = await one.sori();
    for (const n of upTo(30)) {
      const reply = await tab.ask('message:send', { to: other._id, message: `m${n}`, clientId: `m${n}` });
      const [row] = await listOf(other);
      expect(row).toMatchObject({ headSeq: n, unread: n, lastMessage: reply['message'] });
    }
  });

  it.each(['', '/entries?after=0'])(
    'shows nothing of others’ conversations (%s), and answers as if they did not exist',
    async (rest) => {
      const { conversationId } = await alice.say(bob._id, 'between us');
      const answers = await Promise.all(
        [conversationId, nobody].map((id) => carol.get(`/api/conversations/${id}${rest}`)),
      );
      expect(answers.map(({ status }) => status)).toEqual([404, 404]);
      expect(answers[0]?.body).toEqual(answers[1]?.body);
      expect((await bob.get(`/api/conversations/${conversationId}${rest}`)).status).toBe(200);
      expect((await server.ask(`/api/conversations/${conversationId}${rest}`)).status).toBe(401);
    },
  );
});

describe('following a conversation', () => {
  let id: string;
  beforeAll(async () => {
    const tab = await alice.sori();
    const replies = await Promise.all(
      upTo(20).map((n) => tab.ask('message:send', { to: alice._id, message: `m${n}`, clientId: `m${n}` })),
    );
    id = (replies[0]?.['message'] as Message).conversationId;
  });

  it.each(doors)('from the beginning gives all of it over %s, and says where it ends', async (door) => {
    const { result } = await entriesOf(door, alice, id, { after: 0 });
    expect(EntriesPage.parse(result).entries).toEqual(result.entries);
    expect(seqs(result.entries)).toEqual(upTo(20));
    expect(result.entries[0]).toMatchObject({ kind: 'message', message: 'm1', senderId: alice._id });
    expect(result).toMatchObject({ next: 20, headSeq: 20, more: false });
    expect(result.reset ?? result.tooLong).toBeUndefined();
  });

  it.each(doors)('goes on page by page over %s', async (door) => {
    const pages: number[][] = [];
    for (let after = 0, more = true; more;) {
      const { result } = await entriesOf(door, alice, id, { after, limit: 6 });
      pages.push(seqs(result.entries));
      ({ next: after, more } = result);
    }
    expect(pages.map(({ length }) => length)).toEqual([6, 6, 6, 2]);
    expect(pages.flat()).toEqual(upTo(20));
    expect((await entriesOf(door, alice, id, { after: 20 })).result).toMatchObject({
      entries: [],
      next: 20,
      headSeq: 20,
      more: false,
    });
  });

  it.each(doors)(
    'starts anew over %s where the cursor is beyond the head, or from another database',
    async (door) => {
      const { epoch } = (await entriesOf(door, alice, id, { after: 0 })).result;
      expect((await entriesOf(door, alice, id, { after: 20, epoch })).result.reset).toBeUndefined();
      for (const asked of [
        { after: 21 },
        { after: 21, epoch },
        { after: 5, epoch: 'another' },
        { after: 0, epoch: 'another' },
      ]) {
        expect((await entriesOf(door, alice, id, asked)).result).toMatchObject({
          reset: true,
          entries: [],
          headSeq: 20,
          epoch,
        });
      }
    },
  );

  it.each([
    ['REST', { after: '-1' }],
    ['the socket', { after: '0' }],
  ] as [Door, Record<string, unknown>][])('is refused over %s with %j', async (door, asked) => {
    expect((await entriesOf(door, alice, id, asked)).code).toBe('INVALID');
  });

  it.each(doors)('is refused over %s to everybody who is not in it', async (door) => {
    expect((await entriesOf(door, carol, id, { after: 0 })).code).toBe('NOT_FOUND');
    expect((await entriesOf(door, carol, nobody, { after: 0 })).code).toBe('NOT_FOUND');
  });

  it('over more than 5,000 is too long for a socket, which starts from the newest page, and not for REST', async () => {
    const [one, other] = await server.people('one', 'other');
    const tab = await one.sori();
    let conversationId = '';
    for (let sent = 0; sent < 5_001; sent += 500) {
      const replies = await Promise.all(
        upTo(Math.min(500, 5_001 - sent)).map((n) =>
          tab.ask('message:send', { to: other._id, message: `m${sent + n}`, clientId: `m${sent + n}` }),
        ),
      );
      conversationId = (replies[0]?.['message'] as Message).conversationId;
    }
    const far = (await entriesOf('the socket', other, conversationId, { after: 0, limit: 100 })).result;
    expect(far).toMatchObject({ tooLong: true, next: 5_001, headSeq: 5_001, more: false });
    expect(seqs(far.entries)).toEqual(upTo(100).map((n) => 4_901 + n));
    const near = (await entriesOf('the socket', other, conversationId, { after: 1, limit: 100 })).result;
    expect(near.tooLong).toBeUndefined();
    expect(seqs(near.entries)).toEqual(upTo(100).map((n) => 1 + n));
    let cursor = 0;
    for (let more = true; more;) {
      const page = (await entriesOf('REST', other, conversationId, { after: cursor, limit: 9_999 })).result;
      expect(page.tooLong).toBeUndefined();
      expect(page.entries.length).toBeLessThanOrEqual(500);
      expect(seqs(page.entries)).toEqual(page.entries.map((_, index) => cursor + 1 + index));
      ({ next: cursor, more } = page);
    }
    expect(cursor).toBe(5_001);
  }, 60_000);
});

describe('having read', () => {
  it.each(doors)('over %s never falls and never passes the head', async (door) => {
    const [one, other] = await server.people('one', 'other');
    const { conversationId } = await one.say(other._id, '1');
    for (const n of ['2', '3', '4', '5']) await one.say(other._id, n);
    const reached: unknown[] = [];
    for (const seq of [3, 1, 99, 2, 0, Number.MAX_SAFE_INTEGER]) {
      reached.push((await setRead(door, other, conversationId, seq)).result);
    }
    expect(reached).toEqual([3, 3, 5, 5, 5, 5]);
    // It did not run ahead: what comes now is unread.
    await one.say(other._id, '6');
    expect(await unreadOf(other, conversationId)).toBe(1);
  });

  it('in any order at once, from two tabs and REST, ends at the furthest', async () => {
    const [one, other] = await server.people('one', 'other');
    const { conversationId } = await one.say(other._id, '1');
    await Promise.all(upTo(19).map((n) => one.say(other._id, `m${n}`)));
    const tab = await one.sori();
    const order = upTo(20).sort((a, b) => ((a * 7) % 20) - ((b * 7) % 20));
    await Promise.all(order.map((seq) => setRead(doors[seq % 2] ?? 'REST', other, conversationId, seq)));
    expect((await setRead('REST', other, conversationId, 1)).result).toBe(20);
    expect(await unreadOf(other, conversationId)).toBe(0);
    await tab.settled();
    const notices = tab.all('read') as ReadNotice[];
    expect(Math.max(...notices.map(({ readSeq }) => readSeq))).toBe(20);
    for (const { readSeq, deliveredSeq } of notices) expect(deliveredSeq).toBeGreaterThanOrEqual(readSeq);
  });

  it('is emitted to all tabs of both people, once, and to nobody else', async () => {
    const [one, other] = await server.people('one', 'other');
    const { conversationId } = await one.say(other._id, '1');
    const recipients = await Promise.all([one.sori(), other.sori(), other.sori()]);
    const strangers = await Promise.all([carol.sori(), one.tutorial()]);
    await setRead('REST', other, conversationId, 1);
    const notice = { conversationId, userId: other._id, readSeq: 1, deliveredSeq: 1 };
    for (const recipient of recipients) expect(await recipient.next('read')).toEqual(notice);
    await setRead('REST', other, conversationId, 1);
    await Promise.all([...recipients, ...strangers].map((recipient) => recipient.settled()));
    expect(recipients.flatMap((recipient) => recipient.all('read'))).toEqual([]);
    expect(strangers.flatMap((tab) => tab.all('read'))).toEqual([]);
  });

  it.each(doors)(
    'is refused over %s for an invalid seq, and for other people’s conversations',
    async (door) => {
      const { conversationId } = await alice.say(bob._id, 'x');
      expect((await setRead(door, bob, conversationId, { $gt: 0 })).code).toBe('INVALID');
      expect((await setRead(door, carol, conversationId, 1)).code).toBe('NOT_FOUND');
      expect((await setRead(door, carol, nobody, 1)).code).toBe('NOT_FOUND');
      expect((await setRead(door, bob, conversationId, 0)).code).toBeUndefined();
    },
  );
});
