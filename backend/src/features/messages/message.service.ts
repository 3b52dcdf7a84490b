import { randomUUID } from 'node:crypto';
import { type HistoryQuery, limits, type Message, type SendBody } from '@sori/contract';
import { Types } from 'mongoose';
import { type Audience, firstSeqOf } from '../../core/audience.js';
import type { Caller } from '../../core/caller.js';
import { AppError, notFound } from '../../core/errors.js';
import { createLanes } from '../../core/lanes.js';
import type { Append, Appended } from '../../log/queue.js';
import type { ConversationRow } from '../../log/conversations.model.js';
import type { EntryPayload, EntryRow, MessageRow } from '../../log/entries.model.js';
import type { ConversationLog } from '../../log/log.js';
import { isHiddenFrom, toMessage } from '../../log/wire.js';
import { changeHash, payloadHash } from './payload-hash.js';

export interface MessagesDeps {
  log: ConversationLog;
  /** Where a send to `:id` goes; throws NOT_FOUND. */
  audienceFor: (caller: Caller, id: string) => Promise<Audience>;
  /** What may be read under `:id`, and from where on; null where there is nothing yet; throws NOT_FOUND. */
  readable: (caller: Caller, id: string) => Promise<{ row: ConversationRow; firstSeq: number } | null>;
  /** True where what was read is newer than what the right to read it was checked against: look for it again. */
  isOvertaken: (
    own: { row: ConversationRow; firstSeq: number },
    read: readonly EntryRow[],
  ) => Promise<boolean>;
  /** Who hears of a conversation, for somebody who is in it; throws NOT_FOUND. */
  memberOf: (userId: string, conversationId: string) => Promise<Audience>;
  /** The right to append there; `require` throws what a member is told who may not do this. */
  rightsOf: (
    audience: Audience,
    userId: string,
    require?: (audience: Audience) => void | Promise<void>,
  ) => Append['rights'];
  /** Whether somebody may pin, and delete what others wrote, in a group or a room. */
  manages: (audience: Audience, userId: string) => Promise<boolean>;
  /** The members whom a text mentions. */
  mentionsIn: (text: string, audience: Audience) => Promise<string[]>;
  /** Whom somebody blocks, and who blocks him; it stays true while it is being used. */
  relationsOf: (userId: string) => Promise<Relations>;
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

/** A change of a message, as the person may make it. */
interface Decision {
  require?: Requirement;
  decide: (row: MessageRow, audience: Audience) => ChangePayload | null | Promise<ChangePayload | null>;
  asked?: (row: MessageRow) => object;
}

/** What has to be so before a message may be changed: checked when it is asked, and again where members changed since. */
type Requirement = (audience: Audience, row: MessageRow) => void | Promise<void>;

/** A person of no direct conversation is blocked by nobody in it: there, who blocks does the folding himself. */
interface Relations {
  blocks: ReadonlySet<string>;
  blockedBy: ReadonlySet<string>;
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
  const inOrder = createLanes();

  /** Everything that has to be looked up before the message can queue. */
  async function prepare(caller: Caller, send: Send): Promise<Append> {
    await countSend(caller.userId);
    const audience = await audienceFor(caller, send.to);
    const { conversationId } = audience;
    const replyToSeq = send.replyTo === undefined ? undefined : await seqOf(caller, audience, send.replyTo);
    const senderName =
      audience.kind === 'room' ? await inRoom(caller, conversationId, send.clientId) : undefined;
    const { message, replyTo, attachments, clientId } = send;
    return {
      conversationId,
      senderId: caller.userId,
      clientId: clientId ?? randomUUID(),
      hiddenFor: await hiddenFor(caller, audience, clientId),
      payloadHash: payloadHash(log.payloadKey, { conversationId, message, replyTo, attachments }),
      payload: {
        kind: 'message',
        message,
        ...(audience.kind === 'direct'
          ? { receiverId: new Types.ObjectId(otherThan(caller, audience)) }
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

  /**
   * Who blocks the caller is not shown what he sends, and he is not told so.
   * @throws AppError "REFUSED" where it is he who blocks the other. What was stored before he did may be asked for again.
   */
  async function hiddenFor(
    caller: Caller,
    audience: Audience,
    clientId: string | undefined,
  ): Promise<Append['hiddenFor']> {
    if (audience.kind !== 'direct') return undefined;
    const other = otherThan(caller, audience);
    const { blocks, blockedBy } = await relationsOf(caller.userId);
    if (blocks.has(other)) {
      if (clientId === undefined || !(await isStored(caller, audience.conversationId, clientId)))
        throw blocking();
    }
    return () => (blockedBy.has(other) ? other : undefined);
  }

  /** @throws AppError "REFUSED" where the other sees this message, and one of the two blocks the other. */
  async function requireNoBlock(caller: Caller, audience: Audience, row: MessageRow): Promise<void> {
    if (audience.kind !== 'direct' || row.hiddenFor) return;
    const other = otherThan(caller, audience);
    const { blocks, blockedBy } = await relationsOf(caller.userId);
    if (blocks.has(other)) throw blocking();
    if (blockedBy.has(other)) throw new AppError('REFUSED', 'This message cannot be changed');
  }

  /** Where the message stands that somebody quotes, if he may see it. */
  async function seqOf({ userId }: Caller, audience: Audience, messageId: string): Promise<number> {
    const { conversationId } = audience;
    const found = await log.entries.model
      .findOne({ _id: messageId, conversationId, kind: 'message' }, { seq: 1, hiddenFor: 1 })
      .lean();
    if (!found || found.seq < firstSeqOf(audience, userId) || isHiddenFrom(userId, found)) {
      throw new AppError('INVALID', 'replyTo is not a message of this conversation');
    }
    return found.seq;
  }

  /** Stored with the text that makes them, so that they can be counted. */
  async function mentionsOf(text: string, audience: Audience): Promise<{ mentions?: Types.ObjectId[] }> {
    if (audience.kind !== 'group') return {};
    return { mentions: (await mentionsIn(text, audience)).map((id) => new Types.ObjectId(id)) };
  }

  const enqueue = (request: Append): { done: Promise<Appended> } => {
    const done = log.append(request);
    // Its caller takes the refusal; until then nobody listens.
    done.catch(() => undefined);
    return { done };
  };

  /** The message, for somebody who is in its conversation and from whom it is not hidden: for others it is not there. */
  async function findMessage(
    caller: Caller,
    messageId: string,
  ): Promise<{ row: MessageRow; audience: Audience }> {
    const row = await log.entries.model.findOne({ _id: messageId, kind: 'message' }).lean();
    if (row?.kind !== 'message') throw notFound();
    const audience = await memberOf(caller.userId, row.conversationId.toHexString());
    if (row.seq < firstSeqOf(audience, caller.userId)) throw notFound();
    if (isHiddenFrom(caller.userId, row)) throw notFound();
    return { row, audience };
  }

  const isStored = async (caller: Caller, conversationId: string, clientId: string): Promise<boolean> =>
    (await log.entries.model.exists({ conversationId, senderId: caller.userId, clientId })) !== null;

  /**
   * Appends a change of a message and answers the message as it then is. `decide` sees it as it is before, in the order
   * in which the person asked: no other change of his comes in between. Null where there is nothing to change.
   * @param require what the person must be allowed, also where the members change before it is stored
   * @param asked what a repeat must be equal in, where that is not what is stored: one emoji more is another set each time.
   */
  async function change(
    caller: Caller,
    messageId: string,
    clientId: string | undefined,
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
        if (clientId === undefined || !(await isStored(caller, audience.conversationId, clientId)))
          throw error;
        payload = null;
      }
      if (!payload) return { target: row };
      const { done } = enqueue({
        conversationId: audience.conversationId,
        senderId: caller.userId,
        clientId: clientId ?? randomUUID(),
        payloadHash: changeHash(log.payloadKey, audience.conversationId, asked?.(row) ?? payload),
        payload,
        bytes: 600 + ('message' in payload ? payload.message.length * 2 : 0),
        rights: rightsOf(audience, caller.userId, (then) => require(then, row)),
        hiddenFor: () => row.hiddenFor?.toHexString(),
      });
      // To be decided on what this one made of it, the next one has to wait.
      return done;
    });
    if (!appended.target) throw new AppError('CONFLICT', 'This clientId was used for something else');
    return toMessage(appended.target, firstSeq);
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
    return { ...page, messages: page.messages.map((row) => toMessage(row, own.firstSeq)) };
  }

  const isManagedBy = async ({ userId }: Caller, audience: Audience): Promise<boolean> =>
    audience.kind !== 'direct' && (await manages(audience, userId));

  return {
    /**
     * Gives one's own message another text.
     * @throws AppError NOT_FOUND, FORBIDDEN (somebody else's), CONFLICT (it was deleted), and what `send` throws.
     */
    edit: (caller: Caller, { messageId, message, clientId }: EditAsked): Promise<Message> =>
      change(caller, messageId, clientId, {
        async decide(row, audience) {
          requireOwn(caller, row);
          requireThere(row);
          if (row.message === message) return null;
          return { kind: 'edit', targetSeq: row.seq, message, ...(await mentionsOf(message, audience)) };
        },
        asked: (row) => ({ kind: 'edit', targetSeq: row.seq, message }),
      }),

    /**
     * Takes a message away, for everybody: one's own, or any in a group that one manages. Its text leaves the database. Again
     * is once.
     */
    remove: (caller: Caller, { messageId, clientId }: ChangeAsked): Promise<Message> =>
      change(caller, messageId, clientId, {
        async require(audience, row) {
          if (!(await isManagedBy(caller, audience))) requireOwn(caller, row);
        },
        decide: (row) => (row.deletedAt ? null : { kind: 'delete', targetSeq: row.seq }),
      }),

    /** Sets the caller's reactions to a message, or adds or takes away one. */
    react: (
      caller: Caller,
      { messageId, clientId, ...asked }: ChangeAsked & ReactionChange,
    ): Promise<Message> =>
      change(caller, messageId, clientId, {
        decide(row) {
          requireThere(row);
          const before =
            row.reactions.find(({ userId }) => userId.toHexString() === caller.userId)?.emojis ?? [];
          const after = [...new Set(reactionsAfter(before, asked))];
          if (after.length > limits.reactionsPerPerson) {
            throw new AppError('INVALID', `At most ${limits.reactionsPerPerson} reactions for a message`);
          }
          return isSame(before, after) ? null : { kind: 'react', targetSeq: row.seq, emojis: after };
        },
        asked: () => ({ kind: 'react', messageId, ...asked }),
      }),

    /** In a group or a room, for those who manage it. */
    pin: (
      caller: Caller,
      { messageId, pinned, clientId }: ChangeAsked & { pinned: boolean },
    ): Promise<Message> =>
      change(caller, messageId, clientId, {
        async require(audience) {
          if (audience.kind === 'direct' || (await isManagedBy(caller, audience))) return;
          throw new AppError('FORBIDDEN', 'Only an owner or an admin can do that');
        },
        decide(row) {
          requireThere(row);
          return Boolean(row.pinnedAt) === pinned ? null : { kind: 'pin', targetSeq: row.seq, pinned };
        },
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

    history,

    /** A message as the caller may see it. @throws AppError NOT_FOUND */
    async find(caller: Caller, messageId: string): Promise<Message> {
      const { row, audience } = await findMessage(caller, messageId);
      return toMessage(row, firstSeqOf(audience, caller.userId));
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

const blocking = (): AppError =>
  new AppError('REFUSED', 'You block this person. Lift the block to write to them', {
    details: { reason: 'blocking' },
  });

function requireThere(row: MessageRow): void {
  if (row.deletedAt) throw new AppError('CONFLICT', 'The message was deleted');
}

function otherThan(caller: Caller, { participants }: Audience): string {
  const other = participants.find((id) => id !== caller.userId) ?? participants[0];
  if (other === undefined) throw notFound();
  return other;
}
