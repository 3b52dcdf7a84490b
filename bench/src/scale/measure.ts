import type { SoriSocket } from '@sori/client';
import { type Ask, type LoadResult, runLoad } from '../load.js';
import { at, createDeliveries, nextClientId, text } from '../send/case.js';
import { openSocket, type Person } from '../sori.js';
import { median, quantile } from '../statistics.js';
import type { Deployment, Inserted, Snapshot } from './deployment.js';
import type { Point } from './costs.js';
import type { Setting } from './simulate.js';

/** Divides by one, two and three servers. */
const pairs = 12;
export const peopleOfPlacement = 2 * pairs;

/** Pairs of whom one writes and the other reads, each connected to a server. */
export interface Placement {
  writers: readonly { socket: SoriSocket; to: string }[];
  /** One socket of each reader, in the same order. */
  readers: readonly SoriSocket[];
  close: () => void;
  deliveries: ReturnType<typeof createDeliveries>;
}

export interface PlacementOptions {
  writerAt: (pair: number) => number;
  readerAt: (pair: number) => number;
  /** Default 1. */
  readerSockets?: number;
}

/** Connects people who have not been connected before. */
export async function place(deployment: Deployment, options: PlacementOptions): Promise<Placement> {
  const { writerAt, readerAt, readerSockets = 1 } = options;
  const people = deployment.newPeople(peopleOfPlacement);
  const deliveries = createDeliveries();
  const open = (server: number, person: Person): Promise<SoriSocket> =>
    openSocket({ address: at(deployment.addresses, server) }, person);
  const writers: { socket: SoriSocket; to: string }[] = [];
  const readers: SoriSocket[] = [];
  const sockets: SoriSocket[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const [writer, reader] = [at(people, 2 * pair), at(people, 2 * pair + 1)];
    const socket = await open(writerAt(pair), writer);
    const all = await Promise.all(Array.from({ length: readerSockets }, () => open(readerAt(pair), reader)));
    const first = at(all, 0);
    first.on('newMessage', ({ clientId }) => {
      if (clientId !== undefined) deliveries.arrived(clientId);
    });
    readers.push(first);
    sockets.push(socket, ...all);
    writers.push({ socket, to: reader._id });
  }
  return { writers, readers, deliveries, close: () => sockets.forEach((socket) => socket.disconnect()) };
}

/** The writers evenly over all servers, and each reader where their writer is, or crossing, at the next server. */
export const spread = (deployment: Deployment, crossing: boolean): Promise<Placement> => {
  const { length } = deployment.addresses;
  return place(deployment, {
    writerAt: (pair) => pair % length,
    readerAt: (pair) => (pair + (crossing ? 1 : 0)) % length,
  });
};

/** What one load took. All for each message answered, in microseconds of processor time. */
export interface Sample {
  perSecond: number;
  /** Messages in one insert. */
  batch: number;
  /** How long one insert took, in microseconds. */
  insertUs: number;
  /** Each server by itself. */
  servers: number[];
  database: number;
  redis: number;
  generator: number;
  deliveryMs: number;
  failures: string[];
}

/** So many a second, evenly, whatever is answered. */
async function runPaced(
  perSecond: number,
  { seconds, measuring }: { seconds: number; measuring: () => void },
  ask: Ask,
): Promise<LoadResult> {
  const failures: Record<string, number> = {};
  const count = (warm: boolean) => (failure: string | null) => {
    open -= 1;
    if (failure !== null) failures[failure] = (failures[failure] ?? 0) + 1;
    else if (warm) answered += 1;
  };
  let open = 0;
  let answered = 0;
  let sent = 0;
  const begin = performance.now();
  const warmUp = seconds * 0.2 * perSecond;
  const all = Math.round(seconds * 1.2 * perSecond);
  let measureFrom = 0;
  while (sent < all) {
    const due = Math.min(all, ((performance.now() - begin) * perSecond) / 1_000);
    for (; sent < due; sent += 1) {
      if (measureFrom === 0 && sent >= warmUp) {
        measureFrom = performance.now();
        measuring();
      }
      open += 1;
      ask(sent, count(measureFrom > 0));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  for (let waited = 0; open > 0 && waited < 5_000; waited += 5)
    await new Promise((resolve) => setTimeout(resolve, 5));
  if (open > 0) failures['no answer'] = open;
  return { answered, failures, perSecond: (answered * 1_000) / (performance.now() - measureFrom) };
}

/** Processor time while nobody does anything, in microseconds a second. */
export async function measureIdle(deployment: Deployment, seconds: number): Promise<Snapshot> {
  const before = await deployment.snapshot();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  const after = await deployment.snapshot();
  const rate = (from: number, to: number): number => (to - from) / seconds;
  return {
    servers: after.servers.map((to, index) => rate(before.servers[index] ?? NaN, to)),
    database: rate(before.database, after.database),
    redis: rate(before.redis, after.redis),
    generator: 0,
  };
}

/** Sends for so long, to each of the pairs in turn. */
export async function measure(
  deployment: Deployment,
  { writers, deliveries }: Placement,
  load: Setting['load'],
  seconds: number,
): Promise<Sample> {
  let next = 0;
  const ask: Ask = (_worker, done) => {
    const { socket, to } = at(writers, next++);
    const clientId = nextClientId();
    deliveries.sent(clientId);
    socket.emit('message:send', { to, message: text, clientId }, (reply) => {
      const failure = 'code' in reply ? reply.code : null;
      if (failure !== null) deliveries.failed(clientId);
      done(failure);
    });
  };
  const insertedBefore = await deployment.inserted();
  let began: Promise<Snapshot> | undefined;
  const options = {
    seconds,
    measuring: () => {
      began = deployment.snapshot();
      deliveries.measuring();
    },
  };
  const result =
    'inFlight' in load
      ? await runLoad({ ...options, inFlight: load.inFlight }, ask)
      : await runPaced(load.perSecond, options, ask);
  const { deliveryMs, undelivered } = await deliveries.take();
  const after = await deployment.snapshot();
  const before = await began;
  if (!before) throw new Error('Nothing was measured');
  const inserted = difference(await deployment.inserted(), insertedBefore);
  const per = (from: number, to: number): number => (to - from) / result.answered;
  return {
    perSecond: result.perSecond,
    batch: inserted.entries / inserted.inserts,
    insertUs: inserted.tookUs / inserted.inserts,
    servers: after.servers.map((to, index) => per(before.servers[index] ?? NaN, to)),
    database: per(before.database, after.database),
    redis: per(before.redis, after.redis),
    generator: per(before.generator, after.generator),
    deliveryMs: quantile(deliveryMs, 0.5),
    failures: [
      ...Object.entries(result.failures).map(([code, count]) => `${count} ${code}`),
      ...(undelivered > 0 ? [`${undelivered} not delivered`] : []),
    ],
  };
}

/** As many as it takes until a new process has compiled what it uses often: before that a message takes several times as much. */
const warmAfter = 5_000;
const warmWithinSeconds = 12;

export async function warmUp(deployment: Deployment, placement: Placement): Promise<void> {
  let sent = 0;
  for (let second = 0; second < warmWithinSeconds; second += 1) {
    sent += (await measure(deployment, placement, { inFlight: 64 }, 1)).perSecond;
    if (sent >= warmAfter * deployment.addresses.length) return;
  }
}

/** A load, and on whom. */
export interface Case {
  placement: Placement;
  load: Setting['load'];
}

/** How long each load is measured in each round, and how many rounds there are. */
export interface Times {
  seconds: number;
  rounds: number;
}

/** One load after the other, several times, so that whatever else the machine does falls on all. @returns the medians of each */
export async function measureInTurn(
  deployment: Deployment,
  cases: readonly Case[],
  { seconds, rounds }: Times,
): Promise<Sample[]> {
  const samples: Sample[][] = cases.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { placement, load }] of cases.entries())
      samples[index]?.push(await measure(deployment, placement, load, seconds));
  }
  return samples.map(medianOf);
}

function medianOf(samples: readonly Sample[]): Sample {
  const of = (pick: (sample: Sample) => number): number => median(samples.map(pick));
  return {
    perSecond: of(({ perSecond }) => perSecond),
    batch: of(({ batch }) => batch),
    insertUs: of(({ insertUs }) => insertUs),
    servers: (samples[0]?.servers ?? []).map((_, index) => of(({ servers }) => servers[index] ?? NaN)),
    database: of(({ database }) => database),
    redis: of(({ redis }) => redis),
    generator: of(({ generator }) => generator),
    deliveryMs: of(({ deliveryMs }) => deliveryMs),
    failures: samples.flatMap(({ failures }) => failures),
  };
}

const difference = (after: Inserted, before: Inserted): Inserted => ({
  entries: after.entries - before.entries,
  inserts: after.inserts - before.inserts,
  tookUs: after.tookUs - before.tookUs,
});

export const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** What one process took under a load, without what it takes while nobody writes. */
export const pointOf = ({ batch, perSecond }: Sample, us: number, idlePerSecond: number): Point => ({
  batch,
  us: Math.max(0, us - idlePerSecond / perSecond),
});
