import type { Message } from '@sori/contract';
import { Types } from 'mongoose';
import { type Audience, firstSeqOf } from '../../core/audience.js';
import type { Caller } from '../../core/caller.js';
import { notFound } from '../../core/errors.js';
import { createSerializeByKey } from '../../core/serialize-by-key.js';
import type { Append } from '../../conversation-log/append.js';
import type { MessageRow } from '../../conversation-log/entries.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import { asBytes, rowOf } from '../../conversation-log/raw-rows.js';
import { toMessage } from '../../conversation-log/to-contract.js';
import { isHiddenFrom } from '../../conversation-log/visibility.js';
import { type BlockRulesDeps, createBlockRules } from './block-rules.js';
import { createChanges } from './changes.js';
import { createHistory, type HistoryDeps } from './history.js';
import { createSending, type SendingDeps } from './sending.js';

export interface MessagesDeps extends HistoryDeps, Pick<SendingDeps, 'audienceFor' | 'countSend' | 'inRoom'> {
  log: ConversationLog;
  /** The recipients in a conversation, for somebody who is in it; throws NOT_FOUND. */
  memberOf: (userId: string, conversationId: string) => Promise<Audience>;
  /** The right to append there; `require` throws what a member is answered who may not do this. */
  rightsOf: (
    audience: Audience,
    userId: string,
    require?: (audience: Audience) => void | Promise<void>,
  ) => Append['rights'];
  /** Whether somebody may pin, and delete what others wrote, in a group or a room. */
  manages: (audience: Audience, userId: string) => Promise<boolean>;
  /** The members whom a text mentions. */
  mentionsIn: (text: string, audience: Audience) => Promise<string[]>;
  relationsOf: BlockRulesDeps['relationsOf'];
}

export type Messages = ReturnType<typeof createMessages>;

/** What people write, what can be done to it, and how it is read. */
export function createMessages(deps: MessagesDeps) {
  const { log, audienceFor, memberOf, rightsOf, manages, mentionsIn, readable, isOvertaken } = deps;
  const { relationsOf, countSend, inRoom } = deps;
  const inOrder = createSerializeByKey();
  const blockRules = createBlockRules({ relationsOf, isStored: log.isStored });
  const changes = createChanges({
    log,
    inOrder,
    findMessage,
    rightsOf,
    manages,
    mentionsOf,
    requireNoBlock: (caller, audience, row) => blockRules.requireNoBlock(caller, audience, row),
    countSend,
  });

  /** Stored with the text that makes them, so that they can be counted. */
  async function mentionsOf(text: string, audience: Audience): Promise<{ mentions?: Types.ObjectId[] }> {
    if (audience.kind !== 'group') return {};
    return { mentions: (await mentionsIn(text, audience)).map((id) => new Types.ObjectId(id)) };
  }

  /** The message, for somebody who is in its conversation and from whom it is not hidden: for others it is not there. */
  async function findMessage(
    caller: Caller,
    messageId: string,
  ): Promise<{ row: MessageRow; audience: Audience }> {
    const read = await log.entries.model
      .findOne({ _id: messageId, kind: 'message' })
      .setOptions(asBytes)
      .lean();
    const row = rowOf(read);
    if (row?.kind !== 'message') throw notFound();
    const audience = await memberOf(caller.userId, row.conversationId.toHexString());
    if (row.seq < firstSeqOf(audience, caller.userId)) throw notFound();
    if (isHiddenFrom(caller.userId, row)) throw notFound();
    return { row, audience };
  }

  return {
    send: createSending({ log, inOrder, audienceFor, rightsOf, mentionsOf, blockRules, countSend, inRoom }),

    ...changes,

    history: createHistory({ log, readable, isOvertaken }),

    /** A message as the caller may see it. @throws AppError NOT_FOUND */
    async find(caller: Caller, messageId: string): Promise<Message> {
      const { row, audience } = await findMessage(caller, messageId);
      return toMessage(row, firstSeqOf(audience, caller.userId), caller.userId);
    },
  };
}
