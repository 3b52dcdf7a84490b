import type { AddMembers, Conversation, Departure } from '@sori/contract';
import type { Caller } from '../../core/caller.js';
import { notFound } from '../../core/errors.js';
import { type Decision, type Group, type GroupChanges, ids, type OfGroup, once } from './group-changes.js';
import { requireManager, requireSpace } from './group-rules.js';
import type { Newcomers } from './newcomers.js';

export interface JoiningDeps {
  changes: GroupChanges;
  /** Throws NOT_FOUND. */
  get: (caller: Pick<Caller, 'userId'>, conversationId: string) => Promise<Conversation>;
  /** Throws NOT_FOUND for an id that is nobody's. */
  requirePeople: (userIds: readonly string[]) => Promise<void>;
  /** Counts people whom somebody wants in a group; throws RATE_LIMITED. */
  countAdds: (userId: string, addedIds: readonly string[]) => Promise<void>;
  /** Counts one coming back of a person into a conversation; throws RATE_LIMITED. */
  countReturn: (userId: string, conversationId: string) => void;
  newcomers: Newcomers;
}

/** How people come into a group that is there. */
export function createJoining(deps: JoiningDeps) {
  const { changes, get, requirePeople, countAdds, countReturn, newcomers } = deps;
  const { read, groupOf, change } = changes;

  return {
    /**
     * Takes these people in; who is there already is passed over, who may not be put in stays away. For owners and admins.
     */
    async add(
      caller: Caller,
      { conversationId, userIds, clientId }: OfGroup & AddMembers,
    ): Promise<Conversation> {
      requireManager(caller, await groupOf(caller, conversationId));
      await requirePeople(userIds);
      let counted = false;
      const asked = { conversationId, clientId, change: 'added', userIds: userIds.toSorted() };
      await change(caller, asked, async (group) => {
        requireManager(caller, group);
        const wanted = userIds.filter((userId) => !group.members.has(userId));
        // Those who stay away count as well, or the limit would reveal who they are.
        if (!counted) await countAdds(caller.userId, wanted);
        counted = true;
        const coming = await newcomers.among(wanted, caller.userId, conversationId);
        if (coming.length === 0) return null;
        requireSpace(group.members.size + coming.length);
        const { history = 'all' } = group.row;
        return once({ kind: 'member', change: 'added', userIds: ids(coming), history });
      });
      return get(caller, conversationId);
    },

    /**
     * The caller comes back to a group that they left; whoever is in it already is. Where nobody is left, they own it.
     * @throws AppError NOT_FOUND for everybody else, who was taken out included; REFUSED, RATE_LIMITED
     */
    async comeBack(caller: Caller, { conversationId, clientId }: OfGroup & Departure): Promise<Conversation> {
      const { userId } = caller;
      let counted = false;
      const decide = async (group: Group): Promise<Decision> => {
        const standing = await newcomers.standing(userId, conversationId);
        // Another try of theirs may have come between the group as it was read and this.
        if (group.members.has(userId) || standing === 'in') return null;
        if (standing === null) throw notFound();
        await newcomers.requirePlace(userId);
        requireSpace(group.members.size + 1);
        if (!counted) countReturn(userId, conversationId);
        counted = true;
        const role = group.members.size === 0 ? 'owner' : 'member';
        const { history = 'all' } = group.row;
        return once({ kind: 'member', change: 'joined', userIds: ids([userId]), role, history });
      };
      await change(caller, { conversationId, clientId, change: 'joined' }, decide, (_caller, id, version) =>
        read(id, version),
      );
      return get(caller, conversationId);
    },
  };
}
