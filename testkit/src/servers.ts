import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine } from './engine.js';
import { freePort } from './free-port.js';
import { type Sori, type SoriOptions, startSori } from './sori.js';
import { startRedis } from './redis.js';

/** What every server of the tests is told alike; none of it is a secret. */
const together = {
  JWT_SECRET: 'the same for all servers of this test',
  METRICS_TOKEN: 'the metrics of all servers of this test',
};

export interface SeveralOptions {
  /** Default 3. */
  count?: number;
  /** As the environment has them, for each of them. */
  settings?: Readonly<Record<string, string>>;
  /** How each is started, beside its folder and its settings. */
  start?: Omit<SoriOptions, 'dataDir' | 'settings'>;
}

/** How a server ended that was asked to. */
export interface Ending {
  /** The exit code; null after a kill. */
  code: number | null;
  /** How long it took, in milliseconds. */
  took: number;
}

/** One of several, at an address that stays its own from start to start. */
export type OneOfSeveral = ReturnType<typeof createOne>;

export type SeveralServers = Awaited<ReturnType<typeof startServers>>;

function createOne(id: string, port: number, dataDir: string, { settings, start }: SeveralOptions) {
  let running: Sori | undefined;
  let printed = '';
  const url = `http://127.0.0.1:${port}`;

  async function end(how: 'stop' | 'kill'): Promise<Ending> {
    const ending = running;
    running = undefined;
    if (!ending) throw new Error(`${id} does not run`);
    const began = performance.now();
    await ending[how]();
    return { code: await ending.ended, took: performance.now() - began };
  }

  return {
    /** Its SERVER_ID. */
    id,
    port,
    url,
    isRunning: () => running !== undefined,
    pid: () => running?.pid,
    /** All that it printed since the first start. */
    printed: () => printed,
    /** Resolves when it is ready. */
    async start(): Promise<void> {
      running = await startSori({
        ...start,
        dataDir,
        settings: { TRUST_PROXY_HOPS: '1', ...together, ...settings, PORT: String(port), SERVER_ID: id },
        onOutput: (text) => {
          printed += text;
          start?.onOutput?.(text);
        },
      });
    },
    /** As whoever deploys it would: SIGTERM. */
    stop: () => end('stop'),
    /** With -9. */
    kill: () => end('kill'),
    /** The value of a metric, with its labels where it has any: `sori_sockets{kind="account"}`. */
    async metric(name: string): Promise<number> {
      const headers = { Authorization: `Bearer ${together.METRICS_TOKEN}` };
      const text = await (await fetch(`${url}/metrics`, { headers })).text();
      const line = text.split('\n').find((one) => one.startsWith(`${name} `));
      if (line === undefined) throw new Error(`${id} has no metric ${name}`);
      return Number(line.slice(name.length + 1));
    },
  };
}

/** Several real servers on one database and one Redis, all of which end with this process. Resolves when all are ready. */
export async function startServers(options: SeveralOptions = {}) {
  const { count = 3, settings } = options;
  const folder = mkdtempSync(join(tmpdir(), 'sori-servers-'));
  const [database, redis] = await Promise.all([startEngine(), startRedis()]);
  const shared = { MONGODB_URI: database.uri, REDIS_URL: redis.url };
  const servers: OneOfSeveral[] = [];
  for (let number = 1; number <= count; number += 1) {
    const id = `server-${number}`;
    const own = { ...options, settings: { ...shared, ...settings } };
    servers.push(createOne(id, await freePort(), join(folder, id), own));
  }

  async function close(): Promise<void> {
    const running = servers.filter((server) => server.isRunning());
    await Promise.all(running.map((server) => server.kill()));
    await Promise.all([redis.stop(), database.stop()]);
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  try {
    // The first makes what the others find there.
    await servers[0]?.start();
    await Promise.all(servers.slice(1).map((server) => server.start()));
  } catch (error) {
    await close();
    throw error;
  }
  return { database, redis, servers, close };
}
