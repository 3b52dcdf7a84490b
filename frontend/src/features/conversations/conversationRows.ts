import { glance } from '../../ui/graphemes';
import { type HeldConversation, listedAt, type Outbox, type OutboxItem } from '@sori/client';
import { attachmentKind, type Attachment, type AttachmentKind } from '@sori/contract';
import type { Conversation, Id, Person } from '@sori/contract';
import { attachmentsOf } from '../attachments/outgoing';
import { wordsOf } from '../attachments/words';
import { isMuted } from '../../account/notifications/notificationRules';
import { peerOf } from '../../account/conversations/conversationsSlice';
import type { Draft } from '../../store/state';

export type Preview = {
  text: string;
  /** What the first of its files is; null where it has none. */
  kind: AttachmentKind | null;
  /** Null where the sender is not among the people that are known (a guest's `senderName` counts as known). */
  senderName: string | null;
  mine: boolean;
  /** Own and not yet stored by the server, or refused by it. */
  status: 'sending' | 'failed' | null;
};

export type ConversationRow = {
  id: Id;
  conversation: Conversation;
  /** The other person of a direct conversation; oneself in a note to self; null in larger ones. */
  peer: Person | null;
  noteToSelf: boolean;
  /** The peer's full name, or the name of the group or room; empty where a group has none. */
  name: string;
  preview: Preview | null;
  /** ISO time of the newest message, or of when this person came. */
  at: string;
  /** A lower bound with `unreadMore`. */
  unread: number;
  unreadMore: boolean;
  /** Those among the unread that name this person. They count where it is muted, too. */
  mentions: number;
  muted: boolean;
  /** What lies unsent in the composer, or null. Show it only where the conversation is not open. */
  draft: string | null;
};

export type RowSources = {
  outbox: Outbox;
  drafts: Readonly<Record<Id, Draft>>;
  people: Readonly<Record<Id, Person>>;
  /** Whose messages are not to be seen. */
  blocked: ReadonlySet<Id>;
  me: Id;
  now: number;
  /** What the page calls a conversation of more than two. */
  nameOf: (conversation: Conversation) => string;
  /** Instead of what a blocked person said. */
  folded: string;
  language: string;
};

/** What was written here last and is not in the log yet, if it is newer than what is. */
const lastUnsent = ({ _id, lastMessage }: Conversation, outbox: Outbox): OutboxItem | undefined =>
  outbox[_id]?.findLast(
    ({ state, afterSeq, message }) =>
      state === 'waiting' || (message?.seq ?? afterSeq ?? 0) >= (lastMessage?.seq ?? 0),
  );

const said = (text: string, attachments: readonly Attachment[], language: string) => {
  const [first] = attachments;
  return {
    text: glance(wordsOf({ text, attachments }, language)),
    kind: first === undefined ? null : attachmentKind(first),
  };
};

const previewOf = (
  conversation: Conversation,
  { outbox, people, me, blocked, folded, language }: RowSources,
): Preview | null => {
  const unsent = lastUnsent(conversation, outbox);
  if (unsent !== undefined)
    return {
      ...said(unsent.text, attachmentsOf(unsent), language),
      senderName: people[me]?.fullName ?? null,
      mine: true,
      status: unsent.state === 'waiting' ? 'sending' : unsent.state === 'failed' ? 'failed' : null,
    };
  const { lastMessage } = conversation;
  if (lastMessage === undefined) return null;
  if (conversation.kind !== 'direct' && blocked.has(lastMessage.senderId))
    return { text: folded, kind: null, senderName: null, mine: false, status: null };
  return {
    ...said(lastMessage.message, lastMessage.attachments, language),
    senderName: lastMessage.senderName ?? people[lastMessage.senderId]?.fullName ?? null,
    mine: lastMessage.senderId === me,
    status: null,
  };
};

export const conversationRow = ({ conversation }: HeldConversation, sources: RowSources): ConversationRow => {
  const { me, people, drafts, now } = sources;
  const known = peerOf(conversation, me);
  const peer = known === undefined ? null : (people[known._id] ?? known);
  const draft = drafts[conversation._id];
  return {
    id: conversation._id,
    conversation,
    peer,
    noteToSelf: peer?._id === me,
    name: peer?.fullName ?? sources.nameOf(conversation),
    preview: previewOf(conversation, sources),
    at: listedAt(conversation),
    unread: conversation.unread,
    unreadMore: conversation.unreadMore === true,
    mentions: conversation.mentions,
    muted: isMuted(conversation, now),
    draft: draft === undefined || draft.text.trim() === '' ? null : glance(draft.text),
  };
};

/** Of somebody who is blocked nothing is to be seen: where there is nothing else, there is no conversation. */
const isHidden = ({ conversation }: HeldConversation, { blocked, me }: RowSources): boolean => {
  const peer = peerOf(conversation, me);
  return peer !== undefined && blocked.has(peer._id) && conversation.lastMessage === undefined;
};

/**
 * Where something is on its way comes first, in the order of writing and not of this device's clock; then the latest
 * activity. Ids break ties, as on the server.
 */
export const conversationRows = (
  held: Readonly<Record<Id, HeldConversation>>,
  sources: RowSources,
): ConversationRow[] => {
  const writtenAt = new Map<Id, number>();
  for (const [lane, items] of Object.entries(sources.outbox)) {
    const headSeq = held[lane]?.conversation.headSeq ?? 0;
    const last = items.findLast(({ state, message }) => state === 'waiting' || (message?.seq ?? 0) > headSeq);
    if (last !== undefined) writtenAt.set(lane, last.order);
  }
  return Object.values(held)
    .filter((one) => !isHidden(one, sources))
    .map((one) => conversationRow(one, sources))
    .sort(
      (one, other) =>
        (writtenAt.get(other.id) ?? 0) - (writtenAt.get(one.id) ?? 0) ||
        Date.parse(other.at) - Date.parse(one.at) ||
        (one.id < other.id ? 1 : -1),
    );
};
