import { limits, type Conversation, type Message } from '@sori/contract';
import { Types } from 'mongoose';
import { addRows, type Grown, grownRow, growLog, timeAt, timesLonger } from '../../testing/grown.js';
import { silentPeople } from '../../testing/silent-people.js';
import type { Answer, Someone } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';

/** What is asked of a log that has grown must take about as long as of a small one, and be as exact. */

const server = useServer();
let alice: Someone;
let me: Types.ObjectId;
/** Others, who never sign in. */
let others: Types.ObjectId[];
beforeAll(async () => {
  alice = await server.person('alice');
  me = new Types.ObjectId(alice._id);
  const silent = await silentPeople(server.store.connection, alice._id, 20);
  others = silent.map((id) => new Types.ObjectId(id));
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
  it('is counted exactly up to a thousand, and above that shown as a thousand and more', async () => {
    const exact = await direct(1_000, () => ({ senderId: other() }));
    expect(await of(alice, exact)).toMatchObject({ unread: 1_000 });
    expect(await of(alice, exact)).not.toHaveProperty('unreadMore');
    const more = await direct(1_001, () => ({ senderId: other() }));
    expect(await of(alice, more)).toMatchObject({ unread: limits.unreadMax, unreadMore: true });
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
    expect(await of(alice, more)).toMatchObject({ mentions: limits.mentionsMax, mentionsMore: true });
    await alice.call('PUT', `/api/conversations/${more.toHexString()}/read`, { seq: 991 });
    expect(await of(alice, more)).toMatchObject({ unread: 510, mentions: 2 });
    // Near the end, where it is counted by looking.
    await alice.call('PUT', `/api/conversations/${more.toHexString()}/read`, { seq: 1_491 });
    expect(await of(alice, more)).toMatchObject({ unread: 10, mentions: 0 });
  });

  it('is counted quickly among very many own, deleted and hidden messages and other entries', async () => {
    const fillers = [
      (): Grown => ({ senderId: me }),
      (): Grown => ({ senderId: other(), message: '', deletedAt: new Date() }),
      (): Grown => ({ senderId: other(), hiddenFor: me }),
      (): Grown => ({ kind: 'react', senderId: other(), targetSeq: 3, emojis: ['👍'] }),
    ];
    const rowAt = (last: number) => (seq: number) =>
      (seq === 3 || seq === last ? undefined : fillers[Math.floor((seq * 4) / (last + 1))]?.()) ?? {
        senderId: other(),
      };
    const [few, many] = [40, 40_000];
    const [small, large] = [await direct(few, rowAt(few)), await direct(many, rowAt(many))];
    expect(await of(alice, large)).toMatchObject({ unread: 2, mentions: 0 });
    const longer = await timesLonger(
      () => of(alice, large),
      () => of(alice, small),
    );
    expect(longer).toBeLessThan(4);
  });

  it('in many conversations at once costs a list little more than one unread message in each', async () => {
    const [many, few] = await server.people('many', 'few');
    const fill = async (person: Someone, headSeq: number) => {
      const participants = (index: number) => [new Types.ObjectId(person._id), other(index)];
      for (let index = 0; index < 20; index += 1)
        await direct(headSeq, () => ({ senderId: other(index) }), participants(index));
    };
    await fill(many, 1_010);
    await fill(few, 1);
    const list = await listOf(many);
    expect(list).toHaveLength(20);
    expect(list.every(({ unread, unreadMore }) => unread === 1_000 && unreadMore)).toBe(true);
    const longer = await timesLonger(
      () => listOf(many),
      () => listOf(few),
    );
    expect(longer).toBeLessThan(6);
  });
});

describe('a page of messages', () => {
  it('is read past very many reactions and hidden messages as quickly as past none', async () => {
    const page = 40;
    const fillers = [
      (): Grown => ({ kind: 'react', senderId: other(), targetSeq: 1, emojis: ['👍'] }),
      (): Grown => ({ senderId: other(), hiddenFor: me }),
    ];
    const rowAt = (seq: number): Grown =>
      (seq <= page ? undefined : fillers[seq % 2]?.()) ?? { senderId: seq % 2 ? me : other() };
    const [small, large] = [await direct(page, rowAt), await direct(40_000, rowAt)];
    const seqs = async (id: Types.ObjectId, query: string): Promise<number[]> => {
      const { body } = await alice.get<Message[]>(`/api/messages/${id.toHexString()}?${query}`);
      return body.map(({ seq }) => seq);
    };
    for (const query of ['limit=50', 'limit=50&after=5', 'limit=50&around=30', 'limit=20&before=39000']) {
      expect(await seqs(large, query)).toEqual(await seqs(small, query));
      const longer = await timesLonger(
        () => seqs(large, query),
        () => seqs(small, query),
      );
      expect(longer).toBeLessThan(4);
    }
  });

  it('of somebody whose messages are hidden from the other one has all of them, in order', async () => {
    const hidden = (seq: number): Grown =>
      seq % 3 === 0 ? { senderId: other() } : { senderId: me, ...(seq > 4 ? { hiddenFor: other() } : {}) };
    const id = await direct(12, hidden);
    const { body } = await alice.get<Message[]>(`/api/messages/${id.toHexString()}?limit=8`);
    expect(body.map(({ seq }) => seq)).toEqual([5, 6, 7, 8, 9, 10, 11, 12]);
  });
});

describe('the newest message that is left', () => {
  /** Rows that the database looked at for this. */
  const lookedAt = async (done: () => Promise<void>): Promise<number> => {
    const count = async (): Promise<number> => {
      const admin = server.store.upkeep.getClient().db('admin');
      const { metrics } = (await admin.command({ serverStatus: 1 })) as Status;
      return metrics.queryExecutor.scannedObjects;
    };
    const before = await count();
    await done();
    return (await count()) - before;
  };
  interface Status {
    metrics: { queryExecutor: { scannedObjects: number } };
  }

  it('is found at once below thousands that were deleted, whether or not the head knows of that yet', async () => {
    const rowAt = (seq: number): Grown => ({
      senderId: me,
      ...(seq === 1 || seq === 4_000 ? {} : { message: '', deletedAt: timeAt(seq) }),
    });
    const [known, late] = [await direct(4_000, rowAt), await direct(3_999, rowAt)];
    const { body } = await alice.get<Message[]>(`/api/messages/${known.toHexString()}?limit=1`);
    const rows = await lookedAt(async () => {
      const { status } = await alice.call('DELETE', `/api/messages/${body[0]?._id ?? ''}`);
      expect(status).toBe(200);
      for (const id of [known, late]) expect(await of(alice, id)).toMatchObject({ lastMessage: { seq: 1 } });
    });
    expect(rows).toBeLessThan(1_000);
  });
});

describe('the list of somebody in thousands of groups', () => {
  it('comes page by page, each group once, and no slower than that of somebody in a page of them', async () => {
    const [many, few] = await server.people('many', 'few');
    const inGroups = async (person: Someone, count: number): Promise<string[]> => {
      // By fours at the same time, so that the order is that of the ids, too.
      const rows = Array.from({ length: count }, (_, index) => ({
        ...grownRow(1, { kind: 'group', participants: [], name: `Group ${index}`, membersVersion: 1 }),
        lastActivityAt: timeAt(Math.floor(index / 4)),
      }));
      const members = rows.map(({ _id }) => membership(_id, new Types.ObjectId(person._id)));
      await addRows(server.store.connection, 'conversations', rows);
      await addRows(server.store.connection, 'members', members);
      return rows
        .sort(
          (one, two) =>
            two.lastActivityAt.getTime() - one.lastActivityAt.getTime() ||
            two._id.toHexString().localeCompare(one._id.toHexString()),
        )
        .map(({ _id }) => _id.toHexString());
    };
    const wanted = await inGroups(many, 5_037);
    await inGroups(few, 100);
    const seen: string[] = [];
    let path: string | undefined = '/api/conversations?limit=97';
    for (let page = 0; page < 5 && path !== undefined; page += 1) {
      const { status, headers, body }: Answer<Conversation[]> = await many.get<Conversation[]>(path);
      expect(status).toBe(200);
      seen.push(...body.map(({ _id }) => _id));
      path = /<([^>]+)>/.exec(headers.get('link') ?? '')?.[1];
    }
    expect(seen).toEqual(wanted.slice(0, 5 * 97));
    const longer = await timesLonger(
      () => listOf(many, '?limit=100'),
      () => listOf(few, '?limit=100'),
    );
    expect(longer).toBeLessThan(5);
  });
});
