import type { Clock } from '../../realtime/clock.js';
import type { EmitToSockets } from '../../realtime/emitter.js';
import type { Circle, Circles } from './circles.js';
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
  clock: Clock;
  report: (bug: unknown) => void;
}

export type Online = ReturnType<typeof createOnline>;

/** Who is online, to whom they are shown, and the list that each page begins with. */
export function createOnline(deps: OnlineDeps) {
  const { circleOf, blockedBy, circles, emitToSockets, changed, clock, report } = deps;
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
    loaded: changed,
    clock,
    report,
  });

  return {
    ...visibility,
    hides: hiders.hides,
    hidersOf: hiders.of,
    isHere: (userId: string): boolean => people.has(userId),
    /** Has a page that has had its list, and receives from then on what changes of it. */
    isListening(userId: string): boolean {
      const person = people.get(userId);
      return person?.loaded === true && person.soriSockets.size > 0;
    },

    connected({ socketId, userId, speaksSori }: PresentSocket): void {
      let person = people.get(userId);
      if (!person) {
        person = newPresent();
        people.set(userId, person);
        circles.open(userId);
      }
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
      if (person.sockets.size === 0) settle(userId, person);
    },

    /** @returns in how many ms the viewer may be notified; undefined where it changes nothing for them. */
    setBlock(userId: string, viewerId: string, blocked: boolean): number | undefined {
      const person = people.get(userId);
      if (!person) return undefined;
      const wasShown = isShownTo(viewerId, userId);
      hiders.set(userId, person, viewerId, blocked);
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
