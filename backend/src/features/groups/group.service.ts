import type { ChangeGroup, ChangeRole, Conversation, Member, MembersQuery, Person } from '@sori/contract';
import type { Audience } from '../../core/audience.js';
import type { Caller } from '../../core/caller.js';
import { notFound, refused } from '../../core/errors.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import { type Audiences, forbidden } from '../members/audiences.js';
import { createFounding } from './founding.js';
import { createGroupChanges, ids, type OfGroup, type OfMember, once } from './group-changes.js';
import { isLastOwner, requireManager, roleIn } from './group-rules.js';
import { createJoining } from './joining.js';
import { createLeaving } from './leaving.js';
import type { Newcomers } from './newcomers.js';

export interface GroupsDeps {
  log: Pick<ConversationLog, 'append' | 'repeatOf' | 'conversations' | 'entries' | 'heads'>;
  audiences: Pick<Audiences, 'load' | 'rightsOf'>;
  /** Throws NOT_FOUND. */
  get: (caller: Pick<Caller, 'userId'>, conversationId: string) => Promise<Conversation>;
  people: (ids: readonly string[]) => Promise<ReadonlyMap<string, Person>>;
  /** Those of these people whom a search finds. */
  peopleAmong: (ids: readonly string[], search: string) => Promise<Person[]>;
  /** Counts one change; throws RATE_LIMITED. */
  countChange: (userId: string) => Promise<void>;
  /** Counts people whom somebody wants in a group; throws RATE_LIMITED. */
  countAdds: (userId: string, addedIds: readonly string[]) => Promise<void>;
  /** Counts one coming back of a person into a conversation; throws RATE_LIMITED. */
  countReturn: (userId: string, conversationId: string) => void;
  newcomers: Newcomers;
  /** What a repeat is known by: a keyed hash. */
  hashOf: (conversationId: string, content: object) => string;
  /** What is no entry was changed: everybody is to see it. */
  changed: (group: Audience) => void;
  /** Milliseconds since 1970. */
  now: () => number;
}

export type Groups = ReturnType<typeof createGroups>;

/** Groups: who makes them, names them, comes and goes. */
export function createGroups(deps: GroupsDeps) {
  const { log, get, people, peopleAmong, countChange, newcomers, changed } = deps;
  const changes = createGroupChanges(deps);
  const { groupOf, change } = changes;

  async function requirePeople(userIds: readonly string[]): Promise<void> {
    const found = await people(userIds);
    if (!userIds.every((id) => found.has(id))) throw notFound();
  }

  return {
    ...createFounding({ ...deps, requirePeople }),
    ...createJoining({ ...deps, changes, requirePeople }),
    ...createLeaving({ change, get }),

    /** Renames it, or says what those will see who join from now on. For owners and admins. */
    async update(
      caller: Caller,
      { conversationId, name, history }: OfGroup & ChangeGroup,
    ): Promise<Conversation> {
      const group = await groupOf(caller, conversationId);
      requireManager(caller, group);
      if (history !== undefined && history !== (group.row.history ?? 'all')) {
        await countChange(caller.userId);
        await log.conversations.updateOne({ _id: conversationId }, { $set: { history } });
        changed(group);
      }
      if (name !== undefined) {
        await change(caller, { conversationId, name }, (then) => {
          requireManager(caller, then);
          return then.row.name === name ? null : once({ kind: 'title', name });
        });
      }
      return get(caller, conversationId);
    },

    /** Whether somebody may choose its picture. @throws AppError NOT_FOUND, FORBIDDEN */
    async requireManager(caller: Caller, { conversationId }: OfGroup): Promise<void> {
      requireManager(caller, await groupOf(caller, conversationId));
    },

    /** Gives it another picture, by its name, or none. For owners and admins. @returns the name of the one before, too */
    async setPicture(
      caller: Caller,
      { conversationId, picture }: OfGroup & { picture: string | null },
    ): Promise<{ conversation: Conversation; before?: string | undefined }> {
      const group = await groupOf(caller, conversationId);
      requireManager(caller, group);
      const update = picture === null ? { $unset: { picture: '' } } : { $set: { picture } };
      const before = await log.conversations
        .findOneAndUpdate({ _id: conversationId }, update, { returnDocument: 'before' })
        .lean();
      changed(group);
      return { conversation: await get(caller, conversationId), before: before?.picture };
    },

    /** Whether somebody may go into one more group or room. @throws AppError REFUSED */
    requirePlace: (userId: string): Promise<void> => newcomers.requirePlace(userId),

    /** Owners say who is what. The last owner stays one. */
    async setRole(
      caller: Caller,
      { conversationId, userId, role, clientId }: OfMember & ChangeRole,
    ): Promise<Conversation> {
      await change(caller, { conversationId, clientId, change: 'role', userId, role }, (group) => {
        if (roleIn(group, caller.userId) !== 'owner') throw forbidden('Only an owner can do that');
        const target = group.members.get(userId);
        if (!target) throw notFound();
        if (target.role === role) return null;
        if (isLastOwner(group, userId)) {
          throw refused('lastOwner', 'A group has an owner: make somebody else one first');
        }
        return once({ kind: 'member', change: 'role', userIds: ids([userId]), role });
      });
      return get(caller, conversationId);
    },

    /** The members, by id, from behind `after`, or those whom the search finds. */
    async list(
      caller: Caller,
      { conversationId, search, limit, after }: OfGroup & MembersQuery,
    ): Promise<Member[]> {
      const group = await groupOf(caller, conversationId);
      const wanted = [...group.members.keys()].sort().filter((one) => after === undefined || one > after);
      const found = search === '' ? wanted.slice(0, limit) : wanted;
      const members = await peopleAmong(found, search);
      return members.slice(0, limit).map((person) => ({ ...person, role: roleIn(group, person._id) }));
    },
  };
}
