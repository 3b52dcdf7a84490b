import { createHash } from 'node:crypto';
import type { Conversation, CreateGroup } from '@sori/contract';
import { Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { upsert } from '../../database/duplicate-key.js';
import type { ConversationRow } from '../../conversation-log/conversations.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import { createFoundingSteps } from './founding-steps.js';
import { ids } from './group-changes.js';
import { requireSpace } from './group-rules.js';
import type { Newcomers } from './newcomers.js';

export interface FoundingDeps {
  log: Pick<ConversationLog, 'append' | 'conversations' | 'entries' | 'heads'>;
  /** Throws NOT_FOUND. */
  get: (caller: Pick<Caller, 'userId'>, conversationId: string) => Promise<Conversation>;
  /** Throws NOT_FOUND for an id that is nobody's. */
  requirePeople: (userIds: readonly string[]) => Promise<void>;
  /** Counts one change; throws RATE_LIMITED. */
  countChange: (userId: string) => Promise<void>;
  /** Counts people whom somebody wants in a group; throws RATE_LIMITED. */
  countAdds: (userId: string, addedIds: readonly string[]) => Promise<void>;
  newcomers: Newcomers;
  /** What a repeat is known by: a keyed hash. */
  hashOf: (conversationId: string, content: object) => string;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** How a group comes to be: its row, its founder, and those who come along. */
export function createFounding(deps: FoundingDeps) {
  const { log, get, requirePeople, countChange, countAdds, newcomers, hashOf, now } = deps;
  const begin = createFoundingSteps(log);

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
      const step = { conversationId, payloadHash: hashOf(conversationId, { name, others, history }) };
      const founded = await begin(caller, {
        ...step,
        clientId: ':create-founder',
        membersVersion: 0,
        payload: { kind: 'member', change: 'joined', userIds: ids([userId]), role: 'owner', history },
      });
      // What comes again is not decided again: who has unblocked the caller since stays away.
      const invited = begunAlone ? [] : await newcomers.unblocked(coming, userId);
      if (invited.length > 0) {
        await begin(caller, {
          ...step,
          clientId: ':create-members',
          membersVersion: 1,
          payload: { kind: 'member', change: 'added', userIds: ids(invited), history },
        });
      }
      // A first try may have died before its members were stored.
      if (founded.repeat) await log.heads.repair(conversationId);
      return { conversation: await get(caller, conversationId), repeat: founded.repeat };
    },
  };
}

/** The `_id` of a group that was asked for with a `clientId`: asked for again, it is the same. */
function groupId(userId: string, clientId: string): Types.ObjectId {
  const digest = createHash('sha256').update(`group:${userId}:${clientId}`).digest();
  return new Types.ObjectId(digest.subarray(0, 12));
}
