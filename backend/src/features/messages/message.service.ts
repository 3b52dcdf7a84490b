import { randomUUID } from 'node:crypto';
import { type HistoryQuery, limits, type Message, type SendBody } from '@sori/contract';
import { Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { AppError, notFound } from '../../core/errors.js';
import { createLanes } from '../../core/lanes.js';
import type { Append, Appended } from '../../log/queue.js';
import type { ConversationRow } from '../../log/conversations.model.js';
import type { EntryPayload, MessageRow } from '../../log/entries.model.js';
import type { ConversationLog } from '../../log/log.js';
import { toMessage } from '../../log/wire.js';
import { changeHash, payloadHash } from './payload-hash.js';
import type { Audience } from './publisher.js';

export interface MessagesDeps {
  log: ConversationLog;
  /** Where a send to `:id` goes; throws NOT_FOUND. */
  audienceFor: (caller: Caller, id: string) => Promise<Audience>;
  /** What may be read under `:id`; null where there is nothing yet; throws NOT_FOUND. */
  readable: (caller: Caller, id: string) => Promise<ConversationRow | null>;
  /** Who hears of a conversation; null for none. */
  audienceOf: (conversationId: string) => Audience | Promise<Audience | null>;
  /** Counts one send; throws RATE_LIMITED. */
  countSend: (userId: string) => Promise<void>;
  /** In an open room: its rules for who writes there, and what the writer is called; throws REFUSED (slow mode). */
  inRoom: (caller: Caller, conversationId: string, clientId: string | undefined) => Promise<string>;
}

/** `to` is the other person's id or a conversation's. */
export interface Send extends SendBody {
  to: string;
}

export interface ChangeAsked {
  messageId: string;
  clientId?: string | undefined;
}
export interface EditAsked extends ChangeAsked {
  message: string;
}

/** A person's whole set of reactions to a message, or one more, or one less. */
export type ReactionChange =
  { set: readonly string[]; emoji?: never; on?: never } | { set?: never; emoji: string; on: boolean };

type ChangePayload = Extract<EntryPayload, { kind: 'edit' | 'delete' | 'react' | 'pin' }>;

/** Nobody leaves a direct conversation, so nothing newer than the beginning has to be checked. */
const forEver: Append['rights'] = {
  membersVersion: 0,
  recheck: () => Promise.resolve(Number.MAX_SAFE_INTEGER),
};

export interface HistoryPage {
  messages: Message[];
  older: boolean;
  newer: boolean;
}

export type Messages = ReturnType<typeof createMessages>;

export function createMessages(deps: MessagesDeps) {
  const { log, audienceFor, audienceOf, readable, countSend, inRoom } = deps;
  const inOrder = createLanes();

  /** Everything that has to be looked up before the message can queue. */
  async function prepare(caller: Caller, send: Send): Promise<Append> {
    await countSend(caller.userId);
    const audience = await audienceFor(caller, send.to);
    const { conversationId } = audience;
    if (send.replyTo !== undefined) await requireMessage(conversationId, send.replyTo);
    const senderName =
      audience.kind === 'room' ? await inRoom(caller, conversationId, send.clientId) : undefined;
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
        ...(senderName === undefined ? {} : { senderName }),
        ...(replyTo === undefined ? {} : { replyTo: new Types.ObjectId(replyTo) }),
        attachments,
        reactions: [],
      },
      bytes: 600 + message.length * 2,
      rights: forEver,
    };
  }

  async function requireMessage(conversationId: string, messageId: string): Promise<void> {
    const found = await log.entries.model.exists({ _id: messageId, conversationId, kind: 'message' });
    if (!found) throw new AppError('INVALID', 'replyTo is not a message of this conversation');
  }

  const enqueue = (request: Append): { done: Promise<Appended> } => {
    const done = log.append(request);
    // Its caller takes the refusal; until then nobody listens.
    done.catch(() => undefined);
    return { done };
  };

  /** The message, for somebody who is in its conversation: for others it is not there. */
  async function findMessage(
    caller: Caller,
    messageId: string,
  ): Promise<{ row: MessageRow; audience: Audience }> {
    const row = await log.entries.model.findOne({ _id: messageId, kind: 'message' }).lean();
    const audience = row && (await audienceOf(row.conversationId.toHexString()));
    if (row?.kind !== 'message' || !audience?.participants.includes(caller.userId)) throw notFound();
    return { row, audience };
  }

  const isStored = async (caller: Caller, conversationId: string, clientId: string): Promise<boolean> =>
    (await log.entries.model.exists({ conversationId, senderId: caller.userId, clientId })) !== null;

  /**
   * Appends a change of a message and answers the message as it then is. `decide` sees it as it is before, in the order
   * in which the person asked: no other change of his comes in between. Null where there is nothing to change.
   * @param asked what a repeat must be equal in, where that is not what is stored: one emoji more is another set each time.
   */
  async function change(
    caller: Caller,
    messageId: string,
    clientId: string | undefined,
    decide: (row: MessageRow) => ChangePayload | null,
    asked?: object,
  ): Promise<Message> {
    const appended = await inOrder(caller.userId, async () => {
      await countSend(caller.userId);
      const { row, audience } = await findMessage(caller, messageId);
      let payload: ChangePayload | null;
      try {
        payload = decide(row);
      } catch (error) {
        // What was right when it was first asked, and stored, stays so when it is asked again.
        if (clientId === undefined || !(await isStored(caller, audience.conversationId, clientId)))
          throw error;
        payload = null;
      }
      if (!payload) return { target: row };
      const { done } = enqueue({
        conversationId: audience.conversationId,
        senderId: caller.userId,
        clientId: clientId ?? randomUUID(),
        payloadHash: changeHash(log.payloadKey, audience.conversationId, asked ?? payload),
        payload,
        bytes: 600 + ('message' in payload ? payload.message.length * 2 : 0),
        rights: forEver,
      });
      // To be decided on what this one made of it, the next one has to wait.
      return done;
    });
    if (!appended.target) throw new AppError('CONFLICT', 'This clientId was used for something else');
    return toMessage(appended.target);
  }

  return {
    /**
     * Gives one's own message another text.
     * @throws AppError NOT_FOUND, FORBIDDEN (somebody else's), CONFLICT (it was deleted), and what `send` throws.
     */
    edit: (caller: Caller, { messageId, message, clientId }: EditAsked): Promise<Message> =>
      change(caller, messageId, clientId, (row) => {
        requireOwn(caller, row);
        requireThere(row);
        return row.message === message ? null : { kind: 'edit', targetSeq: row.seq, message };
      }),

    /** Takes one's own message away, for everybody; its text leaves the database. Again is once. */
    remove: (caller: Caller, { messageId, clientId }: ChangeAsked): Promise<Message> =>
      change(caller, messageId, clientId, (row) => {
        requireOwn(caller, row);
        return row.deletedAt ? null : { kind: 'delete', targetSeq: row.seq };
      }),

    /** Sets the caller's reactions to a message, or adds or takes away one. */
    react: (
      caller: Caller,
      { messageId, clientId, ...asked }: ChangeAsked & ReactionChange,
    ): Promise<Message> =>
      change(
        caller,
        messageId,
        clientId,
        (row) => {
          requireThere(row);
          const before =
            row.reactions.find(({ userId }) => userId.toHexString() === caller.userId)?.emojis ?? [];
          const after = [...new Set(reactionsAfter(before, asked))];
          if (after.length > limits.reactionsPerPerson) {
            throw new AppError('INVALID', `At most ${limits.reactionsPerPerson} reactions for a message`);
          }
          return isSame(before, after) ? null : { kind: 'react', targetSeq: row.seq, emojis: after };
        },
        { kind: 'react', messageId, ...asked },
      ),

    pin: (
      caller: Caller,
      { messageId, pinned, clientId }: ChangeAsked & { pinned: boolean },
    ): Promise<Message> =>
      change(caller, messageId, clientId, (row) => {
        requireThere(row);
        return Boolean(row.pinnedAt) === pinned ? null : { kind: 'pin', targetSeq: row.seq, pinned };
      }),

    /**
     * Stores the message as the conversation's next entry. The same sender and clientId again answers the message that was
     * stored first.
     * @throws AppError NOT_FOUND, CONFLICT (the clientId was used for another content), RATE_LIMITED, BUSY, RETRY, UNAVAILABLE.
     */
    async send(caller: Caller, send: Send): Promise<{ message: Message; repeat: boolean }> {
      // Queued in the order of arrival, whatever each of them has to look up. Answering may take its own time.
      const appended = await inOrder(caller.userId, async (): Promise<{ done: Promise<Appended> }> => {
        return enqueue(await prepare(caller, send));
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
      const firstSeq = await log.firstSeq(conversation);
      const page = await log.history(conversation, { limit, before, after, around }, firstSeq);
      return { ...page, messages: page.messages.map(toMessage) };
    },
  };
}

function requireOwn({ userId }: Caller, row: MessageRow): void {
  if (row.senderId.toHexString() !== userId)
    throw new AppError('FORBIDDEN', 'Only who wrote a message can do that');
}

function reactionsAfter(before: readonly string[], { set, emoji, on }: ReactionChange): readonly string[] {
  if (set) return set;
  return on ? [...before, emoji] : before.filter((one) => one !== emoji);
}

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one, index) => one === b[index]);

function requireThere(row: MessageRow): void {
  if (row.deletedAt) throw new AppError('CONFLICT', 'The message was deleted');
}

function otherThan(caller: Caller, { participants }: Audience): string {
  const other = participants.find((id) => id !== caller.userId) ?? participants[0];
  if (other === undefined) throw notFound();
  return other;
}
