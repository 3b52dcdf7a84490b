import { limits, type Conversation, type Message } from '@sori/contract';
import { Types } from 'mongoose';
import { addRows, type Grown, grownRow, growLog, timesLonger } from '../../testing/grown.js';
import { silentPeople } from '../../testing/silent-people.js';
import { type Someone, startServer, type TestServer } from '../../testing/server.js';

/** What is asked of a log that has grown must take about as long as of a small one, and be as exact. */

let server: TestServer;
let alice: Someone;
let me: Types.ObjectId;
/** Others, who never sign in. */
let others: Types.ObjectId[];
beforeAll(async () => {
  server = await startServer();
  alice = await server.person('alice');
  me = new Types.ObjectId(alice._id);
  const silent = await silentPeople(server.store.connection, alice._id, 60);
  others = silent.map((id) => new Types.ObjectId(id));
});
afterAll(async () => {
  await server.close();
  expect(server.bugs()).toEqual([]);
});

const other = (index = 0): Types.ObjectId => {
  const one = others[index];
  if (!one) throw new Error('There are not so many people');
  return one;
};

const of = async (person: Someone, id: Types.ObjectId): Promise<Conversation> =>
  (await person.get<Conversation>(`/api/conversations/${id.toHexString()}`)).body;
const listOf = async (person: Someone, query = ''): Promise<Conversation[]> => {
  const { status, body } = await person.get<Conversation[]>(`/api/conversations${query}`);
  expect(status).toBe(200);
  return body;
};

/** Of two people, with so many entries as `rowAt` has them; by default all are the other one's messages. */
async function direct(
  headSeq: number,
  rowAt: (seq: number) => Grown,
  people = [me, other()],
): Promise<Types.ObjectId> {
  const row = grownRow(headSeq, { kind: 'direct', participants: people, lastMessageSeq: headSeq });
  await addRows(server.store.connection, 'conversations', [row]);
  await growLog(server.store.connection, row._id, [1, headSeq], rowAt);
  return row._id;
}

const membership = (conversationId: Types.ObjectId, userId: Types.ObjectId) => ({
  conversationId,
  userId,
  role: 'member',
  joinSeq: 1,
  firstSeq: 1,
  leftSeq: 0,
  memberSeq: 1,
  readSeq: 1,
  deliveredSeq: 1,
});

/** Of alice and some others, whose first entry is the one by which they came. */
async function group(headSeq: number, rowAt: (seq: number) => Grown): Promise<Types.ObjectId> {
  const row = grownRow(headSeq, { kind: 'group', participants: [], name: 'Grown', membersVersion: 1 });
  const members = [me, ...others.slice(0, 5)].map((userId) => membership(row._id, userId));
  await addRows(server.store.connection, 'conversations', [{ ...row, lastMessageSeq: headSeq }]);
  await addRows(server.store.connection, 'members', members);
  await growLog(server.store.connection, row._id, [1, headSeq], (seq) =>
    seq === 1
      ? { kind: 'member', change: 'added', userIds: members.map(({ userId }) => userId), senderId: other() }
      : rowAt(seq),
  );
  return row._id;
}

describe('what is unread', () => {
  it('is told exactly up to a thousand, and above that as a thousand and more', async () => {
    const exact = await direct(1_000, () => ({ senderId: other() }));
    expect(await of(alice, exact)).toMatchObject({ unread: 1_000 });
    expect(await of(alice, exact)).not.toHaveProperty('unreadMore');
    const more = await direct(1_001, () => ({ senderId: other() }));
    expect(await of(alice, more)).toMatchObject({ unread: limits.unreadTold, unreadMore: true });
    await alice.call('PUT', `/api/conversations/${more.toHexString()}/read`, { seq: 1 });
    expect(await of(alice, more)).not.toHaveProperty('unreadMore');
    await alice.call('PUT', `/api/conversations/${more.toHexString()}/unread`, { seq: 1 });
    expect(await of(alice, more)).toMatchObject({ unread: 1_000, unreadMore: true, unreadFromSeq: 1 });
  });

  it('of a group says how often one is mentioned, exactly up to a hundred', async () => {
    const mentions = (last: number) => (seq: number) => ({
      senderId: other(seq % 3),
      mentions: seq % 10 === 0 && seq <= last ? [other(4), me] : [],
    });
    const exact = await group(1_501, mentions(1_000));
    expect(await of(alice, exact)).toMatchObject({ unread: 1_000, unreadMore: true, mentions: 100 });
    expect(await of(alice, exact)).not.toHaveProperty('mentionsMore');
    const more = await group(1_501, mentions(1_010));
    expect(await of(alice, more)).toMatchObject({ mentions: limits.mentionsTold, mentionsMore: true });
    await alice.call('PUT', `/api/conversations/${more.toHexString()}/read`, { seq: 991 });
    expect(await of(alice, more)).toMatchObject({ unread: 510, mentions: 2 });
    // Near the end, where it is counted by looking.
    await alice.call('PUT', `/api/conversations/${more.toHexString()}/read`, { seq: 1_491 });
    expect(await of(alice, more)).toMatchObject({ unread: 10, mentions: 0 });
  });

  it.each([
    ['own messages', (): Grown => ({ senderId: me })],
    ['deleted messages', (): Grown => ({ senderId: other(), message: '', deletedAt: new Date() })],
    ['messages hidden from the reader', (): Grown => ({ senderId: other(), hiddenFor: me })],
    ['reactions', (): Grown => ({ kind: 'react', senderId: other(), targetSeq: 1, emojis: ['👍'] })],
  ])('is found among very many %s in no time', async (_what, filler) => {
    const filled = 30_000;
    const rowAt = (last: number) => (seq: number) =>
      seq === 3 || seq === last ? { senderId: other() } : filler();
    const [small, large] = [await direct(50, rowAt(50)), await direct(filled, rowAt(filled))];
    expect(await of(alice, large)).toMatchObject({ unread: 2, mentions: 0 });
    const longer = await timesLonger(
      () => of(alice, large),
      () => of(alice, small),
    );
    expect(longer).toBeLessThan(4);
  });

  it('in fifty conversations at once costs a list little more than one unread message in each', async () => {
    const [many, few] = await server.people('many', 'few');
    const fifty = async (person: Someone, headSeq: number) => {
      const participants = (index: number) => [new Types.ObjectId(person._id), other(index)];
      for (let index = 0; index < 50; index += 1)
        await direct(headSeq, () => ({ senderId: other(index) }), participants(index));
    };
    await fifty(many, 1_500);
    await fifty(few, 1);
    const list = await listOf(many);
    expect(list).toHaveLength(50);
    expect(list.every(({ unread, unreadMore }) => unread === 1_000 && unreadMore)).toBe(true);
    const longer = await timesLonger(
      () => listOf(many),
      () => listOf(few),
    );
    expect(longer).toBeLessThan(6);
  });
});
