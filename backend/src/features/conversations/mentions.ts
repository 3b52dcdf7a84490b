import { mentionPlaces } from '@sori/contract';
import { type Audience, isIn } from '../../core/audience.js';

export interface MentionsDeps {
  /** The people with these user names, folded as `foldUsername` says, by that name. */
  withUsernames: (names: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}

/** Finds the members whom a text mentions by `@username`: at each place the one with the longest name that fits. */
export function createMentions({ withUsernames }: MentionsDeps) {
  return async function mentionsIn(text: string, audience: Audience): Promise<string[]> {
    const places = mentionPlaces(text);
    if (places.length === 0) return [];
    const names = places.flatMap(({ candidates }) => candidates.map(({ name }) => name));
    const people = await withUsernames([...new Set(names)]);
    const mentioned = places.map(({ candidates }) =>
      candidates
        .map(({ name }) => people.get(name))
        .find((userId) => userId !== undefined && isIn(audience, userId)),
    );
    return [...new Set(mentioned.filter((userId) => userId !== undefined))];
  };
}
