import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { Types } from 'mongoose';
import { type Audience, isIn, type Membership } from '../../core/audience.js';
import type { Caller } from '../../core/caller.js';
import { AppError, notFound } from '../../core/errors.js';
import type { ConversationRow } from '../../conversation-log/conversations.model.js';
import type { EntryPayload } from '../../conversation-log/entries.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { Append } from '../../conversation-log/append.js';
import { type Audiences, forbidden } from '../members/audiences.js';

export interface GroupChangesDeps {
  log: Pick<ConversationLog, 'append' | 'repeatOf' | 'conversations'>;
  audiences: Pick<Audiences, 'load'>;
  /** Counts one change; throws RATE_LIMITED. */
  countChange: (userId: string) => Promise<void>;
  /** What a repeat is known by: a keyed hash. */
  hashOf: (conversationId: string, content: object) => string;
}

export type MemberPayload = Extract<EntryPayload, { kind: 'member' }>;
export type GroupPayload = Extract<EntryPayload, { kind: 'member' | 'title' }>;
/** What a change is known by, so that it is made once. */
type Key = Pick<Append, 'conversationId' | 'senderId' | 'clientId' | 'payloadHash'>;
/** The group that somebody asks about. */
export interface OfGroup {
  conversationId: string;
}
/** One of its members. */
export interface OfMember extends OfGroup {
  userId: string;
}
/** What somebody asked for. Without a `clientId`, asking again is asking for something else. */
export type Asked = OfGroup & { clientId?: string | undefined } & Record<string, unknown>;
/** A group as it was just read. */
export type Group = Audience & { members: ReadonlyMap<string, Membership>; row: ConversationRow };
/** What is to be appended, and whether that is all; null where there is nothing (more) to do. */
export type Decision = { payload: GroupPayload; isLast: boolean } | null;

/** The members changed between the decision and its turn in the log: it is to be made again. */
export class Overtaken extends Error {
  constructor(readonly membersVersion: number) {
    super('The members changed meanwhile');
  }
}

/** So often a decision is made again before the caller is answered to come back. */
const decisionsMax = 50;
/** What came to nothing is in no log: so many of those are remembered here. */
const comeToNothing = 10_000;

export const ids = (userIds: readonly string[]): Types.ObjectId[] =>
  userIds.map((id) => new Types.ObjectId(id));

/** The decision, where one entry is all of it. */
export const once = (payload: GroupPayload): Decision => ({ payload, isLast: true });

export type GroupChanges = ReturnType<typeof createGroupChanges>;

/**
 * How a group is changed: every change is decided on the members at one version and appended to the log only at that
 * version. Of two who remove each other, the second finds that they are no member.
 */
export function createGroupChanges({ log, audiences, countChange, hashOf }: GroupChangesDeps) {
  const nothingDone = new LRUCache<string, string>({ max: comeToNothing });

  async function find(id: string, membersVersion: number): Promise<Audience & { row: ConversationRow }> {
    const row = await log.conversations.findOne({ _id: id }).lean();
    const audience = row && (await audiences.load(id, membersVersion));
    if (!row || !audience) throw notFound();
    return { ...audience, row };
  }

  /** The group as the database has it, whoever asks. @throws AppError NOT_FOUND, also for what is no group */
  async function read(id: string, membersVersion = 0): Promise<Group> {
    const { members, ...group } = await find(id, membersVersion);
    if (!members) throw notFound();
    return { ...group, members };
  }

  /**
   * The group as the database has it, for a member.
   * @throws AppError NOT_FOUND for who is not in it, FORBIDDEN for a conversation that is no group
   */
  async function groupOf({ userId }: Caller, id: string, membersVersion = 0): Promise<Group> {
    const group = await find(id, membersVersion);
    if (!isIn(group, userId)) throw notFound();
    const { members } = group;
    if (!members) {
      throw forbidden(
        group.kind === 'direct'
          ? 'A conversation of two has these two members and no name'
          : 'Only groups can be changed like this',
      );
    }
    return { ...group, members };
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
   * Appends what is decided, on the members as they then are. What is asked again under the same `clientId` is not decided
   * again: a try that arrives late takes nobody in who was taken out since.
   * @param asked what the caller asked for, and its `clientId` if they gave one
   * @param decide throws what a caller is answered who may not
   * @param readGroup reads the group, and throws what a caller is answered to whom there is none
   * @returns whether it was made before
   */
  async function change(
    caller: Caller,
    { conversationId, clientId, ...content }: Asked,
    decide: (group: Group) => Decision | Promise<Decision>,
    readGroup: (caller: Caller, id: string, membersVersion: number) => Promise<Group> = groupOf,
  ): Promise<{ repeat: boolean }> {
    await countChange(caller.userId);
    const payloadHash = hashOf(conversationId, content);
    const keyOf = (ownId: string): Key => ({
      conversationId,
      senderId: caller.userId,
      clientId: ownId,
      payloadHash,
    });
    const name = `${conversationId} ${caller.userId} ${clientId}`;
    let membersVersion = 0;
    for (let decision = 0; decision < decisionsMax; decision += 1) {
      const group = await readGroup(caller, conversationId, membersVersion);
      // Looked for after the group was read: where a first try has changed it by then, it is found.
      if (clientId !== undefined) {
        if (nothingDone.get(name) === payloadHash) return { repeat: true };
        if (await log.repeatOf(keyOf(clientId))) return { repeat: true };
      }
      const decided = await decide(group);
      if (!decided) {
        if (clientId !== undefined) nothingDone.set(name, payloadHash);
        return { repeat: false };
      }
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

  return { read, groupOf, change };
}
