import { Types } from 'mongoose';
import type { Clock } from '../realtime/clock.js';
import type { Link } from './link.js';
import { channels, type DescribedPerson } from './publications.js';

/** Somebody with sockets on one server. */
export interface Described {
  userId: string;
  people: Iterable<string>;
  groups: readonly string[];
  blocks: readonly string[];
}

export interface PresenceRelayDeps {
  /** Names this process: one that was started again is another one. */
  serverId: string;
  link: Pick<Link, 'publish' | 'subscribe' | 'on' | 'isUp'>;
  clock: Clock;
  /** What this server knows, and is told. */
  presence: {
    /** Undefined for who is not connected here, or of whom it is not known yet. */
    describe: (userId: string) => Described | undefined;
    connectedHere: () => Iterable<string>;
    arrivedElsewhere: (serverId: string, person: Described) => void;
    leftElsewhere: (serverId: string, userId: string) => void;
    namedElsewhere: (serverId: string, named: ReadonlySet<string>) => void;
    serverGone: (serverId: string) => void;
  };
}

/** What happens within this time goes together, in milliseconds. */
const gatherMs = 50;
/** So many people are described in one publication. */
const atOnce = 500;
/** A server that was asked is not asked again before this, in milliseconds. */
const askAgainMs = 2_000;

interface Peer {
  /** How many publications of its changes were heard. */
  number: number;
  askedAt: number;
  /** While it names all of its people: those named so far. */
  naming: Set<string> | undefined;
}

const toId = (id: string): Types.ObjectId => new Types.ObjectId(id);
const toText = (ids: readonly Types.ObjectId[]): string[] => ids.map((id) => id.toHexString());

function pack({ userId, people, groups, blocks }: Described, isWhole: boolean): DescribedPerson {
  return {
    userId: toId(userId),
    people: isWhole ? Array.from(people, toId) : [],
    groups: groups.map(toId),
    blocks: blocks.map(toId),
  };
}
const unpack = ({ userId, people, groups, blocks }: DescribedPerson): Described => ({
  userId: userId.toHexString(),
  people: toText(people),
  groups: toText(groups),
  blocks: toText(blocks),
});

export type PresenceRelay = ReturnType<typeof createPresenceRelay>;

/**
 * Who is connected to which server. Each publishes who comes and goes, by number; who misses a number, or hears of a server
 * for the first time, asks it to name all of its people. So nothing is kept in Redis that could be old when it comes back.
 */
export function createPresenceRelay({ serverId, link, clock, presence }: PresenceRelayDeps) {
  const peers = hearPeers({ serverId, link, clock, presence });
  const changed = new Set<string>();
  /** Of whom the others know. */
  const told = new Set<string>();
  const asking = new Set<string>();
  let number = 0;
  let cancelChanges: (() => void) | undefined;
  let cancelNaming: (() => void) | undefined;

  function publishChanges(): void {
    cancelChanges = undefined;
    const all = [...changed];
    changed.clear();
    for (let start = 0; start < all.length; start += atOnce) {
      const arrived: DescribedPerson[] = [];
      const left: Types.ObjectId[] = [];
      for (const userId of all.slice(start, start + atOnce)) {
        const described = presence.describe(userId);
        if (described) {
          told.add(userId);
          arrived.push(pack(described, true));
        } else if (told.delete(userId)) left.push(toId(userId));
      }
      if (arrived.length + left.length === 0) continue;
      number += 1;
      link.publish(channels.servers, 'presence', { serverId, number, arrived, left });
    }
  }

  function change(userId: string): void {
    changed.add(userId);
    cancelChanges ??= clock.after(gatherMs, publishChanges);
  }

  /** All people who are here, to who asked: to everybody where that are several. */
  function nameAll(): void {
    cancelNaming = undefined;
    const [only] = asking;
    const channel = asking.size > 1 || only === undefined ? channels.servers : channels.server(only);
    asking.clear();
    const here = [...presence.connectedHere()].flatMap((userId) => presence.describe(userId) ?? []);
    for (let start = 0; start === 0 || start < here.length; start += atOnce) {
      link.publish(channel, 'presenceOfAll', {
        serverId,
        number,
        isFirst: start === 0,
        isLast: start + atOnce >= here.length,
        arrived: here.slice(start, start + atOnce).map((person) => pack(person, false)),
      });
    }
  }

  link.on('presenceAsked', ({ by }) => {
    asking.add(by);
    cancelNaming ??= clock.after(gatherMs, nameAll);
  });
  void link.subscribe(channels.server(serverId));

  return {
    /** Somebody is connected here, or what is to be known of them is another than before. */
    arrived: change,
    /** Nobody of theirs is connected here any more. */
    left: change,
    /** How many changes were published: others find out by it that they missed one. */
    number: (): number => number,

    gone: peers.gone,

    close(): void {
      cancelChanges?.();
      cancelNaming?.();
    },
  };
}

/** What the other servers say of their people. */
function hearPeers({ serverId, link, clock, presence }: PresenceRelayDeps) {
  const peers = new Map<string, Peer>();

  function peer(id: string): Peer {
    let known = peers.get(id);
    if (!known) {
      known = { number: -1, askedAt: -Infinity, naming: undefined };
      peers.set(id, known);
    }
    return known;
  }

  function ask(id: string, known: Peer): void {
    if (clock.elapsed() - known.askedAt < askAgainMs) return;
    known.askedAt = clock.elapsed();
    link.publish(channels.server(id), 'presenceAsked', { by: serverId });
  }

  link.on('presence', ({ serverId: id, number: next, arrived, left }) => {
    const known = peer(id);
    if (known.number !== next - 1) ask(id, known);
    else known.number = next;
    for (const person of arrived) {
      presence.arrivedElsewhere(id, unpack(person));
      known.naming?.add(person.userId.toHexString());
    }
    for (const userId of toText(left)) {
      presence.leftElsewhere(id, userId);
      known.naming?.delete(userId);
    }
  });
  link.on('presenceOfAll', ({ serverId: id, number: current, isFirst, isLast, arrived }) => {
    const known = peer(id);
    if (isFirst) known.naming = new Set();
    if (!known.naming) return;
    for (const person of arrived) {
      known.naming.add(person.userId.toHexString());
      presence.arrivedElsewhere(id, unpack(person));
    }
    if (!isLast) return;
    presence.namedElsewhere(id, known.naming);
    known.naming = undefined;
    known.number = current;
  });
  link.on('alive', ({ serverId: id, number: current }) => {
    const known = peer(id);
    if (known.number !== current) ask(id, known);
  });

  return {
    gone: (id: string): void => {
      if (peers.delete(id)) presence.serverGone(id);
    },
  };
}
