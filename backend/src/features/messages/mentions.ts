import { mentionPlaces, mentionsIn } from '@sori/contract';
import { type Audience, isIn } from '../../core/audience.js';

export interface MentionsDeps {
  /** The people with these user names, folded as `foldUsername` says, by that name. */
  withUsernames: (names: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}

/** Finds the members whom a text mentions by `@username`. */
export function createMentions({ withUsernames }: MentionsDeps) {
  return async function mentioned(text: string, audience: Audience): Promise<string[]> {
    const places = mentionPlaces(text);
    const names = new Set(places.flatMap(({ candidates }) => candidates.map(({ name }) => name)));
    if (names.size === 0) return [];
    const people = await withUsernames([...names]);
    const memberNamed = (name: string): string | undefined => {
      const userId = people.get(name);
      return userId !== undefined && isIn(audience, userId) ? userId : undefined;
    };
    return [...new Set(mentionsIn(places, memberNamed).map(({ who }) => who))];
  };
}
