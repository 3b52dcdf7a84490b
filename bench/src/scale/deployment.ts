import { startServers } from '@sori/testkit';
import { cpuMsOf } from '../processes.js';
import { at } from '../send/case.js';
import { type Look, type Person, signUp, watched } from '../sori.js';
import { type RedisWatch, watchRedis } from './redis-info.js';

/** Processor time of each process since it started, in microseconds, and what was inserted since. */
export interface Snapshot {
  servers: number[];
  database: number;
  redis: number;
  generator: number;
}

export interface Inserted {
  entries: number;
  inserts: number;
  /** How long these took together, in microseconds. */
  tookUs: number;
}

export type Deployment = Awaited<ReturnType<typeof startDeployment>>;

export interface DeploymentOptions {
  servers: number;
  people: number;
  /** False: nothing is published. Default true. */
  redis?: boolean;
  /** Tells what it holds (`look`), which costs it a little all the time. Default false. */
  watched?: boolean;
  /** Counts what people send, and never refuses any of it. Default false: nothing is counted. */
  limits?: boolean;
}

const neverReached = { LIMIT_SENDS_PER_USER_10S: '1000000', LIMIT_EVENTS_PER_SOCKET_10S: '1000000' };

/** So many real servers on one database, with a Redis between them or without, and people for it. */
export async function startDeployment(options: DeploymentOptions) {
  const { servers: count, people: peopleCount, redis: hasRedis = true, limits = false } = options;
  const settings = {
    NODE_ENV: 'production',
    ...(!hasRedis && { REDIS_URL: '' }),
    ...(limits && neverReached),
  };
  const start = options.watched === true ? { execArgv: ['--expose-gc', '--import', watched] } : {};
  const several = await startServers({ count, settings, start });
  const addresses = several.servers.map(({ url }) => url);
  const people: Person[] = await signUp({ address: at(addresses, 0) }, peopleCount);
  const redis: RedisWatch = await watchRedis(several.redis.url);
  let given = 0;
  let looks = 0;

  async function total(name: string): Promise<number> {
    let sum = 0;
    for (const server of several.servers) sum += await server.metric(name);
    return sum;
  }

  return {
    addresses,
    redis,
    databaseUri: several.database.uri,
    serverPids: (): number[] => several.servers.map((server) => server.pid() ?? 0),
    databasePid: (): number | null => several.database.database.childPid(),

    /** Whom nobody has had yet: who was connected somewhere is listened to there for some seconds more. */
    newPeople(wanted: number): Person[] {
      const some = people.slice(given, given + wanted);
      if (some.length < wanted) throw new Error('More people are needed');
      given += wanted;
      return some;
    },

    /** The first server, if it is watched: collects its garbage and tells what is left. */
    async look(): Promise<Look> {
      looks += 1;
      const server = at(several.servers, 0);
      process.kill(server.pid() ?? 0, 'SIGUSR2');
      const line = new RegExp(`^watched ${looks} (.*)\\n`, 'm');
      for (let waited = 0; waited < 10_000; waited += 20) {
        const [, found] = line.exec(server.printed()) ?? [];
        if (found !== undefined) return JSON.parse(found) as Look;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error('The server does not say what it holds');
    },

    async snapshot(): Promise<Snapshot> {
      const { user, system } = process.cpuUsage();
      const [servers, database] = [
        several.servers.map((server) => cpuMsOf(server.pid() ?? null) * 1_000),
        cpuMsOf(several.database.database.childPid()) * 1_000,
      ];
      return { servers, database, generator: user + system, redis: (await redis.info()).cpuUs };
    },

    async inserted(): Promise<Inserted> {
      return {
        entries: await total('sori_append_batch_entries_sum'),
        inserts: await total('sori_append_batch_entries_count'),
        tookUs: (await total('sori_append_seconds_sum')) * 1e6,
      };
    },

    async stop(): Promise<void> {
      redis.close();
      await several.close();
    },
  };
}
