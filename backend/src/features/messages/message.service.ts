import { randomUUID } from 'node:crypto';
import type { HistoryQuery, Message, SendBody } from '@sori/contract';
import { Types } from 'mongoose';
import { type Audience, firstSeqOf, otherThan } from '../../core/audience.js';
import type { Caller } from '../../core/caller.js';
import { AppError, notFound } from '../../core/errors.js';
import { createGiveWay } from '../../core/give-way.js';
import { createSerializeByKey } from '../../core/serialize-by-key.js';
import type { Append, Appended } from '../../conversation-log/append.js';
import type { ConversationRow } from '../../conversation-log/conversations.model.js';
import type { EntryRow, MessageRow } from '../../conversation-log/entries.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import { asBytes, rowOf } from '../../conversation-log/raw-rows.js';
import { toMessage, toStoredMessage } from '../../conversation-log/to-contract.js';
import { isHiddenFrom } from '../../conversation-log/visibility.js';
import { type BlockRulesDeps, createBlockRules } from './block-rules.js';
import { createChanges } from './changes.js';
import { payloadHash } from './payload-hash.js';

export interface MessagesDeps {
  log: ConversationLog;
  /** Where a send to `:id` goes; throws NOT_FOUND, and what `mayBegin` throws where it would be made for that. */
  audienceFor: (
    caller: Caller,
    id: string,
    mayBegin: (otherId: string) => Promise<void>,
  ) => Promise<Audience>;
  /** What may be read under `:id`, and from where on; null where there is nothing yet; throws NOT_FOUND. */
  readable: (caller: Caller, id: string) => Promise<{ row: ConversationRow; firstSeq: number } | null>;
  /** True where what was read is newer than what the right to read it was checked against: look for it again. */
  isOvertaken: (
    own: { row: ConversationRow; firstSeq: number },
    read: readonly EntryRow[],
  ) => Promise<boolean>;
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
  /** Counts one send; throws RATE_LIMITED. */
  countSend: (userId: string) => Promise<void>;
  /** In an open room: its rules for who writes there, and what the writer is called; throws REFUSED (slow mode). */
  inRoom: (caller: Caller, conversationId: string, clientId: string | undefined) => Promise<string>;
}

const notQuotable = (): AppError => new AppError('INVALID', 'replyTo is not a message of this conversation');

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

  /** Everything that has to be looked up before the message can queue. */
  async function prepare(caller: Caller, send: Send): Promise<Append> {
    await countSend(caller.userId);
    const audience = await audienceFor(caller, send.to, async (otherId) => {
      if (send.replyTo !== undefined) throw notQuotable();
      await blockRules.requireNotBlocking(caller, otherId);
    });
    const { conversationId } = audience;
    const replyToSeq = send.replyTo === undefined ? undefined : await seqOf(caller, audience, send.replyTo);
    const senderName =
      audience.kind === 'room' ? await inRoom(caller, conversationId, send.clientId) : undefined;
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

  /** A page of a conversation's messages. With a person to whom nothing was written yet it is empty. */
  async function history(
    caller: Caller,
    id: string,
    { limit, before, after, around }: HistoryQuery,
  ): Promise<HistoryPage> {
    const own = await readable(caller, id);
    if (!own) return { messages: [], older: false, newer: false };
    const viewed = { limit, before, after, around, viewerId: caller.userId };
    const page = await log.history(own.row, viewed, own.firstSeq);
    if (await isOvertaken(own, page.messages)) {
      return history(caller, id, { limit, before, after, around });
    }
    const messages: Message[] = [];
    const giveWay = createGiveWay();
    for (const row of page.messages) {
      messages.push(toMessage(row, own.firstSeq, caller.userId));
      await giveWay();
    }
    return { ...page, messages };
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
        const done = log.append(await prepare(caller, send));
        // Its caller takes the refusal; until then nobody listens.
        done.catch(() => undefined);
        return { done };
      });
      const { entry, repeat } = await appended.done;
      if (entry.kind !== 'message')
        throw new AppError('CONFLICT', 'This clientId was used for something else');
      return { message: repeat ? toMessage(entry, 1, caller.userId) : toStoredMessage(entry), repeat };
    },

    ...changes,

    history,

    /** A message as the caller may see it. @throws AppError NOT_FOUND */
    async find(caller: Caller, messageId: string): Promise<Message> {
      const { row, audience } = await findMessage(caller, messageId);
      return toMessage(row, firstSeqOf(audience, caller.userId), caller.userId);
    },
  };
}
