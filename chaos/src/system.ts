import { join } from 'node:path';
import { type DatabaseUnderTest, embeddedDatabase, startDatabase } from './database.js';
import { temporaryFolder } from './processes.js';
import type { Recorder } from './recorder.js';
import { type RedisUnderTest, startRedisUnderTest } from './redis.js';
import { type ServerUnderTest, startServer } from './server.js';

export interface SystemOptions {
  /** How many. */
  servers: number;
  redis: boolean;
  recorder: Pick<Recorder, 'notice' | 'count'>;
}

/** All that is broken. */
export interface System {
  servers: readonly ServerUnderTest[];
  database: DatabaseUnderTest;
  redis: RedisUnderTest | undefined;
  /** Where tools find the data. */
  store: { dataDir: string; mongodbUri: string | undefined };
  /** As a person would end them, and what they stand on last. */
  end: () => Promise<void>;
}

/** What all servers are told alike; none of it is a secret. */
const together = { JWT_SECRET: 'the same for all servers of a chaos run' };

/** One server with its own database; or several, or one with Redis, on one that they share. Resolves when all are ready. */
export async function startSystem({
  servers: count,
  redis: withRedis,
  recorder,
}: SystemOptions): Promise<System> {
  const folder = temporaryFolder();
  if (count === 1 && !withRedis) {
    const server = await startServer({ name: 'the server', dataDir: folder, recorder });
    const database = embeddedDatabase(folder);
    const store = { dataDir: folder, mongodbUri: undefined };
    return { servers: [server], database, redis: undefined, store, end: () => server.end() };
  }
  const database = await startDatabase();
  const redis = withRedis ? await startRedisUnderTest(count) : undefined;
  const servers: ServerUnderTest[] = [];
  for (let index = 0; index < count; index += 1) {
    const name = `server-${index + 1}`;
    const settings = {
      ...together,
      SERVER_ID: name,
      MONGODB_URI: database.uri ?? '',
      ...(redis ? { REDIS_URL: redis.urlFor(index) } : {}),
    };
    servers.push(await startServer({ name, dataDir: join(folder, name), settings, recorder }));
  }
  return {
    servers,
    database,
    redis,
    store: { dataDir: folder, mongodbUri: database.uri },
    async end() {
      await Promise.all(servers.map((server) => server.end()));
      await redis?.end();
      await database.end();
    },
  };
}
