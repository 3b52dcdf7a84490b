import { type Bootstrap, type Conversation, type EntriesPage, Message } from '@sori/contract';
import { Types } from 'mongoose';
import { type Answer, doors, type Someone } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';

const server = useServer();
let alice: Someone;
let bob: Someone;
let carol: Someone;
beforeAll(async () => {
  [alice, bob, carol] = await server.people('alice', 'bob', 'carol');
});

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const seqs = (messages: { seq: number }[]): number[] => messages.map(({ seq }) => seq);
const nobody = 'f'.repeat(24);

/** Two people who have not met, so that their conversation begins with what the test writes. */
const strangers = () => server.people('one', 'other');
const historyOf = async (reader: Someone, id: string, query = ''): Promise<Message[]> =>
  (await reader.get<Message[]>(`/api/messages/${id}${query}`)).body;

describe('sending a message', () => {
  it('leaves no conversation behind where the first one is refused', async () => {
    const [one, other] = await strangers();
    const conversations = server.store.connection.collection('conversations');
    const made = () => conversations.countDocuments({ participants: new Types.ObjectId(one._id) });
    const content = { message: 'hello', clientId: 'again' };
    expect((await one.send('REST', other._id, { ...content, replyTo: nobody })).code).toBe('INVALID');
    await one.call('PUT', `/api/users/${other._id}/block`);
    expect((await one.send('REST', other._id, content)).code).toBe('REFUSED');
    expect(await made()).toBe(0);
    await one.call('DELETE', `/api/users/${other._id}/block`);
    expect((await one.send('REST', other._id, content)).message).toMatchObject({ seq: 1 });
    // What was stored before the block is answered again.
    await one.call('PUT', `/api/users/${other._id}/block`);
    expect(await one.send('REST', other._id, content)).toMatchObject({ repeat: true });
    expect(await made()).toBe(1);
  });

  it.each(doors)(
    'answers over %s with the Message as the contract has it, and nothing else',
    async (door) => {
      const [one, other] = await strangers();
      const { message } = await one.send(door, other._id, { message: 'hello', clientId: 'first-1' });
      expect(message).toEqual({
        _id: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
        conversationId: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
        seq: 1,
        senderId: one._id,
        receiverId: other._id,
        message: 'hello',
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
        updatedAt: message.createdAt,
        clientId: 'first-1',
        attachments: [],
        reactions: [],
      });
      expect(Message.parse(message)).toEqual(message);
      expect(await historyOf(other, one._id)).toEqual([message]);
    },
  );

  it('is answered 201 over REST, also where no clientId is given', async () => {
    const answer = await alice.post(`/api/messages/send/${bob._id}`, { message: 'plain' });
    expect(answer).toMatchObject({ status: 201, body: { message: 'plain', senderId: alice._id } });
    expect(answer.headers.get('idempotent-replayed')).toBeNull();
  });

  it.each(doors)('takes white space off the ends over %s, and changes nothing else', async (door) => {
    const text = '<b>&amp;</b>\t{"$ne":null}  é é 👩‍👩‍👧 \u202E‏ \r\n 각';
    const { message } = await alice.send(door, bob._id, { message: ` \u3000\n${text}\u00A0\uFEFF ` });
    expect(message.message).toBe(text);
    expect((await historyOf(bob, alice._id, '?limit=1'))[0]?.message).toBe(text);
  });

  it.each(doors)('takes 8,000 characters over %s however they are coded, and not one more', async (door) => {
    const longest = '😀'.repeat(8_000);
    const { message } = await alice.send(door, bob._id, { message: ` ${longest} ` });
    expect(message.message).toBe(longest);
    expect((await alice.send(door, bob._id, { message: `${longest}a` })).code).toBe('TOO_LARGE');
  });

  it.each(doors)('that is refused over %s leaves nothing behind', async (door) => {
    const { seq } = await alice.say(bob._id, 'before');
    for (const wrong of [{ message: { $ne: null } }, { message: 'a', replyTo: nobody }])
      expect((await alice.send(door, bob._id, wrong)).code).toBe('INVALID');
    expect((await alice.say(bob._id, 'after')).seq).toBe(seq + 1);
  });

  it.each(doors)('ignores unknown fields over %s, a forged sender first of all', async (door) => {
    const { conversationId, _id: quoted } = await alice.say(bob._id, 'before');
    const forged = {
      senderId: bob._id,
      seq: 99,
      _id: nobody,
      createdAt: '1999-01-01T00:00:00.000Z',
      kind: 'noop',
      $set: { admin: true },
      constructor: { prototype: { polluted: true } },
      // As JSON has it, it is a field like any other; who copies it into an object inherits a quote from it.
      ['__proto__']: { replyTo: quoted, polluted: true },
    };
    const plain = await alice.send(door, bob._id, { message: 'mine' });
    const { message } = await alice.send(door, bob._id, { message: 'mine', ...forged });
    expect(message).toMatchObject({ senderId: alice._id, message: 'mine' });
    expect(message._id).not.toBe(nobody);
    const stored = await server.store.connection
      .collection('entries')
      .find({ conversationId: new Types.ObjectId(conversationId), seq: { $gte: plain.message.seq } })
      .sort({ seq: 1 })
      .toArray();
    expect(stored.map((row) => Object.keys(row))).toEqual([
      Object.keys(stored[0] ?? {}),
      Object.keys(stored[0] ?? {}),
    ]);
    expect(Object.keys(message)).toEqual(Object.keys(plain.message));
    expect({}).not.toHaveProperty('polluted');
  });

  it.each(doors)('to an invalid id is refused over %s', async (door) => {
    expect((await alice.send(door, 'bob', { message: 'a' })).code).toBe('INVALID');
  });

  it.each(doors)(
    'to an unknown id is answered over %s like one to other people’s conversation',
    async (door) => {
      const { conversationId } = await bob.say(carol._id, 'between us');
      const unknown = await alice.send(door, nobody, { message: 'a' });
      const theirs = await alice.send(door, conversationId, { message: 'a' });
      expect([unknown.code, theirs.code]).toEqual(['NOT_FOUND', 'NOT_FOUND']);
      // Carol may: it was there to be written to.
      expect((await carol.send(door, conversationId, { message: 'a' })).code).toBeUndefined();
      const bodies = await Promise.all(
        [nobody, conversationId].map((id) => alice.post(`/api/messages/send/${id}`, { message: 'a' })),
      );
      expect(bodies[0]?.body).toEqual(bodies[1]?.body);
    },
  );

  it.each(doors)('finds the conversation over %s by its own id and by either person', async (door) => {
    const { conversationId } = await alice.say(bob._id, 'x');
    const answers = [
      await bob.send(door, alice._id, { message: 'x' }),
      await bob.send(door, conversationId, { message: 'x' }),
      await alice.send(door, conversationId.toUpperCase(), { message: 'x' }),
    ];
    expect(answers.map(({ message }) => message.conversationId)).toEqual([
      conversationId,
      conversationId,
      conversationId,
    ]);
    expect(answers.map(({ message }) => message.receiverId)).toEqual([alice._id, alice._id, bob._id]);
  });

  it.each(doors)('to oneself is a conversation of its own over %s', async (door) => {
    const me = await server.person('me');
    const withBob = await me.say(bob._id, 'to bob');
    const { message } = await me.send(door, me._id, { message: 'milk' });
    expect(message).toMatchObject({ seq: 1, senderId: me._id, receiverId: me._id });
    expect(message.conversationId).not.toBe(withBob.conversationId);
    expect(await historyOf(bob, me._id)).toMatchObject([{ message: 'to bob' }]);
    expect(await historyOf(me, me._id)).toMatchObject([{ message: 'milk' }]);
  });

  it.each(doors)('may quote over %s what is in the same conversation, and nothing else', async (door) => {
    const mine = await alice.say(bob._id, 'a question');
    const other = await alice.say(carol._id, 'a secret');
    const reply = await bob.send(door, alice._id, { message: 'an answer', replyTo: mine._id.toUpperCase() });
    expect(reply.message).toMatchObject({ replyTo: mine._id, replyToSeq: mine.seq });
    expect((await alice.send(door, bob._id, { message: 'x', replyTo: other._id })).code).toBe('INVALID');
  });

  it('has the seq of the quoted message wherever the quote is shown', async () => {
    const [one, other] = await strangers();
    const question = await one.say(other._id, 'a question');
    const [phone, own] = await Promise.all([other.sori(), one.sori()]);
    const { body: reply } = await one.post(`/api/messages/send/${other._id}`, {
      message: 'an answer',
      replyTo: question._id,
    });
    const { conversationId } = reply;
    const quote = { replyTo: question._id, replyToSeq: question.seq };
    const after = { conversationId, after: 0 };
    const lastOf = ({ entries }: { entries: unknown[] }) => entries.at(-1);
    expect(reply).toMatchObject(quote);
    for (const line of [phone, own]) expect(await line.next('newMessage')).toMatchObject(quote);
    expect((await historyOf(other, one._id)).at(-1)).toMatchObject(quote);
    expect(
      lastOf((await other.get<EntriesPage>(`/api/conversations/${conversationId}/entries`)).body),
    ).toMatchObject(quote);
    expect(lastOf((await phone.ask('entries:after', after)) as EntriesPage)).toMatchObject(quote);
    expect((await other.get<Conversation[]>('/api/conversations')).body[0]?.lastMessage).toMatchObject(quote);
    expect((await other.get<Bootstrap>('/api/bootstrap')).body.conversations[0]?.lastMessage).toMatchObject(
      quote,
    );
    const { body: edited } = await one.call<Message>('PATCH', `/api/messages/${reply._id}`, {
      message: 'another',
    });
    expect(edited).toMatchObject(quote);
    expect(await phone.next('entry')).toMatchObject({ kind: 'edit', target: quote });
    expect(lastOf((await phone.ask('entries:after', after)) as EntriesPage)).toMatchObject({ target: quote });
  });

  it.each(['GET', 'POST'])('and reading (%s) is for those who are signed in', async (method) => {
    const path = method === 'GET' ? `/api/messages/${bob._id}` : `/api/messages/send/${bob._id}`;
    const init = {
      method,
      headers: { 'content-type': 'application/json' },
      ...(method === 'POST' ? { body: '{"message":"a"}' } : {}),
    };
    expect(await server.ask(path, init)).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
  });
});

describe('a message that is sent again', () => {
  it.each(doors.flatMap((first) => doors.map((second) => [first, second] as const)))(
    'over %s, then over %s, is the first one, once',
    async (first, second) => {
      const [one, other] = await strangers();
      const once = await one.send(first, other._id, { message: ' hi ', clientId: 'k' });
      const again = await one.send(second, other._id, { message: 'hi', clientId: 'k' });
      expect([once.repeat, again.repeat]).toEqual([false, true]);
      expect(again.message).toEqual(once.message);
      expect(await historyOf(one, other._id)).toHaveLength(1);
    },
  );

  it.each(doors.flatMap((first) => doors.map((second) => [first, second] as const)))(
    'over %s, with another text over %s, is refused',
    async (first, second) => {
      const [one, other] = await strangers();
      const { message } = await one.send(first, other._id, { message: 'hi', clientId: 'k' });
      const changed = await one.send(second, other._id, { message: 'ho', clientId: 'k' });
      const quoting = await one.send(second, other._id, {
        message: 'hi',
        clientId: 'k',
        replyTo: message._id,
      });
      expect([changed.code, quoting.code]).toEqual(['CONFLICT', 'CONFLICT']);
      expect(await historyOf(one, other._id)).toEqual([message]);
    },
  );

  it('may carry its clientId in the header, and the body’s wins', async () => {
    const [one, other] = await strangers();
    const path = `/api/messages/send/${other._id}`;
    const first = await one.post(path, { message: 'a' }, { 'Idempotency-Key': 'from-header' });
    expect(first).toMatchObject({ status: 201, body: { clientId: 'from-header' } });
    const again = await one.post(path, { message: 'a', clientId: 'from-header' });
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    expect(again.body).toEqual(first.body);
    const both = await one.post(path, { message: 'a', clientId: 'body' }, { 'Idempotency-Key': ':bad' });
    expect(both).toMatchObject({ status: 201, body: { clientId: 'body', seq: 2 } });
    expect((await one.post(path, { message: 'a' }, { 'Idempotency-Key': ':bad' })).status).toBe(400);
  });

  it('over REST and the socket twenty times at once is one message, received once by everybody', async () => {
    const [one, other] = await strangers();
    const recipients = await Promise.all([one.sori(), one.sori(), other.sori()]);
    const outcomes = await Promise.all(
      upTo(20).map((n) => one.send(doors[n % 2] ?? 'REST', other._id, { message: 'once', clientId: 'same' })),
    );
    expect(outcomes.filter(({ repeat }) => !repeat)).toHaveLength(1);
    expect(new Set(outcomes.map(({ message }) => message._id)).size).toBe(1);
    expect(await historyOf(other, one._id)).toHaveLength(1);
    await Promise.all(recipients.map((recipient) => recipient.settled()));
    expect(recipients.map((recipient) => recipient.all('newMessage'))).toEqual(
      Array(3).fill([expect.objectContaining({ message: 'once' })]),
    );
  });

  it('is answered for itself, whatever else waits under the same clientId', async () => {
    const [one, other] = await strangers();
    const first = await one.say(other._id, 'right', 'k');
    // In the order in which they arrive: the wrong one is still being looked at when the right one comes.
    const socket = await one.sori();
    const [wrong, right] = await Promise.all(
      ['wrong', 'right'].map((message) =>
        socket.ask('message:send', { to: other._id, message, clientId: 'k' }),
      ),
    );
    expect(wrong).toMatchObject({ ok: false, code: 'CONFLICT' });
    expect(right).toMatchObject({ ok: true, repeat: true, message: { _id: first._id } });
  });

  it('in another conversation, or by the other person, is another message', async () => {
    const [one, other] = await strangers();
    await one.say(other._id, 'hi', 'k');
    expect((await one.send('REST', carol._id, { message: 'hi', clientId: 'k' })).repeat).toBe(false);
    expect(await other.send('REST', one._id, { message: 'ho', clientId: 'k' })).toMatchObject({
      repeat: false,
      message: { seq: 2 },
    });
  });

  it('is received once, even if a thousand others came in between', async () => {
    const [one, other] = await strangers();
    const recipient = await other.tutorial();
    await one.say(other._id, 'n1', 'n1');
    const socket = await one.sori();
    // No more at once than a connection may bring.
    for (const half of ['a', 'b']) {
      await Promise.all(
        upTo(550).map((n) =>
          socket.ask('message:send', { to: other._id, message: `m${n}`, clientId: `${half}${n}` }),
        ),
      );
    }
    expect((await one.send('REST', other._id, { message: 'n1', clientId: 'n1' })).repeat).toBe(true);
    const last = await one.say(other._id, 'last');
    await recipient.settled();
    const received = recipient.all('newMessage') as Message[];
    expect(received.filter(({ message }) => message === 'n1')).toHaveLength(1);
    expect(received.at(-1)?._id).toBe(last._id);
  });
});

describe('the history', () => {
  let one: Someone;
  let other: Someone;
  let conversationId: string;
  beforeAll(async () => {
    [one, other] = await strangers();
    const socket = await one.sori();
    const replies = await Promise.all(
      upTo(120).map((n) =>
        socket.ask('message:send', { to: other._id, message: `m${n}`, clientId: `m${n}` }),
      ),
    );
    ({ conversationId } = replies[0]?.['message'] as Message);
  });
  const page = async (query: string) => {
    const { status, headers, body } = await other.get<Message[]>(`/api/messages/${one._id}${query}`);
    return { status, link: headers.get('link'), seqs: status === 200 ? seqs(body) : body };
  };
  const range = (from: number, to: number): number[] => upTo(to).slice(from - 1);
  const link = (query: string, rel: string): string => `</api/messages/${one._id}?${query}>; rel="${rel}"`;

  it('is the newest fifty, oldest first, by default', async () => {
    expect(await page('')).toEqual({
      status: 200,
      seqs: range(71, 120),
      link: link('limit=50&before=71', 'prev'),
    });
  });

  it.each([
    ['?limit=100', range(21, 120), 'limit=100&before=21', undefined],
    ['?limit=101', range(21, 120), 'limit=100&before=21', undefined],
    ['?limit=99999999999999999999', range(21, 120), 'limit=100&before=21', undefined],
    ['?limit=1', [120], 'limit=1&before=120', undefined],
    ['?limit=10&before=11', range(1, 10), undefined, 'limit=10&after=10'],
    ['?limit=10&before=12', range(2, 11), 'limit=10&before=2', 'limit=10&after=11'],
    ['?before=1', [], undefined, undefined],
    ['?limit=10&after=0', range(1, 10), undefined, 'limit=10&after=10'],
    ['?limit=10&after=110', range(111, 120), 'limit=10&before=111', undefined],
    ['?limit=10&after=109', range(110, 119), 'limit=10&before=110', 'limit=10&after=119'],
    ['?after=120', [], undefined, undefined],
    ['?limit=10&around=60', range(55, 64), 'limit=10&before=55', 'limit=10&after=64'],
    ['?limit=3&around=60', range(59, 61), 'limit=3&before=59', 'limit=3&after=61'],
    ['?limit=10&around=1', range(1, 10), undefined, 'limit=10&after=10'],
    ['?limit=10&around=3', range(1, 10), undefined, 'limit=10&after=10'],
    ['?limit=10&around=120', range(111, 120), 'limit=10&before=111', undefined],
    ['?limit=10&around=118', range(111, 120), 'limit=10&before=111', undefined],
    ['?limit=1&around=60', [60], 'limit=1&before=60', 'limit=1&after=60'],
    ['?nonsense=1&before[$gt]=5&limit[$gt]=1&after[]=3', range(71, 120), 'limit=50&before=71', undefined],
  ])('with %s', async (query, expected, prev, next) => {
    const links = [prev && link(prev, 'prev'), next && link(next, 'next')].filter(Boolean).join(', ');
    expect(await page(query)).toEqual({ status: 200, seqs: expected, link: links || null });
  });

  it.each(['limit=0', 'limit=1&limit=2', 'before=9&after=1'])('is refused with ?%s', async (query) => {
    expect(await page(`?${query}`)).toMatchObject({ status: 400, seqs: { code: 'INVALID' } });
  });

  it('can be walked by its links from the end to the beginning and back, each message once', async () => {
    const walk = async (start: string, rel: string): Promise<number[][]> => {
      const pages: number[][] = [];
      let path: string | undefined = start;
      while (path !== undefined) {
        const answer: Answer<Message[]> = await other.get<Message[]>(path);
        pages.push(seqs(answer.body));
        path = new RegExp(`<([^>]*)>; rel="${rel}"`).exec(answer.headers.get('link') ?? '')?.[1];
      }
      return pages;
    };
    const back = await walk(`/api/messages/${conversationId}?limit=17`, 'prev');
    expect(back.reverse().flat()).toEqual(upTo(120));
    expect((await walk(`/api/messages/${conversationId}?limit=17&after=0`, 'next')).flat()).toEqual(
      upTo(120),
    );
  });

  it('is the same for both people, by person and by conversation', async () => {
    const pages = await Promise.all([
      historyOf(one, other._id),
      historyOf(other, one._id),
      historyOf(one, conversationId),
    ]);
    expect(pages[1]).toEqual(pages[0]);
    expect(pages[2]).toEqual(pages[0]);
  });

  it('is refused to others with the same answer as an unknown conversation', async () => {
    const answers = await Promise.all([conversationId, nobody].map((id) => carol.get(`/api/messages/${id}`)));
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    expect(answers[0]?.body).toEqual(answers[1]?.body);
  });

  it('with somebody to whom nothing was written is empty, and reading it creates no conversation', async () => {
    const [stranger, reader] = await strangers();
    expect(await historyOf(reader, stranger._id)).toEqual([]);
    expect(await historyOf(reader, reader._id)).toEqual([]);
    const made = server.store.connection.collection('conversations');
    const count = await made.countDocuments();
    await historyOf(reader, stranger._id);
    expect(await made.countDocuments()).toBe(count);
    await reader.say(stranger._id, 'now');
    expect(await made.countDocuments()).toBe(count + 1);
  });

  it.each([
    ['nobody', 400, 'INVALID'],
    ['%00', 400, 'INVALID'],
    ['%E0%A4%A', 400, 'INVALID'],
    ['..%2f', 404, 'NOT_FOUND'],
  ])('of /api/messages/%s is refused in JSON', async (id, status, code) => {
    expect(await one.get(`/api/messages/${id}`)).toMatchObject({ status, body: { code } });
  });
});

describe('two people who write to each other for the first time', () => {
  it('at once, twenty pairs of them, get one conversation each that holds everything', async () => {
    const people = await Promise.all(upTo(40).map((n) => server.person(`pair${n}`)));
    const pairs = people.flatMap((a, index): [Someone, Someone][] => {
      const b = people[index + 1];
      return index % 2 === 0 && b ? [[a, b]] : [];
    });
    const sent = await Promise.all(
      pairs.map(([a, b]) =>
        Promise.all([
          a.send('REST', b._id, { message: 'a1' }),
          b.send('REST', a._id, { message: 'b1' }),
          a.send('REST', b._id, { message: 'a2' }),
          b.send('REST', a._id, { message: 'b2' }),
        ]),
      ),
    );
    for (const [index, [a, b]] of pairs.entries()) {
      const ids = sent[index]?.map(({ message }) => message.conversationId);
      expect(new Set(ids).size).toBe(1);
      const history = await historyOf(a, b._id);
      expect(seqs(history)).toEqual([1, 2, 3, 4]);
      expect(history.map(({ message }) => message).sort()).toEqual(['a1', 'a2', 'b1', 'b2']);
      const list = await a.get<{ _id: string }[]>('/api/conversations');
      expect(list.body.map(({ _id }) => _id)).toEqual([ids?.[0]]);
    }
  });

  it.each(upTo(10))('at once over the socket get one (%i)', async () => {
    const [one, other] = await strangers();
    const tabs = await Promise.all([one.sori(), other.sori()]);
    const replies = await Promise.all([
      ...upTo(3).map((n) =>
        tabs[0].ask('message:send', { to: other._id, message: `a${n}`, clientId: `a${n}` }),
      ),
      ...upTo(3).map((n) =>
        tabs[1].ask('message:send', { to: one._id, message: `b${n}`, clientId: `b${n}` }),
      ),
    ]);
    const messages = replies.map(({ message }) => message as Message);
    expect(new Set(messages.map(({ conversationId }) => conversationId)).size).toBe(1);
    const history = await historyOf(one, other._id);
    expect(seqs(history)).toEqual(upTo(6));
    // Each in the order in which they were written.
    for (const who of ['a', 'b']) {
      const own = history.filter(({ message }) => message.startsWith(who));
      expect(own.map(({ message }) => message)).toEqual(upTo(3).map((n) => `${who}${n}`));
    }
  });
});
