import type { Described } from '../../servers/presence-relay.js';
import type { Circles, FoundOut } from './circles.js';
import type { Hiders } from './hiders.js';
import type { Present } from './present.js';

export interface ElsewhereDeps {
  people: ReadonlyMap<string, Present>;
  /** Somebody as they are known here; new where they were not. */
  present: (userId: string) => Present;
  hiders: Pick<Hiders, 'set'>;
  circles: Pick<Circles, 'replace'>;
  /** Brings what is shown of them into line. */
  settle: (userId: string, person: Present, graceMs?: number) => void;
  changed: (userId: string) => void;
  /** Of somebody who was here already it was found out with whom they share something, and no longer. */
  foundOut: (userId: string, found: FoundOut) => void;
}

/** People who are connected to other servers. For everybody here they are online as if they were connected here. */
export function createElsewhere(deps: ElsewhereDeps) {
  const { people, present, hiders, circles, settle, changed, foundOut } = deps;

  function left(serverId: string, userId: string, graceMs?: number): void {
    const person = people.get(userId);
    if (person?.elsewhere.delete(serverId)) settle(userId, person, graceMs);
  }

  return {
    /** That server has a socket of theirs, or knows something new of them. */
    arrivedElsewhere: (serverId: string, { userId, people: pairs, groups, blocks }: Described): void => {
      const person = present(userId);
      const wasLoaded = person.loaded;
      person.elsewhere.add(serverId);
      // Where they are connected here as well, it is known here.
      let found: FoundOut | undefined;
      if (person.sockets.size === 0) {
        found = circles.replace(userId, { people: pairs, groups });
        const now = new Set(blocks);
        for (const id of person.blocks.keys()) if (!now.has(id)) hiders.set(userId, person, id, false);
        for (const id of now) hiders.set(userId, person, id, true);
        person.loaded = true;
      }
      settle(userId, person);
      if (!wasLoaded) changed(userId);
      else if (found) foundOut(userId, found);
    },

    leftElsewhere: (serverId: string, userId: string): void => left(serverId, userId),

    /** All that there are on that server were named. */
    namedElsewhere: (serverId: string, named: ReadonlySet<string>): void => {
      for (const [userId, { elsewhere }] of people)
        if (elsewhere.has(serverId) && !named.has(userId)) left(serverId, userId);
    },

    /** That server is no more: whoever it had would have come to another one by now. */
    serverGone: (serverId: string): void => {
      for (const [userId, { elsewhere }] of people) if (elsewhere.has(serverId)) left(serverId, userId, 0);
    },
  };
}
