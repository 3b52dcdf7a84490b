import { type Conversation, limits, type Message, type Person } from '@sori/contract';
import type { Model } from 'mongoose';
import { createGiveWay } from '../../core/give-way.js';
import type { ConversationRow } from '../../conversation-log/conversations.model.js';
import {
  entryIndexes,
  type EntryRow,
  isUndeleted,
  type MessageRow,
} from '../../conversation-log/entries.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import { toMessage } from '../../conversation-log/to-contract.js';
import { type Before, laterHead, shownTo } from '../../conversation-log/head.js';
import { messagesSeenBy } from '../../conversation-log/visibility.js';
import type { MemberRow } from '../members/members.model.js';
import type { Own } from '../members/memberships.js';
import type { Receipts } from '../read-state/receipts.js';
import { createRosters, type Roster } from '../members/rosters.js';
import { createUnread, nothingUnread, type Stretch } from '../read-state/unread.js';

export interface ViewDeps {
  log: ConversationLog;
  members: Model<MemberRow>;
  people: (ids: readonly string[]) => Promise<Map<string, Person>>;
  /** From where on the person marked conversations as unread, by conversation, of what is stored as their own. */
  marksOf: (userId: string, own: Iterable<MemberRow>) => Promise<Map<string, number>>;
  receipts: Pick<Receipts, 'shownTo'>;
  now: () => number;
}

export type View = ReturnType<typeof createView>;

/** Conversations as one person sees them. */
export function createView({ log, members, people, marksOf, receipts, now }: ViewDeps) {
  const { model } = log.reads.entries;
  const unreadOf = createUnread(log.reads.entries);
  const rostersOf = createRosters(members);

  return async function view(userId: string, own: readonly Own[]): Promise<Conversation[]> {
    if (own.length === 0) return [];
    const rows = own.map(({ row }) => row);
    // First of all: who gets a head and a count goes on counting from that head, so nothing above it may be in the count.
    const headSeqs = new Map(rows.map((row) => [row._id.toHexString(), log.headSeq(row)]));
    const heads = new Map(
      rows.map((row) => {
        const id = row._id.toHexString();
        return [id, laterHead(row, log.heads.known(id))];
      }),
    );
    const firstSeqs = new Map(own.map(({ row, firstSeq }) => [row._id.toHexString(), firstSeq]));
    const rosters = await rostersOf(rows);
    const states = await statesOf(userId, rosters);
    const mine = new Map<string, MemberRow>();
    for (const [id, list] of states) {
      const state = list.get(userId);
      if (state) mine.set(id, state);
    }
    const everybody = [...new Set([...rosters.values()].flatMap(({ shown }) => shown))];
    const isSmall = (id: string): boolean => (rosters.get(id)?.count ?? 0) <= limits.membersShown;
    const visible = [...states].flatMap(([id, list]) => (isSmall(id) ? [...list.values()] : []));
    const [previews, marks, persons, positions] = await Promise.all([
      previewsOf(userId, own, heads),
      marksOf(userId, mine.values()),
      people(everybody),
      receipts.shownTo(userId, visible, (id) => heads.get(id)?.shown ?? []),
    ]);
    const unread = await unreadOf(userId, stretchesOf(rows, { headSeqs, firstSeqs }, mine, marks));
    return own.map(({ row, firstSeq }): Conversation => {
      const id = row._id.toHexString();
      const { shown, count } = rosters.get(id) ?? { shown: [], count: 0 };
      const lastMessage = previews.get(id);
      const head = heads.get(id);
      const lastActivityAt = head && shownTo(userId, head).lastActivityAt;
      const { mutedUntil, draft, joinedAt, firstSeq: begins = 1 } = mine.get(id) ?? {};
      // Of a log that begins when they came, they are not shown when somebody wrote before.
      const isBefore = begins > 1 && lastActivityAt && joinedAt && lastActivityAt < joinedAt;
      const unreadFromSeq = marks.get(id);
      const isGroup = row.kind === 'group';
      return {
        _id: id,
        kind: row.kind,
        ...(row.name === undefined ? {} : { name: row.name }),
        participants: (row.kind === 'direct' ? shown : shown.slice(0, limits.participantsShown)).flatMap(
          (person) => persons.get(person) ?? [],
        ),
        memberCount: count,
        ...(isGroup ? { history: row.history ?? 'all' } : {}),
        headSeq: headSeqs.get(id) ?? 0,
        firstSeq,
        ...(lastMessage ? { lastMessage } : {}),
        lastActivityAt: ((isBefore ? undefined : lastActivityAt) ?? row.createdAt).toISOString(),
        ...(row.kind === 'direct' || !joinedAt ? {} : { joinedAt: joinedAt.toISOString() }),
        ...(unread.get(id) ?? nothingUnread),
        ...(unreadFromSeq === undefined ? {} : { unreadFromSeq }),
        mutedUntil: mutedUntil && mutedUntil.getTime() > now() ? mutedUntil.toISOString() : null,
        ...(row.slug === undefined ? {} : rulesOf(row, row.slug)),
        members: withSelf(shown, userId, states.get(id)).map((person) => {
          const state = states.get(id)?.get(person);
          const { readSeq = 0, deliveredSeq = 0 } =
            (person === userId ? state : positions.get(`${id}:${person}`)) ?? {};
          return {
            userId: person,
            role: state?.role ?? 'member',
            readSeq,
            deliveredSeq,
            ...(isGroup && state ? { joinSeq: state.joinSeq } : {}),
          };
        }),
        ...(draft && (draft.text === '' ? { draftRev: draft.rev } : { draft })),
      };
    });
  };

  /** What is kept of these people and of the viewer, by conversation and person. */
  async function statesOf(
    userId: string,
    rosters: ReadonlyMap<string, Roster>,
  ): Promise<Map<string, Map<string, MemberRow>>> {
    const wanted = [...rosters].map(([conversationId, { shown }]) => ({
      conversationId,
      userId: { $in: shown.filter((one) => one !== userId) },
    }));
    const mine = { conversationId: { $in: [...rosters.keys()] }, userId };
    const [others, own] = await Promise.all([
      // Drafts are long, and nobody's business but their writer's.
      members.find({ $or: wanted }, { draft: 0 }).lean(),
      members.find(mine).hint({ conversationId: 1, userId: 1 }).lean(),
    ]);
    const states = new Map([...rosters.keys()].map((id) => [id, new Map<string, MemberRow>()]));
    for (const state of [...others, ...own]) {
      states.get(state.conversationId.toHexString())?.set(state.userId.toHexString(), state);
    }
    return states;
  }

  /** The newest undeleted message of each that this person sees, as it now is. */
  async function previewsOf(
    userId: string,
    own: readonly Own[],
    heads: ReadonlyMap<string, Before>,
  ): Promise<Map<string, Message>> {
    const places = own.flatMap(({ row: { _id }, firstSeq }) => {
      const head = heads.get(_id.toHexString());
      const seq = (head && shownTo(userId, head).lastMessageSeq) ?? 0;
      return seq < firstSeq ? [] : [{ conversationId: _id, seq }];
    });
    const owns = new Map(own.map((one) => [one.row._id.toHexString(), one]));
    const previews = new Map<string, Message>();
    const giveWay = createGiveWay();
    for (const message of await log.messagesAt(places)) {
      const id = message.conversationId.toHexString();
      const one = owns.get(id);
      const shown = one && message.deletedAt ? await newestBelow(userId, one, message.seq) : message;
      if (shown) previews.set(id, toMessage(shown, one?.firstSeq, userId));
      await giveWay();
    }
    return previews;
  }

  // The pointer lags for a moment behind a deletion.
  async function newestBelow(
    userId: string,
    { row: conversation, firstSeq }: Own,
    seq: number,
  ): Promise<MessageRow | undefined> {
    const row: EntryRow | null = await model
      .findOne({
        ...messagesSeenBy(userId, conversation),
        ...isUndeleted,
        seq: { $gte: firstSeq, $lt: seq },
      })
      .sort({ seq: -1 })
      .hint(entryIndexes.undeleted)
      .lean();
    return row?.kind === 'message' ? row : undefined;
  }

  /** What the person has not read, or has marked, of each of these, as far as there is anything. */
  function stretchesOf(
    rows: readonly ConversationRow[],
    { headSeqs, firstSeqs }: Record<'headSeqs' | 'firstSeqs', ReadonlyMap<string, number>>,
    mine: ReadonlyMap<string, MemberRow>,
    marks: ReadonlyMap<string, number>,
  ): Stretch[] {
    return rows.flatMap((row) => {
      const id = row._id.toHexString();
      const lowest = Math.min((mine.get(id)?.readSeq ?? 0) + 1, marks.get(id) ?? Infinity);
      const from = Math.max(lowest, firstSeqs.get(id) ?? 1);
      const to = headSeqs.get(id) ?? 0;
      return to >= from ? [{ row, from, to }] : [];
    });
  }
}

const rulesOf = (row: ConversationRow, slug: string): Partial<Conversation> => ({
  slug,
  language: row.language,
  slowModeSeconds: row.slowModeSeconds,
  retentionHours: row.retentionHours,
});

/** Whoever asks is always among them: their own role and position are nowhere else. */
const withSelf = (
  shown: readonly string[],
  userId: string,
  states: ReadonlyMap<string, MemberRow> | undefined,
): readonly string[] =>
  shown.length < limits.membersShown || shown.includes(userId) || states?.has(userId) !== true
    ? shown
    : [...shown.slice(0, -1), userId];
