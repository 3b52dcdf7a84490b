import { createRandom } from './random.js';
import type { System } from './system.js';
import type { ServerUnderTest } from './server.js';
import { sleep } from './time.js';

const serverFaults = {
  'one server killed (-9)': 20,
  'one server stopped and continued': 14,
  'one server stopped for longer than a ping timeout': 3,
  'one server ended (SIGTERM) and started': 12,
  "one server's clock stepped": 14,
} as const;
const databaseFaults = { 'database killed (-9)': 20, 'database stopped and continued': 14 } as const;
const redisFaults = {
  'Redis killed (-9) and started empty': 16,
  'Redis stopped and continued': 14,
  'Redis flushed': 12,
  'Redis refuses one server': 14,
  'Redis is silent to one server': 14,
} as const;

type OneServerFault = keyof typeof serverFaults;
type DatabaseFault = keyof typeof databaseFaults;
type RedisFault = keyof typeof redisFaults;

const minuteMs = 60_000;
const steps = [1_000, 30_000, 90_000, 10 * minuteMs, 60 * minuteMs] as const;
/** Clients ping out after 35 s; what a server that is stopped holds for its people ends after 45 s. */
const longStop = { least: 36_000, most: 52_000 } as const;

export interface Planned<Kind extends string> {
  kind: Kind;
  /** Quiet before it, in milliseconds. */
  calmMs: number;
  /** How long something is stopped or away, in milliseconds. */
  ms: number;
  /** Where a clock goes to, in milliseconds. */
  clockMs: number;
  /** Which server, from 0 to below 1. */
  which: number;
}

/** What is done to servers, to the database and to Redis. */
export const planOneServerFaults = (seed: number): Generator<Planned<OneServerFault>, never> =>
  plan(seed, 'servers', serverFaults, [400, 3_500]);
export const planDatabaseFaults = (seed: number): Generator<Planned<DatabaseFault>, never> =>
  plan(seed, 'database', databaseFaults, [2_500, 9_000]);
export const planRedisFaults = (seed: number): Generator<Planned<RedisFault>, never> =>
  plan(seed, 'redis', redisFaults, [800, 6_000]);

/** What is done to one kind of thing, one after the other, for ever. A seed always gives the same. */
function* plan<Kind extends string>(
  seed: number,
  name: string,
  weights: Readonly<Record<Kind, number>>,
  [least, most]: readonly [number, number],
): Generator<Planned<Kind>, never> {
  const random = createRandom(seed, `faults/several/${name}`);
  for (;;) {
    const kind = random.weighted(weights);
    const [calmMs, short, long] = [
      random.whole(least, most),
      random.whole(200, 6_000),
      random.whole(longStop.least, longStop.most),
    ];
    const [step, forward, back, which] = [
      random.pick(steps),
      random.chance(0.5),
      random.chance(0.3),
      random.next(),
    ];
    const isLong = kind === 'one server stopped for longer than a ping timeout';
    yield { kind, calmMs, ms: isLong ? long : short, clockMs: back ? 0 : forward ? step : -step, which };
  }
}

export interface SeveralDeps {
  seed: number;
  system: System;
  isStopped: () => boolean;
  /** Resolves when nothing more is to be broken. */
  stopping: Promise<unknown>;
  /** Called for each fault as it begins. */
  note: (fault: string) => void;
}

/** Servers, database and Redis are broken beside each other, each for itself. Resolves when all of it is over. */
export async function breakSeveral({ seed, system, isStopped, stopping, note }: SeveralDeps): Promise<void> {
  const { servers, database, redis } = system;
  const busy = new Set<ServerUnderTest>();
  const running = new Set<Promise<void>>();
  let reject: (error: unknown) => void = () => undefined;
  /** A server could not be started again. */
  const failed = new Promise<never>((_, rejectIt) => void (reject = rejectIt));

  async function serversTrack(): Promise<void> {
    for (const fault of planOneServerFaults(seed)) {
      await sleep(fault.calmMs);
      if (isStopped()) return;
      const free = servers.filter((server) => !busy.has(server));
      // One is left alone at any time, where there are several.
      if (free.length < Math.min(2, servers.length)) continue;
      const server = free[Math.floor(fault.which * free.length)];
      if (!server) continue;
      note(fault.kind);
      busy.add(server);
      const over = breakOne(server, fault, stopping)
        .catch(reject)
        .finally(() => {
          busy.delete(server);
          running.delete(over);
        });
      running.add(over);
    }
  }

  async function databaseTrack(): Promise<void> {
    for (const { kind, calmMs, ms } of planDatabaseFaults(seed)) {
      await sleep(calmMs);
      if (isStopped()) return;
      note(kind);
      if (kind === 'database killed (-9)') database.kill();
      else await database.pause(Math.min(ms, 4_000));
    }
  }

  async function redisTrack(): Promise<void> {
    for (const fault of planRedisFaults(seed)) {
      await sleep(fault.calmMs);
      if (isStopped() || !redis) return;
      note(fault.kind);
      await breakRedis(redis, fault, Math.floor(fault.which * servers.length));
    }
  }

  const tracks = [serversTrack(), databaseTrack(), ...(redis ? [redisTrack()] : [])];
  await Promise.race([failed, Promise.all(tracks).then(() => Promise.all(running))]);
}

async function breakOne(
  server: ServerUnderTest,
  { kind, ms, clockMs }: Planned<OneServerFault>,
  stopping: Promise<unknown>,
): Promise<void> {
  switch (kind) {
    case 'one server killed (-9)':
      await server.kill();
      await sleep(ms / 2);
      await server.start();
      return;
    case 'one server ended (SIGTERM) and started':
      await server.end();
      await sleep(ms / 4);
      await server.start();
      return;
    case 'one server stopped and continued':
    case 'one server stopped for longer than a ping timeout':
      await server.pause(ms, stopping);
      return;
    case "one server's clock stepped":
      server.setClock(clockMs);
  }
}

async function breakRedis(
  redis: NonNullable<System['redis']>,
  { kind, ms }: Planned<RedisFault>,
  index: number,
): Promise<void> {
  switch (kind) {
    case 'Redis killed (-9) and started empty':
      return redis.kill(ms);
    case 'Redis stopped and continued':
      return redis.pause(ms);
    case 'Redis flushed':
      return redis.flush();
    case 'Redis refuses one server':
      return redis.cutOff(index, ms, false);
    case 'Redis is silent to one server':
      return redis.cutOff(index, ms, true);
  }
}
