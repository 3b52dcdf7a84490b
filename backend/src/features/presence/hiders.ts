import type { Present } from './present.js';

export type Hiders = ReturnType<typeof createHiders>;

/** Those who are here and block somebody: to whom they block they are not online. */
export function createHiders() {
  const hiders = new Map<string, Set<string>>();

  return {
    of: (viewerId: string): ReadonlySet<string> | undefined => hiders.get(viewerId),

    hides: (userId: string, viewerId: string | undefined): boolean =>
      viewerId !== undefined && hiders.get(viewerId)?.has(userId) === true,

    set(userId: string, person: Pick<Present, 'blocks'>, viewerId: string, blocked: boolean): void {
      person.blocks.set(viewerId, blocked);
      const those = hiders.get(viewerId) ?? new Set();
      if (blocked) hiders.set(viewerId, those.add(userId));
      else if (those.delete(userId) && those.size === 0) hiders.delete(viewerId);
    },

    clear: (): void => hiders.clear(),
  };
}
