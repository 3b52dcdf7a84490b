import type { Entry, Id, Message } from '@sori/contract';
import { messageOf } from './conversation.js';
import { keepingOwn } from './own-reactions.js';

/** What a person can do to a message. */
export type Change =
  | { readonly kind: 'edit'; readonly text: string }
  | { readonly kind: 'delete' }
  /** The person's whole set. */
  | { readonly kind: 'react'; readonly emojis: readonly string[] }
  | { readonly kind: 'pin'; readonly pinned: boolean };

export type PendingChange = {
  /** Chosen once, never changed: what makes every further try harmless. */
  readonly clientId: string;
  readonly conversationId: Id;
  readonly messageId: Id;
  readonly change: Change;
  /** This device's clock, for display only. */
  readonly askedAt: string;
};

/** What is kept of a change: with its place in the order of asking, which no clock decides. */
export type KeptChange = PendingChange & { readonly order: number };

export const reactionsOf = ({ reactions }: Message, userId: Id): string[] =>
  reactions.filter(({ userIds }) => userIds.includes(userId)).map(({ emoji }) => emoji);

const withReactions = (message: Message, userId: Id, emojis: readonly string[]): Message => {
  const kept = message.reactions.map((reaction) => {
    const { emoji, count, userIds } = reaction;
    // Who had it keeps the place among the others.
    if (userIds.includes(userId) === emojis.includes(emoji)) return reaction;
    return emojis.includes(emoji)
      ? { emoji, count: count + 1, userIds: [...userIds, userId] }
      : { emoji, count: count - 1, userIds: userIds.filter((id) => id !== userId) };
  });
  const known = new Set(kept.map(({ emoji }) => emoji));
  const fresh = emojis
    .filter((emoji) => !known.has(emoji))
    .map((emoji) => ({ emoji, count: 1, userIds: [userId] }));
  return { ...message, reactions: [...kept.filter(({ count }) => count > 0), ...fresh] };
};

const withChange = (message: Message, { change, askedAt }: PendingChange, me: Id): Message => {
  // Deletion absorbs: whatever else is done to it makes nothing of it.
  if (message.deletedAt !== undefined) return message;
  switch (change.kind) {
    case 'edit':
      return { ...message, message: change.text, editedAt: askedAt };
    case 'delete':
      return { ...message, message: '', attachments: [], reactions: [], deletedAt: askedAt };
    case 'react':
      return withReactions(message, me, change.emojis);
    case 'pin':
      return { ...message, pinnedAt: change.pinned ? (message.pinnedAt ?? askedAt) : undefined };
  }
};

/** The message as it will be once all of that is stored. */
export const withChanges = (message: Message, pending: readonly PendingChange[], me: Id): Message =>
  pending.reduce((changed, one) => withChange(changed, one, me), message);

/** What it will say then: also of a message of which no more is known than what it says. */
export const textWithChanges = (
  { message }: Pick<Message, 'message'>,
  pending: readonly PendingChange[],
): string => pending.reduce((text, { change }) => (change.kind === 'edit' ? change.text : text), message);

/** Quoted messages change like any others. */
export const quotesReceived = (
  quoted: Readonly<Record<Id, Message | null>>,
  entries: readonly Entry[],
): Readonly<Record<Id, Message | null>> => {
  const changed: Record<Id, Message> = {};
  for (const entry of entries) {
    const message = messageOf(entry);
    if (message === null) continue;
    const held = changed[message._id] ?? quoted[message._id] ?? null;
    if (held !== null) changed[message._id] = keepingOwn(message, held);
  }
  return Object.keys(changed).length === 0 ? quoted : { ...quoted, ...changed };
};
