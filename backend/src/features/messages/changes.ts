import { emptyMessage, limits, type Message } from '@sori/contract';
import type { Types } from 'mongoose';
import type { Audience } from '../../core/audience.js';
import type { Caller } from '../../core/caller.js';
import { AppError } from '../../core/errors.js';
import type { MessageRow } from '../../conversation-log/entries.model.js';
import { type ChangeAsked, type ChangeDeps, createChange } from './change.js';
import { createReacting, reactionsThere, requireRoom } from './reaction-bounds.js';

export interface ChangesDeps extends ChangeDeps {
  /** Whether somebody may pin, and delete what others wrote, in a group or a room. */
  manages: (audience: Audience, userId: string) => Promise<boolean>;
  files: {
    /** The message is about to be deleted, and its files with it. */
    expectRemoval: (message: MessageRow) => Promise<void>;
  };
  mentionsOf: (text: string, audience: Audience) => Promise<{ mentions?: Types.ObjectId[] }>;
}

export interface EditAsked extends ChangeAsked {
  message: string;
}

/** A person's whole set of reactions to a message, or one more, or one less. */
export type ReactionChange =
  { set: readonly string[]; emoji?: never; on?: never } | { set?: never; emoji: string; on: boolean };

/** What can be done to a message once it is there: each an entry of its own, which the log applies to it. */
export function createChanges(deps: ChangesDeps) {
  const { manages, mentionsOf, files } = deps;
  const change = createChange(deps);
  const reacting = createReacting();

  const isManagedBy = async ({ userId }: Caller, audience: Audience): Promise<boolean> =>
    audience.kind !== 'direct' && (await manages(audience, userId));

  return {
    /**
     * Gives one's own message another text.
     * @throws AppError NOT_FOUND, FORBIDDEN (somebody else's), CONFLICT (it was deleted), and what `send` throws.
     */
    edit: (caller: Caller, { messageId, message, clientId }: EditAsked): Promise<Message> =>
      change(
        caller,
        { messageId, clientId },
        {
          async decide(row, audience) {
            requireOwn(caller, row);
            requireThere(row);
            if (message === '' && row.attachments.length === 0) throw new AppError('INVALID', emptyMessage);
            if (row.message === message) return null;
            return { kind: 'edit', targetSeq: row.seq, message, ...(await mentionsOf(message, audience)) };
          },
          asked: (row) => ({ kind: 'edit', targetSeq: row.seq, message }),
        },
      ),

    /**
     * Takes a message away, for everybody: one's own, or any in a group that one manages. Its text leaves the database. Again
     * is once.
     */
    remove: (caller: Caller, { messageId, clientId }: ChangeAsked): Promise<Message> =>
      change(
        caller,
        { messageId, clientId },
        {
          async require(audience, row) {
            if (!(await isManagedBy(caller, audience))) requireOwn(caller, row);
          },
          async decide(row) {
            if (row.deletedAt) return null;
            await files.expectRemoval(row);
            return { kind: 'delete', targetSeq: row.seq };
          },
        },
      ),

    /** Sets the caller's reactions to a message, or adds or takes away one. */
    react: (
      caller: Caller,
      { messageId, clientId, ...asked }: ChangeAsked & ReactionChange,
    ): Promise<Message> =>
      reacting(messageId, caller.userId, (chosen, choose) =>
        change(
          caller,
          { messageId, clientId },
          {
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
          },
        ),
      ),

    /** In a group or a room, for those who manage it. */
    pin: (
      caller: Caller,
      { messageId, pinned, clientId }: ChangeAsked & { pinned: boolean },
    ): Promise<Message> =>
      change(
        caller,
        { messageId, clientId },
        {
          async require(audience) {
            if (audience.kind === 'direct' || (await isManagedBy(caller, audience))) return;
            throw new AppError('FORBIDDEN', 'Only an owner or an admin can do that');
          },
          decide(row) {
            requireThere(row);
            return Boolean(row.pinnedAt) === pinned ? null : { kind: 'pin', targetSeq: row.seq, pinned };
          },
        },
      ),
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
