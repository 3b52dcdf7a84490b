import type { Caller } from '../../core/caller.js';
import type { Clock } from '../../realtime/clock.js';

export interface ConnectedOccupantsDeps {
  clock: Clock;
  /** Somebody's first socket is here: puts them back into their rooms. @returns which those are */
  arrive: (caller: Caller) => Promise<string[]>;
  /** This server has nothing of theirs any more. */
  depart: (userId: string) => Promise<void>;
  /** Says that these people are still with this server. */
  renew: (userIds: readonly string[]) => Promise<void>;
  /** This server stops. */
  releaseAll: (userIds: readonly string[]) => Promise<void>;
  /** Takes those out who were left behind by a server that was killed before `since`. */
  departLost: (since: Date) => Promise<void>;
  report: (error: unknown) => void;
}

/** A reload takes a second or two, a change of networks some more: nobody is to be notified of either. */
export const graceMs = 8_000;
/** Who has entered, or asks by REST alone, is here for so long without a socket. */
export const withoutSocketMs = 30_000;
export const renewEveryMs = 15_000;
const lostAfterMs = 45_000;

export interface Occupant {
  /** As of their latest socket. */
  caller: Caller | undefined;
  sockets: Set<string>;
  rooms: Set<string>;
  cancelDeparture: (() => void) | undefined;
}

export type ConnectedOccupants = ReturnType<typeof createConnectedOccupants>;

/** How long people are in rooms: as long as a socket of theirs is there, and a grace more. */
export function createConnectedOccupants({
  clock,
  arrive,
  depart,
  renew,
  releaseAll,
  departLost,
  report,
}: ConnectedOccupantsDeps) {
  const people = new Map<string, Occupant>();
  const owners = new Map<string, string>();
  let cancelRound: (() => void) | undefined;
  let closed = false;

  const attendantOf = (userId: string): Occupant => {
    let person = people.get(userId);
    if (!person) {
      person = { caller: undefined, sockets: new Set(), rooms: new Set(), cancelDeparture: undefined };
      people.set(userId, person);
    }
    return person;
  };

  /** They go after this time, unless a socket of theirs is there or comes. */
  function expectDeparture(userId: string, person: Occupant, ms: number): void {
    person.cancelDeparture?.();
    person.cancelDeparture = undefined;
    if (person.sockets.size > 0 || closed) return;
    person.cancelDeparture = clock.after(ms, () => {
      people.delete(userId);
      depart(userId).catch(report);
    });
  }

  async function arriveInRooms(caller: Caller, person: Occupant): Promise<void> {
    try {
      for (const conversationId of await arrive(caller)) person.rooms.add(conversationId);
    } catch (error) {
      report(error);
    }
  }

  async function round(): Promise<void> {
    // Those as well of whom no room is known: they may have entered one by another server.
    await renew([...people.keys()]);
    await departLost(new Date(clock.now() - lostAfterMs));
  }

  function nextRound(): void {
    if (closed) return;
    cancelRound = clock.after(renewEveryMs, () => {
      round().catch(report).finally(nextRound);
    });
  }
  nextRound();

  return {
    /** Never rejects: that somebody cannot be shown as here is no reason to keep them out. */
    async connected(socketId: string, caller: Caller): Promise<void> {
      const person = attendantOf(caller.userId);
      owners.set(socketId, caller.userId);
      person.caller = caller;
      const isFirst = person.sockets.size === 0;
      person.sockets.add(socketId);
      person.cancelDeparture?.();
      person.cancelDeparture = undefined;
      if (!isFirst) return;
      await arriveInRooms(caller, person);
    },

    /** Another server took them for lost. Never rejects. */
    async arriveAgain(userId: string): Promise<void> {
      const person = people.get(userId);
      if (person?.caller && person.sockets.size > 0) await arriveInRooms(person.caller, person);
    },

    /** Everybody who is with this server, by a socket or without one for a moment. */
    all: (): IterableIterator<[string, Occupant]> => people.entries(),

    /** Whether this server takes them to be in that room. */
    isIn: (userId: string, conversationId: string): boolean =>
      people.get(userId)?.rooms.has(conversationId) === true,

    /** They entered that room by another server. */
    adopt: (userId: string, conversationId: string): void =>
      void people.get(userId)?.rooms.add(conversationId),

    disconnected(socketId: string): void {
      const userId = owners.get(socketId);
      owners.delete(socketId);
      const person = userId === undefined ? undefined : people.get(userId);
      if (userId === undefined || !person?.sockets.delete(socketId)) return;
      expectDeparture(userId, person, graceMs);
    },

    /** They are in this room now, and stay for a while also without a socket. */
    entered(userId: string, conversationId: string): void {
      const person = attendantOf(userId);
      person.rooms.add(conversationId);
      expectDeparture(userId, person, withoutSocketMs);
    },

    /** They asked for something by REST. @returns false for somebody who is not here, as far as is known. */
    renewed(userId: string): boolean {
      const person = people.get(userId);
      if (!person || person.rooms.size === 0) return false;
      expectDeparture(userId, person, withoutSocketMs);
      return true;
    },

    left(userId: string, conversationId: string): void {
      people.get(userId)?.rooms.delete(conversationId);
    },

    async close(): Promise<void> {
      closed = true;
      cancelRound?.();
      for (const { cancelDeparture } of people.values()) cancelDeparture?.();
      await releaseAll([...people.keys()]).catch(report);
    },
  };
}
