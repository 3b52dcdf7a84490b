import type { ConversationRow } from './conversations.model.js';
import type { ChangeRow, MessageRow } from './entries.model.js';
import type { Find, GroupFold, Tip } from './fsck-fold.js';
import type { Register } from './reaction-registers.js';
import { hiddenFrom } from './visibility.js';

/** What is stored, held against what the log makes of it. */

export interface MemberState {
  userId: string;
  readSeq: number;
  deliveredSeq: number;
  role: string;
  joinSeq: number;
  /** 0 or absent for who is there. */
  leftSeq?: number | undefined;
}

export function checkMembers(
  row: ConversationRow,
  group: GroupFold,
  members: readonly MemberState[],
  find: Find,
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

/** Every message that was ever changed is what its changes make of it. */
export function checkTarget(row: MessageRow, changes: readonly ChangeRow[], find: Find): void {
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

export function checkHead(
  row: ConversationRow,
  fold: Tip & { headSeq: number; at: Date | undefined; shown: ReadonlyMap<string, Tip> },
  find: Find,
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
      find('I6', `its last activity for ${userId} is not that of the newest message that is shown to them`);
  }
}
