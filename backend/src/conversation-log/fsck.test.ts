import type { Types } from 'mongoose';
import { message, newConversation, useLog } from '../testing/log.js';
import { fsck, type Finding } from './fsck.js';

const here = useLog();

let positions: { userId: string; readSeq: number; deliveredSeq: number }[] = [];
const check = (id: string) =>
  fsck(
    {
      entries: here.log.entries,
      conversations: here.log.conversations,
      membersOf: () => Promise.resolve(positions.map((one) => ({ role: 'member', joinSeq: 0, ...one }))),
    },
    [id],
  );
const found = async (id: string): Promise<Finding['invariant'][]> =>
  (await check(id)).findings.map((one) => one.invariant);

/** Seven entries with every kind of change among them. */
async function someTalk(): Promise<{ id: string; _id: Types.ObjectId }> {
  const { id, alice, bob } = await newConversation(here);
  for (const clientId of ['1', '2', '3']) await here.log.append(message(id, alice, clientId));
  await here.log.append({
    ...message(id, bob, '4'),
    payload: { kind: 'react', targetSeq: 1, emojis: ['👍'] },
  });
  await here.log.append({
    ...message(id, alice, '5'),
    payload: { kind: 'edit', targetSeq: 2, message: 'better' },
  });
  await here.log.append({ ...message(id, alice, '6'), payload: { kind: 'delete', targetSeq: 3 } });
  await here.log.append({ ...message(id, alice, '7'), payload: { kind: 'pin', targetSeq: 1, pinned: true } });
  await here.log.heads.flushAll();
  const row = await here.log.conversations.findById(id).lean();
  if (!row) throw new Error('the conversation is missing');
  return { id, _id: row._id };
}

const entry = async (_id: Types.ObjectId, seq: number, update: object) =>
  here.log.entries.model.collection.updateOne({ conversationId: _id, seq }, update);

it('finds nothing in a conversation as the server writes it', async () => {
  const { id } = await someTalk();
  await expect(check(id)).resolves.toMatchObject({ entries: 7, behind: 0, findings: [] });
});

it.each<[string, Finding['invariant'], (_id: Types.ObjectId) => Promise<unknown>]>([
  ['a hole', 'I1', (_id) => here.log.entries.model.collection.deleteOne({ conversationId: _id, seq: 2 })],
  ['a miscounted message', 'I9', (_id) => entry(_id, 2, { $set: { messageCount: 7 } })],
  ['time that runs backwards', 'I13', (_id) => entry(_id, 5, { $set: { at: new Date(0) } })],
  ['an edit that was not applied', 'I6', (_id) => entry(_id, 2, { $set: { message: 'worse' } })],
  ['a reaction that was lost', 'I6', (_id) => entry(_id, 1, { $set: { reactions: [] } })],
  ['a deleted text that is still there', 'I6', (_id) => entry(_id, 3, { $set: { message: 'secret' } })],
  ['a pin that was lost', 'I6', (_id) => entry(_id, 1, { $unset: { pinnedAt: '' } })],
  [
    'a preview of a deleted message',
    'I10',
    (_id) => here.log.conversations.updateOne({ _id }, { lastMessageSeq: 3 }),
  ],
  ['a head beyond its log', 'I6', (_id) => here.log.conversations.updateOne({ _id }, { appliedSeq: 9 })],
])('finds %s', async (_name, invariant, damage) => {
  const { id, _id } = await someTalk();
  await damage(_id);
  expect(await found(id)).toContain(invariant);
});

it('finds somebody who has read more than there is', async () => {
  const { id } = await someTalk();
  positions = [{ userId: 'bob', readSeq: 8, deliveredSeq: 8 }];
  expect(await found(id)).toEqual(['I8']);
  positions = [];
});

it('takes a head that a crash left behind for what it is', async () => {
  const { id, _id } = await someTalk();
  await here.log.conversations.updateOne({ _id }, { appliedSeq: 5 });
  await expect(check(id)).resolves.toMatchObject({ behind: 1, findings: [] });
});
