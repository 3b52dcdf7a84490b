import {
  foldUsername,
  mentionPlaces,
  mentionsIn,
  type Conversation,
  type Entry,
  type Id,
  type Mention,
  type Person,
} from '@sori/contract';

/** Who can be mentioned in a conversation, by their user names as these are compared. */
export type Mentionable = ReadonlyMap<string, Id>;

/** Those whom a text mentions. */
export const mentionedIn = (text: string, mentionable: Mentionable): Mention<Id>[] =>
  mentionable.size === 0 ? [] : mentionsIn(mentionPlaces(text), (name) => mentionable.get(name));

export type Known = {
  readonly me: Person | null;
  readonly people: Readonly<Record<Id, Person>>;
  /** Who is in that conversation, too: of a large group only some members are told. */
  readonly met: ReadonlySet<Id> | undefined;
};

/** As on the server, people are mentioned in groups alone. Of a large one only those count who are known to be in it. */
export const mentionableIn = (conversation: Conversation, { me, people, met }: Known): Mentionable => {
  const mentionable = new Map<string, Id>();
  if (conversation.kind !== 'group') return mentionable;
  const add = (person: Person | null | undefined): void => {
    if (person) mentionable.set(foldUsername(person.username), person._id);
  };
  for (const { userId } of conversation.members) add(people[userId]);
  if (conversation.members.length >= conversation.memberCount) return mentionable;
  for (const userId of met ?? []) add(people[userId]);
  add(me);
  return mentionable;
};

/**
 * Who is in a group, as its log tells it: who wrote or came, until they leave. No more than are in it. The same object where
 * that changes nothing.
 */
export const membersMetIn = (
  { kind }: Conversation,
  met: ReadonlySet<Id> | undefined,
  entries: readonly Entry[],
): ReadonlySet<Id> | undefined => {
  if (kind !== 'group') return met;
  const now = new Set(met);
  let isSame = true;
  const come = (userId: Id): void => {
    isSame &&= now.has(userId);
    now.add(userId);
  };
  for (const entry of entries) {
    if (entry.kind === 'message') come(entry.senderId);
    if (entry.kind !== 'member') continue;
    if (entry.change === 'joined' || entry.change === 'added') entry.userIds.forEach(come);
    if (entry.change === 'left' || entry.change === 'removed')
      for (const userId of entry.userIds) isSame = !now.delete(userId) && isSame;
  }
  return isSame ? met : now;
};
