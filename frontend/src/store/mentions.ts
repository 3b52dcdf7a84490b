import {
  foldUsername,
  mentionPlaces,
  mentionsIn,
  type Conversation,
  type Id,
  type Mention,
  type Person,
} from '@sori/contract';

/** Who can be mentioned in a conversation, by their user names as these are compared. */
export type Mentionable = ReadonlyMap<string, Id>;

/** Those whom a text mentions. */
export const mentionedIn = (text: string, mentionable: Mentionable): Mention<Id>[] =>
  mentionable.size === 0 ? [] : mentionsIn(mentionPlaces(text), (name) => mentionable.get(name));

/** Of a large group only some members are told: there, whoever is known is taken for one. */
export const mentionableIn = (
  { kind, members, memberCount }: Conversation,
  people: Readonly<Record<Id, Person>>,
): Mentionable => {
  if (kind === 'direct') return new Map();
  const isWhole = members.length >= memberCount;
  const those = isWhole ? members.map(({ userId }) => people[userId]) : Object.values(people);
  return new Map(
    those.flatMap((person) =>
      person === undefined ? [] : [[foldUsername(person.username), person._id] as const],
    ),
  );
};
