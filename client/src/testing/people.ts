import type { Conversation, Entry, Message, Person } from '@sori/contract';

const person = (letter: string, fullName: string): Person => ({
  _id: letter.repeat(24),
  fullName,
  username: fullName.toLowerCase(),
  profilePic: `/avatars/${letter}.svg`,
});
export const alice = person('a', 'Alice');
export const bob = person('b', 'Bob');

export const conversationId = 'c'.repeat(24);
const start = Date.parse('2025-03-09T03:00:00Z');
/** The log's time: a second for each seq. */
export const timeOf = (seq: number): string => new Date(start + seq * 1_000).toISOString();

export const said = (seq: number, sender: Person = bob, more: Partial<Message> = {}): Message => ({
  _id: seq.toString(16).padStart(24, '0'),
  conversationId,
  seq,
  senderId: sender._id,
  receiverId: sender === bob ? alice._id : bob._id,
  message: `said ${seq}`,
  createdAt: timeOf(seq),
  updatedAt: timeOf(seq),
  attachments: [],
  reactions: [],
  ...more,
});

export const entryOf = (message: Message): Entry => ({ ...message, kind: 'message', at: message.createdAt });

/** `seq` changes the message at `target.seq`, by its sender; a reaction is a 👍. */
export const changed = (seq: number, kind: 'edit' | 'delete' | 'react', target: Message): Entry => {
  const change = {
    _id: seq.toString(16).padStart(24, '0'),
    conversationId: target.conversationId,
    seq,
    at: timeOf(seq),
    senderId: target.senderId,
    targetSeq: target.seq,
    target: { ...target, updatedAt: timeOf(seq) },
  };
  return kind === 'react' ? { ...change, kind, emojis: ['👍'] } : { ...change, kind };
};

/** The direct conversation of Alice and Bob, as Alice sees it. */
export const between = (more: Partial<Conversation> = {}): Conversation => ({
  _id: conversationId,
  kind: 'direct',
  participants: [alice, bob],
  memberCount: 2,
  headSeq: 0,
  firstSeq: 1,
  lastActivityAt: timeOf(0),
  unread: 0,
  mentions: 0,
  mutedUntil: null,
  members: [alice, bob].map(({ _id }) => ({ userId: _id, role: 'member', readSeq: 0, deliveredSeq: 0 })),
  ...more,
});

/** The same, where Alice has read up to that message. */
export const readUpTo = (readSeq: number, more: Partial<Conversation> = {}): Conversation => {
  const conversation = between(more);
  return {
    ...conversation,
    members: conversation.members.map((member) =>
      member.userId === alice._id ? { ...member, readSeq, deliveredSeq: readSeq } : member,
    ),
  };
};
