import { LRUCache } from 'lru-cache';
import { Types } from 'mongoose';
import type { Clock } from '../realtime/clock.js';
import type { Link } from './link.js';
import { channels, type Occupancy } from './publications.js';

export interface InOneOrderDeps {
  link: Pick<Link, 'isUp' | 'publishToAll' | 'on'>;
  clock: Pick<Clock, 'after'>;
  /** Is to be told to the plain clients of this server. */
  heard: (change: Occupancy) => void;
}

/** What this server does not hear of itself within this time, it tells its own at once. In milliseconds. */
const patienceMs = 500;

/**
 * Who comes and goes, to the plain clients of all servers: each tells its own when Redis passes it on, so that all of them are
 * told in the same order. Where Redis is away each tells what it knows.
 */
export function createInOneOrder({ link, clock, heard: tell }: InOneOrderDeps) {
  const once = createEachOnce();
  const heard = (change: Occupancy): void => tell(once(change));
  const origin = new Types.ObjectId().toHexString();
  /** What was said here and not heard yet, in that order. */
  const waiting = new Map<number, { change: Occupancy; cancel: () => void }>();
  let last = 0;

  /** This one, and what was said before it: that comes no more. */
  function tellUpTo(number: number): void {
    for (const [earlier, { change, cancel }] of waiting) {
      if (earlier > number) return;
      cancel();
      waiting.delete(earlier);
      heard(change);
    }
  }

  link.on('occupancy', ({ origin: from, number, change }) => {
    if (from !== origin) heard(change);
    else tellUpTo(number);
  });

  return {
    /** Another server did that, as the database has it; it may be heard of as well. */
    found: heard,

    /** This server did that. */
    say: (change: Occupancy): void => {
      const number = (last += 1);
      waiting.set(number, { change, cancel: clock.after(patienceMs, () => tellUpTo(number)) });
      if (link.isUp())
        link.publishToAll(channels.plain(change.conversationId), 'occupancy', { origin, number, change });
      else tellUpTo(number);
    },
  };
}

/** What is told again within this time, in milliseconds, was found in the database and then heard of, or the other way round. */
const sameWithinMs = 5_000;

/** That somebody came, or went, is told once, although it may be found out in two ways. */
function createEachOnce() {
  const told = new LRUCache<string, 'joined' | 'left'>({ max: 10_000, ttl: sameWithinMs });
  return (change: Occupancy): Occupancy => {
    const untold = (people: Occupancy['joined'], what: 'joined' | 'left') =>
      people.filter(({ _id }) => {
        const isNew = told.get(_id) !== what;
        told.set(_id, what);
        return isNew;
      });
    return { ...change, joined: untold(change.joined, 'joined'), left: untold(change.left, 'left') };
  };
}
