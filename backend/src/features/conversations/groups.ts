import { createHash, randomUUID } from 'node:crypto';
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
import { type mongo, Types } from 'mongoose';
import { type Audience, isIn, type Membership } from '../../core/audience.js';
import type { Caller } from '../../core/caller.js';
import { AppError, notFound } from '../../core/errors.js';
import type { ConversationRow } from '../../log/conversations.model.js';
import type { EntryPayload } from '../../log/entries.model.js';
import type { ConversationLog } from '../../log/log.js';
import type { Append } from '../../log/queue.js';
import { type Audiences, forbidden, manages } from './audiences.js';

export interface GroupsDeps {
  log: Pick<ConversationLog, 'append' | 'repeatOf' | 'conversations' | 'entries' | 'heads'>;
  audiences: Pick<Audiences, 'load' | 'rightsOf'>;
  writeConcern: mongo.WriteConcernSettings;
  /** Throws NOT_FOUND. */
  get: (caller: Pick<Caller, 'userId'>, conversationId: string) => Promise<Conversation>;
  people: (ids: readonly string[]) => Promise<ReadonlyMap<string, Person>>;
  /** Those of these people whom a search finds. */
  peopleAmong: (ids: readonly string[], search: string) => Promise<Person[]>;
  /** Counts one change; throws RATE_LIMITED. */
  countChange: (userId: string) => Promise<void>;
  /** What a repeat is known by: a keyed hash. */
  hashOf: (conversationId: string, content: object) => string;
  /** What is no entry was changed: everybody is to see it. */
  changed: (group: Audience) => void;
  /** Milliseconds since 1970. */
  now: () => number;
}

type MemberPayload = Extract<EntryPayload, { kind: 'member' }>;
type GroupPayload = Extract<EntryPayload, { kind: 'member' | 'title' }>;
/** What a change is known by, so that it is made once. */
type Key = Pick<Append, 'conversationId' | 'senderId' | 'clientId' | 'payloadHash'>;
/** What somebody asked for. Without a `clientId`, asking again is asking for something else. */
type Asked = { clientId?: string | undefined } & Record<string, unknown>;
/** A group as it was just read. */
type Group = Audience & { members: ReadonlyMap<string, Membership>; row: ConversationRow };

/** The members changed between the decision and its turn in the log: it is to be made again. */
class Overtaken extends Error {
  constructor(readonly membersVersion: number) {
    super('The members changed meanwhile');
  }
}

/** So often a decision is made again before the caller is told to come back. */
const decisionsMax = 50;

const ids = (userIds: readonly string[]): Types.ObjectId[] => userIds.map((id) => new Types.ObjectId(id));

export type Groups = ReturnType<typeof createGroups>;

/**
 * Groups: who makes them, names them, comes and goes. Every change is decided on the members at one version and appended to
 * the log only at that version (PROTOCOL.md, Append 1): of two who remove each other, the second finds that he is no member.
 */
export function createGroups(deps: GroupsDeps) {
  const { log, audiences, writeConcern, get, people, peopleAmong, countChange, hashOf, changed, now } = deps;

  /**
   * The group as the database has it, for a member.
   * @throws AppError NOT_FOUND for who is not in it, FORBIDDEN for a conversation that is no group
   */
  async function groupOf({ userId }: Caller, id: string, membersVersion = 0): Promise<Group> {
    const row = await log.conversations.findOne({ _id: id }).lean();
    const audience = row && (await audiences.load(id, membersVersion));
    if (!audience || !isIn(audience, userId)) throw notFound();
    const { members } = audience;
    if (!members) {
      throw forbidden(
        audience.kind === 'direct'
          ? 'A conversation of two has these two members and no name'
          : 'Only groups can be changed like this',
      );
    }
    return { ...audience, members, row };
  }

  /** Only at this version of the members. */
  function append(group: Group, key: Key, payload: GroupPayload): Promise<unknown> {
    const { membersVersion } = group;
    return log.append({
      ...key,
      payload,
      bytes: 600 + ('userIds' in payload ? payload.userIds.length * 20 : 0),
      rights: { membersVersion, recheck: (newer) => Promise.reject(new Overtaken(newer)) },
    });
  }

  /**
   * Appends what is decided, on the members as they then are. Null where there is nothing (more) to do. What is asked again
   * under the same `clientId` is not decided again: a try that arrives late takes nobody in who was taken out since.
   * @param asked what the caller asked for, and its `clientId` if he gave one
   * @param decide throws what the caller is told who may not
   * @returns whether it was made before
   */
  async function change(
    caller: Caller,
    id: string,
    { clientId, ...content }: Asked,
    decide: (group: Group) => { payload: GroupPayload; isLast: boolean } | null,
  ): Promise<{ repeat: boolean }> {
    await countChange(caller.userId);
    const keyOf = (ownId: string): Key => ({
      conversationId: id,
      senderId: caller.userId,
      clientId: ownId,
      payloadHash: hashOf(id, content),
    });
    let membersVersion = 0;
    for (let decision = 0; decision < decisionsMax; decision += 1) {
      const group = await groupOf(caller, id, membersVersion);
      // Looked for after the group was read: where a first try has changed it by then, it is found.
      if (clientId !== undefined && (await log.repeatOf(keyOf(clientId)))) return { repeat: true };
      const decided = decide(group);
      if (!decided) return { repeat: false };
      const ownId = decided.isLast ? clientId : undefined;
      try {
        // One made by the server: made again, it would be another decision.
        await append(group, keyOf(ownId ?? `:${decided.payload.kind}-${randomUUID()}`), decided.payload);
        if (decided.isLast) return { repeat: false };
      } catch (error) {
        if (!(error instanceof Overtaken)) throw error;
        membersVersion = error.membersVersion;
      }
    }
    throw new AppError('BUSY', 'Too many change this group at once. Please try again in a moment');
  }

  const once = (payload: GroupPayload) => ({ payload, isLast: true });

  async function requirePeople(userIds: readonly string[]): Promise<void> {
    const found = await people(userIds);
    if (!userIds.every((id) => found.has(id))) throw notFound();
  }

  function requireSpace(count: number): void {
    if (count > limits.groupMembersMax)
      throw new AppError('REFUSED', `A group has at most ${limits.groupMembersMax} members`);
  }

  /**
   * The caller's own leaving. The last owner hands over first, in an entry of its own: whatever breaks between the two, there
   * is an owner.
   */
  const leaving = ({ userId }: Caller) =>
    function decide(group: Group): { payload: MemberPayload; isLast: boolean } {
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
    await groupOf(caller, id);
    const before = await get(caller, id);
    const { repeat } = await change(caller, id, { clientId, change: 'left' }, leaving(caller));
    // He came back since, and stays.
    if (repeat) return get(caller, id);
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

  return {
    /**
     * Makes a group with the caller as its owner. The same `clientId` again is the same group.
     * @throws AppError NOT_FOUND for an id that is nobody's, REFUSED for too many, CONFLICT for another content
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
      const fresh: Omit<ConversationRow, '_id'> = {
        kind: 'group',
        participants: [],
        name,
        history,
        createdAt: new Date(now()),
        appliedSeq: 0,
      };
      await log.conversations
        .updateOne({ _id }, { $setOnInsert: fresh }, { upsert: true, writeConcern })
        .catch((error: unknown) => {
          // The same call at the same time: it is there.
          if (!(error instanceof Error && 'code' in error && error.code === 11000)) throw error;
        });
      const hash = hashOf(conversationId, { name, others, history });
      const founded = await begin(caller, conversationId, ':create-founder', hash, 0, {
        kind: 'member',
        change: 'joined',
        userIds: ids([userId]),
        role: 'owner',
        history,
      });
      if (others.length > 0) {
        const added = { kind: 'member', change: 'added', userIds: ids(others), history } as const;
        await begin(caller, conversationId, ':create-members', hash, 1, added);
      }
      // A first try may have died before its members were stored.
      if (founded.repeat) await log.heads.help(conversationId);
      return { conversation: await get(caller, conversationId), repeat: founded.repeat };
    },

    /** Renames it, or says what those will see who join from now on. For owners and admins. */
    async update(caller: Caller, id: string, { name, history }: ChangeGroup): Promise<Conversation> {
      const group = await groupOf(caller, id);
      requireManager(caller, group);
      if (history !== undefined && history !== (group.row.history ?? 'all')) {
        await countChange(caller.userId);
        await log.conversations.updateOne({ _id: id }, { $set: { history } }, { writeConcern });
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

    /** Takes these people in; who is there already is passed over. For owners and admins. */
    async add(
      caller: Caller,
      id: string,
      userIds: readonly string[],
      clientId?: string,
    ): Promise<Conversation> {
      requireManager(caller, await groupOf(caller, id));
      await requirePeople(userIds);
      await change(caller, id, { clientId, change: 'added', userIds: userIds.toSorted() }, (group) => {
        requireManager(caller, group);
        const newcomers = userIds.filter((userId) => !group.members.has(userId));
        if (newcomers.length === 0) return null;
        requireSpace(group.members.size + newcomers.length);
        const { history = 'all' } = group.row;
        return once({ kind: 'member', change: 'added', userIds: ids(newcomers), history });
      });
      return get(caller, id);
    },

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
          throw new AppError('REFUSED', 'A group has an owner: make somebody else one first');
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
