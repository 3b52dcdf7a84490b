import { alice, between, bob, said } from '@sori/client/testing';
import type { Conversation } from '@sori/contract';
import { actionsFor, canReact } from './messageActions';
import { buildRows } from './rows';

const rowOf = (message = said(1)) => {
  const row = buildRows({
    messages: [message],
    hasNewer: false,
    hasOlder: false,
    outbox: [],
    me: alice._id,
    people: {},
    members: [],
    dividerAfter: null,
    changes: {},
    receipts: true,
  })[0];
  if (row === undefined) throw new Error('A message has a row');
  return row;
};
const theirs = rowOf(said(1, bob));
const mine = rowOf(said(2, alice));
const gone = rowOf(said(3, alice, { message: '', deletedAt: said(4).createdAt }));

/** A group in which Alice is that. */
const groupWhere = (role: 'member' | 'admin'): Conversation => ({
  ...between(),
  kind: 'group',
  members: [{ userId: alice._id, role, readSeq: 0, deliveredSeq: 0 }],
});

describe('what one can do with a message', () => {
  it('of somebody else: answer it, keep it, put it back to the unread, report it', () => {
    expect(actionsFor(theirs, between(), alice._id)).toEqual([
      'reply',
      'copy',
      'pin',
      'markUnread',
      'report',
    ]);
  });

  it('of one’s own: mend and delete it too', () => {
    expect(actionsFor(mine, between(), alice._id)).toEqual(['reply', 'edit', 'copy', 'pin', 'remove']);
  });

  it('that is pinned: take the pin away', () => {
    const pinned = rowOf(said(1, bob, { pinnedAt: said(2).createdAt }));
    expect(actionsFor(pinned, between(), alice._id)).toContain('unpin');
    expect(actionsFor(pinned, between(), alice._id)).not.toContain('pin');
  });

  it('that is gone: nothing', () => {
    expect(actionsFor(gone, between(), alice._id)).toEqual([]);
    expect(canReact(gone)).toBe(false);
  });

  it('that is still on its way: copy it', () => {
    expect(actionsFor({ ...mine, message: null }, between(), alice._id)).toEqual(['copy']);
    expect(canReact({ ...mine, message: null })).toBe(false);
  });

  it('in a group: pinning and deleting for others is for those who moderate', () => {
    expect(actionsFor(theirs, groupWhere('member'), alice._id)).toEqual([
      'reply',
      'copy',
      'markUnread',
      'report',
    ]);
    expect(actionsFor(theirs, groupWhere('admin'), alice._id)).toEqual([
      'reply',
      'copy',
      'pin',
      'markUnread',
      'report',
      'remove',
    ]);
  });
});
