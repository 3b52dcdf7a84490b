/** The server's program: settings, database, the messenger itself, its address; and the way back when it is to stop. */
import { once } from 'node:events';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';

import { createApp, type App } from './app.js';
import { ConfigError, loadConfig, type Config } from './config.js';
import { connectDatabase, type Store } from './database/connect.js';
import {
  DatabaseInUseError,
  launchDatabase,
  NoDatabaseError,
  type Database,
} from './database/embedded/launch.js';
import { keepPrivate } from './database/embedded/private-files.js';
import { collectDefaultMetrics } from 'prom-client';
import { isDatabaseAway } from './core/errors.js';
import { createLogger, type Logger } from './logger.js';
import { ProgramTooOldError } from './schema/versions.js';

/** Something that the person at the terminal can put right; the message is for them and there is no stack to show. */
class StartError extends Error {}

// npm passes a signal on to a server that the terminal has signalled already: what comes this soon is the same wish
// once more.
const SAME_SIGNAL_MS = 3_000;
const STOP_WITHIN_MS = 20_000;
/** What is left of it for the database, which comes last. */
const APP_WITHIN_MS = 14_000;

/** A database of somebody else's: nothing to start, to restart or to stop. */
const externalDatabase = (uri: string): Database => ({
  uri,
  socketPath: null,
  childPid: () => null,
  onRestart: () => () => undefined,
  close: () => Promise.resolve(),
});

const notAnswering = (error: unknown): StartError =>
  new StartError(`The MongoDB of MONGODB_URI does not answer: ${(error as Error).message}`);

async function connect(database: Database, external: boolean): Promise<Store> {
  try {
    return await connectDatabase(database.uri);
  } catch (error) {
    if (!external) throw error;
    throw notAnswering(error);
  }
}

async function listen(
  { httpServer }: App,
  { port, host }: Config,
  listening: (port: number) => void,
): Promise<number> {
  const address = (): number => (httpServer.address() as AddressInfo).port;
  // Before the first connection can be accepted, so in the listener itself and not after an await.
  httpServer.once('listening', () => listening(address()));
  httpServer.listen({ port, ...(host !== undefined && { host }) });
  try {
    await once(httpServer, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new StartError(
        `Port ${port} is already in use: stop the program that uses it, or set PORT to another one.`,
      );
    }
    if (code === 'EACCES')
      throw new StartError(`Port ${port} may not be used by this user: set PORT to one above 1023.`);
    throw new StartError(`The address to listen on cannot be used: ${message}`);
  }
  return address();
}

/**
 * `run.json` says to tools beside us who runs here. It guards nothing: what guards the data is the database's own lock.
 * Written synchronously, because it must be there before the first request can be answered.
 */
function runFile(dataDir: string, database: Database) {
  const path = join(dataDir, 'run.json');
  return {
    write(port: number): void {
      const run = {
        serverPid: process.pid,
        databasePid: database.childPid(),
        port,
        socketPath: database.socketPath,
      };
      writeFileSync(`${path}.next`, `${JSON.stringify(run)}\n`, { mode: 0o600 });
      renameSync(`${path}.next`, path);
    },
    /** Not where another server has put its own there: with MONGODB_URI nothing keeps two from sharing a folder. */
    remove(): void {
      try {
        const { serverPid } = JSON.parse(readFileSync(path, 'utf8')) as { serverPid?: unknown };
        if (serverPid === process.pid) rmSync(path);
      } catch {
        // Gone already, or not ours to read.
      }
    },
  };
}

function addresses(port: number, host: string | undefined): string[] {
  if (host !== undefined && host !== '0.0.0.0' && host !== '::') {
    return [`http://${host.includes(':') ? `[${host}]` : host}:${port}`];
  }
  const others = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal);
  return [`http://localhost:${port}`, ...others.map(({ address }) => `http://${address}:${port}`)];
}

/** Undoes what was done, last first. */
type Undo = (() => Promise<void> | void)[];

async function undoAll(undo: Undo, log: Logger): Promise<boolean> {
  let clean = true;
  for (let step = undo.pop(); step; step = undo.pop()) {
    try {
      await step();
    } catch (error) {
      clean = false;
      log.error(error, 'A step of stopping failed');
    }
  }
  return clean;
}

/** The longest that stopping the messenger may take, so that the database, too, still ends within the whole. */
async function closeInTime(app: App): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The messenger did not stop in time')), APP_WITHIN_MS);
  });
  await Promise.race([app.close(), late]).finally(() => clearTimeout(timer));
}

async function start(config: Config, log: Logger, undo: Undo): Promise<void> {
  const { mongodbUri, dataDir } = config;
  await keepPrivate(dataDir, log);
  const database =
    mongodbUri === undefined ? await launchDatabase({ dataDir, log }) : externalDatabase(mongodbUri);
  undo.push(() => database.close());
  const store = await connect(database, mongodbUri !== undefined);
  undo.push(() => store.close());
  const app = await createApp({ config, log, store, database });
  const run = runFile(dataDir, database);
  undo.push(
    () => run.remove(),
    () => closeInTime(app),
  );
  const port = await listen(app, config, (listening) => run.write(listening));
  database.onRestart(() => run.write(port));
  process.stdout.write(`Sori is running: ${addresses(port, config.host).join('  ')}\n`);
}

/** Takes the signals from the first moment on: one that comes during the start stops what has been started by then. */
function takeSignals(log: Logger, stop: (exitCode: number) => void): void {
  let firstAt: number | null = null;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (firstAt === null) {
        firstAt = performance.now();
        log.info({ signal }, 'Stopping');
        stop(0);
      } else if (performance.now() - firstAt > SAME_SIGNAL_MS) {
        log.warn({ signal }, 'Asked to stop a second time: ending at once');
        process.exit(1);
      }
    });
  }
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log.fatal(error, 'A bug: stopping, because what is in memory can no longer be trusted');
      stop(1);
    });
  }
}

async function main(): Promise<void> {
  const config = loadConfig();
  const log = createLogger(config.logLevel, undefined, config.serverId);
  collectDefaultMetrics();
  const undo: Undo = [];
  let stopping = false;
  // A call, because the compiler would believe that a variable never changes while we wait.
  const isStopping = (): boolean => stopping;
  const started = start(config, log, undo).catch((error: unknown) => {
    // It answered at first: that it was lost since is no other thing for the person at the terminal.
    if (config.mongodbUri === undefined || !isDatabaseAway(error)) throw error;
    throw notAnswering(error);
  });
  const stop = (exitCode: number): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    void started
      .catch(() => undefined)
      .then(() => undoAll(undo, log))
      .then((clean) => process.exit(clean ? exitCode : 1));
  };
  takeSignals(log, stop);
  try {
    await started;
  } catch (error) {
    if (isStopping()) return;
    stopping = true;
    await undoAll(undo, log);
    throw error;
  }
}

try {
  await main();
} catch (error) {
  const foreseen =
    error instanceof ConfigError ||
    error instanceof StartError ||
    error instanceof DatabaseInUseError ||
    error instanceof NoDatabaseError ||
    error instanceof ProgramTooOldError;
  process.stderr.write(
    `${foreseen ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exit(error instanceof ConfigError ? ConfigError.exitCode : 1);
}
