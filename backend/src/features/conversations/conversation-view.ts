import { type Conversation, limits, type Person } from '@sori/contract';
import type { Model } from 'mongoose';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import { laterHead } from '../../conversation-log/head.js';
import type { MemberRow } from '../members/members.model.js';
import type { Own } from '../members/memberships.js';
import type { Receipts } from '../read-state/receipts.js';
import { createRosters, type Roster } from '../members/rosters.js';
import { createPreviews } from './previews.js';
import { toConversation } from './to-conversation.js';
import { createUnread, type Stretch } from '../read-state/unread.js';

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
  const previewsOf = createPreviews(log);
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
    const unread = await unreadOf(userId, stretchesOf(own, headSeqs, mine, marks));
    const read = { userId, heads, headSeqs, rosters, states, persons, previews, unread, marks, positions };
    return own.map((one) => toConversation(one, { ...read, now: now() }));
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
}

/** What the person has not read, or has marked, of each of these, as far as there is anything. */
function stretchesOf(
  own: readonly Own[],
  headSeqs: ReadonlyMap<string, number>,
  mine: ReadonlyMap<string, MemberRow>,
  marks: ReadonlyMap<string, number>,
): Stretch[] {
  return own.flatMap(({ row, firstSeq }) => {
    const id = row._id.toHexString();
    const lowest = Math.min((mine.get(id)?.readSeq ?? 0) + 1, marks.get(id) ?? Infinity);
    const from = Math.max(lowest, firstSeq);
    const to = headSeqs.get(id) ?? 0;
    return to >= from ? [{ row, from, to }] : [];
  });
}
