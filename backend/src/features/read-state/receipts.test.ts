import type { Conversation, Positions } from '@sori/contract';
import type { Client } from '../../testing/live.js';
import type { Someone } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';

const server = useServer();
let alice: Someone;
let bob: Someone;
let conversationId: string;
beforeEach(async () => {
  alice = await server.person('alice');
  bob = await server.person('bob');
  for (const text of ['one', 'two', 'three']) ({ conversationId } = await alice.say(bob._id, text));
});
afterEach(() => server.leave());

type What = 'read' | 'delivered';
const set = async (client: Client, what: What, seq: number): Promise<Positions> =>
  (await client.ask(`${what}:set`, { conversationId, seq })) as Positions & Record<string, unknown>;
const seenBy = async (viewer: Someone): Promise<Conversation> =>
  (await viewer.get<Conversation>(`/api/conversations/${conversationId}`)).body;
/** How far one person is, as another one sees it. */
const positionsOf = async (someone: Someone, viewer: Someone): Promise<Positions> => {
  const member = (await seenBy(viewer)).members.find(({ userId }) => userId === someone._id);
  if (!member) throw new Error(`${someone.name} is not there`);
  return { readSeq: member.readSeq, deliveredSeq: member.deliveredSeq };
};
const receipts = (someone: Someone, on: boolean) =>
  someone.call('PATCH', '/api/me/settings', { receipts: on });

describe('what reached a device', () => {
  it('is emitted to the writer and to the own other devices, and shown from then on', async () => {
    const [phone, laptop, writer] = await Promise.all([bob.sori(), bob.sori(), alice.sori()]);
    expect(await set(phone, 'delivered', 2)).toEqual({ ok: true, readSeq: 0, deliveredSeq: 2 });
    const notice = { conversationId, userId: bob._id, readSeq: 0, deliveredSeq: 2 };
    for (const device of [phone, laptop, writer]) expect(await device.next('read')).toEqual(notice);
    expect(await positionsOf(bob, alice)).toEqual({ readSeq: 0, deliveredSeq: 2 });
  });

  it('is not read, and leaves what is unread as it is', async () => {
    await set(await bob.sori(), 'delivered', 3);
    expect(await seenBy(bob)).toMatchObject({ unread: 3 });
    expect(await positionsOf(bob, alice)).toEqual({ readSeq: 0, deliveredSeq: 3 });
  });

  it('never falls, is never below what was read, and never passes the head', async () => {
    const [mine, writer] = await Promise.all([bob.sori(), alice.sori()]);
    const asked: [What, number, Positions][] = [
      ['delivered', 2, { readSeq: 0, deliveredSeq: 2 }],
      ['delivered', 1, { readSeq: 0, deliveredSeq: 2 }],
      ['read', 1, { readSeq: 1, deliveredSeq: 2 }],
      ['read', 3, { readSeq: 3, deliveredSeq: 3 }],
      ['delivered', 2, { readSeq: 3, deliveredSeq: 3 }],
      ['delivered', 99, { readSeq: 3, deliveredSeq: 3 }],
      ['read', 99, { readSeq: 3, deliveredSeq: 3 }],
    ];
    for (const [what, seq, positions] of asked) {
      expect(await set(mine, what, seq)).toEqual({ ok: true, ...positions });
    }
    await writer.settled();
    // Only what moved is emitted.
    expect(writer.all('read')).toEqual(
      [asked[0], asked[2], asked[3]].map((one) => ({ conversationId, userId: bob._id, ...one?.[2] })),
    );
  });

  it('is the highest of all that many devices said at once', async () => {
    const devices = await Promise.all([bob.sori(), bob.sori(), bob.sori()]);
    await Promise.all(
      devices.flatMap((device, index) => [
        set(device, 'delivered', index + 1),
        set(device, 'read', index),
        set(device, 'delivered', 1),
      ]),
    );
    expect(await positionsOf(bob, alice)).toEqual({ readSeq: 2, deliveredSeq: 3 });
  });

  it('is neither accepted from a stranger nor emitted to one', async () => {
    const carol = await server.person('carol');
    const [stranger, mine] = await Promise.all([carol.sori(), bob.sori()]);
    const refused = await stranger.ask('delivered:set', { conversationId, seq: 1 });
    expect(refused).toMatchObject({ ok: false, code: 'NOT_FOUND' });
    expect(await stranger.ask('delivered:set', { conversationId: 'f'.repeat(24), seq: 1 })).toEqual(refused);
    await set(mine, 'delivered', 1);
    await mine.next('read');
    await stranger.settled();
    expect(stranger.all('read')).toEqual([]);
  });
});

describe('receipts that are switched off', () => {
  it.each(['who reads', 'who wrote'])(
    'by %s are neither emitted nor shown, the own ones excepted',
    async (who) => {
      await receipts(who === 'who reads' ? bob : alice, false);
      const [phone, laptop, writer] = await Promise.all([bob.sori(), bob.sori(), alice.sori()]);
      await set(phone, 'delivered', 2);
      await set(phone, 'read', 1);
      for (const device of [phone, laptop]) {
        expect(await device.next('read')).toMatchObject({ readSeq: 0, deliveredSeq: 2 });
        expect(await device.next('read')).toMatchObject({ readSeq: 1, deliveredSeq: 2 });
      }
      await writer.settled();
      expect(writer.all('read')).toEqual([]);
      expect(await positionsOf(bob, alice)).toEqual({ readSeq: 0, deliveredSeq: 0 });
      expect(await positionsOf(bob, bob)).toEqual({ readSeq: 1, deliveredSeq: 2 });
      expect(await seenBy(bob)).toMatchObject({ unread: 2 });
    },
  );

  it('hide what others read before from the person who switched them off, in the list too', async () => {
    await set(await bob.sori(), 'read', 3);
    expect(await positionsOf(bob, alice)).toMatchObject({ readSeq: 3 });
    await receipts(alice, false);
    expect(await positionsOf(bob, alice)).toEqual({ readSeq: 0, deliveredSeq: 0 });
    const { body } = await alice.get<Conversation[]>('/api/conversations');
    expect(body[0]?.members.find(({ userId }) => userId === bob._id)).toMatchObject({ readSeq: 0 });
  });

  it('are not in the new conversation that the other one receives either', async () => {
    const carol = await server.person('carol');
    await receipts(bob, false);
    const carolsTab = await carol.sori();
    await bob.say(carol._id, 'hi');
    const received = (await carolsTab.next('conversation')) as Conversation;
    expect(received.members.find(({ userId }) => userId === bob._id)).toMatchObject({
      readSeq: 0,
      deliveredSeq: 0,
    });
  });

  it('are there again for both once they are switched on again', async () => {
    await receipts(bob, false);
    const [mine, writer] = await Promise.all([bob.sori(), alice.sori()]);
    await set(mine, 'read', 1);
    await receipts(bob, true);
    await set(mine, 'read', 2);
    expect(await writer.next('read')).toMatchObject({ userId: bob._id, readSeq: 2 });
    expect(writer.all('read')).toEqual([]);
    await set(writer, 'read', 3);
    await mine.next('read');
    expect(await positionsOf(alice, bob)).toMatchObject({ readSeq: 3 });
  });

  it('are switched off for one person and not for others', async () => {
    const carol = await server.person('carol');
    await receipts(carol, false);
    const [mine, writer] = await Promise.all([bob.sori(), alice.sori()]);
    await set(mine, 'read', 1);
    expect(await writer.next('read')).toMatchObject({ userId: bob._id, readSeq: 1 });
  });
});
