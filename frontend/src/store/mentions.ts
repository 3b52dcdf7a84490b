import { foldUsername, mentionPlaces, type Conversation, type Id, type Person } from '@sori/contract';

/** Who can be mentioned in a conversation, by their user names as these are compared. */
export type Mentionable = ReadonlyMap<string, Id>;

/** A stretch of a text that mentions somebody, in UTF-16 units: from the `@` up to where the name ends. */
export type Mention = { readonly start: number; readonly end: number; readonly userId: Id };

/** Those whom a text mentions. Which of the possible names at a place is meant depends on who is there. */
export const mentionsIn = (text: string, mentionable: Mentionable): Mention[] =>
  !text.includes('@') || mentionable.size === 0
    ? []
    : mentionPlaces(text).flatMap(({ start, candidates }) => {
        for (const { name, end } of candidates) {
          const userId = mentionable.get(name);
          if (userId !== undefined) return [{ start, end, userId }];
        }
        return [];
      });

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
