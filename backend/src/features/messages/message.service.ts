import { randomUUID } from 'node:crypto';
import type { HistoryQuery, Message, SendBody } from '@sori/contract';
import { Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { AppError, notFound } from '../../core/errors.js';
import { createLanes } from '../../core/lanes.js';
import type { Append, Appended } from '../../log/appender.js';
import type { ConversationRow } from '../../log/conversations.model.js';
import type { ConversationLog } from '../../log/log.js';
import { toMessage } from '../../log/wire.js';
import { payloadHash } from './payload-hash.js';
import type { Audience } from './publisher.js';

export interface MessagesDeps {
  log: ConversationLog;
  /** Where a send to `:id` goes; throws NOT_FOUND. */
  audienceFor: (caller: Caller, id: string) => Promise<Audience>;
  /** What may be read under `:id`; null where there is nothing yet; throws NOT_FOUND. */
  readable: (caller: Caller, id: string) => Promise<ConversationRow | null>;
  /** Counts one send; throws RATE_LIMITED. */
  countSend: (userId: string) => Promise<void>;
}

/** `to` is the other person's id or a conversation's. */
export interface Send extends SendBody {
  to: string;
}

export interface HistoryPage {
  messages: Message[];
  older: boolean;
  newer: boolean;
}

export type Messages = ReturnType<typeof createMessages>;

export function createMessages({ log, audienceFor, readable, countSend }: MessagesDeps) {
  const inOrder = createLanes();

  /** Everything that has to be looked up before the message can queue. */
  async function prepare(caller: Caller, send: Send): Promise<Append> {
    await countSend(caller.userId);
    const audience = await audienceFor(caller, send.to);
    const { conversationId } = audience;
    if (send.replyTo !== undefined) await requireMessage(conversationId, send.replyTo);
    const { message, replyTo, attachments } = send;
    return {
      conversationId,
      senderId: caller.userId,
      clientId: send.clientId ?? randomUUID(),
      payloadHash: payloadHash(log.payloadKey, { conversationId, message, replyTo, attachments }),
      payload: {
        kind: 'message',
        message,
        ...(audience.kind === 'direct'
          ? { receiverId: new Types.ObjectId(otherThan(caller, audience)) }
          : {}),
        ...(replyTo === undefined ? {} : { replyTo: new Types.ObjectId(replyTo) }),
        attachments,
        reactions: [],
      },
      bytes: 600 + message.length * 2,
      // Nobody leaves a direct conversation, so nothing newer than the beginning has to be checked.
      rights: { membersVersion: 0, recheck: () => Promise.resolve(Number.MAX_SAFE_INTEGER) },
    };
  }

  async function requireMessage(conversationId: string, messageId: string): Promise<void> {
    const found = await log.entries.model.exists({ _id: messageId, conversationId, kind: 'message' });
    if (!found) throw new AppError('INVALID', 'replyTo is not a message of this conversation');
  }

  return {
    /**
     * Stores the message as the conversation's next entry. The same sender and clientId again answers the message that was
     * stored first.
     * @throws AppError NOT_FOUND, CONFLICT (the clientId was used for another content), RATE_LIMITED, BUSY, RETRY, UNAVAILABLE.
     */
    async send(caller: Caller, send: Send): Promise<{ message: Message; repeat: boolean }> {
      // Queued in the order of arrival, whatever each of them has to look up. Answering may take its own time.
      const appended = await inOrder(caller.userId, async (): Promise<{ done: Promise<Appended> }> => {
        const request = await prepare(caller, send);
        const done = log.append(request);
        // Its caller takes the refusal below; until then nobody listens.
        done.catch(() => undefined);
        return { done };
      });
      const { entry, repeat } = await appended.done;
      if (entry.kind !== 'message')
        throw new AppError('CONFLICT', 'This clientId was used for something else');
      return { message: toMessage(entry), repeat };
    },

    /** A page of a conversation's messages. With a person to whom nothing was written yet it is empty. */
    async history(
      caller: Caller,
      id: string,
      { limit, before, after, around }: HistoryQuery,
    ): Promise<HistoryPage> {
      const conversation = await readable(caller, id);
      if (!conversation) return { messages: [], older: false, newer: false };
      const page = await log.history(conversation, { limit, before, after, around }, 1);
      return { ...page, messages: page.messages.map(toMessage) };
    },
  };
}

function otherThan(caller: Caller, { participants }: Audience): string {
  const other = participants.find((id) => id !== caller.userId) ?? participants[0];
  if (other === undefined) throw notFound();
  return other;
}
