import mongoose, { type Connection } from 'mongoose';

import { endCallsOnClosedConnections } from './driver-fix.js';
import { keepUpBy } from './upkeep.js';

/** What a write must have reached before it is acknowledged, and what a read may see. */
export interface Durability {
  kind: 'standalone' | 'majority';
  writeConcern: { w: 1 | 'majority'; j: true };
  readConcern: 'local' | 'majority';
  /**
   * Reads can show writes that a crash of the database would still undo, so whatever is built on one has to be settled
   * first (a journalled write behind it). On a standalone only: a majority read shows nothing that can vanish.
   */
  settles: boolean;
}

/** The parts of MongoDB's answer to `hello` that say what kind of server it is. */
export interface Hello {
  setName?: string;
  msg?: string;
}

/** A replica set and a sharded cluster acknowledge by majority; everything else is one server with a journal. */
export function durabilityFor(hello: Hello): Durability {
  const many = hello.setName !== undefined || hello.msg === 'isdbgrid';
  return many
    ? { kind: 'majority', writeConcern: { w: 'majority', j: true }, readConcern: 'majority', settles: false }
    : { kind: 'standalone', writeConcern: { w: 1, j: true }, readConcern: 'local', settles: true };
}

export interface Store {
  /** One connection of our own, not mongoose's global one: models are made with `connection.model(…)`. */
  connection: Connection;
  /**
   * The same database on a few connections of its own, for reads that are large or many: however many there are, what
   * writes and what a write has to look up waits for none of them.
   */
  reads: Connection;
  /**
   * The same database without a time-out, for what takes as long as there is much and nobody waits for: index builds,
   * sweeps, checks.
   */
  upkeep: Connection;
  durability: Durability;
  /** The time by the database's own clock, which is the same for all who use it. */
  now(): Promise<Date>;
  /**
   * Calls `listener` whenever a server was lost and reached again, or another one has become primary: what is remembered of
   * the database may not be true of the database that answers now. One incident may be reported twice. Returns how to
   * stop that.
   */
  onReconnect(listener: () => void): () => void;
  /** Ends all connections, calls in flight included. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** How long one call may wait for an answer, in ms; 0 = for ever. Default 2,200. */
  callTimeoutMs?: number;
  /** How long to look for a server that takes the call, in ms. Default 2,500. */
  serverSelectionTimeoutMs?: number;
  /** Connections at most, without those of `reads` and `upkeep`. Default 40. */
  maxPoolSize?: number;
  /** What kind of server it is. Default: it is asked. */
  hello?: Hello;
}

/** The embedded engine lets writes wait for seconds once seven of its calls are slow reads; with four they do not notice. */
const readPoolSize = 4;

/** One works, another one asks how far it is, and one sweeps. */
const upkeepPoolSize = 3;

/** What a topology is, as far as it decides whether writes have somewhere to go. */
export interface TopologyView {
  type: string;
  setName?: string | null;
  servers: ReadonlyMap<
    string,
    { type: string; address: string; electionId?: unknown; setVersion?: number | null }
  >;
}

const WRITABLE = new Set(['Standalone', 'RSPrimary', 'Mongos', 'LoadBalancer']);

/** Names the servers that take writes, or null while there is none. Another name means another history may be theirs. */
export function writableOf({ servers }: TopologyView): string | null {
  const names = [...servers.values()]
    .filter(({ type }) => WRITABLE.has(type))
    .map(
      ({ address, electionId }) =>
        `${address} ${electionId === undefined || electionId === null ? '' : JSON.stringify(electionId)}`,
    );
  if (names.length === 0) return null;
  // Several are routers of one cluster, and it is the same cluster whichever of them answers.
  return names.length > 1 || [...servers.values()].some(({ type }) => type === 'Mongos')
    ? 'routers'
    : (names[0] ?? null);
}

/**
 * Tells from what the driver says whether a server was lost and found again. Its view of the topology alone does not: a
 * server that is back before the next heartbeat (2 s) was never away for it, and only connections show that they broke.
 */
export function reconnectionWatch(reconnected: () => void) {
  const broken = new Set<string>();
  let writable: string | null = null;
  let connectedOnce = false;
  return {
    topology(view: TopologyView): void {
      const now = writableOf(view);
      if (now === writable) return;
      writable = now;
      if (now === null) return;
      if (connectedOnce) reconnected();
      connectedOnce = true;
    },
    closed({ address, reason }: { address: string; reason: string }): void {
      if (reason === 'error' || reason === 'stale') broken.add(address);
    },
    ready({ address }: { address: string }): void {
      if (broken.delete(address)) reconnected();
    },
  };
}

/** A machine that is busy with other things may take longer than that to make the first connections. */
const connectTries = 3;

/**
 * Connects to a MongoDB and finds out what an acknowledgement of it is worth. A call to a database that is away or hangs
 * fails within 3 s: a caller gets its 503 while it still waits.
 * @throws MongoServerSelectionError when no server is found in time.
 */
export async function connectDatabase(uri: string, options?: ConnectOptions): Promise<Store> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await connectOnce(uri, options);
    } catch (error) {
      const isThere = error instanceof Error && error.name === 'MongoWaitQueueTimeoutError';
      if (!isThere || tries === connectTries) throw error;
    }
  }
}

async function connectOnce(
  uri: string,
  { callTimeoutMs = 2_200, serverSelectionTimeoutMs = 2_500, maxPoolSize = 40, ...said }: ConnectOptions = {},
): Promise<Store> {
  endCallsOnClosedConnections();
  const options = {
    serverSelectionTimeoutMS: serverSelectionTimeoutMs,
    connectTimeoutMS: 2_500,
    socketTimeoutMS: callTimeoutMs,
    // Not added to the above where a server hangs: then no connection comes free, and a new one is not made either.
    ...(callTimeoutMs > 0 && { waitQueueTimeoutMS: 2_500 }),
    // The default, 10 s, is how long a database that hangs (and closes nothing) would go unnoticed.
    heartbeatFrequencyMS: 2_000,
    minPoolSize: 1,
    retryWrites: false,
    // A second try of a read that timed out takes as long again.
    retryReads: false,
  };
  const durability = durabilityFor(said.hello ?? (await hello(uri, options)));
  const open = (poolSize: number, more: mongoose.ConnectOptions = {}): Connection => {
    const connection = mongoose.createConnection(uri, {
      ...options,
      maxPoolSize: poolSize,
      ...more,
      readPreference: 'primary',
      // Whatever is written or read without a word about it. The address must not say otherwise: of a level and a limit
      // that stand there, the driver would take those and not these.
      readConcern: { level: durability.readConcern },
      readConcernLevel: durability.readConcern,
      writeConcern: durability.writeConcern,
      wtimeoutMS: 0,
      // Indexes are made in one place, in order, before anything is served.
      autoIndex: false,
      autoCreate: false,
      // Without this mongoose keeps calls back for 10 s while the database is away.
      bufferCommands: false,
    });
    // A connection that fails reports it to the caller of each operation; without a listener it would end the process.
    connection.on('error', () => undefined);
    return connection;
  };
  const [connection, reads] = [open(maxPoolSize), open(readPoolSize)];
  // A database that hangs keeps upkeep waiting until it goes on or its connections break: nobody else waits for that.
  const upkeep = open(upkeepPoolSize, { socketTimeoutMS: 0, waitQueueTimeoutMS: 0 });
  for (const one of [connection, reads, upkeep]) keepUpBy(one, upkeep);
  const close = async (): Promise<void> => {
    await Promise.all([connection.close(true), reads.close(true), upkeep.close(true)]);
  };

  const listeners = new Set<() => void>();
  // Each sees for itself whether the server was lost, and what the other one reads may be of another history.
  for (const client of [connection.getClient(), reads.getClient()]) {
    const watch = reconnectionWatch(() => {
      for (const listener of listeners) listener();
    });
    client.on('topologyDescriptionChanged', ({ newDescription }) => watch.topology(newDescription));
    client.on('connectionClosed', (event) => watch.closed(event));
    client.on('connectionReady', (event) => watch.ready(event));
  }

  try {
    await Promise.all([connection.asPromise(), reads.asPromise(), upkeep.asPromise()]);
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
  return {
    connection,
    reads,
    upkeep,
    durability,
    async now() {
      const admin = connection.getClient().db('admin');
      const { localTime } = await admin.command({ hello: 1 });
      if (localTime instanceof Date) return localTime;
      // The embedded engine does not say it there.
      const [row] = await admin.aggregate([{ $documents: [{}] }, { $project: { at: '$$NOW' } }]).toArray();
      return row?.['at'] as Date;
    },
    onReconnect(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close,
  };
}

async function hello(uri: string, options: mongoose.mongo.MongoClientOptions): Promise<Hello> {
  const client = new mongoose.mongo.MongoClient(uri, { ...options, minPoolSize: 0 });
  try {
    await client.connect();
    return await client.db('admin').command({ hello: 1 });
  } finally {
    await client.close();
  }
}
