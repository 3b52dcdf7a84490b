import type { Entry, Id } from '@sori/contract';

/** What the log tells about a group itself: who comes and goes, who may do what, what it is called. It never changes. */
export type Notice = Extract<Entry, { kind: 'member' | 'title' }>;

const isNotice = (entry: Entry): entry is Notice => entry.kind === 'member' || entry.kind === 'title';

export const noticesIn = (entries: readonly Entry[]): Notice[] => entries.filter(isNotice);

/** Whom it names. */
export const peopleIn = (notices: readonly Notice[]): Id[] =>
  notices.flatMap((notice) => [notice.senderId, ...(notice.kind === 'member' ? notice.userIds : [])]);

/** Both ascending by seq, each once. The first list itself where the second brings nothing new. */
export const noticesJoined = (held: readonly Notice[], fresh: readonly Notice[]): readonly Notice[] => {
  const known = new Set(held.map(({ seq }) => seq));
  const news = fresh.filter(({ seq }) => !known.has(seq));
  return news.length === 0 ? held : [...held, ...news].sort((one, other) => one.seq - other.seq);
};
