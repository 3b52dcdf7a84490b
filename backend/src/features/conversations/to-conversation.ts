import { type Conversation, limits, type Message, type Person, type Positions } from '@sori/contract';
import type { ConversationRow } from '../../conversation-log/conversations.model.js';
import { pictureAddress } from '../../core/picture-address.js';
import { type Before, shownTo } from '../../conversation-log/head.js';
import type { MemberRow } from '../members/members.model.js';
import type { Own } from '../members/memberships.js';
import type { Roster } from '../members/rosters.js';
import { nothingUnread, type Unread } from '../read-state/unread.js';

/** What was read of some conversations for one person: by conversation, where it says nothing else. */
export interface AsRead {
  userId: string;
  heads: ReadonlyMap<string, Before>;
  headSeqs: ReadonlyMap<string, number>;
  rosters: ReadonlyMap<string, Roster>;
  /** What is kept of members, by conversation and person. */
  states: ReadonlyMap<string, ReadonlyMap<string, MemberRow>>;
  persons: ReadonlyMap<string, Person>;
  previews: ReadonlyMap<string, Message>;
  unread: ReadonlyMap<string, Unread>;
  /** From where on it is marked as unread. */
  marks: ReadonlyMap<string, number>;
  /** How far others are, as this person is shown it, by `conversation:person`. */
  positions: ReadonlyMap<string, Positions>;
  /** Milliseconds since 1970. */
  now: number;
}

/** One of them, as the person sees it. */
export function toConversation({ row, firstSeq }: Own, read: AsRead): Conversation {
  const { userId, heads, headSeqs, rosters, states, persons, previews, unread, marks, now } = read;
  const id = row._id.toHexString();
  const { shown, count } = rosters.get(id) ?? { shown: [], count: 0 };
  const lastMessage = previews.get(id);
  const head = heads.get(id);
  const lastActivityAt = head && shownTo(userId, head).lastActivityAt;
  const { mutedUntil, draft, joinedAt, firstSeq: begins = 1 } = states.get(id)?.get(userId) ?? {};
  // Of a log that begins when they came, they are not shown when somebody wrote before.
  const isBefore = begins > 1 && lastActivityAt && joinedAt && lastActivityAt < joinedAt;
  const unreadFromSeq = marks.get(id);
  return {
    _id: id,
    kind: row.kind,
    ...(row.name === undefined ? {} : { name: row.name }),
    participants: (row.kind === 'direct' ? shown : shown.slice(0, limits.participantsShown)).flatMap(
      (person) => persons.get(person) ?? [],
    ),
    memberCount: count,
    ...(row.picture === undefined ? {} : { picture: pictureAddress(row.picture) }),
    ...(row.kind === 'group' ? { history: row.history ?? 'all' } : {}),
    headSeq: headSeqs.get(id) ?? 0,
    firstSeq,
    ...(lastMessage ? { lastMessage } : {}),
    lastActivityAt: ((isBefore ? undefined : lastActivityAt) ?? row.createdAt).toISOString(),
    ...(row.kind === 'direct' || !joinedAt ? {} : { joinedAt: joinedAt.toISOString() }),
    ...(unread.get(id) ?? nothingUnread),
    ...(unreadFromSeq === undefined ? {} : { unreadFromSeq }),
    mutedUntil: mutedUntil && mutedUntil.getTime() > now ? mutedUntil.toISOString() : null,
    ...(row.slug === undefined ? {} : rulesOf(row, row.slug)),
    members: membersShown(row, shown, read),
    ...(draft && (draft.text === '' ? { draftRev: draft.rev } : { draft })),
  };
}

const rulesOf = (row: ConversationRow, slug: string): Partial<Conversation> => ({
  slug,
  language: row.language,
  slowModeSeconds: row.slowModeSeconds,
  retentionHours: row.retentionHours,
  guestFiles: row.guestFiles ?? false,
});

function membersShown(
  row: ConversationRow,
  shown: readonly string[],
  { userId, states, positions }: Pick<AsRead, 'userId' | 'states' | 'positions'>,
): Conversation['members'] {
  const id = row._id.toHexString();
  const ofConversation = states.get(id);
  return withSelf(shown, userId, ofConversation).map((person) => {
    const state = ofConversation?.get(person);
    const { readSeq = 0, deliveredSeq = 0 } =
      (person === userId ? state : positions.get(`${id}:${person}`)) ?? {};
    return {
      userId: person,
      role: state?.role ?? 'member',
      readSeq,
      deliveredSeq,
      ...(row.kind === 'group' && state ? { joinSeq: state.joinSeq } : {}),
    };
  });
}

/** Whoever asks is always among them: their own role and position are nowhere else. */
const withSelf = (
  shown: readonly string[],
  userId: string,
  states: ReadonlyMap<string, MemberRow> | undefined,
): readonly string[] =>
  shown.length < limits.membersShown || shown.includes(userId) || states?.has(userId) !== true
    ? shown
    : [...shown.slice(0, -1), userId];
