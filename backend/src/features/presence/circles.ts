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

const nobody: ReadonlySet<string> = new Set();

/** Of each group those of its members who are here. */
function createMembersHere() {
  const here = new Map<string, Set<string>>();
  return {
    enter(userId: string, circle: Kept, groupId: string): void {
      circle.groups.set(groupId, true);
      const those = here.get(groupId);
      if (those) those.add(userId);
      else here.set(groupId, new Set([userId]));
    },
    leave(userId: string, groupId: string): void {
      const those = here.get(groupId);
      if (those?.delete(userId) && those.size === 0) here.delete(groupId);
    },
    in: (groupId: string): ReadonlySet<string> => here.get(groupId) ?? nobody,
    clear: (): void => here.clear(),
  };
}

/**
 * Who of those who are here shares something with whom. A group is kept as those of its members who are here, and a person as
 * the groups they are in: what somebody's coming costs grows with who is here, not with how many there are in a group.
 */
export function createCircles() {
  const kept = new Map<string, Kept>();
  const here = createMembersHere();
  const newcomers = new Set<string>();

  /** Everybody with whom this person shares something: of groups who is here, of pairs everybody. */
  function around(userId: string): Set<string> {
    const circle = kept.get(userId);
    const those = new Set(circle?.people);
    for (const [groupId, isIn] of circle?.groups ?? []) {
      if (isIn) for (const id of here.in(groupId)) those.add(id);
    }
    those.delete(userId);
    return those;
  }

  /** Those here who come to share something with this person by these people and groups, and shared nothing before. */
  function freshBy(userId: string, people: readonly string[], groups: readonly string[]): string[] {
    if (people.length + groups.length === 0) return [];
    const before = around(userId);
    const those = new Set(people);
    for (const groupId of groups) for (const id of here.in(groupId)) those.add(id);
    return [...those].filter((id) => id !== userId && !before.has(id));
  }

  return {
    /** This person is here, and what they share with others is not known yet. */
    open(userId: string): void {
      kept.set(userId, { people: new Set(), groups: new Map() });
      newcomers.add(userId);
    },

    /** It was read. What changed meanwhile is newer. @returns those here who shared nothing with them, as far as was known */
    know(userId: string, { people, groups }: Circle): string[] {
      const circle = kept.get(userId);
      if (!circle) return [];
      const others = [...people].filter((id) => id !== userId);
      const newOnes = others.filter((id) => kept.has(id) && !circle.people.has(id));
      const newGroups = [...groups].filter((id) => !circle.groups.has(id));
      const fresh = freshBy(userId, newOnes, newGroups);
      for (const id of others) circle.people.add(id);
      // Of who is connected to another server, only this shows who they know here.
      for (const id of newOnes) kept.get(id)?.people.add(userId);
      for (const id of newGroups) here.enter(userId, circle, id);
      return fresh;
    },

    /**
     * The server that this person is connected to says which groups they are in, and who of those here they know.
     * @returns those here who shared nothing with them, as far as was known
     */
    replace(userId: string, { people, groups }: Circle): string[] {
      const circle = kept.get(userId);
      if (!circle) return [];
      const newOnes = [...people].filter((id) => id !== userId && kept.has(id) && !circle.people.has(id));
      const now = new Set(groups);
      const newGroups = [...now].filter((id) => circle.groups.get(id) !== true);
      const fresh = freshBy(userId, newOnes, newGroups);
      for (const id of newOnes) {
        circle.people.add(id);
        kept.get(id)?.people.add(userId);
      }
      for (const id of circle.groups.keys()) if (!now.has(id)) here.leave(userId, id);
      circle.groups.clear();
      for (const id of now) here.enter(userId, circle, id);
      return fresh;
    },

    /**
     * Finds out whom of those here the people know who came since the last time: the server that they are connected to may not
     * have heard of it yet. All at once, because it costs as much as there are people here.
     */
    meetNewcomers(): void {
      for (const [userId, { people }] of newcomers.size > 0 ? kept : []) {
        const [few, many] = people.size < newcomers.size ? [people, newcomers] : [newcomers, people];
        for (const id of few) if (many.has(id)) kept.get(id)?.people.add(userId);
      }
      newcomers.clear();
    },

    /** With whom this person shares something, as far as it is known. */
    of(userId: string): { people: string[]; groups: string[] } {
      const circle = kept.get(userId);
      const groups = [...(circle?.groups ?? [])].filter(([, isIn]) => isIn).map(([id]) => id);
      return { people: [...(circle?.people ?? [])], groups };
    },

    close(userId: string): void {
      for (const groupId of kept.get(userId)?.groups.keys() ?? []) here.leave(userId, groupId);
      kept.delete(userId);
      newcomers.delete(userId);
    },

    /** They have a direct conversation now. */
    pair(one: string, other: string): void {
      if (one === other) return;
      kept.get(one)?.people.add(other);
      kept.get(other)?.people.add(one);
    },

    enter(userId: string, groupId: string): void {
      const circle = kept.get(userId);
      if (circle) here.enter(userId, circle, groupId);
    },

    leave(userId: string, groupId: string): void {
      kept.get(userId)?.groups.set(groupId, false);
      here.leave(userId, groupId);
    },

    /** Those of a group who are here. */
    in: here.in,
    around,

    share(one: string, other: string): boolean {
      const circle = kept.get(one);
      if (!circle || one === other) return false;
      if (circle.people.has(other)) return true;
      for (const [groupId, isIn] of circle.groups) if (isIn && here.in(groupId).has(other)) return true;
      return false;
    },

    clear(): void {
      kept.clear();
      here.clear();
      newcomers.clear();
    },
  };
}
