import { limits, type Conversation, type Entry, type Id, type Message, type Positions } from '@sori/contract';

/** A conversation with what the log told since the server described it whole. */
export type HeldConversation = {
  readonly conversation: Conversation;
  /** Unread count and preview account for the log up to here. */
  readonly countedSeq: number;
  /** What is held is a guess: only the server can say the unread count or the preview now. */
  readonly stale: boolean;
};

export const myPositions = (conversation: Conversation, me: Id): Positions =>
  conversation.members.find(({ userId }) => userId === me) ?? { readSeq: 0, deliveredSeq: 0 };

/** Where it stands in the list: by what was last written there, or by when this person came, as on the server. */
export const listedAt = ({ lastActivityAt, joinedAt }: Conversation): string =>
  joinedAt !== undefined && Date.parse(joinedAt) > Date.parse(lastActivityAt) ? joinedAt : lastActivityAt;

/** Messages with a seq above this are unread, if others sent them. Marking as unread goes below what was read. */
export const readUpTo = (conversation: Conversation, me: Id): number => {
  const { readSeq } = myPositions(conversation, me);
  return conversation.unreadFromSeq === undefined
    ? readSeq
    : Math.min(readSeq, conversation.unreadFromSeq - 1);
};

/** As the server tells how much is unread: exactly up to a bound, and beyond it that there is more. */
const unreadOf = (count: number): Pick<Conversation, 'unread' | 'unreadMore'> =>
  count > limits.unreadMax
    ? { unread: limits.unreadMax, unreadMore: true }
    : { unread: count, unreadMore: undefined };
const mentionsOf = (count: number): Pick<Conversation, 'mentions' | 'mentionsMore'> =>
  count > limits.mentionsMax
    ? { mentions: limits.mentionsMax, mentionsMore: true }
    : { mentions: count, mentionsMore: undefined };
/** The same as numbers to count on from: so many there are at least. */
const leastUnread = ({ unread, unreadMore }: Conversation): number => unread + (unreadMore ? 1 : 0);
const leastMentions = ({ mentions, mentionsMore }: Conversation): number => mentions + (mentionsMore ? 1 : 0);

/** Positions never fall, in whatever order they are told. */
const withPositions = (conversation: Conversation, userId: Id, received: Positions): Conversation => ({
  ...conversation,
  members: conversation.members.map((member) =>
    member.userId === userId
      ? {
          ...member,
          readSeq: Math.max(member.readSeq, received.readSeq),
          deliveredSeq: Math.max(member.deliveredSeq, received.deliveredSeq),
        }
      : member,
  ),
});

/**
 * The server described the conversation. It may have done so before it wrote what the log has told meanwhile, or
 * before it heard what was read here: then its count and preview are old, and what is held stays.
 */
export const conversationReceived = (
  held: HeldConversation | undefined,
  received: Conversation,
  me: Id,
): HeldConversation => {
  if (held === undefined) return { conversation: received, countedSeq: received.headSeq, stale: false };
  let conversation = received;
  for (const { userId, readSeq, deliveredSeq } of held.conversation.members)
    conversation = withPositions(conversation, userId, { readSeq, deliveredSeq });
  const isOld =
    received.headSeq < held.countedSeq ||
    myPositions(received, me).readSeq < myPositions(held.conversation, me).readSeq;
  if (!isOld) return { conversation, countedSeq: received.headSeq, stale: false };
  const { headSeq, unreadFromSeq, lastActivityAt, lastMessage } = held.conversation;
  const { unread, unreadMore, mentions, mentionsMore } = held.conversation;
  // The log may have told of another name since, and of other members.
  let latest = received.headSeq < held.countedSeq ? held.conversation : conversation;
  for (const { userId, readSeq, deliveredSeq } of received.members)
    latest = withPositions(latest, userId, { readSeq, deliveredSeq });
  const { name, members, memberCount } = latest;
  return {
    ...held,
    conversation: {
      ...conversation,
      name,
      members,
      memberCount,
      headSeq,
      unread,
      unreadMore,
      unreadFromSeq,
      mentions,
      mentionsMore,
      lastActivityAt,
      lastMessage,
    },
  };
};

const toMessage = ({ kind: _kind, at: _at, ...message }: Extract<Entry, { kind: 'message' }>): Message =>
  message;

/** The message that an entry brings, or the state of the one that it changed. */
export const messageOf = (entry: Entry): Message | null => {
  switch (entry.kind) {
    case 'message':
      return toMessage(entry);
    case 'edit':
    case 'delete':
    case 'react':
    case 'pin':
      return entry.target ?? null;
    case 'member':
    case 'title':
    case 'hidden':
    case 'noop':
    case 'newer':
      return null;
  }
};

/**
 * Somebody came, went or has another role. Thousands are told of it at the same time: nobody has to ask for what the entry
 * says. Of a large group the first members are known; who looks at all of them asks for those.
 */
const membersChanged = (
  conversation: Conversation,
  { change, userIds, role = 'member', seq }: Extract<Entry, { kind: 'member' }>,
): Conversation => {
  const { members, memberCount } = conversation;
  const isWhole = members.length >= memberCount;
  const about = new Set(userIds);
  switch (change) {
    case 'joined':
    case 'added': {
      for (const { userId } of members) about.delete(userId);
      // They have read what was there before they came.
      const fresh = [...about].map((userId) => ({
        userId,
        role,
        readSeq: seq,
        deliveredSeq: seq,
        joinSeq: seq,
      }));
      return {
        ...conversation,
        memberCount: memberCount + fresh.length,
        members: isWhole ? [...members, ...fresh].slice(0, limits.membersShown) : members,
      };
    }
    case 'left':
    case 'removed': {
      const left = members.filter(({ userId }) => !about.has(userId));
      const count = isWhole ? left.length : memberCount - about.size;
      return { ...conversation, memberCount: Math.max(count, left.length), members: left };
    }
    case 'role':
      return {
        ...conversation,
        members: members.map((member) => (about.has(member.userId) ? { ...member, role } : member)),
      };
  }
};

/**
 * The log went on by one entry: what that does to count and preview. Each entry counts once.
 * @param namesMe Whether a text mentions this person there.
 */
export const entryCounted = (
  held: HeldConversation,
  entry: Entry,
  me: Id,
  namesMe: (text: string) => boolean = () => false,
): HeldConversation => {
  if (entry.seq <= held.countedSeq) return held;
  const { conversation } = held;
  const counted = {
    stale: held.stale,
    countedSeq: entry.seq,
    conversation: { ...conversation, headSeq: Math.max(conversation.headSeq, entry.seq) },
  };
  switch (entry.kind) {
    case 'message': {
      const mine = entry.senderId === me;
      return {
        ...counted,
        conversation: {
          ...counted.conversation,
          lastMessage: toMessage(entry),
          lastActivityAt: entry.at,
          ...unreadOf(leastUnread(conversation) + (mine ? 0 : 1)),
          ...mentionsOf(leastMentions(conversation) + (!mine && namesMe(entry.message) ? 1 : 0)),
          // Writing there ends "marked as unread".
          unreadFromSeq: mine ? undefined : conversation.unreadFromSeq,
        },
        stale: held.stale || (mine && conversation.unreadFromSeq !== undefined),
      };
    }
    case 'edit': {
      const { target } = entry;
      if (target === undefined) return { ...counted, stale: true };
      const isPreview = entry.targetSeq === conversation.lastMessage?.seq;
      const isUnread = target.senderId !== me && entry.targetSeq > readUpTo(conversation, me);
      return {
        ...counted,
        conversation: isPreview ? { ...counted.conversation, lastMessage: target } : counted.conversation,
        // Whether its old words mentioned this person, only the server knows.
        stale: held.stale || (isUnread && (conversation.mentions > 0 || namesMe(target.message))),
      };
    }
    case 'react':
    case 'pin':
      return entry.targetSeq === conversation.lastMessage?.seq && entry.target !== undefined
        ? { ...counted, conversation: { ...counted.conversation, lastMessage: entry.target } }
        : counted;
    case 'delete': {
      const wasPreview = entry.targetSeq === conversation.lastMessage?.seq;
      const wasUnread = entry.target?.senderId !== me && entry.targetSeq > readUpTo(conversation, me);
      return {
        ...counted,
        conversation: {
          ...counted.conversation,
          lastMessage: wasPreview ? undefined : conversation.lastMessage,
        },
        // Which message is the newest now, and whether this one had been deleted before, only the server knows.
        stale: held.stale || wasPreview || wasUnread,
      };
    }
    case 'title':
      return { ...counted, conversation: { ...counted.conversation, name: entry.name } };
    case 'member':
      return {
        ...counted,
        conversation: membersChanged(counted.conversation, entry),
        // How it is for whom it is about, the server says: what they may see, and as what.
        stale: held.stale || entry.userIds.includes(me),
      };
    case 'hidden':
    case 'noop':
    case 'newer':
      // Whatever a newer version says, it is no message that could be unread.
      return counted;
  }
};

/** A stretch of messages, and whether there is nothing before it, and nothing after it. */
export type Stretch = { all: readonly Message[]; reachBack: boolean; reachEnd: boolean };

/**
 * How many are unread once this person has read on from `from` up to `to`, or null where only the server can say: the held
 * messages tell those that are left where they reach to the end, and else those that were read just now.
 */
const unreadAfter = (
  { conversation, countedSeq }: HeldConversation,
  { from, to }: { from: number; to: number },
  me: Id,
  { all, reachBack, reachEnd }: Stretch,
): number | null => {
  const [first, last] = [all[0]?.seq ?? Number.POSITIVE_INFINITY, all.at(-1)?.seq ?? 0];
  const unreadBetween = (after: number, upTo: number) =>
    all.filter(
      ({ seq, senderId, deletedAt }) =>
        seq > after && seq <= upTo && senderId !== me && deletedAt === undefined,
    ).length;
  if (reachEnd && (reachBack || first <= to + 1)) return unreadBetween(to, countedSeq);
  if (conversation.unreadMore === true) return null;
  const isHeld = (reachBack || first <= from + 1) && (reachEnd || last >= to);
  return isHeld ? Math.max(0, conversation.unread - unreadBetween(from, Math.min(to, countedSeq))) : null;
};

/**
 * Somebody read up to there, or has stored up to there. Own reading lowers the count: to nothing at the end, to what the
 * held messages say where they reach far enough, and else to what the server says when it is asked.
 */
export const positionsReceived = (
  held: HeldConversation,
  userId: Id,
  received: Positions,
  me: Id,
  messages: Stretch & { readHere: boolean },
): HeldConversation => {
  const before = held.conversation;
  const moved = withPositions(before, userId, received);
  if (userId !== me) return { ...held, conversation: moved };
  const { readSeq } = myPositions(moved, me);
  // Told late, or told whole on connect: that is no reading, and does not undo "marked as unread".
  if (!messages.readHere && readSeq === myPositions(before, me).readSeq)
    return { ...held, conversation: moved };
  const conversation = { ...moved, unreadFromSeq: undefined };
  if (before.unread === 0) return { ...held, conversation };
  if (readSeq >= held.countedSeq || readSeq >= (before.lastMessage?.seq ?? Number.POSITIVE_INFINITY))
    return { ...held, conversation: { ...conversation, ...unreadOf(0), ...mentionsOf(0) } };
  const unread = unreadAfter(held, { from: readUpTo(before, me), to: readSeq }, me, messages);
  if (unread === null) return { ...held, conversation, stale: true };
  // Which of those that are left mention this person, the server is asked.
  return {
    ...held,
    conversation: { ...conversation, ...unreadOf(unread) },
    stale: held.stale || before.mentions > 0,
  };
};
