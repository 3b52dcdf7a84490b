import type { Conversation, Departure } from '@sori/contract';
import type { Caller } from '../../core/caller.js';
import { notFound } from '../../core/errors.js';
import { forbidden } from '../members/audiences.js';
import {
  type Decision,
  type Group,
  type GroupChanges,
  ids,
  type OfGroup,
  type OfMember,
  once,
} from './group-changes.js';
import { isLastOwner, requireManager, roleIn, successorOf } from './group-rules.js';

export interface LeavingDeps {
  change: GroupChanges['change'];
  /** Throws NOT_FOUND. */
  get: (caller: Pick<Caller, 'userId'>, conversationId: string) => Promise<Conversation>;
}

/** How people go out of a group: by themselves, or taken out. */
export function createLeaving({ change, get }: LeavingDeps) {
  /**
   * @returns the group as it was to the one who has left, without them. Asked again it is NOT_FOUND: to them there is
   * no such group any more.
   */
  async function leave(
    caller: Caller,
    { conversationId, clientId }: OfGroup & Departure,
  ): Promise<Conversation> {
    const decide = leaving(caller);
    let before: Conversation | undefined;
    // Not before it is counted and known to be theirs: the whole of it is read for that.
    const { repeat } = await change(caller, { conversationId, clientId, change: 'left' }, async (group) => {
      before ??= await get(caller, conversationId);
      return decide(group);
    });
    // They came back since, and stay.
    if (repeat || !before) return get(caller, conversationId);
    return {
      ...before,
      memberCount: before.memberCount - 1,
      participants: before.participants.filter(({ _id }) => _id !== caller.userId),
      members: before.members.filter(({ userId }) => userId !== caller.userId),
    };
  }

  return {
    leave,

    /** Takes somebody out: owners anybody, admins anybody but owners. Oneself: leaves. */
    async remove(
      caller: Caller,
      { conversationId, userId, clientId }: OfMember & Departure,
    ): Promise<Conversation> {
      if (userId === caller.userId) return leave(caller, { conversationId, clientId });
      await change(caller, { conversationId, clientId, change: 'removed', userId }, (group) => {
        requireManager(caller, group);
        const target = group.members.get(userId);
        if (!target) throw notFound();
        if (target.role === 'owner' && roleIn(group, caller.userId) !== 'owner') {
          throw forbidden('Only an owner can remove an owner');
        }
        return once({ kind: 'member', change: 'removed', userIds: ids([userId]) });
      });
      return get(caller, conversationId);
    },
  };
}

/**
 * The caller's own leaving. The last owner hands over first, in an entry of its own: whatever breaks between the two, there
 * is an owner.
 */
const leaving = ({ userId }: Caller) =>
  function decide(group: Group): Decision {
    const successor = isLastOwner(group, userId) ? successorOf(group, userId) : undefined;
    return successor === undefined
      ? { payload: { kind: 'member', change: 'left', userIds: ids([userId]) }, isLast: true }
      : {
          payload: { kind: 'member', change: 'role', userIds: ids([successor]), role: 'owner' },
          isLast: false,
        };
  };
