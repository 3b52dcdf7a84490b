import { randomUUID } from 'node:crypto';
import type { Attachment, AttachmentRef, ErrorCode, Message, SendBody } from '@sori/contract';
import { Types } from 'mongoose';
import { type Audience, firstSeqOf, otherThan } from '../../core/audience.js';
import type { Caller } from '../../core/caller.js';
import { AppError } from '../../core/errors.js';
import type { SerializeByKey } from '../../core/serialize-by-key.js';
import type { Append, Appended } from '../../conversation-log/append.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import { toMessage, toStoredMessage } from '../../conversation-log/to-contract.js';
import { isHiddenFrom } from '../../conversation-log/visibility.js';
import { sharedContent } from '../../conversation-log/shared-content.js';
import type { BlockRules } from './block-rules.js';
import { payloadHash } from './payload-hash.js';

export interface SendingDeps {
  log: Pick<ConversationLog, 'append' | 'entries' | 'isStored' | 'payloadKey'>;
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
  files: {
    /** Makes uploads the message's, before it is stored. Throws INVALID, BUSY. */
    claim: (caller: Caller, send: ClaimedBy, refs: readonly AttachmentRef[]) => Promise<Attachment[]>;
    /** The message was refused. */
    release: (caller: Caller, send: ClaimedBy) => Promise<void>;
    /** What makes the repeat of a send without a `clientId` the same one. */
    clientIdOf: (senderId: string, conversationId: string, refs: readonly AttachmentRef[]) => string;
  };
  /** Counts one send; throws RATE_LIMITED. */
  countSend: (userId: string) => Promise<void>;
  /** In an open room: its rules for who writes there, and what the writer is called; throws REFUSED (slow mode). */
  inRoom: (
    caller: Caller,
    send: { conversationId: string; clientId?: string | undefined },
  ) => Promise<string>;
}

/** What a message is known by before it is stored. */
type ClaimedBy = Pick<Append, 'conversationId' | 'clientId'>;

/** `to` is the other person's id or a conversation's. */
export interface Send extends SendBody {
  to: string;
}

/** Roughly what a file takes with its message, in bytes. */
const attachmentBytes = 1_000;

/** Nothing was stored, for certain. */
const outcomeUnknown: ReadonlySet<ErrorCode> = new Set(['RETRY', 'UNAVAILABLE', 'INTERNAL']);
const isRefusal = (error: unknown): boolean => error instanceof AppError && !outcomeUnknown.has(error.code);

const notQuotable = (): AppError => new AppError('INVALID', 'replyTo is not a message of this conversation');

/** What becomes of a message that somebody sends. */
export function createSending(deps: SendingDeps) {
  const { log, inOrder, audienceFor, rightsOf, mentionsOf, blockRules, files, countSend, inRoom } = deps;

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
    const { message, replyTo, attachments: refs } = send;
    const clientId = send.clientId ?? madeClientId(caller, conversationId, refs);
    const hiddenFor = await blockRules.hiddenFor(caller, audience, send.clientId);
    const mentions = await mentionsOf(message, audience);
    // Last: what is refused before needs no file.
    const attachments = await attachmentsOf(caller, { conversationId, clientId }, refs);
    return {
      conversationId,
      senderId: caller.userId,
      clientId,
      hiddenFor,
      payloadHash: payloadHash(log.payloadKey, { conversationId, message, replyTo, attachments: refs }),
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
        ...mentions,
        attachments,
        ...sharedContent(message, attachments),
        reactions: [],
      },
      bytes: 600 + message.length * 2 + attachments.length * attachmentBytes,
      rights: rightsOf(audience, caller.userId),
    };
  }

  const madeClientId = (
    { userId }: Caller,
    conversationId: string,
    refs: readonly AttachmentRef[],
  ): string =>
    refs.some(({ fromMessageId }) => fromMessageId === undefined)
      ? files.clientIdOf(userId, conversationId, refs)
      : randomUUID();

  /** What is stored already is answered as it is: its files are its, and those of another try are left alone. */
  async function attachmentsOf(
    caller: Caller,
    { conversationId, clientId }: ClaimedBy,
    refs: readonly AttachmentRef[],
  ): Promise<Attachment[]> {
    if (refs.length === 0 || (await log.isStored(conversationId, caller.userId, clientId))) return [];
    return files.claim(caller, { conversationId, clientId }, refs);
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
      const append = await prepare(caller, send);
      const done = log.append(append);
      // Its caller takes the refusal; until then nobody listens.
      done.catch(async (error: unknown) => {
        if (send.attachments.length === 0 || !isRefusal(error)) return;
        // Where that fails, the sweeper finds that the message is not there.
        await files.release(caller, append).catch(() => undefined);
      });
      return { done };
    });
    const { entry, repeat } = await appended.done;
    if (entry.kind !== 'message') throw new AppError('CONFLICT', 'This clientId was used for something else');
    return { message: repeat ? toMessage(entry, 1, caller.userId) : toStoredMessage(entry), repeat };
  };
}
