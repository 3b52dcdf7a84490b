import type { ChangeRow, EntryRow } from './entries.model.js';
import { isChange } from './message-projection.js';
import { hiddenFrom } from './visibility.js';

/** One thing that is not as it must be. `invariant` by its number. */
export interface Finding {
  conversationId: string;
  invariant: 'I1' | 'I2' | 'I6' | 'I8' | 'I9' | 'I10' | 'I12' | 'I13';
  what: string;
}

export type Find = (invariant: Finding['invariant'], what: string) => void;

export interface Tip {
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
export function createFold(
  find: Find,
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
export interface GroupFold {
  members: Map<string, { role: string; joinSeq: number }>;
  version: number;
  name?: string;
}

function foldMembers(entry: EntryRow, group: GroupFold, find: Find): void {
  const sender = entry.senderId.toHexString();
  // Who joins by themselves joins by this entry, and a gap was filled by nobody.
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
