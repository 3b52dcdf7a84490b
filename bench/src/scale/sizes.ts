import type { Elsewhere, Held, Stored, Travelling } from './bytes.js';
import { at, type UnitCosts } from './costs.js';
import type { HeadsCost } from './heads.js';

/** What people do, on average. All of these are assumptions and none is measured. */
export interface Habits {
  /** Messages that one person sends in a day. */
  messagesADay: number;
  /** The busiest hour, of an average one. */
  peak: number;
  /** Of all people, at the peak. */
  online: number;
  /** Of somebody who is online. */
  sockets: number;
  /** Times a day that somebody's app connects. */
  connects: number;
  /** In which somebody is: direct ones and groups. */
  conversations: number;
  /** Of all messages, those to one person; the others go to a group of this many. */
  direct: number;
  group: number;
  /** Of those in a conversation in which somebody writes, those who are online: more than of all. */
  present: number;
  /** What else people do, of what sending costs the servers and the database: reading, receipts, writing notices, lists. */
  besides: number;
}

export const habits: Habits = {
  messagesADay: 40,
  peak: 3,
  online: 0.2,
  sockets: 1.5,
  connects: 10,
  conversations: 25,
  direct: 0.6,
  group: 20,
  present: 0.4,
  besides: 1,
};

/** What machines are given to do at most: the rest is for the minute in which one of them is gone. */
export const limits = {
  /** Of one processor, by a server or by Redis: each does one thing at a time. */
  busy: 0.5,
  /** Processors of one database server. */
  databaseCores: 16,
  /** Bytes on one shard, and days that are kept. */
  shardBytes: 2e12,
  days: 365,
  /** Memory of one server, in bytes, and sockets: nginx has so many ports for one address. */
  serverBytes: 4e9,
  serverSockets: 28_000,
};

export interface Measured {
  costs: UnitCosts;
  travelling: Travelling;
  stored: Stored;
  held: Held;
  heads: HeadsCost;
  elsewhere: Elsewhere;
  /** What limits take of Redis for each message, in microseconds. */
  counting: number;
}

/** What a size asks for. Rates are at the peak, a second. */
export interface Size {
  people: number;
  online: number;
  sends: number;
  deliveries: number;
  publications: number;
  /** Each by one server that has somebody whom it concerns, and that did not publish it. */
  hearings: number;
  /** Conversations of which somebody is told where they end. */
  heads: number;
  /** Undefined: no number of servers would do. */
  servers: number | undefined;
  /** With how many what follows was reckoned: where no number would do, with as many as all but gossip and memory ask for. */
  reckoned: number;
  /** Of one server's processor: what other servers say of who comes and goes, and that they are there. */
  gossip: number;
  /** Memory of one server for people elsewhere, in bytes. */
  elsewhereBytes: number;
  /** Of one Redis' processor. */
  redisBusy: number;
  redisBytesASecond: number;
  /** Of one processor, all shards together. */
  databaseCores: number;
  bytesADay: number;
  shards: number;
}

/** Many messages at once: what is done once for several hardly counts where a server is busy. */
const batch = 8;
/** Somebody who is connected is told so often where their conversations end, in seconds (`realtime/heads.ts`). */
const headsEvery = 30;
const heartbeatsASecond = 2;
/** At most, by each server: `servers/presence-relay.ts` gathers for 50 ms. */
const gatheredASecond = 20;
const mostServers = 5_000;
const daySeconds = 86_400;

/** How many of this many servers have one of so many sockets, on average, where each is anywhere. */
const serversWith = (sockets: number, servers: number): number =>
  servers * (1 - (1 - 1 / servers) ** sockets);

interface Rates {
  sends: number;
  deliveries: number;
  publications: number;
  hearings: number;
  /** People who come, and as many who go. */
  arrivals: number;
  /** Conversations of which somebody is told where they end. */
  heads: number;
}

function ratesOf(people: number, servers: number, of: Habits): Rates {
  const sends = (people * of.messagesADay * of.peak) / daySeconds;
  const toDirect = of.sockets * (1 + of.present);
  const toGroup = of.sockets * (1 + (of.group - 1) * of.present);
  // Heard is what a server has somebody for, but where it was published.
  const heardDirect =
    serversWith(of.sockets, servers) +
    serversWith(of.sockets * of.present, servers) -
    (servers === 1 ? 2 : 1);
  const heardGroup = serversWith(toGroup, servers) - 1;
  return {
    sends,
    deliveries: sends * (of.direct * toDirect + (1 - of.direct) * toGroup),
    publications: servers === 1 ? 0 : sends * (of.direct * 2 + (1 - of.direct)),
    hearings: Math.max(0, sends * (of.direct * heardDirect + (1 - of.direct) * heardGroup)),
    arrivals: (people * of.connects * of.peak) / daySeconds,
    heads: (people * of.online * of.conversations) / headsEvery,
  };
}

/** Processor seconds a second of one server for what all servers say to all. */
function gossipOf(servers: number, { arrivals }: Rates, { elsewhere }: Measured): number {
  if (servers === 1) return 0;
  const beats = heartbeatsASecond * (servers - 1) * elsewhere.heartbeatUs;
  const others = (servers - 1) / servers;
  // Who goes costs about as much as who comes.
  return (beats + 2 * arrivals * others * elsewhere.arrivalUs) / 1e6;
}

function workOf(rates: Rates, { costs, held, heads }: Measured, of: Habits): number {
  const { sends, deliveries, publications, hearings, arrivals } = rates;
  // Two deliveries are in the cost of a send, one in that of a hearing.
  const more = Math.max(0, deliveries - 2 * sends);
  const us =
    (sends * at(costs.send, batch) + more * costs.delivery) * (1 + of.besides) +
    (publications / 2) * at(costs.publish, batch) +
    hearings * Math.max(0, at(costs.hear, batch) - costs.delivery) +
    arrivals * held.connectUs +
    rates.heads * heads.server;
  return us / 1e6;
}

/** What is taken and passed on a second: what was stored, that servers are there, and who comes and goes. */
function redisOf(servers: number, rates: Rates, measured: Measured) {
  if (servers === 1) return { redisBusy: 0, redisBytesASecond: 0 };
  const { costs, travelling, elsewhere, counting } = measured;
  const { sends, publications, hearings, arrivals } = rates;
  const presence = Math.min(2 * arrivals, gatheredASecond * servers);
  const toAll = heartbeatsASecond * servers + presence;
  // Whoever publishes listens to most of it, too.
  const handled = 2 * publications + hearings + toAll * (1 + servers);
  // Of one message two are taken and two passed on.
  const stored = ((publications + hearings) * (travelling.toRedis + travelling.fromRedis)) / 4;
  // Measured where Redis woke up for each; where it is busy it wakes up once for several, as for publications.
  const counted = (counting * at(costs.pass, batch)) / at(costs.pass, 1);
  return {
    redisBusy: ((handled * at(costs.pass, batch)) / 4 + sends * counted) / 1e6,
    redisBytesASecond: stored + arrivals * elsewhere.publishedBytes * (1 + servers),
  };
}

/** How many servers it takes, and what they ask of Redis and the database. */
export function sizeOf(people: number, measured: Measured, of: Habits = habits): Size {
  const { costs, stored, held, heads, elsewhere } = measured;
  const online = people * of.online;
  const memory = (servers: number): number =>
    (online * of.sockets * held.bytes) / servers + (servers === 1 ? 0 : online * elsewhere.bytes);
  const fits = (servers: number): boolean => {
    const rates = ratesOf(people, servers, of);
    return (
      workOf(rates, measured, of) / servers + gossipOf(servers, rates, measured) <= limits.busy &&
      (online * of.sockets) / servers <= limits.serverSockets &&
      memory(servers) <= limits.serverBytes
    );
  };
  let servers: number | undefined = 1;
  while (servers <= mostServers && !fits(servers)) servers += 1;
  if (servers > mostServers) servers = undefined;
  // Where no number would do, what they would ask of each other is that of as many as the work alone needs.
  const alone = Math.ceil(workOf(ratesOf(people, 2, of), measured, of) / limits.busy);
  const count = servers ?? Math.max(alone, 2);
  const rates = ratesOf(people, count, of);
  const entryBytes = stored.entryOnDisk + stored.entryIndexes;
  const databaseCores =
    (rates.sends * at(costs.store, batch) * (1 + of.besides) + rates.heads * heads.database) / 1e6;
  const bytesADay = people * of.messagesADay * entryBytes;
  return {
    people,
    online,
    sends: rates.sends,
    deliveries: rates.deliveries,
    publications: rates.publications,
    hearings: rates.hearings,
    heads: rates.heads,
    servers,
    reckoned: count,
    gossip: gossipOf(count, rates, measured),
    elsewhereBytes: count === 1 ? 0 : online * elsewhere.bytes,
    ...redisOf(count, rates, measured),
    databaseCores,
    bytesADay,
    shards: Math.max(
      Math.ceil(databaseCores / (limits.databaseCores * limits.busy)),
      Math.ceil((bytesADay * limits.days) / limits.shardBytes),
    ),
  };
}
