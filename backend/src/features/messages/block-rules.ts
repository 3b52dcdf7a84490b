import { type Audience, otherThan } from '../../core/audience.js';
import type { Caller } from '../../core/caller.js';
import { type AppError, refused } from '../../core/errors.js';
import type { MessageRow } from '../../conversation-log/entries.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { Append } from '../../conversation-log/append.js';

export interface BlockRulesDeps {
  /** Whom somebody blocks, and who blocks them; it stays true while it is being used. */
  relationsOf: (userId: string) => Promise<{ blocks: ReadonlySet<string>; blockedBy: ReadonlySet<string> }>;
  isStored: ConversationLog['isStored'];
}

export type BlockRules = ReturnType<typeof createBlockRules>;

/**
 * What a block does to messages: something only in direct conversations. A person of no direct conversation is blocked by
 * nobody in it: there, who blocks does the folding themselves.
 */
export function createBlockRules({ relationsOf, isStored }: BlockRulesDeps) {
  return {
    /**
     * Who blocks the caller is not shown what the caller sends, and the caller does not learn of it.
     * @throws AppError "REFUSED" where it is the caller who blocks the other. What was stored before that may be asked for again.
     */
    async hiddenFor(
      caller: Caller,
      audience: Audience,
      clientId: string | undefined,
    ): Promise<Append['hiddenFor']> {
      if (audience.kind !== 'direct') return undefined;
      const other = otherThan(audience, caller.userId);
      const { blocks, blockedBy } = await relationsOf(caller.userId);
      if (blocks.has(other)) {
        if (clientId === undefined || !(await isStored(audience.conversationId, caller.userId, clientId)))
          throw blocking();
      }
      return () => (blockedBy.has(other) ? other : undefined);
    },

    /** @throws AppError "REFUSED" where the caller blocks the other one. */
    async requireNotBlocking({ userId }: Caller, otherId: string): Promise<void> {
      if ((await relationsOf(userId)).blocks.has(otherId)) throw blocking();
    },

    /** @throws AppError "REFUSED" where the other sees this message, and one of the two blocks the other. */
    async requireNoBlock(caller: Caller, audience: Audience, row: MessageRow): Promise<void> {
      if (audience.kind !== 'direct' || row.hiddenFor) return;
      const other = otherThan(audience, caller.userId);
      const { blocks, blockedBy } = await relationsOf(caller.userId);
      if (blocks.has(other)) throw blocking();
      if (blockedBy.has(other)) throw refused('unchangeable', 'This message cannot be changed');
    },
  };
}

const blocking = (): AppError =>
  refused('blocking', 'You block this person. Lift the block to write to them');
