import { type Conversation, limits, type Message, type Person } from '@sori/contract';
import { type Model, Types } from 'mongoose';
import type { ConversationRow } from '../../log/conversations.model.js';
import type { EntryRow, MessageRow } from '../../log/entries.model.js';
import type { ConversationLog } from '../../log/log.js';
import { toMessage } from '../../log/wire.js';
import type { MemberRow } from './members.model.js';

export interface ViewDeps {
  log: ConversationLog;
  members: Model<MemberRow>;
  people: (ids: readonly string[]) => Promise<Map<string, Person>>;
  /** From where on the person marked conversations as unread, by conversation, of what is stored as his own. */
  marksOf: (userId: string, own: Iterable<MemberRow>) => Promise<Map<string, number>>;
  /** Those among these people who exchange receipts. */
  withReceipts: (userIds: readonly string[]) => Promise<ReadonlySet<string>>;
  now: () => number;
}

/** Conversations as one person sees them. */
export function createView({ log, members, people, marksOf, withReceipts, now }: ViewDeps) {
  const { model } = log.entries;

  return async function view(userId: string, rows: readonly ConversationRow[]): Promise<Conversation[]> {
    if (rows.length === 0) return [];
    const states = await statesOf(rows);
    const mine = new Map<string, MemberRow>();
    for (const [id, list] of states) {
      const own = list.find((state) => state.userId.toHexString() === userId);
      if (own) mine.set(id, own);
    }
    // First of all: who is told a head and a count goes on counting from that head, so nothing above it may be in the count.
    const headSeqs = new Map(rows.map((row) => [row._id.toHexString(), log.headSeq(row)]));
    const everybody = [...new Set(rows.flatMap((row) => row.participants.map((id) => id.toHexString())))];
    const firstSeqs = new Map(
      await Promise.all(rows.map(async (row) => [row._id.toHexString(), await log.firstSeq(row)] as const)),
    );
    const [previews, marks, persons, exchanging] = await Promise.all([
      previewsOf(rows, firstSeqs),
      marksOf(userId, mine.values()),
      people(everybody),
      withReceipts(everybody),
    ]);
    const unread = await unreadOf(userId, rows, { headSeqs, firstSeqs }, mine, marks);
    /** How far another person is, for those who exchange receipts; for others as if nobody had read anything. */
    const isShown = (other: string): boolean =>
      other === userId || (exchanging.has(userId) && exchanging.has(other));
    return rows.map((row): Conversation => {
      const id = row._id.toHexString();
      const lastMessage = previews.get(id);
      const head = log.heads.known(id);
      const { mutedUntil, draft } = mine.get(id) ?? {};
      const unreadFromSeq = marks.get(id);
      return {
        _id: id,
        kind: row.kind,
        ...(row.name === undefined ? {} : { name: row.name }),
        participants: row.participants.flatMap((person) => persons.get(person.toHexString()) ?? []),
        memberCount: row.participants.length,
        headSeq: headSeqs.get(id) ?? 0,
        firstSeq: firstSeqs.get(id) ?? 1,
        ...(lastMessage ? { lastMessage } : {}),
        lastActivityAt: latest(row.lastActivityAt ?? row.createdAt, head?.at).toISOString(),
        unread: unread.get(id) ?? 0,
        ...(unreadFromSeq === undefined ? {} : { unreadFromSeq }),
        mentions: 0,
        mutedUntil: mutedUntil && mutedUntil.getTime() > now() ? mutedUntil.toISOString() : null,
        ...(row.slug === undefined ? {} : rulesOf(row, row.slug)),
        members: row.participants.slice(0, limits.membersTold).map((person) => {
          const state = states.get(id)?.find((member) => member.userId.equals(person));
          const positions = isShown(person.toHexString()) ? state : undefined;
          return {
            userId: person.toHexString(),
            role: state?.role ?? 'member',
            readSeq: positions?.readSeq ?? 0,
            deliveredSeq: positions?.deliveredSeq ?? 0,
          };
        }),
        ...(draft && draft.text !== '' ? { draft } : {}),
      };
    });
  };

  async function statesOf(rows: readonly ConversationRow[]): Promise<Map<string, MemberRow[]>> {
    const found = await members.find({ conversationId: { $in: rows.map((row) => row._id) } }).lean();
    const states = new Map<string, MemberRow[]>(rows.map((row) => [row._id.toHexString(), []]));
    for (const state of found) states.get(state.conversationId.toHexString())?.push(state);
    return states;
  }

  /** The newest undeleted message of each, as it now is. */
  async function previewsOf(
    rows: readonly ConversationRow[],
    firstSeqs: ReadonlyMap<string, number>,
  ): Promise<Map<string, Message>> {
    const places = rows.flatMap((row) => {
      const seq = Math.max(
        row.lastMessageSeq ?? 0,
        log.heads.known(row._id.toHexString())?.lastMessageSeq ?? 0,
      );
      return seq < (firstSeqs.get(row._id.toHexString()) ?? 1) ? [] : [{ conversationId: row._id, seq }];
    });
    const previews = new Map<string, Message>();
    for (const message of await log.messagesAt(places)) {
      const id = message.conversationId.toHexString();
      const shown = message.deletedAt ? await newestBelow(message, firstSeqs.get(id) ?? 1) : message;
      if (shown) previews.set(id, toMessage(shown));
    }
    return previews;
  }

  // The pointer lags for a moment behind a deletion.
  async function newestBelow(
    { conversationId, seq }: MessageRow,
    firstSeq: number,
  ): Promise<MessageRow | undefined> {
    const row: EntryRow | null = await model
      .findOne({
        conversationId,
        seq: { $gte: firstSeq, $lt: seq },
        kind: 'message',
        deletedAt: { $exists: false },
      })
      .sort({ seq: -1 })
      .lean();
    return row?.kind === 'message' ? row : undefined;
  }

  /** Messages that others sent above what the person has read, or from his mark on; deleted ones do not count. */
  async function unreadOf(
    userId: string,
    rows: readonly ConversationRow[],
    { headSeqs, firstSeqs }: Record<'headSeqs' | 'firstSeqs', ReadonlyMap<string, number>>,
    mine: ReadonlyMap<string, MemberRow>,
    marks: ReadonlyMap<string, number>,
  ): Promise<Map<string, number>> {
    const behind = rows.flatMap((row) => {
      const id = row._id.toHexString();
      const lowest = Math.min((mine.get(id)?.readSeq ?? 0) + 1, marks.get(id) ?? Infinity);
      const from = Math.max(lowest, firstSeqs.get(id) ?? 1);
      const head = headSeqs.get(id) ?? 0;
      return head >= from ? [{ conversationId: row._id, seq: { $gte: from, $lte: head } }] : [];
    });
    if (behind.length === 0) return new Map();
    const counts = await model.aggregate<{ _id: Types.ObjectId; count: number }>([
      {
        $match: {
          $or: behind,
          kind: 'message',
          senderId: { $ne: new Types.ObjectId(userId) },
          deletedAt: { $exists: false },
        },
      },
      { $group: { _id: '$conversationId', count: { $sum: 1 } } },
    ]);
    return new Map(counts.map(({ _id, count }) => [_id.toHexString(), count]));
  }
}

const rulesOf = (row: ConversationRow, slug: string): Partial<Conversation> => ({
  slug,
  language: row.language,
  slowModeSeconds: row.slowModeSeconds,
  retentionHours: row.retentionHours,
});

const latest = (stored: Date, known: Date | undefined): Date => (known && known > stored ? known : stored);
