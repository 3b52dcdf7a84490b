import type { Conversation, Entry } from '@sori/contract';
import fc from 'fast-check';
import { alice, between, bob, changed, conversationId, said, entryOf } from './testing/people.js';
import {
  conversationReceived,
  entryCounted,
  listedAt,
  positionsReceived,
  type HeldConversation,
} from './conversation.js';

const me = alice._id;
const held = (more: Partial<Conversation> = {}): HeldConversation =>
  conversationReceived(undefined, between(more), me);
const apply = (start: HeldConversation, ...entries: Entry[]) =>
  entries.reduce((sum, entry) => entryCounted(sum, entry, me), start);
const read = (start: HeldConversation, userId: string, readSeq: number, readHere = false) =>
  positionsReceived(start, userId, { readSeq, deliveredSeq: readSeq }, me, {
    all: [],
    reachBack: false,
    reachEnd: false,
    readHere,
  });

describe('what a conversation says in the list', () => {
  it('counts what others say, not what I say, and previews the newest', () => {
    const { conversation } = apply(held(), entryOf(said(1)), entryOf(said(2, alice)), entryOf(said(3)));
    expect(conversation).toMatchObject({ unread: 2, headSeq: 3, lastMessage: { seq: 3 } });
  });

  it('counts nothing twice, whether the server or the log told it first', () => {
    const fromServer = held({ headSeq: 3, unread: 3, lastMessage: said(3) });
    expect(apply(fromServer, entryOf(said(2)), entryOf(said(3)), entryOf(said(4))).conversation.unread).toBe(
      4,
    );
    const fromLog = apply(held(), entryOf(said(1)), entryOf(said(2)));
    const older = conversationReceived(fromLog, between({ headSeq: 1, unread: 1, lastMessage: said(1) }), me);
    expect(older.conversation).toMatchObject({ unread: 2, lastMessage: { seq: 2 } });
  });

  it('counts up to a thousand as the server does, on from "a thousand and more", and down to what is there', () => {
    const most = held({ headSeq: 1_000, unread: 1_000, mentions: 100, lastMessage: said(1_000) });
    const namesMe = () => true;
    const above = entryCounted(most, entryOf(said(1_001)), me, namesMe).conversation;
    expect(above).toMatchObject({ unread: 1_000, unreadMore: true, mentions: 100, mentionsMore: true });
    const start = held({ headSeq: 5_000, unread: 1_000, unreadMore: true, lastMessage: said(5_000) });
    const on = apply(start, entryOf(said(5_001)), entryOf(said(5_002, alice)));
    expect(on.conversation).toMatchObject({ unread: 1_000, unreadMore: true });
    // An answer from before what was read here has nothing to say about the count.
    const late = conversationReceived(on, between({ headSeq: 4_000, unread: 12 }), me);
    expect(late.conversation).toMatchObject({ unread: 1_000, unreadMore: true });
    const all = Array.from({ length: 1_500 }, (_, index) => said(3_501 + index));
    const down = (readSeq: number) =>
      positionsReceived(start, me, { readSeq, deliveredSeq: readSeq }, me, {
        all,
        reachBack: false,
        reachEnd: true,
        readHere: true,
      });
    expect(down(3_999).conversation).toMatchObject({ unread: 1_000, unreadMore: true });
    expect(down(4_000).conversation).toMatchObject({ unread: 1_000, unreadMore: undefined });
    expect(down(4_990).conversation).toMatchObject({ unread: 10, unreadMore: undefined });
    expect(down(5_000).conversation).toMatchObject({ unread: 0, unreadMore: undefined });
    // Further up than what is held here, only the server knows.
    expect(down(100)).toMatchObject({ stale: true, conversation: { unread: 1_000, unreadMore: true } });
  });

  it('keeps what was read here against a server that had not heard of it', () => {
    const mine = read(held({ headSeq: 5, unread: 5, lastMessage: said(5) }), me, 5, true);
    expect(mine.conversation.unread).toBe(0);
    const late = conversationReceived(mine, between({ headSeq: 5, unread: 5, lastMessage: said(5) }), me);
    expect(late.conversation.unread).toBe(0);
  });

  it('never lets a position fall, in whatever order it is told', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 })), (positions) => {
        const end = positions.reduce((now, seq) => read(now, bob._id, seq), held({ headSeq: 9 }));
        const member = end.conversation.members.find(({ userId }) => userId === bob._id);
        expect(member?.readSeq).toBe(Math.max(0, ...positions));
      }),
    );
  });

  it('asks the server for the count where what is held does not reach back to what was read', () => {
    const start = held({ headSeq: 200, unread: 200, lastMessage: said(200) });
    expect(read(start, me, 100, true).stale).toBe(true);
    const all = Array.from({ length: 50 }, (_, index) => said(151 + index));
    const exact = positionsReceived(start, me, { readSeq: 180, deliveredSeq: 180 }, me, {
      all,
      reachBack: false,
      reachEnd: true,
      readHere: true,
    });
    expect(exact).toMatchObject({ stale: false, conversation: { unread: 20 } });
  });

  it('counts down by what is read in the middle, without asking, and asks where there are more than it can say', () => {
    const counted = (conversation: Partial<Conversation> & { unreadMore?: boolean }) =>
      positionsReceived(
        held({ headSeq: 3_000, unread: 300, ...conversation }),
        me,
        { readSeq: 20, deliveredSeq: 20 },
        me,
        {
          all: Array.from({ length: 50 }, (_, index) => said(1 + index, index === 4 ? alice : bob)),
          reachBack: true,
          reachEnd: false,
          readHere: true,
        },
      );
    expect(counted({})).toMatchObject({ stale: false, conversation: { unread: 281 } });
    expect(counted({ unread: 1_000, unreadMore: true })).toMatchObject({
      stale: true,
      conversation: { unread: 1_000 },
    });
  });

  it('keeps "marked as unread" when positions are told again on connecting, and ends it when I write', () => {
    const marked = held({
      headSeq: 5,
      unread: 2,
      unreadFromSeq: 4,
      lastMessage: said(5),
      members: between().members.map((member) => ({ ...member, readSeq: 5, deliveredSeq: 5 })),
    });
    expect(read(marked, me, 5).conversation).toMatchObject({ unread: 2, unreadFromSeq: 4 });
    expect(read(marked, me, 5, true).conversation).toMatchObject({ unread: 0, unreadFromSeq: undefined });
    expect(apply(marked, entryOf(said(6, alice))).stale).toBe(true);
  });

  it('stands where the newest message puts it, or where one came into it, and not where somebody reacted', () => {
    const start = apply(held(), entryOf(said(1)), entryOf(said(2)));
    const later = apply(
      start,
      changed(3, 'react', said(1)),
      changed(4, 'edit', said(1)),
      changed(5, 'delete', said(2)),
    );
    expect(listedAt(later.conversation)).toBe(said(2).createdAt);
    expect(listedAt(apply(later, entryOf(said(6, alice))).conversation)).toBe(said(6).createdAt);
    const joinedAt = said(9).createdAt;
    const came = conversationReceived(later, { ...later.conversation, joinedAt }, me);
    expect(listedAt(came.conversation)).toBe(joinedAt);
    expect(listedAt(apply(came, entryOf(said(10))).conversation)).toBe(said(10).createdAt);
  });

  it('follows an edit of the newest message, and asks for the preview when it is deleted', () => {
    const start = apply(held(), entryOf(said(1)), entryOf(said(2)));
    const edit = apply(start, changed(3, 'edit', said(2, bob, { message: 'better' })));
    expect(edit.conversation.lastMessage?.message).toBe('better');
    const gone = apply(
      edit,
      changed(4, 'delete', said(2, bob, { message: '', deletedAt: said(4).createdAt })),
    );
    expect(gone.conversation.lastMessage).toBeUndefined();
    expect(gone.stale).toBe(true);
  });

  it('moves with the log through entries that say nothing', () => {
    const hidden: Entry = { _id: said(1)._id, conversationId, seq: 1, at: said(1).createdAt, kind: 'hidden' };
    expect(apply(held(), hidden).conversation).toMatchObject({ unread: 0, headSeq: 1 });
  });

  it('moves with the log through what a newer version says: that is no unread message, and no reason to ask', () => {
    const newer: Entry = { _id: said(2)._id, conversationId, seq: 2, at: said(2).createdAt, kind: 'newer' };
    const after = apply(held(), entryOf(said(1)), newer);
    expect(after.conversation).toMatchObject({ unread: 1, headSeq: 2, lastMessage: { seq: 1 } });
    expect(after.stale).toBe(false);
  });
});

describe('who is in a group', () => {
  const id = (n: number): string => n.toString(16).padStart(24, '0');
  const memberOf = (userId: string, role: 'owner' | 'member' = 'member') => ({
    userId,
    role,
    readSeq: 0,
    deliveredSeq: 0,
  });
  /** Alice's group, of which the first members are told. */
  const group = (memberCount: number) =>
    held({
      kind: 'group',
      name: 'The group',
      memberCount,
      members: [
        memberOf(me, 'owner'),
        ...Array.from({ length: Math.min(memberCount, 50) - 1 }, (_, n) => memberOf(id(n))),
      ],
    });
  type Change = Pick<Extract<Entry, { kind: 'member' }>, 'change' | 'userIds' | 'role'>;
  const member = (seq: number, change: Change): Entry => ({
    _id: id(900 + seq),
    conversationId,
    seq,
    at: said(seq).createdAt,
    kind: 'member',
    senderId: me,
    ...change,
  });

  it('is known from the entry alone, in a small group with their roles and places', () => {
    const now = apply(
      group(3),
      member(1, { change: 'added', userIds: [id(7), id(8)] }),
      member(2, { change: 'removed', userIds: [id(0)] }),
      member(3, { change: 'role', userIds: [id(7)], role: 'admin' }),
    );
    expect(now.stale).toBe(false);
    expect(now.conversation.memberCount).toBe(4);
    expect(now.conversation.members.map(({ userId, role }) => [userId, role])).toEqual([
      [me, 'owner'],
      [id(1), 'member'],
      [id(7), 'admin'],
      [id(8), 'member'],
    ]);
    expect(now.conversation.members.at(-1)).toMatchObject({ readSeq: 1, deliveredSeq: 1, joinSeq: 1 });
  });

  it('is counted in a large one, of which nobody asks for more than the first', () => {
    const come = apply(group(5_000), member(1, { change: 'joined', userIds: [id(9_000)] }));
    expect(come).toMatchObject({ stale: false, conversation: { memberCount: 5_001 } });
    expect(come.conversation.members).toHaveLength(50);
    const gone = apply(come, member(2, { change: 'left', userIds: [id(5)] }));
    expect(gone).toMatchObject({ stale: false, conversation: { memberCount: 5_000 } });
    expect(gone.conversation.members.map(({ userId }) => userId)).not.toContain(id(5));
  });

  it('does not count somebody twice whom the server told already', () => {
    const start = apply(group(3), member(1, { change: 'added', userIds: [id(1)] }));
    expect(start.conversation.memberCount).toBe(3);
    const full = apply(group(49), member(1, { change: 'added', userIds: [id(200), id(201), id(202)] }));
    expect(full.conversation.memberCount).toBe(52);
    expect(full.conversation.members).toHaveLength(50);
  });

  it('is asked for only by whom it is about', () => {
    expect(apply(group(3), member(1, { change: 'role', userIds: [me], role: 'admin' })).stale).toBe(true);
    expect(apply(group(3), member(1, { change: 'role', userIds: [id(1)], role: 'admin' })).stale).toBe(false);
  });

  it('is not taken back by what the server said before', () => {
    const now = apply(group(3), member(1, { change: 'added', userIds: [id(7)] }));
    const late = conversationReceived(now, { ...group(3).conversation, headSeq: 0 }, me);
    expect(late.conversation.memberCount).toBe(4);
    expect(late.conversation.members.map(({ userId }) => userId)).toContain(id(7));
  });
});
