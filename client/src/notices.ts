import type { Entry, Id } from '@sori/contract';

/**
 * What the log tells about a group itself: who comes and goes, who may do what, what it is called. It never changes. And in
 * any conversation that there is something which this page does not know.
 */
export type Notice = Extract<Entry, { kind: 'member' | 'title' | 'newer' }>;

const isNotice = (entry: Entry): entry is Notice =>
  entry.kind === 'member' || isFromNewer(entry) || entry.kind === 'title';

/** Something from a newer version. */
export const isFromNewer = ({ kind }: Entry): boolean => kind === 'newer';

export const noticesIn = (entries: readonly Entry[]): Notice[] => entries.filter(isNotice);

/** Whom it names. */
export const peopleIn = (notices: readonly Notice[]): Id[] =>
  notices.flatMap((notice) => {
    if (notice.kind === 'newer') return [];
    return [notice.senderId, ...(notice.kind === 'member' ? notice.userIds : [])];
  });

/**
 * Both ascending by seq, each once. The first list itself where the second brings nothing new. What this page did not know
 * in an earlier version, it may know now.
 */
export const noticesJoined = (held: readonly Notice[], fresh: readonly Notice[]): readonly Notice[] => {
  const known = new Map(held.map((notice) => [notice.seq, notice]));
  const added = fresh.filter((notice) => {
    const before = known.get(notice.seq);
    return before === undefined || (isFromNewer(before) && !isFromNewer(notice));
  });
  if (added.length === 0) return held;
  for (const notice of added) known.set(notice.seq, notice);
  return [...known.values()].sort((one, other) => one.seq - other.seq);
};
