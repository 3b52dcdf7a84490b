import type { Message } from '@sori/contract';
import { Types } from 'mongoose';
import { type Audience, firstSeqOf } from '../../core/audience.js';
import type { Caller } from '../../core/caller.js';
import { createSerializeByKey } from '../../core/serialize-by-key.js';
import type { Append } from '../../conversation-log/append.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import { toMessage } from '../../conversation-log/to-contract.js';
import { type BlockRulesDeps, createBlockRules } from './block-rules.js';
import { type ChangesDeps, createChanges } from './changes.js';
import type { FindMessage } from './find-message.js';
import { createHistory, type HistoryDeps } from './history.js';
import { createSending, type SendingDeps } from './sending.js';

export interface MessagesDeps extends HistoryDeps, Pick<SendingDeps, 'audienceFor' | 'countSend' | 'inRoom'> {
  log: ConversationLog;
  messages: Pick<FindMessage, 'byId'>;
  files: SendingDeps['files'] & ChangesDeps['files'];
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
  const { log, messages, files, audienceFor, rightsOf, manages, mentionsIn, readable, isOvertaken } = deps;
  const { relationsOf, countSend, inRoom } = deps;
  const inOrder = createSerializeByKey();
  const blockRules = createBlockRules({ relationsOf, isStored: log.isStored });
  const changes = createChanges({
    log,
    inOrder,
    findMessage: messages.byId,
    rightsOf,
    manages,
    mentionsOf,
    requireNoBlock: (caller, audience, row) => blockRules.requireNoBlock(caller, audience, row),
    countSend,
    files,
  });

  /** Stored with the text that makes them, so that they can be counted. */
  async function mentionsOf(text: string, audience: Audience): Promise<{ mentions?: Types.ObjectId[] }> {
    if (audience.kind !== 'group') return {};
    return { mentions: (await mentionsIn(text, audience)).map((id) => new Types.ObjectId(id)) };
  }

  return {
    send: createSending({
      log,
      inOrder,
      audienceFor,
      rightsOf,
      mentionsOf,
      blockRules,
      files,
      countSend,
      inRoom,
    }),

    ...changes,

    history: createHistory({ log, readable, isOvertaken }),

    /** A message as the caller may see it. @throws AppError NOT_FOUND */
    async find(caller: Caller, messageId: string): Promise<Message> {
      const { row, audience } = await messages.byId(caller, messageId);
      return toMessage(row, firstSeqOf(audience, caller.userId), caller.userId);
    },
  };
}
