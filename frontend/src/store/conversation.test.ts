import type { Conversation, Entry } from '@sori/contract';
import fc from 'fast-check';
import { alice, between, bob, changed, conversationId, said, told } from '../testing/people';
import {
  conversationTold,
  entryCounted,
  listedAt,
  positionsTold,
  type HeldConversation,
} from './conversation';

const me = alice._id;
const held = (more: Partial<Conversation> = {}): HeldConversation =>
  conversationTold(undefined, between(more), me);
const apply = (start: HeldConversation, ...entries: Entry[]) =>
  entries.reduce((sum, entry) => entryCounted(sum, entry, me), start);
const read = (start: HeldConversation, userId: string, readSeq: number, readHere = false) =>
  positionsTold(start, userId, { readSeq, deliveredSeq: readSeq }, me, {
    all: [],
    reachBack: false,
    readHere,
  });

describe('what a conversation says in the list', () => {
  it('counts what others say, not what I say, and previews the newest', () => {
    const { conversation } = apply(held(), told(said(1)), told(said(2, alice)), told(said(3)));
    expect(conversation).toMatchObject({ unread: 2, headSeq: 3, lastMessage: { seq: 3 } });
  });

  it('counts nothing twice, whether the server or the log told it first', () => {
    const fromServer = held({ headSeq: 3, unread: 3, lastMessage: said(3) });
    expect(apply(fromServer, told(said(2)), told(said(3)), told(said(4))).conversation.unread).toBe(4);
    const fromLog = apply(held(), told(said(1)), told(said(2)));
    const older = conversationTold(fromLog, between({ headSeq: 1, unread: 1, lastMessage: said(1) }), me);
    expect(older.conversation).toMatchObject({ unread: 2, lastMessage: { seq: 2 } });
  });

  it('counts up to a thousand as the server does, on from "a thousand and more", and down to what is there', () => {
    const most = held({ headSeq: 1_000, unread: 1_000, mentions: 100, lastMessage: said(1_000) });
    const namesMe = () => true;
    const above = entryCounted(most, told(said(1_001)), me, namesMe).conversation;
    expect(above).toMatchObject({ unread: 1_000, unreadMore: true, mentions: 100, mentionsMore: true });
    const start = held({ headSeq: 5_000, unread: 1_000, unreadMore: true, lastMessage: said(5_000) });
    const on = apply(start, told(said(5_001)), told(said(5_002, alice)));
    expect(on.conversation).toMatchObject({ unread: 1_000, unreadMore: true });
    // An answer from before what was read here has nothing to say about the count.
    const late = conversationTold(on, between({ headSeq: 4_000, unread: 12 }), me);
    expect(late.conversation).toMatchObject({ unread: 1_000, unreadMore: true });
    const all = Array.from({ length: 1_500 }, (_, index) => said(3_501 + index));
    const down = (readSeq: number) =>
      positionsTold(start, me, { readSeq, deliveredSeq: readSeq }, me, {
        all,
        reachBack: false,
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
    const late = conversationTold(mine, between({ headSeq: 5, unread: 5, lastMessage: said(5) }), me);
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
    const exact = positionsTold(start, me, { readSeq: 180, deliveredSeq: 180 }, me, {
      all,
      reachBack: false,
      readHere: true,
    });
    expect(exact).toMatchObject({ stale: false, conversation: { unread: 20 } });
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
    expect(apply(marked, told(said(6, alice))).stale).toBe(true);
  });

  it('stands where the newest message puts it, or where one came into it, and not where somebody reacted', () => {
    const start = apply(held(), told(said(1)), told(said(2)));
    const later = apply(
      start,
      changed(3, 'react', said(1)),
      changed(4, 'edit', said(1)),
      changed(5, 'delete', said(2)),
    );
    expect(listedAt(later.conversation)).toBe(said(2).createdAt);
    expect(listedAt(apply(later, told(said(6, alice))).conversation)).toBe(said(6).createdAt);
    const joinedAt = said(9).createdAt;
    const came = conversationTold(later, { ...later.conversation, joinedAt }, me);
    expect(listedAt(came.conversation)).toBe(joinedAt);
    expect(listedAt(apply(came, told(said(10))).conversation)).toBe(said(10).createdAt);
  });

  it('follows an edit of the newest message, and asks for the preview when it is deleted', () => {
    const start = apply(held(), told(said(1)), told(said(2)));
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
});
