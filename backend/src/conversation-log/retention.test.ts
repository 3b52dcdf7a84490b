import { Types } from 'mongoose';
import { entriesOf, message, newConversation, useLog } from '../testing/log.js';
import { fsck } from './fsck.js';

const hour = 3_600_000;
let now = Date.UTC(2030, 0, 1);
const here = useLog({ now: () => now });

/** A room that keeps two hours, with a message in each of six. */
async function room(): Promise<{ id: string; bob: string }> {
  const { id, alice, bob } = await newConversation(here);
  await here.log.conversations.updateOne({ _id: id }, { $set: { kind: 'room', retentionHours: 2 } });
  for (let count = 1; count <= 6; count += 1) {
    await here.log.append(message(id, alice, `m${count}`));
    if (count < 6) now += hour;
  }
  await here.log.heads.flushAll();
  return { id, bob };
}
const row = async (id: string) => {
  const found = await here.log.conversations.findById(id).lean();
  if (!found) throw new Error('no conversation');
  return found;
};
const seqs = async (id: string) => (await entriesOf(here.log, id)).map(({ seq }) => seq);
const findings = async (id: string) => {
  const { entries, conversations } = here.log;
  return (await fsck({ entries, conversations, membersOf: () => Promise.resolve([]) }, [id])).findings;
};

describe('a log that is kept for a time', () => {
  it('is not shown further back, also before it is swept; sweeping takes away exactly that', async () => {
    const { id, bob } = await room();
    expect(await here.log.firstSeq(await row(id))).toBe(5);
    expect(await seqs(id)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await here.log.sweep()).toBe(4);
    expect(await seqs(id)).toEqual([5, 6]);
    expect((await row(id)).firstSeq).toBe(5);
    expect(await here.log.sweep()).toBe(0);
    expect(await findings(id)).toEqual([]);
    const { entry } = await here.log.append(message(id, bob, 'next'));
    expect(entry).toMatchObject({ seq: 7, messageCount: 7 });
    await here.log.heads.flushAll();
    expect(await findings(id)).toEqual([]);
    // A row as it was before the sweep: whoever reads by it finds the beginning, and no gap that they would fill.
    const page = await here.log.after({ ...(await row(id)), firstSeq: 1 }, 0, 50);
    expect(page.entries.map(({ seq }) => seq)).toEqual([5, 6, 7]);
    expect(await seqs(id)).toEqual([5, 6, 7]);
  });

  it('keeps its newest entry, which numbers the next one, and shows nothing where all of it is too old', async () => {
    const { id, bob } = await room();
    now += 24 * hour;
    await here.log.sweep();
    expect(await seqs(id)).toEqual([6]);
    expect(await here.log.firstSeq(await row(id))).toBe(7);
    const { entry } = await here.log.append(message(id, bob, 'much later'));
    expect(entry.seq).toBe(7);
    expect(await here.log.firstSeq(await row(id))).toBe(7);
    await here.log.heads.flushAll();
    await here.log.sweep();
    expect(await seqs(id)).toEqual([7]);
    expect(await findings(id)).toEqual([]);
  });

  it('loses what a sweep that was cut short left behind, and nothing of it is shown meanwhile', async () => {
    const { id } = await room();
    await here.log.conversations.updateOne({ _id: id }, { $set: { firstSeq: 5 } });
    await here.log.entries.collection.deleteOne({ conversationId: (await row(id))._id, seq: 2 });
    expect(await findings(id)).toEqual([]);
    expect((await here.log.after(await row(id), 4, 50)).entries.map(({ seq }) => seq)).toEqual([5, 6]);
    expect(await here.log.sweep()).toBe(3);
    expect(await seqs(id)).toEqual([5, 6]);
  });

  it('is swept also where another one cannot be', async () => {
    const { id: broken } = await room();
    await here.log.conversations.collection.updateOne(
      { _id: (await row(broken))._id },
      { $set: { firstSeq: 'nowhere', retentionHours: 1 } },
    );
    const { id } = await room();
    await here.log.sweep();
    expect(await seqs(id)).toEqual([5, 6]);
    expect(await seqs(broken)).toHaveLength(6);
    await here.log.conversations.deleteOne({ _id: broken });
  });

  it('is found to begin in a few looks, however long nothing was swept', async () => {
    const { id } = await room();
    const last = (await entriesOf(here.log, id)).at(-1);
    if (last?.kind !== 'message') throw new Error('no message');
    const old = new Date(now - 24 * hour);
    // As a log would be of which everything but the last 500 is too old.
    const more = Array.from({ length: 3_000 }, (_, index) => ({
      ...last,
      _id: new Types.ObjectId(),
      seq: 7 + index,
      clientId: `more-${index}`,
      at: index < 2_500 ? old : last.at,
    }));
    await here.log.entries.collection.deleteMany({ conversationId: last.conversationId, seq: { $gt: 1 } });
    await here.log.entries.collection.insertMany(more);
    const admin = here.store.connection.getClient().db('admin');
    const looked = async (): Promise<number> => {
      const { metrics } = await admin.command({ serverStatus: 1 });
      return (metrics as { queryExecutor: { scanned: number } }).queryExecutor.scanned;
    };
    const before = await looked();
    expect(await here.log.firstSeq(await row(id))).toBe(2_507);
    expect((await looked()) - before).toBeLessThan(100);
    await here.log.conversations.deleteOne({ _id: id });
  });

  it('does not touch those that are kept for ever', async () => {
    const { id, alice } = await newConversation(here);
    await here.log.append(message(id, alice, 'old'));
    now += 10_000 * hour;
    await here.log.sweep();
    expect(await seqs(id)).toEqual([1]);
    expect(await here.log.firstSeq(await row(id))).toBe(1);
  });
});
