import { type Model, type mongo, Types } from 'mongoose';
import { isChange } from './message-projection.js';
import type { ConversationRow } from './conversations.model.js';
import { reconciledMs } from './reconciliation.js';
import type { Register } from './reaction-registers.js';
import type { SetAside } from './set-aside.js';
import type { ChangeRow, Entries, EntryRow, MessageRow } from './entries.model.js';
import { hiddenFrom } from './visibility.js';

/** One thing that is not as it must be. `invariant` by its number. */
export interface Finding {
  conversationId: string;
  invariant: 'I1' | 'I2' | 'I6' | 'I8' | 'I9' | 'I10' | 'I12' | 'I13';
  what: string;
}

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
}

export interface MemberState {
  userId: string;
  readSeq: number;
  deliveredSeq: number;
  role: string;
  joinSeq: number;
  /** 0 or absent for who is there. */
  leftSeq?: number | undefined;
}

const targetsAtOnce = 500;

/**
 * Folds every log again and holds what is stored against it. Reads only; what a running server is about to write (heads
 * follow within 100 ms) can show as a finding, so ask again about those before believing them.
 * @param only these conversations; all by default
 */
export async function fsck(
  { entries, conversations, membersOf, setAsideOf = () => Promise.resolve([]) }: FsckDeps,
  only?: string[],
  /** Called with each conversation that was checked. */
  looked: (checked: Readonly<Checked>) => void = () => undefined,
): Promise<Checked> {
  const checked: Checked = { conversations: 0, entries: 0, behind: 0, setAside: [], findings: [] };
  const newest = await conversations
    .findOne({ headAt: { $exists: true } })
    .sort({ headAt: -1, _id: -1 })
    .lean();
  const repairedFrom = (newest?.headAt?.getTime() ?? 0) - reconciledMs;
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
    const find = (invariant: Finding['invariant'], what: string): void => {
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
    find: (invariant: Finding['invariant'], what: string) => void,
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

interface Tip {
  /** Of the newest message, deleted or not. */
  activityAt: Date | undefined;
  newestMessageSeq: number | undefined;
}

function addTo(tip: Tip, entry: EntryRow): void {
  if (entry.kind !== 'message') return;
  tip.activityAt = entry.at;
  if (!entry.deletedAt) tip.newestMessageSeq = entry.seq;
}

/** Walks one log from its beginning, which says how many messages there were before it. */
function createFold(
  find: (invariant: Finding['invariant'], what: string) => void,
  { isGroup, firstSeq, without }: { isGroup: boolean; firstSeq: number; without: ReadonlySet<number> },
) {
  const keys = new Set<string>();
  let previous: EntryRow | undefined;
  let messageCount = 0;
  const fold = {
    headSeq: firstSeq - 1,
    /** Of the newest entry. */
    at: undefined as Date | undefined,
    activityAt: undefined as Date | undefined,
    newestMessageSeq: undefined as number | undefined,
    /** The last two for those from whom entries are hidden: without those. */
    shown: new Map<string, Tip>(),
    changes: new Map<number, ChangeRow[]>(),
    group: { members: new Map(), version: 0 } as GroupFold,
    add(entry: EntryRow): void {
      if (entry.seq !== fold.headSeq + 1) find('I1', `after seq ${fold.headSeq} comes ${entry.seq}`);
      const key = `${entry.senderId.toHexString()} ${entry.clientId}`;
      if (keys.has(key)) find('I2', `seq ${entry.seq} has a clientId that its sender used before`);
      keys.add(key);
      if (previous === undefined && firstSeq > 1) messageCount = entry.messageCount;
      else if (entry.kind === 'message') messageCount += 1;
      if (entry.messageCount !== messageCount) {
        find('I9', `seq ${entry.seq} counts ${entry.messageCount} messages, there are ${messageCount}`);
      }
      if (previous && entry.at < previous.at) find('I13', `time runs backwards at seq ${entry.seq}`);
      if (previous && entry.membersVersion < previous.membersVersion) {
        find('I13', `membersVersion falls at seq ${entry.seq}`);
      }
      const blind = hiddenFrom(entry);
      if (blind !== undefined && !fold.shown.has(blind)) {
        fold.shown.set(blind, { activityAt: fold.activityAt, newestMessageSeq: fold.newestMessageSeq });
      }
      for (const [userId, tip] of fold.shown) if (userId !== blind) addTo(tip, entry);
      addTo(fold, entry);
      fold.at = entry.at;
      const isApplied = !without.has(entry.seq);
      if (isChange(entry) && isApplied) {
        const changes = fold.changes.get(entry.targetSeq);
        if (changes) changes.push(entry);
        else fold.changes.set(entry.targetSeq, [entry]);
      }
      if (isGroup && isApplied) foldMembers(entry, fold.group, find);
      else if (isGroup && entry.kind === 'member') fold.group.version = entry.seq;
      previous = entry;
      fold.headSeq = entry.seq;
    },
  };
  return fold;
}

/** Who is in a group, as its log has it. */
interface GroupFold {
  members: Map<string, { role: string; joinSeq: number }>;
  version: number;
  name?: string;
}

function foldMembers(
  entry: EntryRow,
  group: GroupFold,
  find: (invariant: Finding['invariant'], what: string) => void,
): void {
  const sender = entry.senderId.toHexString();
  // Who comes by himself comes by this entry, and a gap was filled by nobody.
  const comes = entry.kind === 'member' && entry.change === 'joined';
  if (!comes && entry.kind !== 'noop' && !group.members.has(sender)) {
    find('I12', `seq ${entry.seq} is by ${sender}, who was not in the group`);
  }
  if (entry.kind === 'title') group.name = entry.name;
  if (entry.kind !== 'member') return;
  group.version = entry.seq;
  for (const userId of entry.userIds.map((id) => id.toHexString())) {
    if (entry.change === 'left' || entry.change === 'removed') group.members.delete(userId);
    else if (entry.change === 'role') {
      const member = group.members.get(userId);
      if (member && entry.role) member.role = entry.role;
    } else group.members.set(userId, { role: entry.role ?? 'member', joinSeq: entry.seq });
  }
}

function checkMembers(
  row: ConversationRow,
  group: GroupFold,
  members: readonly MemberState[],
  find: (invariant: Finding['invariant'], what: string) => void,
): void {
  const version = row.membersVersion ?? 0;
  if (version !== group.version) find('I6', `its members are at ${version}, the log at ${group.version}`);
  if (group.name !== undefined && row.name !== group.name) find('I6', 'it does not have its latest name');
  const there = members.filter(({ leftSeq = 0 }) => leftSeq === 0);
  for (const { userId, role, joinSeq } of there) {
    const wanted = group.members.get(userId);
    if (!wanted) find('I6', `${userId} is stored as a member, and is none`);
    else if (wanted.role !== role || wanted.joinSeq !== joinSeq) {
      find(
        'I6',
        `${userId} is stored as ${role} since ${joinSeq}, not ${wanted.role} since ${wanted.joinSeq}`,
      );
    }
  }
  const stored = new Set(there.map(({ userId }) => userId));
  for (const userId of group.members.keys()) {
    if (!stored.has(userId)) find('I6', `${userId} is a member, and is not stored as one`);
  }
}

/** What is no list has none. */
const registersOf = ({ reactions }: MessageRow): Register[] => (Array.isArray(reactions) ? reactions : []);

function checkTarget(
  row: MessageRow,
  changes: readonly ChangeRow[],
  find: (invariant: Finding['invariant'], what: string) => void,
): void {
  const wrong = (what: string): void => find('I6', `the message at seq ${row.seq} ${what}`);
  const other = changes.find((change) => hiddenFrom(change) !== hiddenFrom(row));
  if (other) wrong(`is hidden from others than its change at seq ${other.seq}`);
  if (changes.some((change) => change.kind === 'delete')) {
    if (!row.deletedAt) wrong('was deleted, and is not marked so');
    const left = changes.some((change) => change.kind === 'edit' && change.message !== '');
    if (row.message !== '' || left) wrong('was deleted, and its text is still there');
    return;
  }
  const edit = changes.findLast((change) => change.kind === 'edit');
  if (edit && row.message !== edit.message)
    wrong(`does not have the text of its latest edit, seq ${edit.seq}`);
  const sets = new Map<string, string>();
  for (const change of changes) {
    if (change.kind === 'react') sets.set(change.senderId.toHexString(), JSON.stringify(change.emojis));
  }
  const stored = new Map(
    registersOf(row).map((register) => [register.userId.toHexString(), JSON.stringify(register.emojis)]),
  );
  for (const [userId, emojis] of sets) {
    if (stored.get(userId) !== emojis) wrong(`does not have the reactions that ${userId} chose last`);
  }
  const pin = changes.findLast((change) => change.kind === 'pin');
  if (pin && pin.pinned !== Boolean(row.pinnedAt)) wrong(`is not ${pin.pinned ? 'pinned' : 'unpinned'}`);
}

function checkHead(
  row: ConversationRow,
  fold: Tip & { headSeq: number; at: Date | undefined; shown: ReadonlyMap<string, Tip> },
  find: (invariant: Finding['invariant'], what: string) => void,
): void {
  if (row.appliedSeq !== fold.headSeq) {
    find('I6', `its projections are at ${row.appliedSeq}, the log at ${fold.headSeq}`);
    return;
  }
  // What pointed to a message that was swept since points to none.
  const swept = row.lastMessageSeq !== undefined && row.lastMessageSeq < (row.firstSeq ?? 1);
  const preview = swept ? undefined : row.lastMessageSeq;
  if (preview !== fold.newestMessageSeq) {
    find('I10', `its preview is seq ${preview ?? 'none'}, not ${fold.newestMessageSeq ?? 'none'}`);
  }
  // A row of before there was `headAt` has that time as its last activity, until the next start.
  const isOld = row.headAt === undefined && row.lastActivityAt !== undefined;
  if ((isOld ? row.lastActivityAt : row.headAt)?.getTime() !== fold.at?.getTime())
    find('I6', 'the time of its head is not that of the newest entry');
  // The newest message may have been swept, and then nothing here says when it was.
  const isActive = (at: Date | undefined, { activityAt }: Tip): boolean =>
    isOld || at?.getTime() === activityAt?.getTime() || (activityAt === undefined && (row.firstSeq ?? 1) > 1);
  if (!isActive(row.lastActivityAt, fold)) find('I6', 'its last activity is not that of the newest message');
  const shown = new Map(row.shown?.map((one) => [one.userId.toHexString(), one]));
  for (const userId of new Set([...shown.keys(), ...fold.shown.keys()])) {
    const [stored, tip] = [shown.get(userId), fold.shown.get(userId)];
    if (!stored || !tip) {
      find('I6', `what is hidden from ${userId} is in ${stored ? 'its projections' : 'the log'} only`);
      continue;
    }
    if (stored.lastMessageSeq !== tip.newestMessageSeq) {
      const [is, should] = [stored.lastMessageSeq ?? 'none', tip.newestMessageSeq ?? 'none'];
      find('I10', `its preview for ${userId} is seq ${is}, not ${should}`);
    }
    if (!isActive(stored.lastActivityAt, tip))
      find('I6', `its last activity for ${userId} is not that of the newest message that is shown to him`);
  }
}
