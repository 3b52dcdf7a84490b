import { EntriesAfter, EntriesPage, EntriesQuery, Entry, withTargets } from './entries.js';
import { Message, Reaction } from './messages.js';

const id = 'a'.repeat(24);
const at = '2025-03-09T12:00:00.000Z';
const message = (text: string): Message => ({
  _id: id,
  conversationId: id,
  seq: 1,
  senderId: id,
  message: text,
  createdAt: at,
  updatedAt: at,
  attachments: [],
  reactions: [{ emoji: '👍', count: 70, userIds: [id] }],
});
const base = { _id: id, conversationId: id, at, senderId: id, targetSeq: 1 };
const react: Entry = { ...base, seq: 2, kind: 'react', emojis: ['👍'] };
const edit: Entry = { ...base, seq: 3, kind: 'edit', target: message('now') };

describe('asking for entries', () => {
  it('may ask for each changed message once, and for nothing else of that kind', () => {
    expect(EntriesQuery.parse({ targets: 'once' })).toMatchObject({ after: 0, targets: 'once' });
    expect(EntriesAfter.parse({ conversationId: id, after: 0, targets: 'once' }).targets).toBe('once');
    expect(EntriesQuery.parse({})).not.toHaveProperty('targets');
    for (const targets of ['', 'twice', 'Once', ['once', 'once'], 1, true, null]) {
      expect(EntriesQuery.safeParse({ targets }).success).toBe(false);
      expect(EntriesAfter.safeParse({ conversationId: id, after: 0, targets }).success).toBe(false);
    }
  });
});

describe('an entry', () => {
  it('that changes a message may come without it; a reaction says what was chosen', () => {
    expect(Entry.parse(react)).toEqual(react);
    expect(Entry.parse(edit)).toEqual(edit);
    expect(Entry.parse({ ...react, emojis: undefined }).kind).toBe('newer');
  });

  it('is given the message that a later one of its page has, and no other', () => {
    const other: Entry = { ...base, seq: 4, kind: 'pin', targetSeq: 9 };
    const noop: Entry = { _id: id, conversationId: id, at, seq: 5, kind: 'noop' };
    const [first, second, third, fourth] = withTargets([react, edit, other, noop]);
    expect(first).toEqual({ ...react, target: message('now') });
    expect(second).toEqual(edit);
    expect(third).toEqual(other);
    expect(fourth).toEqual(noop);
  });
});

it('reactions are counted, and a quote may say where it points', () => {
  expect(Reaction.safeParse({ emoji: '👍', userIds: [id] }).success).toBe(false);
  expect(Reaction.safeParse({ emoji: '👍', count: 0, userIds: [] }).success).toBe(false);
  expect(Message.parse({ ...message('a'), replyTo: id, replyToSeq: 7 })).toMatchObject({ replyToSeq: 7 });
});

describe('an entry from a newer version', () => {
  const place = { _id: id, conversationId: id, seq: 7, at };
  const poll = { ...place, kind: 'poll', senderId: id, question: 'Where to?', options: [{ text: 'Home' }] };

  it('keeps its place in the log, whatever its kind is and says', () => {
    expect(Entry.parse(poll)).toEqual({ ...place, kind: 'newer' });
    const promoted = { ...place, kind: 'member', senderId: id, change: 'promoted', userIds: [id] };
    expect(Entry.parse(promoted)).toEqual({ ...place, kind: 'newer' });
  });

  it('does not hide what stands beside it on a page', () => {
    const page = { next: 7, headSeq: 7, epoch: 'e', more: false, cast: 'sent', entries: [edit, poll] };
    const parsed = EntriesPage.parse(page);
    expect(parsed.entries).toEqual([edit, { ...place, kind: 'newer' }]);
    expect(parsed).not.toHaveProperty('cast');
  });

  it('is refused where it has no place in the log', () => {
    for (const missing of ['_id', 'conversationId', 'seq', 'at', 'kind'])
      expect(Entry.safeParse({ ...poll, [missing]: undefined }).success).toBe(false);
  });

  it('may be what another entry changes, which is known then, and what it changed is not', () => {
    const { target: _target, ...known } = edit;
    expect(Entry.parse({ ...edit, target: poll })).toEqual(known);
  });
});
