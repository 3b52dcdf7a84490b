import { isFromNewer, type Notice, noticesJoined, peopleIn } from '@sori/client';
import type { Id, Message, Person } from '@sori/contract';
import type { KeptConversation } from '../../store/accountDatabase';

/** Messages kept of each conversation: cut back to `keptMessages` where there are more than `cutMessages`. */
export const keptMessages = 200;
export const cutMessages = 300;
/** Conversations kept, those with the latest activity. */
export const keptConversations = 1_000;

/** Of so many people the names are kept with a conversation, those who were told of last. */
const keptPeople = 200;

/** Of whom the names are to be kept with those messages. */
export const peopleAt = (
  people: Readonly<Record<Id, Person>>,
  messages: readonly Message[],
  notices: readonly Notice[],
): Person[] => {
  const ids = new Set([...messages.map(({ senderId }) => senderId), ...peopleIn(notices)]);
  return [...ids].flatMap((id) => people[id] ?? []);
};

const peopleJoined = (before: readonly Person[], fresh: readonly Person[]): readonly Person[] => {
  const known = new Set(fresh.map(({ _id }) => _id));
  return [...before.filter(({ _id }) => !known.has(_id)), ...fresh].slice(-keptPeople);
};

/** What a tab has learned: a gapless run of messages `from` up to `cursor`, and changes of messages before it. */
export type CacheChange = KeptConversation & {
  /** Without those that this tab has written before. */
  readonly messages: readonly Message[];
  /** Those: for where they are not there any more, since another tab has thrown them away. */
  readonly written?: readonly Message[];
};

/**
 * What is kept after a tab wrote what it has learned. Several tabs write, and each follows the log at its own pace: a
 * slower one takes nothing back, and what does not join on to what is kept replaces it.
 */
export const keptAfter = (
  before: KeptConversation | undefined,
  { messages, written = [], ...change }: CacheChange,
): { kept: KeptConversation; startsOver: boolean; messages: readonly Message[] } => {
  const all = [...written, ...messages];
  const joinsOn = before?.epoch === change.epoch && change.from <= before.cursor + 1;
  if (!joinsOn || isOutgrown(before, change.build ?? 0))
    return { kept: change, startsOver: before !== undefined, messages: all };
  // A tab so far behind that its messages do not reach up to those that are kept: these are worth more.
  if (change.cursor + 1 < before.from) return { kept: before, startsOver: false, messages };
  const from = Math.min(before.from, change.from);
  // They never change: whoever has heard of one has it right.
  const notices = noticesJoined(before.notices ?? [], change.notices ?? []);
  const people = peopleJoined(before.people ?? [], change.people ?? []);
  return {
    kept: { ...(change.cursor < before.cursor ? before : change), from, notices, people },
    startsOver: false,
    messages: change.from < before.from ? all : messages,
  };
};

/** Whether this build of the page may know what the one that kept it did not: then the server is asked once more. */
export const isOutgrown = ({ notices, build = 0 }: KeptConversation, current: number): boolean =>
  build < current && notices?.some(isFromNewer) === true;

/** With nothing from before that seq. */
export const keptFrom = (kept: KeptConversation, from: number): KeptConversation => ({
  ...kept,
  from,
  ...(kept.notices === undefined ? {} : { notices: kept.notices.filter(({ seq }) => seq >= from) }),
});

const changedAt = ({ updatedAt }: Message): number => Date.parse(updatedAt);

/** Whether to store this state of a message, where another one, or none, is kept. */
export const isNewer = (message: Message, kept: Message | undefined): boolean =>
  kept === undefined || changedAt(message) >= changedAt(kept);

/** An older version of this page kept everybody who reacted, and no count. */
type KeptReaction = Omit<Message['reactions'][number], 'count'> & { readonly count?: number };

export const withCounts = (message: Message): Message => ({
  ...message,
  reactions: message.reactions.map(({ count, ...reaction }: KeptReaction) => ({
    ...reaction,
    count: count ?? reaction.userIds.length,
  })),
});
