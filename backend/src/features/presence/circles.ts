/** With whom somebody shares a conversation: by pairs, and by groups. Open rooms do not count. */
export interface Circle {
  /** The other people of direct conversations. */
  people: Iterable<string>;
  groups: Iterable<string>;
}

interface Kept {
  people: Set<string>;
  groups: Set<string>;
  /** While it is being read: the groups that this person came into (true) or left meanwhile. */
  meanwhile: Map<string, boolean> | undefined;
}

/** What was found out of one person. */
export interface FoundOut {
  /** Those here who come to share something with them. */
  fresh: readonly string[];
  /** Those here who no longer do. */
  strangers: readonly string[];
}
const nothing: FoundOut = { fresh: [], strangers: [] };

export type Circles = ReturnType<typeof createCircles>;

const nobody: ReadonlySet<string> = new Set();

/** Of each group those of its members who are here. */
function createMembersHere() {
  const here = new Map<string, Set<string>>();
  return {
    enter(userId: string, groupId: string): void {
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

function createAround(kept: ReadonlyMap<string, Kept>, here: ReturnType<typeof createMembersHere>) {
  /** Everybody with whom this person shares something: of groups who is here, of pairs everybody. */
  function around(userId: string): Set<string> {
    const circle = kept.get(userId);
    const those = new Set(circle?.people);
    for (const groupId of circle?.groups ?? []) for (const id of here.in(groupId)) those.add(id);
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

  /** They are in these groups and in no others. @returns those here who share nothing with them any more */
  function replaceGroups(userId: string, circle: Kept, groups: ReadonlySet<string>): string[] {
    const those = new Set<string>();
    for (const groupId of circle.groups) {
      if (groups.has(groupId)) continue;
      here.leave(userId, groupId);
      for (const id of here.in(groupId)) those.add(id);
    }
    circle.groups = new Set(groups);
    for (const groupId of groups) here.enter(userId, groupId);
    if (those.size === 0) return [];
    const left = around(userId);
    return [...those].filter((id) => !left.has(id));
  }

  return { around, freshBy, replaceGroups };
}

/**
 * Who of those who are here shares something with whom. A group is kept as those of its members who are here, and a person as
 * the groups they are in: what somebody's coming costs grows with who is here, not with how many there are in a group.
 */
export function createCircles() {
  const kept = new Map<string, Kept>();
  const here = createMembersHere();
  const newcomers = new Set<string>();

  const { around, freshBy, replaceGroups } = createAround(kept, here);

  return {
    /** This person is here, and what they share with others is not known yet. */
    open(userId: string): void {
      kept.set(userId, { people: new Set(), groups: new Set(), meanwhile: undefined });
      newcomers.add(userId);
    },

    /** It begins to be read what they share with others. */
    isRead(userId: string): void {
      const circle = kept.get(userId);
      if (circle) circle.meanwhile = new Map();
    },

    /** It was read. What changed meanwhile is newer. */
    know(userId: string, { people, groups }: Circle): FoundOut {
      const circle = kept.get(userId);
      if (!circle) return nothing;
      const now = new Set(groups);
      for (const [id, isIn] of circle.meanwhile ?? [])
        if (isIn) now.add(id);
        else now.delete(id);
      circle.meanwhile = undefined;
      const others = [...people].filter((id) => id !== userId);
      const newOnes = others.filter((id) => kept.has(id) && !circle.people.has(id));
      const fresh = freshBy(
        userId,
        newOnes,
        [...now].filter((id) => !circle.groups.has(id)),
      );
      for (const id of others) circle.people.add(id);
      // Of who is connected to another server, only this shows who they know here.
      for (const id of newOnes) kept.get(id)?.people.add(userId);
      return { fresh, strangers: replaceGroups(userId, circle, now) };
    },

    /** The server that this person is connected to says which groups they are in, and who of those here they know. */
    replace(userId: string, { people, groups }: Circle): FoundOut {
      const circle = kept.get(userId);
      if (!circle) return nothing;
      const newOnes = [...people].filter((id) => id !== userId && kept.has(id) && !circle.people.has(id));
      const now = new Set(groups);
      const newGroups = [...now].filter((id) => !circle.groups.has(id));
      const fresh = freshBy(userId, newOnes, newGroups);
      for (const id of newOnes) {
        circle.people.add(id);
        kept.get(id)?.people.add(userId);
      }
      return { fresh, strangers: replaceGroups(userId, circle, now) };
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
      return { people: [...(circle?.people ?? [])], groups: [...(circle?.groups ?? [])] };
    },

    close(userId: string): void {
      for (const groupId of kept.get(userId)?.groups ?? []) here.leave(userId, groupId);
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
      if (!circle) return;
      circle.groups.add(groupId);
      circle.meanwhile?.set(groupId, true);
      here.enter(userId, groupId);
    },

    leave(userId: string, groupId: string): void {
      kept.get(userId)?.groups.delete(groupId);
      kept.get(userId)?.meanwhile?.set(groupId, false);
      here.leave(userId, groupId);
    },

    /** Those of a group who are here. */
    in: here.in,
    around,

    share(one: string, other: string): boolean {
      const circle = kept.get(one);
      if (!circle || one === other) return false;
      if (circle.people.has(other)) return true;
      return [...circle.groups].some((groupId) => here.in(groupId).has(other));
    },

    clear(): void {
      kept.clear();
      here.clear();
      newcomers.clear();
    },
  };
}
