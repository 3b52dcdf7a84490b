import type { Caller } from '../../core/caller.js';
import { AppError } from '../../core/errors.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import { type MemberPayload, Overtaken } from './group-changes.js';

export interface FoundingStep {
  conversationId: string;
  /** Each step of a group has its own. */
  clientId: string;
  /** Of what was asked for: the whole group, not the step. */
  payloadHash: string;
  /** At which the group is, where nothing came in between. */
  membersVersion: number;
  payload: MemberPayload;
}

/** The entries with which a group begins. */
export function createFoundingSteps(log: Pick<ConversationLog, 'append' | 'entries'>) {
  /**
   * One step of making a group, once. Where the group went on without it (its owner got no answer, and added people
   * themselves), it stays undone.
   */
  return async function begin(
    { userId }: Caller,
    { conversationId, clientId, payloadHash, membersVersion, payload }: FoundingStep,
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
  };
}
