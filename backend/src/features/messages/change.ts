import { randomUUID } from 'node:crypto';
import type { Message } from '@sori/contract';
import { type Audience, firstSeqOf } from '../../core/audience.js';
import type { Caller } from '../../core/caller.js';
import { AppError } from '../../core/errors.js';
import type { SerializeByKey } from '../../core/serialize-by-key.js';
import type { Append } from '../../conversation-log/append.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { EntryPayload, MessageRow } from '../../conversation-log/entries.model.js';
import { toMessage } from '../../conversation-log/to-contract.js';
import { hiddenFrom } from '../../conversation-log/visibility.js';
import { changeHash } from './payload-hash.js';

export interface ChangeDeps {
  log: Pick<ConversationLog, 'append' | 'isStored' | 'payloadKey'>;
  /** What a person asks for, sends included, is decided in the order in which they asked. */
  inOrder: SerializeByKey;
  /** Throws NOT_FOUND. */
  findMessage: (caller: Caller, messageId: string) => Promise<{ row: MessageRow; audience: Audience }>;
  /** The right to append there; `require` throws what a member is answered who may not do this. */
  rightsOf: (
    audience: Audience,
    userId: string,
    require: (audience: Audience) => void | Promise<void>,
  ) => Append['rights'];
  /** Throws REFUSED. */
  requireNoBlock: (caller: Caller, audience: Audience, row: MessageRow) => Promise<void>;
  /** Counts one change; throws RATE_LIMITED. */
  countSend: (userId: string) => Promise<void>;
}

export interface ChangeAsked {
  messageId: string;
  clientId?: string | undefined;
}

type ChangePayload = Extract<EntryPayload, { kind: 'edit' | 'delete' | 'react' | 'pin' }>;

/** A change of a message, as the person may make it. */
export interface Decision {
  require?: Requirement;
  decide: (row: MessageRow, audience: Audience) => ChangePayload | null | Promise<ChangePayload | null>;
  asked?: (row: MessageRow) => object;
}

/** What has to be so before a message may be changed: checked when it is asked, and again where members changed since. */
type Requirement = (audience: Audience, row: MessageRow) => void | Promise<void>;

/** One change of a message: the steps that all of them share. */
export function createChange(deps: ChangeDeps) {
  const { log, inOrder, findMessage, rightsOf, requireNoBlock, countSend } = deps;

  /**
   * Appends a change of a message and answers the message as it then is. `decide` sees it as it is before, in the order
   * in which the person asked: no other change of theirs comes in between. Null where there is nothing to change.
   * @param require what the person must be allowed, also where the members change before it is stored
   * @param asked what a repeat must be equal in, where that is not what is stored: one emoji more is another set each time.
   */
  return async function change(
    caller: Caller,
    { messageId, clientId }: ChangeAsked,
    { require = () => undefined, decide, asked }: Decision,
  ): Promise<Message> {
    let firstSeq = 1;
    const appended = await inOrder(caller.userId, async () => {
      await countSend(caller.userId);
      const { row, audience } = await findMessage(caller, messageId);
      firstSeq = firstSeqOf(audience, caller.userId);
      let payload: ChangePayload | null;
      try {
        await require(audience, row);
        payload = await decide(row, audience);
        // What is taken away goes for both, whoever blocks whom.
        if (payload && payload.kind !== 'delete') await requireNoBlock(caller, audience, row);
      } catch (error) {
        // What was right when it was first asked, and stored, stays so when it is asked again.
        if (clientId === undefined || !(await log.isStored(audience.conversationId, caller.userId, clientId)))
          throw error;
        payload = null;
      }
      if (!payload) return { target: row };
      // To be decided on what this one made of it, the next one has to wait.
      return log.append({
        conversationId: audience.conversationId,
        senderId: caller.userId,
        clientId: clientId ?? randomUUID(),
        payloadHash: changeHash(log.payloadKey, audience.conversationId, asked?.(row) ?? payload),
        payload,
        bytes: 600 + ('message' in payload ? payload.message.length * 2 : 0),
        rights: rightsOf(audience, caller.userId, (then) => require(then, row)),
        hiddenFor: () => hiddenFrom(row),
      });
    });
    if (!appended.target) throw new AppError('CONFLICT', 'This clientId was used for something else');
    return toMessage(appended.target, firstSeq, caller.userId);
  };
}
