import type { Conversation, WireError } from '@sori/contract';
import { Types } from 'mongoose';
import { type Someone, startServer, type TestServer } from '../testing/server.js';
import { silentPeople } from '../testing/silent-people.js';

let server: TestServer;
let alice: Someone;
let bob: Someone;
let carol: Someone;

beforeAll(async () => {
  server = await startServer();
  [alice, bob, carol] = await server.people('alice', 'bob', 'carol');
});
afterAll(() => server.close());

/** A conversation with this many messages, put there directly. @returns its id */
async function filled(writer: Someone, other: Someone, count: number): Promise<string> {
  const { conversationId } = await writer.say(other._id, 'The first of many');
  const entries = server.store.connection.collection('entries');
  const first = await entries.findOne({ conversationId: new Types.ObjectId(conversationId) });
  await entries.insertMany(
    Array.from({ length: count - 1 }, (_, index) => ({
      ...first,
      _id: new Types.ObjectId(),
      seq: index + 2,
      messageCount: index + 2,
      clientId: `filled-${index}`,
    })),
  );
  return conversationId;
}

describe('somebody who asks for far too much', () => {
  it('is answered one after the other while others write as ever', async () => {
    const conversationId = await filled(alice, bob, 60);
    const [greedy, bystander] = [await alice.sori(), await carol.sori()];
    const asked = { conversationId, after: 0, limit: 60 };
    const order: string[] = [];
    const pages = Array.from({ length: 100 }, async (_, index) => {
      const reply = await greedy.ask('entries:after', asked);
      order.push(`page ${index}`);
      return reply;
    });
    // Once the first is answered, all of them are at the server.
    await Promise.race(pages);
    for (let sent = 0; sent < 3; sent += 1) {
      const reply = await bystander.ask('message:send', {
        to: bob._id,
        message: 'Hello',
        clientId: `bystander-${sent}`,
      });
      expect(reply).toMatchObject({ ok: true });
      order.push('a send');
    }
    expect(order.filter((what) => what !== 'a send').length).toBeLessThan(50);
    // Nor does their own message wait behind what they read.
    expect(
      await greedy.ask('message:send', { to: bob._id, message: 'Me, too', clientId: 'own' }),
    ).toMatchObject({ ok: true });
    expect(order.length).toBeLessThan(70);
    for (const reply of await Promise.all(pages)) expect(reply).toMatchObject({ ok: true, next: 60 });
    expect(order.filter((what) => what !== 'a send')).toEqual(pages.map((_, index) => `page ${index}`));
  });

  it('gets no more at once through several sockets and REST together', async () => {
    const { conversationId } = await alice.say(bob._id, 'One more');
    const others = await Promise.all([alice.sori(), alice.sori(), alice.sori()]);
    const asked = { conversationId, after: 0, limit: 60 };
    let waiting = 0;
    const counted = async <Reply>(reply: Promise<Reply>): Promise<Reply> => {
      waiting += 1;
      return reply.finally(() => (waiting -= 1));
    };
    const all = [
      ...others.flatMap((socket) =>
        Array.from({ length: 20 }, () => counted(socket.ask('entries:after', asked))),
      ),
      ...Array.from({ length: 20 }, () =>
        counted(alice.get(`/api/conversations/${conversationId}/entries?limit=60`)),
      ),
    ];
    await Promise.race(all);
    // Somebody else's page has its turn after at most the one that is being read.
    expect((await carol.get('/api/conversations')).status).toBe(200);
    expect(waiting).toBeGreaterThan(40);
    for (const reply of await Promise.all(all)) {
      expect(reply).toMatchObject('status' in reply ? { status: 200 } : { ok: true });
    }
  });

  it('makes groups of thousands one after the other, each made or refused, while others write', async () => {
    const memberIds = await silentPeople(server.store.connection, bob._id, 4_998);
    const bystander = await carol.sori();
    let open = 8;
    const groups = Array.from({ length: 8 }, async (_, index) => {
      const answer = await alice.post<Conversation & WireError>('/api/conversations', {
        name: `Group ${index}`,
        memberIds: index < 2 ? memberIds : memberIds.slice(0, 300),
      });
      open -= 1;
      return answer;
    });
    for (let sent = 0; sent < 3; sent += 1) {
      expect(
        await bystander.ask('message:send', { to: bob._id, message: 'Hi', clientId: `beside-${sent}` }),
      ).toMatchObject({ ok: true });
    }
    expect(open).toBeGreaterThan(3);
    for (const { status, body } of await Promise.all(groups)) {
      if (status === 201) expect(body.memberCount).toBeGreaterThan(300);
      else expect(body.code).toMatch(/^(?:RATE_LIMITED|BUSY|REFUSED)$/);
    }
    expect((await alice.get<Conversation[]>('/api/conversations')).body.length).toBeGreaterThan(3);
    expect(server.bugs()).toEqual([]);
  });
});
