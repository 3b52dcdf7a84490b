import { createHash } from 'node:crypto';
import type {
  ChangeGroup,
  Conversation,
  CreateGroup,
  Member,
  MembersQuery,
  Person,
  Role,
} from '@sori/contract';
import { limits } from '@sori/contract';
import { Types } from 'mongoose';
import type { Audience } from '../../core/audience.js';
import type { Caller } from '../../core/caller.js';
import { AppError, notFound, refused } from '../../core/errors.js';
import { upsert } from '../../database/duplicate-key.js';
import type { ConversationRow } from '../../conversation-log/conversations.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import { type Audiences, forbidden, manages } from '../members/audiences.js';
import {
  createGroupChanges,
  type Decision,
  type Group,
  type MemberPayload,
  once,
  Overtaken,
} from './group-changes.js';
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

const ids = (userIds: readonly string[]): Types.ObjectId[] => userIds.map((id) => new Types.ObjectId(id));

export type Groups = ReturnType<typeof createGroups>;

/** Groups: who makes them, names them, comes and goes. */
export function createGroups(deps: GroupsDeps) {
  const { log, get, people, peopleAmong, countChange, countAdds, countReturn } = deps;
  const { newcomers, hashOf, changed, now } = deps;
  const { read, groupOf, change } = createGroupChanges(deps);

  async function requirePeople(userIds: readonly string[]): Promise<void> {
    const found = await people(userIds);
    if (!userIds.every((id) => found.has(id))) throw notFound();
  }

  function requireSpace(count: number): void {
    if (count > limits.groupMembersMax)
      throw refused('groupFull', `A group has at most ${limits.groupMembersMax} members`);
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

  /**
   * @returns the group as it was to the one who has left, without him. Asked again it is NOT_FOUND: to him there is no such
   * group any more.
   */
  async function leave(caller: Caller, id: string, clientId?: string): Promise<Conversation> {
    const decide = leaving(caller);
    let before: Conversation | undefined;
    // Not before it is counted and known to be his: the whole of it is read for that.
    const { repeat } = await change(caller, id, { clientId, change: 'left' }, async (group) => {
      before ??= await get(caller, id);
      return decide(group);
    });
    // He came back since, and stays.
    if (repeat || !before) return get(caller, id);
    return {
      ...before,
      memberCount: before.memberCount - 1,
      participants: before.participants.filter(({ _id }) => _id !== caller.userId),
      members: before.members.filter(({ userId }) => userId !== caller.userId),
    };
  }

  /**
   * One step of making a group, once. Where the group went on without it (its owner was told nothing, and added people
   * himself), it stays undone.
   */
  async function begin(
    { userId }: Caller,
    conversationId: string,
    clientId: string,
    payloadHash: string,
    membersVersion: number,
    payload: MemberPayload,
  ): Promise<{ repeat: boolean }> {
    const stored = await log.entries.model
      .findOne({ conversationId, senderId: userId, clientId }, { payloadHash: 1 })
      .lean();
    if (stored && stored.payloadHash !== payloadHash) {
      throw new AppError('CONFLICT', 'This clientId was used for another group');
    }
    if (stored) return { repeat: true };
    try {
      return await log.append({
        conversationId,
        senderId: userId,
        clientId,
        payloadHash,
        payload,
        bytes: 600 + payload.userIds.length * 20,
        rights: { membersVersion, recheck: (newer) => Promise.reject(new Overtaken(newer)) },
      });
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
      return { repeat: true };
    }
  }

  /** Makes the row once. @returns whether nobody is to come along with its maker, as the first try has decided it */
  async function insert(_id: Types.ObjectId, fresh: Omit<ConversationRow, '_id'>): Promise<boolean> {
    const options = { upsert: true, returnDocument: 'after' } as const;
    const write = () => log.conversations.findOneAndUpdate({ _id }, { $setOnInsert: fresh }, options).lean();
    // The same call may come twice at the same time.
    const row = await upsert(write);
    return row.begunAlone === true;
  }

  return {
    /**
     * Makes a group with the caller as its owner. The same `clientId` again is the same group.
     * Who may not be put into one stays away, and the answer does not say why.
     * @throws AppError NOT_FOUND for an id that is nobody's, REFUSED for too many, CONFLICT for another content,
     * RATE_LIMITED
     */
    async create(
      caller: Caller,
      { name, memberIds, history, clientId }: CreateGroup,
    ): Promise<{ conversation: Conversation; repeat: boolean }> {
      const { userId } = caller;
      await countChange(userId);
      const others = memberIds.filter((id) => id !== userId).sort();
      requireSpace(others.length + 1);
      await requirePeople(others);
      const _id = clientId === undefined ? new Types.ObjectId() : groupId(userId, clientId);
      const conversationId = _id.toHexString();
      const isNew = clientId === undefined || !(await log.conversations.exists({ _id }));
      if (isNew) {
        await newcomers.requirePlace(userId);
        await countAdds(userId, others);
      }
      const coming = await newcomers.among(others, userId, conversationId);
      const fresh: Omit<ConversationRow, '_id'> = {
        kind: 'group',
        participants: [],
        name,
        history,
        createdAt: new Date(now()),
        appliedSeq: 0,
        ...(coming.length === 0 ? { begunAlone: true } : {}),
      };
      const begunAlone = await insert(_id, fresh);
      const hash = hashOf(conversationId, { name, others, history });
      const founded = await begin(caller, conversationId, ':create-founder', hash, 0, {
        kind: 'member',
        change: 'joined',
        userIds: ids([userId]),
        role: 'owner',
        history,
      });
      // What comes again is not decided again: who has unblocked the caller since stays away.
      const invited = begunAlone ? [] : await newcomers.unblocked(coming, userId);
      if (invited.length > 0) {
        const added = { kind: 'member', change: 'added', userIds: ids(invited), history } as const;
        await begin(caller, conversationId, ':create-members', hash, 1, added);
      }
      // A first try may have died before its members were stored.
      if (founded.repeat) await log.heads.repair(conversationId);
      return { conversation: await get(caller, conversationId), repeat: founded.repeat };
    },

    /** Renames it, or says what those will see who join from now on. For owners and admins. */
    async update(caller: Caller, id: string, { name, history }: ChangeGroup): Promise<Conversation> {
      const group = await groupOf(caller, id);
      requireManager(caller, group);
      if (history !== undefined && history !== (group.row.history ?? 'all')) {
        await countChange(caller.userId);
        await log.conversations.updateOne({ _id: id }, { $set: { history } });
        changed(group);
      }
      if (name !== undefined) {
        await change(caller, id, { name }, (then) => {
          requireManager(caller, then);
          return then.row.name === name ? null : once({ kind: 'title', name });
        });
      }
      return get(caller, id);
    },

    /**
     * Takes these people in; who is there already is passed over, who may not be put in stays away. For owners and admins.
     */
    async add(
      caller: Caller,
      id: string,
      userIds: readonly string[],
      clientId?: string,
    ): Promise<Conversation> {
      requireManager(caller, await groupOf(caller, id));
      await requirePeople(userIds);
      let counted = false;
      await change(caller, id, { clientId, change: 'added', userIds: userIds.toSorted() }, async (group) => {
        requireManager(caller, group);
        const wanted = userIds.filter((userId) => !group.members.has(userId));
        // Those who stay away count as well, or the limit would tell who they are.
        if (!counted) await countAdds(caller.userId, wanted);
        counted = true;
        const coming = await newcomers.among(wanted, caller.userId, id);
        if (coming.length === 0) return null;
        requireSpace(group.members.size + coming.length);
        const { history = 'all' } = group.row;
        return once({ kind: 'member', change: 'added', userIds: ids(coming), history });
      });
      return get(caller, id);
    },

    /**
     * The caller comes back to a group that he left; whoever is in it already is. Where nobody else is left, it is his.
     * @throws AppError NOT_FOUND for everybody else, who was taken out included; REFUSED, RATE_LIMITED
     */
    async comeBack(caller: Caller, id: string, clientId?: string): Promise<Conversation> {
      const { userId } = caller;
      let counted = false;
      const decide = async (group: Group): Promise<Decision> => {
        const standing = await newcomers.standing(userId, id);
        // Another try of his may have come between the group as it was read and this.
        if (group.members.has(userId) || standing === 'in') return null;
        if (standing === null) throw notFound();
        await newcomers.requirePlace(userId);
        requireSpace(group.members.size + 1);
        if (!counted) countReturn(userId, id);
        counted = true;
        const role = group.members.size === 0 ? 'owner' : 'member';
        const { history = 'all' } = group.row;
        return once({ kind: 'member', change: 'joined', userIds: ids([userId]), role, history });
      };
      await change(caller, id, { clientId, change: 'joined' }, decide, (_caller, _id, version) =>
        read(id, version),
      );
      return get(caller, id);
    },

    /** Whether somebody may go into one more group or room. @throws AppError REFUSED */
    requirePlace: (userId: string): Promise<void> => newcomers.requirePlace(userId),

    /** Takes somebody out: owners anybody, admins anybody but owners. Oneself: leaves. */
    async remove(caller: Caller, id: string, userId: string, clientId?: string): Promise<Conversation> {
      if (userId === caller.userId) return leave(caller, id, clientId);
      await change(caller, id, { clientId, change: 'removed', userId }, (group) => {
        requireManager(caller, group);
        const target = group.members.get(userId);
        if (!target) throw notFound();
        if (target.role === 'owner' && roleIn(group, caller.userId) !== 'owner') {
          throw forbidden('Only an owner can remove an owner');
        }
        return once({ kind: 'member', change: 'removed', userIds: ids([userId]) });
      });
      return get(caller, id);
    },

    leave,

    /** Owners say who is what. The last owner stays one. */
    async setRole(
      caller: Caller,
      id: string,
      userId: string,
      role: Role,
      clientId?: string,
    ): Promise<Conversation> {
      await change(caller, id, { clientId, change: 'role', userId, role }, (group) => {
        if (roleIn(group, caller.userId) !== 'owner') throw forbidden('Only an owner can do that');
        const target = group.members.get(userId);
        if (!target) throw notFound();
        if (target.role === role) return null;
        if (isLastOwner(group, userId)) {
          throw refused('lastOwner', 'A group has an owner: make somebody else one first');
        }
        return once({ kind: 'member', change: 'role', userIds: ids([userId]), role });
      });
      return get(caller, id);
    },

    /** The members, by id, from behind `after`, or those whom the search finds. */
    async list(caller: Caller, id: string, { search, limit, after }: MembersQuery): Promise<Member[]> {
      const group = await groupOf(caller, id);
      const wanted = [...group.members.keys()].sort().filter((one) => after === undefined || one > after);
      const found = search === '' ? wanted.slice(0, limit) : wanted;
      const members = await peopleAmong(found, search);
      return members.slice(0, limit).map((person) => ({ ...person, role: roleIn(group, person._id) }));
    },
  };
}

function requireManager({ userId }: Caller, group: Audience): void {
  if (!manages(group, userId)) throw forbidden('Only an owner or an admin can do that');
}

const roleIn = ({ members }: Group, userId: string): Role => members.get(userId)?.role ?? 'member';

const isLastOwner = ({ members }: Group, userId: string): boolean =>
  members.get(userId)?.role === 'owner' &&
  ![...members].some(([id, { role }]) => id !== userId && role === 'owner');

/** Who takes over: the longest-standing admin, else member. Nobody, where nobody else is left. */
function successorOf({ participants, members }: Group, userId: string): string | undefined {
  const others = participants.filter((id) => id !== userId);
  return others.find((id) => members.get(id)?.role === 'admin') ?? others[0];
}

/** The `_id` of a group that was asked for with a `clientId`: asked for again, it is the same. */
function groupId(userId: string, clientId: string): Types.ObjectId {
  const digest = createHash('sha256').update(`group:${userId}:${clientId}`).digest();
  return new Types.ObjectId(digest.subarray(0, 12));
}
