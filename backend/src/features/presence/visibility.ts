import type { Hiders } from './hiders.js';
import type { Present } from './present.js';

/** Who of those who are here is shown to whom. */
export function createVisibility(people: ReadonlyMap<string, Present>, { hides }: Pick<Hiders, 'hides'>) {
  /** To anybody at all: not before it is known whom this person blocks. */
  function isShown(userId: string): boolean {
    const person = people.get(userId);
    return person?.shown === true && person.loaded;
  }
  const isShownTo = (viewerId: string | undefined, userId: string): boolean =>
    isShown(userId) && !hides(userId, viewerId);
  function* shown(): Iterable<string> {
    for (const userId of people.keys()) if (isShown(userId)) yield userId;
  }
  const among = (userIds: Iterable<string>, viewerId?: string): string[] =>
    [...new Set(userIds)].filter((userId) => isShownTo(viewerId, userId));

  return {
    isShown,
    isShownTo,
    shown,
    among,

    /** What others are shown of this person; undefined where it is not known yet, or no more, what that is. */
    shownAs(userId: string): boolean | undefined {
      const person = people.get(userId);
      return person?.loaded ? person.shown : undefined;
    },
  };
}
