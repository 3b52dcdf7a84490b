import type { LogRow } from './evidence.js';

/** Somebody is in a group from the entry by which they came up to, and without, the one by which they went. */
export interface Stay {
  from: number;
  to: number;
}

/** A group is made with two entries: its owner joins, and takes in its first members. */
const foundedBy = 2;

/** Who was in a group and when, by its log alone. */
export function staysOf(rows: readonly LogRow[]): Map<string, Stay[]> {
  const stays = new Map<string, Stay[]>();
  for (const { kind, seq, change, userIds = [] } of rows) {
    if (kind !== 'member') continue;
    for (const userId of userIds) {
      const own = stays.get(userId) ?? [];
      stays.set(userId, own);
      const last = own.at(-1);
      const isThere = last?.to === Infinity;
      if ((change === 'joined' || change === 'added') && !isThere) own.push({ from: seq, to: Infinity });
      else if ((change === 'left' || change === 'removed') && last && isThere) last.to = seq;
    }
  }
  return stays;
}

/** At the end of the log. */
export const isInNow = (stays: ReadonlyMap<string, readonly Stay[]>, userId: string): boolean =>
  stays.get(userId)?.at(-1)?.to === Infinity;

/** Whether they could write this entry: they were in before it, or come by it themselves. */
export const couldWrite = (
  stays: ReadonlyMap<string, readonly Stay[]>,
  { seq, senderId, change }: LogRow,
): boolean =>
  stays.get(senderId)?.some(({ from, to }) => (from < seq || change === 'joined') && seq <= to) === true;

/**
 * Whether taking them in could come to nothing: they had come back by themselves, or had left, were taken back, and left again, and
 * then come by themselves alone.
 */
export function couldComeToNothing(rows: readonly LogRow[], userId: string): boolean {
  let [left, takenBack] = [false, false];
  for (const { seq, change, userIds = [] } of rows) {
    if (!userIds.includes(userId)) continue;
    if (change === 'joined' && seq > 1) return true;
    if (change === 'left') {
      if (takenBack) return true;
      left = true;
    }
    if (change === 'added') takenBack ||= left;
    if (change !== 'left' && change !== 'role') left = false;
  }
  return false;
}

/** Whether they could ever be shown this entry: whoever is in sees all that lies before, and nothing that came after they went. */
export const couldSee = (stays: ReadonlyMap<string, readonly Stay[]>, userId: string, seq: number): boolean =>
  stays.get(userId)?.some(({ to }) => seq < to) === true;

/** Whether there was a time at which the group, once it was made with its first members, was there without them. */
export const wasEverOut = (stays: ReadonlyMap<string, readonly Stay[]>, userId: string): boolean => {
  const [first, ...others] = stays.get(userId) ?? [];
  return !first || first.from > foundedBy || first.to !== Infinity || others.length > 0;
};
