import { randomUUID } from 'node:crypto';
import type { Message, SendBody } from '@sori/contract';
import { Types } from 'mongoose';
import { type Audience, firstSeqOf, otherThan } from '../../core/audience.js';
import type { Caller } from '../../core/caller.js';
import { AppError } from '../../core/errors.js';
import type { SerializeByKey } from '../../core/serialize-by-key.js';
import type { Append, Appended } from '../../conversation-log/append.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import { toMessage, toStoredMessage } from '../../conversation-log/to-contract.js';
import { isHiddenFrom } from '../../conversation-log/visibility.js';
import type { BlockRules } from './block-rules.js';
import { payloadHash } from './payload-hash.js';

export interface SendingDeps {
  log: Pick<ConversationLog, 'append' | 'entries' | 'payloadKey'>;
  /** What a person asks for, changes included, is decided in the order in which they asked. */
  inOrder: SerializeByKey;
  /** Where a send to `:id` goes; throws NOT_FOUND, and what `mayBegin` throws where it would be made for that. */
  audienceFor: (
    caller: Caller,
    target: { to: string; mayBegin: (otherId: string) => Promise<void> },
  ) => Promise<Audience>;
  /** The right to append there. */
  rightsOf: (audience: Audience, userId: string) => Append['rights'];
  mentionsOf: (text: string, audience: Audience) => Promise<{ mentions?: Types.ObjectId[] }>;
  blockRules: Pick<BlockRules, 'requireNotBlocking' | 'hiddenFor'>;
  /** Counts one send; throws RATE_LIMITED. */
  countSend: (userId: string) => Promise<void>;
  /** In an open room: its rules for who writes there, and what the writer is called; throws REFUSED (slow mode). */
  inRoom: (
    caller: Caller,
    send: { conversationId: string; clientId?: string | undefined },
  ) => Promise<string>;
}

/** `to` is the other person's id or a conversation's. */
export interface Send extends SendBody {
  to: string;
}

const notQuotable = (): AppError => new AppError('INVALID', 'replyTo is not a message of this conversation');

/** What becomes of a message that somebody sends. */
export function createSending(deps: SendingDeps) {
  const { log, inOrder, audienceFor, rightsOf, mentionsOf, blockRules, countSend, inRoom } = deps;

  /** Everything that has to be looked up before the message can queue. */
  async function prepare(caller: Caller, send: Send): Promise<Append> {
    await countSend(caller.userId);
    const audience = await audienceFor(caller, {
      to: send.to,
      async mayBegin(otherId) {
        if (send.replyTo !== undefined) throw notQuotable();
        await blockRules.requireNotBlocking(caller, otherId);
      },
    });
    const { conversationId } = audience;
    const replyToSeq = send.replyTo === undefined ? undefined : await seqOf(caller, audience, send.replyTo);
    const senderName =
      audience.kind === 'room'
        ? await inRoom(caller, { conversationId, clientId: send.clientId })
        : undefined;
    const { message, replyTo, attachments, clientId } = send;
    return {
      conversationId,
      senderId: caller.userId,
      clientId: clientId ?? randomUUID(),
      hiddenFor: await blockRules.hiddenFor(caller, audience, clientId),
      payloadHash: payloadHash(log.payloadKey, { conversationId, message, replyTo, attachments }),
      payload: {
        kind: 'message',
        message,
        ...(audience.kind === 'direct'
          ? { receiverId: new Types.ObjectId(otherThan(audience, caller.userId)) }
          : {}),
        ...(senderName === undefined ? {} : { senderName }),
        ...(replyTo === undefined || replyToSeq === undefined
          ? {}
          : { replyTo: new Types.ObjectId(replyTo), replyToSeq }),
        ...(await mentionsOf(message, audience)),
        attachments,
        reactions: [],
      },
      bytes: 600 + message.length * 2,
      rights: rightsOf(audience, caller.userId),
    };
  }

  /** Where the message stands that somebody quotes, if they may see it. */
  async function seqOf({ userId }: Caller, audience: Audience, messageId: string): Promise<number> {
    const { conversationId } = audience;
    const found = await log.entries.model
      .findOne({ _id: messageId, conversationId, kind: 'message' }, { seq: 1, hiddenFor: 1 })
      .lean();
    if (!found || found.seq < firstSeqOf(audience, userId) || isHiddenFrom(userId, found)) {
      throw notQuotable();
    }
    return found.seq;
  }

  /**
   * Stores the message as the conversation's next entry. The same sender and clientId again answers the message that was
   * stored first.
   * @throws AppError NOT_FOUND, CONFLICT (the clientId was used for another content), RATE_LIMITED, BUSY, RETRY, UNAVAILABLE.
   */
  return async function send(caller: Caller, send: Send): Promise<{ message: Message; repeat: boolean }> {
    // Queued in the order of arrival, whatever each of them has to look up. Answering may take its own time.
    const appended = await inOrder(caller.userId, async (): Promise<{ done: Promise<Appended> }> => {
      const done = log.append(await prepare(caller, send));
      // Its caller takes the refusal; until then nobody listens.
      done.catch(() => undefined);
      return { done };
    });
    const { entry, repeat } = await appended.done;
    if (entry.kind !== 'message') throw new AppError('CONFLICT', 'This clientId was used for something else');
    return { message: repeat ? toMessage(entry, 1, caller.userId) : toStoredMessage(entry), repeat };
  };
}
