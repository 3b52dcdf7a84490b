import { Types } from 'mongoose';
import { message, newId, openLog, type TestLog, useLog } from '../testing/log.js';
import { fsck, type Finding } from './fsck.js';
import type { EntryPayload, EntryRow } from './entries.model.js';
import { applyMembership, type Membership } from './membership.js';
import type { Append } from './append.js';

const here = useLog();

const members = () => here.store.connection.collection<Membership>('members');
const conversations = () => here.log.conversations.collection;

async function newGroup({ log }: TestLog = here): Promise<string> {
  const id = newId();
  await log.conversations.collection.insertOne({
    _id: new Types.ObjectId(id),
    kind: 'group',
    participants: [],
    createdAt: new Date(),
    appliedSeq: 0,
  });
  return id;
}

type Change = Omit<Extract<EntryPayload, { kind: 'member' }>, 'kind' | 'userIds'>;
let made = 0;
const member = (
  id: string,
  by: string,
  userIds: string[],
  change: Change['change'],
  more: Partial<Change> = {},
): Append => {
  made += 1;
  return {
    ...message(id, by, `:member-${made}`),
    payload: {
      kind: 'member',
      change,
      userIds: userIds.map((userId) => new Types.ObjectId(userId)),
      ...more,
    },
    rights: { membersVersion: Number.MAX_SAFE_INTEGER, recheck: () => Promise.resolve(0) },
  };
};

const stateOf = async (id: string) => {
  const rows = await members()
    .find({ conversationId: new Types.ObjectId(id) }, { projection: { _id: 0 } })
    .sort({ userId: 1 })
    .toArray();
  const row = await here.log.conversations.findById(id).lean();
  return { rows, membersVersion: row?.membersVersion, name: row?.name };
};
const entriesOf = (id: string): Promise<EntryRow[]> =>
  here.log.entries.model.find({ conversationId: id }).sort({ seq: 1 }).lean();
const check = async (id: string): Promise<Finding['invariant'][]> => {
  const { findings } = await fsck(
    {
      entries: here.log.entries,
      conversations: here.log.conversations,
      membersOf: async (conversationId) =>
        (await members().find({ conversationId }).toArray()).map((row) => ({
          ...row,
          userId: row.userId.toHexString(),
        })),
    },
    [id],
  );
  return findings.map(({ invariant }) => invariant);
};

/** A group with some history: one has gone, one has come back, one was promoted, and it has another name. */
async function someHistory(): Promise<{ id: string; alice: string; bob: string; carol: string }> {
  const id = await newGroup();
  const [alice, bob, carol] = [newId(), newId(), newId()];
  const { log } = here;
  await log.append(member(id, alice, [alice], 'joined', { role: 'owner', history: 'all' }));
  await log.append(member(id, alice, [bob, carol], 'added'));
  await log.append(message(id, bob, '3'));
  await log.append(member(id, alice, [bob], 'removed'));
  await log.append(member(id, alice, [carol], 'role', { role: 'admin' }));
  await log.append({ ...message(id, alice, ':title'), payload: { kind: 'title', name: 'Climbers' } });
  await log.append(member(id, carol, [bob], 'added', { history: 'since-joining' }));
  return { id, alice, bob, carol };
}

it('derives the members and the name from the log', async () => {
  const { id, alice, bob, carol } = await someHistory();
  const { rows, membersVersion, name } = await stateOf(id);
  expect({ membersVersion, name }).toEqual({ membersVersion: 7, name: 'Climbers' });
  const byId = new Map(rows.map((row) => [row.userId.toHexString(), row]));
  expect(byId.get(alice)).toMatchObject({ role: 'owner', joinSeq: 1, firstSeq: 1, leftSeq: 0 });
  expect(byId.get(carol)).toMatchObject({ role: 'admin', joinSeq: 2, firstSeq: 1, leftSeq: 0, readSeq: 2 });
  expect(byId.get(bob)).toMatchObject({ role: 'member', joinSeq: 7, firstSeq: 7, leftSeq: 0, readSeq: 7 });
  await expect(check(id)).resolves.toEqual([]);
});

it('ends in the same state however often and from wherever it is applied again', async () => {
  const { id } = await someHistory();
  const before = await stateOf(id);
  const deps = { members: members(), conversations: here.log.conversations };
  const entries = await entriesOf(id);
  for (let from = 0; from < entries.length; from += 1) {
    await applyMembership(entries.slice(from), deps);
    expect(await stateOf(id)).toEqual(before);
  }
  // One by one, and the oldest last: nobody who went is back, not even for a moment.
  for (const entry of [...entries].reverse()) {
    await applyMembership([entry], deps);
    expect(await stateOf(id)).toEqual(before);
  }
});

it('is repaired by the next start after a crash between an entry and its members', async () => {
  const { id, bob } = await someHistory();
  const before = await stateOf(id);
  const _id = new Types.ObjectId(id);
  // As it is when a server dies between the insert of the last three entries and all that follows it.
  await conversations().updateOne(
    { _id },
    { $set: { appliedSeq: 4, membersVersion: 4, name: 'Hikers' }, $unset: { titleSeq: '' } },
  );
  await members().updateOne(
    { conversationId: _id, userId: new Types.ObjectId(bob) },
    { $set: { leftSeq: 4, memberSeq: 4, joinSeq: 2, firstSeq: 1 } },
  );
  await members().updateMany(
    { conversationId: _id, role: 'admin' },
    { $set: { role: 'member', memberSeq: 2 } },
  );
  const next = await openLog(here.engine.uri);
  expect(await stateOf(id)).toEqual(before);
  await next.close();
  await expect(check(id)).resolves.toEqual([]);
});

it('refuses a message that waits behind the removal of its sender, even in the same batch', async () => {
  const id = await newGroup();
  const [alice, bob] = [newId(), newId()];
  await here.log.append(member(id, alice, [alice], 'joined', { role: 'owner' }));
  await here.log.append(member(id, alice, [bob], 'added'));
  const asked: number[] = [];
  const rights = {
    membersVersion: 2,
    async recheck(membersVersion: number) {
      asked.push(membersVersion);
      const row = await members().findOne({ userId: new Types.ObjectId(bob) });
      if (row?.leftSeq !== 0) throw new Error('not a member');
      return membersVersion;
    },
  };
  const first = here.log.append(message(id, bob, 'first', 'first', rights));
  const removal = here.log.append(member(id, alice, [bob], 'removed'));
  const second = here.log.append(message(id, bob, 'second', 'second', rights));
  await expect(first).resolves.toMatchObject({ entry: { seq: 3 } });
  await expect(removal).resolves.toMatchObject({ entry: { seq: 4, membersVersion: 4 } });
  await expect(second).rejects.toThrow('not a member');
  expect(asked).toEqual([4]);
});

it.each<
  [
    string,
    Finding['invariant'],
    (id: string, who: Awaited<ReturnType<typeof someHistory>>) => Promise<unknown>,
  ]
>([
  [
    'a member whom nobody took in',
    'I6',
    (id) =>
      members().insertOne({
        conversationId: new Types.ObjectId(id),
        userId: new Types.ObjectId(),
        role: 'member',
        joinSeq: 2,
        firstSeq: 1,
        leftSeq: 0,
        memberSeq: 2,
        readSeq: 0,
        deliveredSeq: 0,
      }),
  ],
  [
    'a role that nobody gave',
    'I6',
    (id) =>
      members().updateOne(
        { conversationId: new Types.ObjectId(id), role: 'admin' },
        { $set: { role: 'owner' } },
      ),
  ],
  [
    'a member who is missing',
    'I6',
    (id, { carol }) =>
      members().deleteOne({ conversationId: new Types.ObjectId(id), userId: new Types.ObjectId(carol) }),
  ],
  [
    'a message by somebody who was not in it',
    'I12',
    (id) =>
      here.log.entries.collection.updateOne(
        { conversationId: new Types.ObjectId(id), seq: 3 },
        { $set: { senderId: new Types.ObjectId() } },
      ),
  ],
])('is checked by fsck: finds %s', async (_what, invariant, spoil) => {
  const who = await someHistory();
  await spoil(who.id, who);
  expect(await check(who.id)).toContain(invariant);
});
