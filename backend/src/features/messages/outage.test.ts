import type { Message } from '@sori/contract';
import { password, type Someone } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';

/** What people see of a database that dies, or that hangs. */

const server = useServer({ database: {} });
let alice: Someone;
let bob: Someone;
beforeAll(async () => {
  [alice, bob] = await server.people('alice', 'bob');
});

/** Ms. Everybody is answered within 3 s, and what a busy machine adds; a driver's own patience ends after 10 and 30 s. */
const inTime = 6_000;
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const timed = async <Result>(work: Promise<Result>): Promise<{ result: Result; ms: number }> => {
  const began = performance.now();
  return { result: await work, ms: performance.now() - began };
};

describe('while the database hangs', () => {
  const newcomers: Someone[] = [];
  beforeAll(async () => {
    for (const n of upTo(4)) newcomers.push(await server.person(`new${n}`));
  });
  afterEach(async () => {
    server.engine.resume();
    // What hung has come to its end, and the driver has noticed: the next test begins with a database that answers.
    while ((await alice.send('REST', bob._id, { message: 'there again' })).code !== undefined);
  });

  it('everybody is answered within 3 s to try again, whatever they ask and however much of it', async () => {
    const first = await alice.say(bob._id, 'before');
    const [recipient, sender] = await Promise.all([bob.sori(), alice.sori()]);
    const messages = `/api/messages/send/${first.conversationId}`;
    // What was written a moment ago still waits for its head to be stored.
    await Promise.all(upTo(20).map((n) => alice.say(bob._id, `burst ${n}`)));
    server.engine.pause();
    const asked = await Promise.all([
      ...upTo(5).map((n) => timed(alice.post(messages, { message: `m${n}`, clientId: `hang-${n}` }))),
      // To people whom nobody has asked for before: each has to be looked up.
      ...newcomers.map(({ _id }) => timed(alice.post(`/api/messages/send/${_id}`, { message: 'hi' }))),
      ...upTo(4).map(() => timed(alice.post(messages, { message: 're', replyTo: first._id }))),
      ...upTo(3).map(() => timed(alice.get('/api/conversations'))),
      timed(alice.get(`/api/messages/${bob._id}`)),
      timed(alice.get(`/api/conversations/${first.conversationId}/entries`)),
      timed(alice.get('/readyz')),
    ]);
    for (const { result, ms } of asked) {
      expect(result.status).toBe(503);
      expect(Number(result.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(ms).toBeLessThan(inTime);
    }
    const overSocket = await Promise.all([
      timed(sender.ask('message:send', { to: bob._id, message: 'x', clientId: 'hang-socket' })),
      timed(sender.ask('entries:after', { conversationId: first.conversationId, after: 0 })),
      timed(sender.ask('read:set', { conversationId: first.conversationId, seq: 1 })),
    ]);
    for (const { result, ms } of overSocket) {
      expect(result).toMatchObject({ ok: false, retryAfterMs: expect.any(Number) as number });
      expect(['RETRY', 'UNAVAILABLE']).toContain(result['code']);
      expect(ms).toBeLessThan(inTime);
    }
    expect((await alice.get('/healthz')).status).toBe(200);
    expect([recipient.socket.connected, sender.socket.connected]).toEqual([true, true]);
  });

  it('no call and no event takes longer, when it hangs already and when it has hung for a while', async () => {
    const { _id: messageId, conversationId } = await alice.say(bob._id, 'there');
    const sender = await alice.sori();
    const [one, message] = [`/api/conversations/${conversationId}`, `/api/messages/${messageId}`];
    const calls: [method: string, path: string, body?: object][] = [
      ['GET', '/api/auth/me'],
      ['POST', '/api/auth/login', { username: alice.name, password }],
      ['GET', '/api/users?search=a'],
      ['GET', `/api/users/${newcomers[0]?._id ?? ''}`],
      ['GET', `/api/messages/${conversationId}?around=1`],
      ['GET', `/api/messages/${conversationId}?after=0`],
      ['PATCH', message, { message: 'edited' }],
      ['PUT', `${message}/reactions/${encodeURIComponent('👍')}`],
      ['DELETE', `${message}/reactions/${encodeURIComponent('👍')}`],
      ['PUT', `${message}/pin`],
      ['DELETE', `${message}/pin`],
      ['DELETE', message],
      ['GET', one],
      ['PUT', `${one}/read`, { seq: 1 }],
      ['PUT', `${one}/unread`, { seq: 1 }],
      ['PUT', `${one}/draft`, { text: 'd', rev: 1 }],
      ['PUT', `${one}/mute`, { until: null }],
      ['POST', '/api/conversations/read-all'],
      ['PATCH', '/api/me/settings', { typing: true }],
    ];
    const events: [name: string, input: object][] = [
      ['message:edit', { messageId, message: 'y', clientId: 'hang-edit' }],
      ['message:react', { messageId, emojis: ['👍'], clientId: 'hang-react' }],
      ['message:pin', { messageId, pinned: true, clientId: 'hang-pin' }],
      ['message:delete', { messageId, clientId: 'hang-delete' }],
      ['delivered:set', { conversationId, seq: 1 }],
    ];
    const everything = (): Promise<{ what: string; ms: number; ended: unknown }>[] => [
      ...calls.map(async ([method, path, body]) => {
        const { result, ms } = await timed(alice.call(method, path, body));
        return { what: `${method} ${path}`, ms, ended: [result.status, result.headers.has('retry-after')] };
      }),
      ...events.map(async ([name, input]) => {
        const { result, ms } = await timed(sender.ask(name, input));
        return { what: name, ms, ended: [result['ok'] ? 200 : 503, 'retryAfterMs' in result] };
      }),
    ];
    server.engine.pause();
    const asked = everything();
    // The second round comes when the first one's connections are hanging, and the driver has begun to notice.
    await Promise.race(asked);
    asked.push(...everything());
    for (const { what, ms, ended } of await Promise.all(asked)) {
      expect([what, ended]).toEqual([what, [503, true]]);
      expect(ms).toBeLessThan(inTime);
    }
  });

  it('nothing is lost or doubled for those who try again afterwards', async () => {
    const recipient = await bob.sori();
    const contents = upTo(8).map((n) => ({ message: `again ${n}`, clientId: `again-${n}` }));
    server.engine.pause();
    const first = await Promise.all(contents.map((content) => alice.send('REST', bob._id, content)));
    expect(first.every(({ code }) => code === 'RETRY' || code === 'UNAVAILABLE')).toBe(true);
    server.engine.resume();
    for (const content of contents) {
      let outcome = await alice.send('REST', bob._id, content);
      while (outcome.code !== undefined) outcome = await alice.send('REST', bob._id, content);
    }
    const end = await alice.say(bob._id, 'the end');
    await recipient.settled();
    const received = (recipient.all('newMessage') as Message[]).map(({ message }) => message);
    expect([...received].sort()).toEqual([...contents.map(({ message }) => message), 'the end'].sort());
    const { body } = await bob.get<Message[]>(`/api/messages/${end.conversationId}?limit=100`);
    expect(
      body.filter(({ message }) => message.startsWith('again')).map(({ message }) => message),
    ).toHaveLength(8);
  });
});
