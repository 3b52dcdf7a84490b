/** With whom somebody shares a conversation: by pairs, and by groups. Open rooms do not count. */
export interface Circle {
  /** The other people of direct conversations. */
  people: Iterable<string>;
  groups: Iterable<string>;
}

interface Kept {
  people: Set<string>;
  /** True where this person is in it, false where they left it while it was being read. */
  groups: Map<string, boolean>;
}

export type Circles = ReturnType<typeof createCircles>;

/**
 * Who of those who are here shares something with whom. A group is kept as those of its members who are here, and a person as
 * the groups they are in: what somebody's coming costs grows with who is here, not with how many there are in a group.
 */
export function createCircles() {
  const kept = new Map<string, Kept>();
  const here = new Map<string, Set<string>>();

  function enter(userId: string, circle: Kept, groupId: string): void {
    circle.groups.set(groupId, true);
    const those = here.get(groupId);
    if (those) those.add(userId);
    else here.set(groupId, new Set([userId]));
  }
  function leave(userId: string, groupId: string): void {
    const those = here.get(groupId);
    if (those?.delete(userId) && those.size === 0) here.delete(groupId);
  }

  return {
    /** This person is here, and what they share with others is not known yet. */
    open: (userId: string): void => void kept.set(userId, { people: new Set(), groups: new Map() }),

    /** It was read. What changed meanwhile is newer. */
    know(userId: string, { people, groups }: Circle): void {
      const circle = kept.get(userId);
      if (!circle) return;
      for (const id of people) {
        if (id === userId) continue;
        circle.people.add(id);
        // Of who is connected to another server, only this shows who they know here.
        kept.get(id)?.people.add(userId);
      }
      for (const id of groups) if (!circle.groups.has(id)) enter(userId, circle, id);
    },

    /** The server that this person is connected to says which groups they are in, and who of those here they know. */
    replace(userId: string, { people, groups }: Circle): void {
      const circle = kept.get(userId);
      if (!circle) return;
      for (const id of people) {
        if (id === userId || !kept.has(id)) continue;
        circle.people.add(id);
        kept.get(id)?.people.add(userId);
      }
      const now = new Set(groups);
      for (const id of circle.groups.keys()) if (!now.has(id)) leave(userId, id);
      circle.groups.clear();
      for (const id of now) enter(userId, circle, id);
    },

    /** Of those who are connected to another server, it is found out whom of those here they know. */
    meetAll(): void {
      for (const [userId, { people }] of kept) for (const id of people) kept.get(id)?.people.add(userId);
    },

    /** With whom this person shares something, as far as it is known. */
    of(userId: string): { people: string[]; groups: string[] } {
      const circle = kept.get(userId);
      const groups = [...(circle?.groups ?? [])].filter(([, isIn]) => isIn).map(([id]) => id);
      return { people: [...(circle?.people ?? [])], groups };
    },

    close(userId: string): void {
      for (const groupId of kept.get(userId)?.groups.keys() ?? []) leave(userId, groupId);
      kept.delete(userId);
    },

    /** They have a direct conversation now. */
    pair(one: string, other: string): void {
      if (one === other) return;
      kept.get(one)?.people.add(other);
      kept.get(other)?.people.add(one);
    },

    enter(userId: string, groupId: string): void {
      const circle = kept.get(userId);
      if (circle) enter(userId, circle, groupId);
    },

    leave(userId: string, groupId: string): void {
      kept.get(userId)?.groups.set(groupId, false);
      leave(userId, groupId);
    },

    /** Those of a group who are here. */
    in: (groupId: string): ReadonlySet<string> => here.get(groupId) ?? new Set(),

    /** Everybody with whom this person shares something: of groups who is here, of pairs everybody. */
    around(userId: string): Set<string> {
      const circle = kept.get(userId);
      const around = new Set(circle?.people);
      for (const [groupId, isIn] of circle?.groups ?? []) {
        if (isIn) for (const id of here.get(groupId) ?? []) around.add(id);
      }
      around.delete(userId);
      return around;
    },

    share(one: string, other: string): boolean {
      const circle = kept.get(one);
      if (!circle || one === other) return false;
      if (circle.people.has(other)) return true;
      for (const [groupId, isIn] of circle.groups) if (isIn && here.get(groupId)?.has(other)) return true;
      return false;
    },

    clear(): void {
      kept.clear();
      here.clear();
    },
  };
}
