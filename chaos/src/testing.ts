import type { Coming, Evidence, HeldMessage, Intent, LogRow, Answered, View } from './evidence.js';

/** A small run in which everything was right, for the checker's tests to spoil. */
export interface Run extends Evidence {
  log: Map<string, LogRow[]>;
  intents: Intent[];
  comings: Coming[];
  groups: Set<string>;
  delivered: Map<string, Map<number, { _id: string; kind: string }>>;
  reached: Map<string, Map<string, Set<number>>>;
  views: (View & { messages: Map<number, HeldMessage> })[];
  answered: Answered[];
  receipts: { conversationId: string; userId: string; readSeq: number; deliveredSeq: number }[];
}

export const [place, alice, bob] = ['c1', 'alice', 'bob'];

const held = (seq: number, senderId: string, text: string, more: Partial<HeldMessage> = {}): HeldMessage => ({
  _id: `id${seq}`,
  seq,
  senderId,
  text,
  deleted: false,
  pinned: false,
  reactions: '',
  ...more,
});

const row = (
  seq: number,
  senderId: string,
  kind: string,
  messageCount: number,
  more: Partial<LogRow>,
): LogRow => ({
  _id: `id${seq}`,
  seq,
  kind,
  senderId,
  clientId: `${senderId}-${seq}`,
  at: seq * 10,
  messageCount,
  membersVersion: 0,
  ...more,
});

/**
 * Alice writes 1 and 2, Bob 3; Alice edits 1 (4), Bob reacts to 2 (5) and pins it (6), Alice deletes 2 (7), Bob reacts to
 * 1 (8) and takes 3 back (9): only 1 is left.
 */
export function goodRun(): Run {
  const messages = [
    held(1, alice, 'edited', { reactions: '👍 1: bob' }),
    held(2, alice, '', { deleted: true }),
    held(3, bob, '', { deleted: true }),
  ];
  const [one, two, three] = messages as [HeldMessage, HeldMessage, HeldMessage];
  const rows: LogRow[] = [
    row(1, alice, 'message', 1, { message: 'edited', deleted: false, held: one }),
    row(2, alice, 'message', 2, { message: '', deleted: true, held: two }),
    row(3, bob, 'message', 3, { message: '', deleted: true, held: three }),
    row(4, alice, 'edit', 3, { targetSeq: 1, message: 'edited' }),
    row(5, bob, 'react', 3, { targetSeq: 2, emojis: ['👍'] }),
    row(6, bob, 'pin', 3, { targetSeq: 2, pinned: true }),
    row(7, alice, 'delete', 3, { targetSeq: 2 }),
    row(8, bob, 'react', 3, { targetSeq: 1, emojis: ['👍'] }),
    row(9, bob, 'delete', 3, { targetSeq: 3 }),
  ];
  const texts = new Map([
    [1, 'first'],
    [2, 'second'],
    [3, 'third'],
    [4, 'edited'],
  ]);
  const intents = rows.map((entry): Intent => ({
    clientId: entry.clientId,
    conversationId: place,
    userId: entry.senderId,
    device: `${entry.senderId}-0`,
    order: entry.seq,
    kind: entry.kind as Intent['kind'],
    text: texts.get(entry.seq),
    targetSeq: entry.targetSeq,
    emojis: entry.emojis,
    pinned: entry.pinned,
    state: 'acknowledged',
    ...(entry.kind === 'message' ? { answer: { _id: entry._id, seq: entry.seq } } : {}),
  }));
  const answered = (userId: string, readSeq: number, unread: number): Answered => ({
    userId,
    conversationId: place,
    listed: true,
    headSeq: 9,
    unread,
    readSeq,
    deliveredSeq: 9,
    preview: { ...one },
    history: messages.map((message) => ({ ...message })),
  });
  return {
    conversations: new Map([[place, [alice, bob]]]),
    groups: new Set(),
    reached: new Map(),
    log: new Map([[place, rows]]),
    intents,
    comings: [],
    delivered: new Map([[place, new Map(rows.map(({ seq, _id, kind }) => [seq, { _id, kind }]))]]),
    views: [alice, bob].map((name) => ({
      device: `${name}-0`,
      userId: name,
      conversationId: place,
      fromSeq: 1,
      cursor: 9,
      messages: new Map(messages.map((message) => [message.seq, { ...message }])),
    })),
    answered: [answered(alice, 9, 0), answered(bob, 0, 1)],
    receipts: [{ conversationId: place, userId: alice, readSeq: 9, deliveredSeq: 9 }],
    noticed: [],
  };
}
