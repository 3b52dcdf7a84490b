import type { Say } from '../report.js';
import {
  type Elsewhere,
  type Held,
  measureElsewhere,
  measureHeld,
  measureStored,
  measureTravelling,
  type Stored,
  type Travelling,
} from './bytes.js';
import { at, type Cost, costThrough, minus, type UnitCosts } from './costs.js';
import { type HeadsCost, measureHeads } from './heads.js';
import { type Deployment, startDeployment } from './deployment.js';
import type { Setting } from './simulate.js';
import {
  type Case,
  measureInTurn,
  type Times,
  measureIdle,
  spread,
  warmUp,
  peopleOfPlacement,
  place,
  type Placement,
  pointOf,
  type Sample,
} from './measure.js';

/** In flight, where nearly every message is inserted by itself, and where many share what is done once. */
export const few = 2;
export const many = 64;
const readerSockets = 9;

/** What one server takes with ease, so that what counts is waiting for each other and not for a processor. */
export const calm = { perSecond: 300 };

export interface OfOneServer {
  load: Setting['load'];
  sample: Sample;
}

interface Pair {
  few: Sample;
  many: Sample;
}

const one = (samples: readonly Sample[], index: number): Sample => {
  const sample = samples[index];
  if (!sample) throw new Error('A load was not measured');
  return sample;
};
const pairOf = (samples: readonly Sample[]): Pair => ({ few: one(samples, 0), many: one(samples, 1) });

const fewAndMany = (placement: Placement): Case[] => [
  { placement, load: { inFlight: few } },
  { placement, load: { inFlight: many } },
];

const costOf = (pair: Pair, us: (sample: Sample) => number, idle: number): Cost =>
  costThrough(pointOf(pair.few, us(pair.few), idle), pointOf(pair.many, us(pair.many), idle));
const onServer =
  (index: number) =>
  ({ servers }: Sample): number =>
    servers[index] ?? NaN;

/** One server without Redis: what sending costs, and one socket more. */
async function measureBare(times: Times) {
  const deployment = await startDeployment({
    servers: 1,
    people: 2 * peopleOfPlacement + 22,
    redis: false,
    watched: true,
  });
  const here = { writerAt: () => 0, readerAt: () => 0 };
  const near = await place(deployment, here);
  await warmUp(deployment, near);
  const idle = await measureIdle(deployment, 2);
  const crowd = await place(deployment, { ...here, readerSockets });
  const crowds = { placement: crowd, load: { inFlight: many } };
  const samples = await measureInTurn(deployment, [...fewAndMany(near), crowds], times);
  const [pair, crowded] = [pairOf(samples), one(samples, 2)];
  const heads = await measureHeads(deployment);
  const held: Held = await measureHeld(deployment);
  near.close();
  crowd.close();
  await deployment.stop();
  const more = (of: (sample: Sample) => number): number =>
    Math.max(0, (of(crowded) - of(pair.many)) / (readerSockets - 1));
  return {
    send: costOf(pair, onServer(0), idle.servers[0] ?? 0),
    delivery: more(onServer(0)),
    generatorDelivery: more(({ generator }) => generator),
    held,
    heads,
    samples,
  };
}

/** What somebody sends now and then, and Redis counts at once, as nobody knows how much they have sent elsewhere. */
const unhurried = { perSecond: 40 };

/** What other servers have none of: what limits take of Redis for each message, and people elsewhere. */
async function measureOthers(times: Times, pass: Cost): Promise<{ counting: number; elsewhere: Elsewhere }> {
  const deployment = await startDeployment({
    servers: 1,
    people: peopleOfPlacement,
    limits: true,
    watched: true,
  });
  const near = await spread(deployment, false);
  const idle = await measureIdle(deployment, 1);
  const samples = await measureInTurn(deployment, [{ placement: near, load: unhurried }], times);
  const sample = one(samples, 0);
  const elsewhere = await measureElsewhere(deployment);
  near.close();
  await deployment.stop();
  const counting = Math.max(0, pointOf(sample, sample.redis, idle.redis).us - at(pass, sample.batch));
  return { counting, elsewhere };
}

export interface Calibrated {
  /** All but what is heard from another server. */
  costs: Omit<UnitCosts, 'hear'>;
  travelling: Travelling;
  stored: Stored;
  held: Held;
  heads: HeadsCost;
  elsewhere: Elsewhere;
  /** What limits take of Redis for each message, in microseconds. */
  counting: number;
  /** What the unit costs were made from. */
  samples: Pair;
  /** Of the same server, and nothing was made from them. */
  others: readonly OfOneServer[];
  failures: readonly string[];
}

/** All that one server can tell, without Redis and with it. */
export async function calibrate(times: Times, say: Say): Promise<Calibrated> {
  say('scale: one server without Redis');
  const bare = await measureBare(times);
  say('scale: one server with Redis');
  const deployment = await startDeployment({ servers: 1, people: peopleOfPlacement });
  const near = await spread(deployment, false);
  await warmUp(deployment, near);
  const idle = await measureIdle(deployment, 2);
  const loads = [{ inFlight: 16 }, calm];
  const all = await measureInTurn(
    deployment,
    [...fewAndMany(near), ...loads.map((load) => ({ placement: near, load }))],
    times,
  );
  const samples = pairOf(all);
  const others = loads.map((load, index) => ({ load, sample: one(all, 2 + index) }));
  const server = costOf(samples, onServer(0), idle.servers[0] ?? 0);
  const store = costOf(samples, ({ database }) => database, idle.database);
  const generator = costOf(samples, (sample) => sample.generator, 0);
  const costs = {
    send: bare.send,
    delivery: bare.delivery,
    publish: minus(server, bare.send),
    store,
    pass: costOf(samples, ({ redis }) => redis, idle.redis),
    generatorSend: minus(generator, { each: bare.generatorDelivery, once: 0 }),
    generatorDelivery: { each: bare.generatorDelivery, once: 0 },
    journal: Math.max(0, samples.few.insertUs - at(store, samples.few.batch) * samples.few.batch),
    idle: { server: idle.servers[0] ?? 0, database: idle.database, redis: idle.redis },
  };
  const travelling = await measureTravelling(deployment, near);
  const stored = await measureStored(deployment);
  near.close();
  await deployment.stop();
  return {
    costs,
    held: bare.held,
    heads: bare.heads,
    travelling,
    stored,
    ...(await measureOthers(times, costs.pass)),
    samples,
    others,
    failures: [...bare.samples, ...all].flatMap((sample) => sample.failures),
  };
}

/** Two servers, all writers at one and all readers at the other: what hearing costs, which one server cannot tell. */
export async function measureHearing(
  deployment: Deployment,
  { costs, samples }: Calibrated,
  times: Times,
): Promise<{ hear: Cost; generatorOnce: number; failures: readonly string[] }> {
  const placement = await place(deployment, { writerAt: () => 0, readerAt: () => 1 });
  const pair = pairOf(await measureInTurn(deployment, fewAndMany(placement), times));
  placement.close();
  const generatorOf = ({ generator }: Sample): number => generator;
  return {
    hear: costOf(pair, onServer(1), costs.idle.server),
    // What arrives from another server comes by itself, and not with the answer.
    generatorOnce: minus(costOf(pair, generatorOf, 0), costOf(samples, generatorOf, 0)).once,
    failures: [...pair.few.failures, ...pair.many.failures],
  };
}
