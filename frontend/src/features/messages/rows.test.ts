import type { Notice, OutboxItem } from '@sori/client';
import type { Conversation, Message, Person } from '@sori/contract';
import fc from 'fast-check';
import { buildRows, noRows, rowsAfter, unsentShown, type RowsInput } from './rows';

const alice = 'a'.repeat(24);
const bob = 'b'.repeat(24);
const conversationId = 'c'.repeat(24);
const person = (_id: string, fullName: string): Person => ({
  _id,
  fullName,
  username: fullName,
  profilePic: '',
});

const said = (
  seq: number,
  senderId = bob,
  at = '2025-03-09T03:00:00.000Z',
  more: Partial<Message> = {},
): Message => ({
  _id: seq.toString(16).padStart(24, '0'),
  conversationId,
  seq,
  senderId,
  message: `${seq}`,
  createdAt: at,
  updatedAt: at,
  attachments: [],
  reactions: [],
  ...more,
});
const item = (clientId: string, more: Partial<OutboxItem> = {}): OutboxItem => ({
  clientId,
  to: bob,
  lane: conversationId,
  text: clientId,
  order: 1,
  queuedAt: '2025-03-09T03:00:00.000Z',
  state: 'waiting',
  ...more,
});
const member = (
  userId: string,
  readSeq: number,
  deliveredSeq = readSeq,
): Conversation['members'][number] => ({
  userId,
  role: 'member',
  readSeq,
  deliveredSeq,
});
const people = { [alice]: person(alice, 'Alice'), [bob]: person(bob, 'Bob') };
const rows = (more: Partial<RowsInput>) =>
  buildRows({
    messages: [],
    hasNewer: false,
    hasOlder: false,
    outbox: [],
    me: alice,
    people,
    members: [member(alice, 0), member(bob, 0)],
    dividerAfter: null,
    changes: {},
    receipts: true,
    ...more,
  });

describe('the rows of a conversation', () => {
  it('show what is on its way below what was said, whatever this device thinks the time is', () => {
    const shown = rows({
      messages: [said(1), said(2)],
      outbox: [item('mine', { queuedAt: '2020-01-01T00:00:00.000Z' })],
    });
    expect(shown.map(({ text, status }) => [text, status])).toEqual([
      ['1', null],
      ['2', null],
      ['mine', 'sending'],
    ]);
  });

  it('keep the key of a bubble when it becomes the stored message, and never show both', () => {
    const [sending] = rows({ outbox: [item('mine')] });
    const stored = said(1, alice, undefined, { clientId: 'mine' });
    const both = rows({ messages: [stored], outbox: [item('mine')] });
    expect(both).toHaveLength(1);
    expect(both[0]?.key).toBe(sending?.key);
    expect(both[0]?.status).toBe('sent');
  });

  it('tell what the other person has received and read', () => {
    const mine = [1, 2, 3].map((seq) => said(seq, alice));
    const shown = rows({ messages: mine, members: [member(alice, 0), member(bob, 1, 2)] });
    expect(shown.map(({ status }) => status)).toEqual(['read', 'delivered', 'sent']);
  });

  it('leave a failed message in its place while the talk goes on', () => {
    const shown = rows({
      messages: [said(1), said(2), said(3)],
      outbox: [
        item('failed', { state: 'failed', afterSeq: 1, refused: { code: 'TOO_LARGE', message: 'too long' } }),
        item('next'),
      ],
    });
    expect(shown.map(({ text }) => text)).toEqual(['1', 'failed', '2', '3', 'next']);
    expect(shown[1]?.error?.code).toBe('TOO_LARGE');
  });

  it('do not show what is on its way in the middle of the history', () => {
    expect(rows({ messages: [said(1)], hasNewer: true, outbox: [item('mine')] })).toHaveLength(1);
  });

  it('are the last of ten thousand on their way, with the number of the others, and what failed', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => item(`m${index}`, { order: index + 1 }));
    const failed = item('failed', { order: 0, state: 'failed', afterSeq: 0 });
    const all = rows({ messages: [said(1)], outbox: [failed, ...many] });
    expect(all.map(({ key }) => key)).toEqual(
      expect.arrayContaining(['failed', said(1)._id, 'm9800', 'm9999']),
    );
    expect(all).toHaveLength(2 + unsentShown);
    expect(all.filter(({ waitingAbove }) => waitingAbove > 0)).toMatchObject([
      { key: 'm9800', waitingAbove: 9_800 },
    ]);
  });

  it('begin each local day with its date, and put the divider above the first unread one of others', () => {
    const at = (day: string) => new Date(`${day}T12:00:00`).toISOString();
    const shown = rows({
      messages: [
        said(1, bob, at('2025-03-08')),
        said(2, alice, at('2025-03-09')),
        said(3, bob, at('2025-03-09')),
        said(4, bob, at('2025-03-09')),
      ],
      dividerAfter: 1,
    });
    expect(shown.map(({ day }) => day)).toEqual(['2025-03-08', '2025-03-09', null, null]);
    expect(shown.map(({ unreadDivider }) => unreadDivider)).toEqual([false, false, true, false]);
  });

  it('group what one person says within a minute', () => {
    const shown = rows({
      messages: [
        said(1, bob, '2025-03-09T03:00:01.000Z'),
        said(2, bob, '2025-03-09T03:00:59.000Z'),
        said(3, bob, '2025-03-09T03:01:00.000Z'),
        said(4, alice, '2025-03-09T03:01:00.000Z'),
      ],
    });
    expect(shown.map(({ startsGroup, endsGroup }) => [startsGroup, endsGroup])).toEqual([
      [true, false],
      [false, true],
      [true, true],
      [true, true],
    ]);
  });

  it('carry what happened to the group between the messages, and after the last one', () => {
    const added = (seq: number): Notice => ({
      _id: seq.toString(16).padStart(24, '0'),
      conversationId,
      seq,
      at: '2025-03-09T03:00:00.000Z',
      kind: 'title',
      senderId: bob,
      name: '점심',
    });
    const messages = [said(2), said(4), said(5)];
    const notices = [added(1), added(3), added(6)];
    const places = (all: ReturnType<typeof rows>) =>
      all.map(({ noticesAbove, noticesBelow }) =>
        [noticesAbove, noticesBelow].map((list) => list.map(({ seq }) => seq)),
      );
    const shown = rows({ messages, notices });
    expect(places(shown)).toEqual([
      [[1], []],
      [[3], []],
      [[], [6]],
    ]);
    expect(shown.map(({ startsGroup }) => startsGroup)).toEqual([true, true, false]);
    expect(places(rows({ messages, notices, outbox: [item('mine')] })).slice(2)).toEqual([
      [[], []],
      [[6], []],
    ]);
    const before = rowsAfter(noRows, shown);
    expect(rowsAfter(before, rows({ messages, notices })).rows).toBe(before.rows);
    expect(rowsAfter(before, rows({ messages, notices: [] })).rows).not.toBe(before.rows);
  });

  it('keep their index when older ones come above them or are let go, and their identity when nothing changed', () => {
    const all = Array.from({ length: 60 }, (_, index) => said(index + 1));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 10, max: 20 })), {
          maxLength: 12,
        }),
        (windows) => {
          let list = noRows;
          let indexes = new Map<string, number>();
          for (const [from, count] of windows) {
            const messages = all.slice(from - 1, from - 1 + count);
            list = rowsAfter(list, rows({ messages }));
            const now = new Map(list.rows.map(({ key }, place) => [key, list.firstItemIndex + place]));
            const common = [...now.keys()].filter((key) => indexes.has(key));
            for (const key of common) expect(now.get(key)).toBe(indexes.get(key));
            expect(rowsAfter(list, rows({ messages }))).toEqual(list);
            expect(rowsAfter(list, rows({ messages })).rows).toBe(list.rows);
            indexes = now;
          }
        },
      ),
    );
  });
});
