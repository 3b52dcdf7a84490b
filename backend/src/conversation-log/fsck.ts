import type { Model, mongo, Types } from 'mongoose';
import type { ConversationRow } from './conversations.model.js';
import type { ChangeRow, Entries, EntryRow } from './entries.model.js';
import { checkHead, checkMembers, checkTarget, type MemberState } from './fsck-checks.js';
import { createFold, type Find, type Finding } from './fsck-fold.js';
import { reconciledSince } from './reconciliation.js';
import type { SetAside } from './set-aside.js';

export type { Finding };

export interface Checked {
  conversations: number;
  entries: number;
  /** Conversations whose projections lag as a crash may leave them: the next start, or the next reader, repairs them. */
  behind: number;
  /** What was set aside with an alarm: the rest is as if these entries changed nothing. */
  setAside: (SetAside & { conversationId: string })[];
  findings: Finding[];
}

export interface FsckDeps {
  entries: Entries;
  conversations: Model<ConversationRow>;
  /** Everybody who is or was in a conversation, with what they read. */
  membersOf: (conversationId: Types.ObjectId) => Promise<MemberState[]>;
  /** Default: nothing was. */
  setAsideOf?: (conversationId: Types.ObjectId) => Promise<SetAside[]>;
  /** Several servers write here: what one left behind is looked for among more. Default: one. */
  severalServers?: boolean;
}

const targetsAtOnce = 500;

/**
 * Folds every log again and holds what is stored against it. Reads only; what a running server is about to write (heads
 * follow within 100 ms) can show as a finding, so ask again about those before believing them.
 * @param only these conversations; all by default
 */
export async function fsck(
  { entries, conversations, membersOf, severalServers = false, ...deps }: FsckDeps,
  only?: string[],
  /** Called with each conversation that was checked. */
  looked: (checked: Readonly<Checked>) => void = () => undefined,
): Promise<Checked> {
  const { setAsideOf = () => Promise.resolve([]) } = deps;
  const checked: Checked = { conversations: 0, entries: 0, behind: 0, setAside: [], findings: [] };
  const newest = await conversations
    .findOne({ headAt: { $exists: true } })
    .sort({ headAt: -1, _id: -1 })
    .lean();
  const newestMs = newest?.headAt?.getTime() ?? 0;
  const repairedFrom = reconciledSince(newestMs, Date.now(), !severalServers).getTime();
  const filter = only ? { _id: { $in: only } } : {};
  for await (const row of conversations.find(filter).lean().cursor()) {
    checked.conversations += 1;
    await checkConversation(row);
    looked(checked);
  }
  if (!only) await checkOrphans();
  return checked;

  async function checkConversation(row: ConversationRow): Promise<void> {
    const conversationId = row._id.toHexString();
    const find: Find = (invariant, what) => {
      checked.findings.push({ conversationId, invariant, what });
    };
    // Nobody reads what is left of a deleted room, and it is being swept.
    if (row.deletedAt) return;
    const { firstSeq = 1 } = row;
    const setAside = (await setAsideOf(row._id)).filter(({ seq }) => seq >= firstSeq);
    checked.setAside.push(...setAside.map((one) => ({ ...one, conversationId })));
    const without = new Set(setAside.map(({ seq }) => seq));
    const fold = createFold(find, { isGroup: row.kind === 'group', firstSeq, without });
    const rows = entries.collection
      // What is below has been swept, or will be with the next round.
      .find({ conversationId: row._id, seq: { $gte: firstSeq } } as mongo.Filter<EntryRow>)
      .sort({ seq: 1 });
    for await (const entry of rows) {
      checked.entries += 1;
      fold.add(entry);
    }
    if (row.appliedSeq < fold.headSeq && (row.headAt?.getTime() ?? repairedFrom) >= repairedFrom)
      checked.behind += 1;
    else checkHead(row, fold, find);
    await checkTargets(row, fold.changes, find);
    const members = await membersOf(row._id);
    if (row.kind === 'group' && row.appliedSeq >= fold.headSeq) checkMembers(row, fold.group, members, find);
    for (const { userId, readSeq, deliveredSeq } of members) {
      if (readSeq > fold.headSeq)
        find('I8', `${userId} has read ${readSeq}, beyond the head ${fold.headSeq}`);
      if (deliveredSeq < readSeq)
        find('I8', `${userId} has read ${readSeq}, but was delivered only ${deliveredSeq}`);
    }
  }

  /** Every message that was ever changed is what its changes make of it. */
  async function checkTargets(
    { _id: conversationId, appliedSeq }: ConversationRow,
    changes: ReadonlyMap<number, ChangeRow[]>,
    find: Find,
  ): Promise<void> {
    // What is beyond the projections may be applied already or not.
    const applied = [...changes].filter(([, list]) => (list.at(-1)?.seq ?? 0) <= appliedSeq);
    const seqs = applied.map(([seq]) => seq);
    for (let start = 0; start < seqs.length; start += targetsAtOnce) {
      const some = seqs.slice(start, start + targetsAtOnce);
      const rows = await entries.model.find({ conversationId, seq: { $in: some } }).lean();
      for (const row of rows) {
        if (row.kind === 'message') checkTarget(row, changes.get(row.seq) ?? [], find);
        else find('I6', `seq ${row.seq} was changed, and is no message but a ${row.kind}`);
      }
    }
  }

  async function checkOrphans(): Promise<void> {
    const orphans = await entries.model.aggregate<{ _id: Types.ObjectId }>([
      { $group: { _id: '$conversationId' } },
      { $lookup: { from: 'conversations', localField: '_id', foreignField: '_id', as: 'row' } },
      { $match: { row: { $size: 0 } } },
    ]);
    for (const { _id } of orphans) {
      const what = 'there are entries of a conversation that does not exist';
      checked.findings.push({ conversationId: _id.toHexString(), invariant: 'I6', what });
    }
  }
}
