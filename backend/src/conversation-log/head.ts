import type { ConversationRow, ShownHead } from './conversations.model.js';
import type { EntryRow } from './entries.model.js';

/** Where a conversation's log ends, as far as is known. */
export interface Head {
  seq: number;
  /** Of the newest entry, of whatever kind. */
  at: Date;
  /** Of the newest message, deleted or not, if there is one. */
  lastActivityAt: Date | undefined;
  /** Seq of the newest undeleted message, if there is one. */
  lastMessageSeq: number | undefined;
  /** Where it ends for those from whom entries are hidden. */
  shown: readonly ShownHead[];
}

/** What was appended behind a head. */
export type Following = readonly [EntryRow, ...EntryRow[]];
export const isSome = (entries: readonly EntryRow[]): entries is Following => entries.length > 0;

/** A head that may be below the first entry. */
export type Before = Omit<Head, 'at'> & { at: Date | undefined };

export const noHead: Before = {
  seq: 0,
  at: undefined,
  lastActivityAt: undefined,
  lastMessageSeq: undefined,
  shown: [],
};

export const headOf = (
  row: Pick<ConversationRow, 'appliedSeq' | 'headAt' | 'lastActivityAt' | 'lastMessageSeq' | 'shown'>,
): Before => ({
  seq: row.appliedSeq,
  at: row.headAt,
  lastActivityAt: row.lastActivityAt,
  lastMessageSeq: row.lastMessageSeq,
  shown: row.shown ?? [],
});

/** The later of what is stored and what this process knows. */
export const laterHead = (row: Parameters<typeof headOf>[0], known: Head | undefined): Before =>
  known && known.seq >= row.appliedSeq ? known : headOf(row);

/**
 * The head after these entries, which follow `before`. What a deletion among them takes away has to be looked
 * up in the log afterwards: which message is the newest one then.
 */
export function advanced(before: Before, following: Following): Head {
  let { lastActivityAt, lastMessageSeq } = before;
  const shown = before.shown.map((one) => ({ ...one }));
  for (const entry of following) {
    const { hiddenFor } = entry;
    if (hiddenFor && !shown.some(({ userId }) => userId.equals(hiddenFor))) {
      // The first that is hidden from this person: until here they saw what everybody saw.
      shown.push({
        userId: hiddenFor,
        ...(lastActivityAt === undefined ? {} : { lastActivityAt }),
        ...(lastMessageSeq === undefined ? {} : { lastMessageSeq }),
      });
    }
    // Reactions, pins and the like are no activity: the order of a list would reveal what cannot be seen in it.
    if (entry.kind !== 'message') continue;
    for (const one of shown) {
      if (hiddenFor?.equals(one.userId)) continue;
      one.lastActivityAt = entry.at;
      if (!entry.deletedAt) one.lastMessageSeq = entry.seq;
    }
    lastActivityAt = entry.at;
    if (!entry.deletedAt) lastMessageSeq = entry.seq;
  }
  const last = following.at(-1) ?? following[0];
  return { seq: last.seq, at: last.at, lastActivityAt, lastMessageSeq, shown };
}

/** What this person sees of a head: its newest message that they see, and when they were last written to. */
export function shownTo(
  userId: string,
  { lastActivityAt, lastMessageSeq, shown }: Before,
): { lastActivityAt: Date | undefined; lastMessageSeq: number | undefined } {
  const own = shown.find((one) => one.userId.toHexString() === userId);
  return own
    ? { lastActivityAt: own.lastActivityAt, lastMessageSeq: own.lastMessageSeq }
    : { lastActivityAt, lastMessageSeq };
}
