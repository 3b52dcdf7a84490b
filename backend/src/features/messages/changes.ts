import { randomUUID } from 'node:crypto';
import { limits, type Message } from '@sori/contract';
import type { Types } from 'mongoose';
import { type Audience, firstSeqOf } from '../../core/audience.js';
import type { Caller } from '../../core/caller.js';
import { AppError } from '../../core/errors.js';
import type { createSerializeByKey } from '../../core/serialize-by-key.js';
import type { EntryPayload, MessageRow } from '../../conversation-log/entries.model.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { Append } from '../../conversation-log/append.js';
import { toMessage } from '../../conversation-log/to-contract.js';
import { hiddenFrom } from '../../conversation-log/visibility.js';
import { changeHash } from './payload-hash.js';
import { createReacting, reactionsThere, requireRoom } from './reaction-bounds.js';

export interface ChangesDeps {
  log: Pick<ConversationLog, 'append' | 'isStored' | 'payloadKey'>;
  /** What a person asks for, sends included, is decided in the order in which they asked. */
  inOrder: ReturnType<typeof createSerializeByKey>;
  /** Throws NOT_FOUND. */
  findMessage: (caller: Caller, messageId: string) => Promise<{ row: MessageRow; audience: Audience }>;
  /** The right to append there; `require` throws what a member is answered who may not do this. */
  rightsOf: (
    audience: Audience,
    userId: string,
    require: (audience: Audience) => void | Promise<void>,
  ) => Append['rights'];
  /** Whether somebody may pin, and delete what others wrote, in a group or a room. */
  manages: (audience: Audience, userId: string) => Promise<boolean>;
  mentionsOf: (text: string, audience: Audience) => Promise<{ mentions?: Types.ObjectId[] }>;
  /** Throws REFUSED. */
  requireNoBlock: (caller: Caller, audience: Audience, row: MessageRow) => Promise<void>;
  /** Counts one change; throws RATE_LIMITED. */
  countSend: (userId: string) => Promise<void>;
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

/** What can be done to a message once it is there: each an entry of its own, which the log applies to it. */
export function createChanges(deps: ChangesDeps) {
  const { log, inOrder, findMessage, rightsOf, manages } = deps;
  const { mentionsOf, requireNoBlock, countSend } = deps;
  const reacting = createReacting();

  /**
   * Appends a change of a message and answers the message as it then is. `decide` sees it as it is before, in the order
   * in which the person asked: no other change of theirs comes in between. Null where there is nothing to change.
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
      reacting(messageId, caller.userId, (chosen, choose) =>
        change(caller, messageId, clientId, {
          decide(row) {
            requireThere(row);
            const there = reactionsThere(row.reactions, caller.userId, chosen);
            const before = there.own ?? [];
            const after = [...new Set(reactionsAfter(before, asked))];
            if (after.length > limits.reactionsPerPerson) {
              throw new AppError('INVALID', `At most ${limits.reactionsPerPerson} reactions for a message`);
            }
            requireRoom(there, after);
            if (isSame(before, after)) return null;
            choose(after);
            return { kind: 'react', targetSeq: row.seq, emojis: after };
          },
          asked: () => ({ kind: 'react', messageId, ...asked }),
        }),
      ),

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
  };
}

function requireOwn({ userId }: Caller, row: MessageRow): void {
  if (row.senderId.toHexString() !== userId)
    throw new AppError('FORBIDDEN', 'Only who wrote a message can do that');
}

function requireThere(row: MessageRow): void {
  if (row.deletedAt) throw new AppError('CONFLICT', 'The message was deleted');
}

function reactionsAfter(before: readonly string[], { set, emoji, on }: ReactionChange): readonly string[] {
  if (set) return set;
  return on ? [...before, emoji] : before.filter((one) => one !== emoji);
}

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one, index) => one === b[index]);
