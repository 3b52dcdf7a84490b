import type { Clock } from '../../realtime/clock.js';
import type { EmitToSockets } from '../../realtime/emitter.js';
import type { Circle, Circles, FoundOut } from './circles.js';
import { createDescriptions } from './descriptions.js';
import { createElsewhere } from './elsewhere.js';
import { createHiders } from './hiders.js';
import { createLists } from './lists.js';
import { gapMs, newPresent, type Present, type PresentSocket } from './present.js';
import { createSettling } from './settling.js';
import { createVisibility } from './visibility.js';

export interface OnlineDeps {
  circleOf: (userId: string) => Promise<Circle>;
  blockedBy: (userId: string) => Promise<Iterable<string>>;
  circles: Circles;
  emitToSockets: EmitToSockets;
  /** Somebody came or went, or it is known by now who is around them. */
  changed: (userId: string) => void;
  /** Of somebody who was here already it was found out with whom they share something, and no longer. */
  foundOut: (userId: string, found: FoundOut) => void;
  others: OtherServers;
  clock: Clock;
  report: (bug: unknown) => void;
}

/** Whom the other servers are to know of. */
export interface OtherServers {
  /** They are connected here, or what is to be known of them is another than before. */
  arrived: (userId: string) => void;
  /** They have no socket here any more. */
  left: (userId: string) => void;
}

export type Online = ReturnType<typeof createOnline>;

/** Who is online, to whom they are shown, and the list that each page begins with. */
export function createOnline(deps: OnlineDeps) {
  const { circleOf, blockedBy, circles, emitToSockets, changed, foundOut, others, clock, report } = deps;
  const people = new Map<string, Present>();
  const hiders = createHiders();
  const visibility = createVisibility(people, hiders);
  const { isShownTo, among } = visibility;
  const settle = createSettling({ clock, changed, forget });
  let closed = false;

  function forget(userId: string, person: Present): void {
    person.cancelRetry?.();
    for (const viewerId of person.blocks.keys()) hiders.set(userId, person, viewerId, false);
    people.delete(userId);
    circles.close(userId);
  }

  const list = createLists({
    circleOf,
    blockedBy,
    circles,
    block: (userId, person, viewerId) => hiders.set(userId, person, viewerId, true),
    isClosed: () => closed,
    isStillHere: (userId, person) => people.get(userId) === person,
    among,
    emitToSockets,
    loaded(userId, before, found) {
      // Who moved here from another server was shown already.
      if (before) foundOut(userId, found);
      else changed(userId);
      others.arrived(userId);
    },
    clock,
    report,
  });

  function present(userId: string): Present {
    let person = people.get(userId);
    if (!person) {
      person = newPresent();
      people.set(userId, person);
      circles.open(userId);
    }
    return person;
  }

  return {
    ...visibility,
    ...createElsewhere({ people, present, hiders, circles, settle, changed, foundOut }),
    ...createDescriptions(people, circles),
    hides: hiders.hides,
    hidersOf: hiders.of,
    isHere: (userId: string): boolean => people.has(userId),
    /** Has a page that has had its list, and receives from then on what changes of it. */
    isListening(userId: string): boolean {
      const person = people.get(userId);
      return person?.listed === true && person.soriSockets.size > 0;
    },

    connected({ socketId, userId, speaksSori }: PresentSocket): void {
      const person = present(userId);
      person.sockets.add(socketId);
      if (speaksSori) {
        person.soriSockets.add(socketId);
        person.unlisted.add(socketId);
      }
      settle(userId, person);
    },

    /** Tells this person's pages who is online, or where that cannot be read now, later. Never rejects. */
    async list(userId: string): Promise<void> {
      const person = people.get(userId);
      if (person) await list(userId, person);
    },

    disconnected({ socketId, userId }: Pick<PresentSocket, 'socketId' | 'userId'>): void {
      const person = people.get(userId);
      if (!person) return;
      for (const kind of [person.sockets, person.soriSockets, person.unlisted]) kind.delete(socketId);
      if (person.sockets.size > 0) return;
      others.left(userId);
      // What happens to them from now on is heard elsewhere, or not at all: their next list is of what is read then.
      [person.listed, person.loading] = [false, undefined];
      settle(userId, person);
    },

    /** @returns in how many ms the viewer may be notified; undefined where it changes nothing for them. */
    setBlock(userId: string, viewerId: string, blocked: boolean): number | undefined {
      const person = people.get(userId);
      if (!person) return undefined;
      if (person.listed && (person.blocks.get(viewerId) ?? false) === blocked) return undefined;
      const wasShown = isShownTo(viewerId, userId);
      hiders.set(userId, person, viewerId, blocked);
      if (person.sockets.size > 0) others.arrived(userId);
      if (isShownTo(viewerId, userId) === wasShown) return undefined;
      return person.changedAt + gapMs - clock.elapsed();
    },

    close(): void {
      closed = true;
      for (const person of people.values()) {
        person.cancelSettle?.();
        person.cancelRetry?.();
      }
      people.clear();
      hiders.clear();
    },
  };
}
