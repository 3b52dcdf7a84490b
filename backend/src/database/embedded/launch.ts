import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, lstat, mkdir, readdir, realpath, rename, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import type { FailureReason, HostMessage } from './host-messages.js';
import { nodeWithLibc, prepareLibc } from './libc.js';
import {
  engineData,
  launcherFor,
  mongodData,
  noLauncherSentence,
  readMachine,
  type Launcher,
} from './machine.js';
import { compiledProgram } from '../paths.js';

/** The database that runs beside this server, in a child process that is started again whenever it dies. */
export interface Database {
  /** Works for as long as the server runs, through every restart of the child. Journals what it acknowledges. */
  uri: string;
  /** The one stable path of the database's socket; null where a `mongod` on a port of 127.0.0.1 had to be used. */
  socketPath: string | null;
  /** The child that holds the data; null while there is none, between a death and the restart. */
  childPid(): number | null;
  /** Calls `listener` each time the child was restarted and can be reached again. Returns how to stop that. */
  onRestart(listener: () => void): () => void;
  /** Ends the child and waits for its end (8 s at most, then it is killed, which loses nothing acknowledged). */
  close(): Promise<void>;
}

/** What launching wants of a logger; pino's satisfies it. */
export interface LaunchLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface LaunchOptions {
  dataDir: string;
  log: LaunchLog;
  /**
   * How long to wait for another process to let go of the data, in ms. Default: 5,000 while a server lives there, and where
   * none does any more, longer than the database that it left may take to end.
   */
  lockWaitMs?: number;
}

/** The data is held by another process. The message is for the person at the terminal. */
export class DatabaseInUseError extends Error {}
/** Nothing that could hold the data runs on this machine. The message is for the person at the terminal. */
export class NoDatabaseError extends Error {}

class HostFailure extends Error {
  constructor(
    readonly reason: FailureReason,
    message: string,
  ) {
    super(message);
  }
}

const DATABASE_NAME = 'sori';
const LOCK_RETRY_MS = 200;
const LOCK_WAIT_MS = 5_000;
const FIRST_BACK_OFF_MS = 100;
const LONGEST_BACK_OFF_MS = 2_000;
/** A child that lived this long did not die of how it was started: the next one is started at once. */
const HEALTHY_AFTER_MS = 2_000;
const CLOSE_WITHIN_MS = 8_000;
/** Systems allow 103 (macOS) or 107 bytes; names below are at most 16. */
const MAX_SOCKET_PATH_BYTES = 99;
const LONGEST_SOCKET_NAME = 'db-99999999.sock';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** One child, from the moment at which it serves. */
interface Host {
  child: ChildProcess;
  pid: number;
}

/** Starts a host and waits until it serves. @throws HostFailure with what it said, or how it ended. */
async function startHost(command: string, args: string[]): Promise<Host> {
  const child = spawn(command, args, {
    // A process group of its own: a Ctrl-C is for the server, which ends the database last.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let words = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-2_000);
  });
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new HostFailure('cannot-load', error.message)));
    child.once('exit', (code, signal) =>
      // A signal says nothing about whether this kind of host can run here: somebody, or the system, ended it.
      reject(
        signal === null
          ? new HostFailure('cannot-load', words.trim() || `it ended with code ${code ?? 'unknown'}`)
          : new HostFailure('other', `its process was ended by ${signal}`),
      ),
    );
    child.on('message', (message: HostMessage) => {
      if (message.type === 'failed') reject(new HostFailure(message.reason, message.message));
      else if (child.pid !== undefined) resolve({ child, pid: child.pid });
    });
  });
}

/** A private folder for the socket: in the data directory, or, where that path is too long for a socket, a temporary one. */
async function socketFolder(dataDir: string, temporary: boolean): Promise<string> {
  // Named after the data, not at random: after a kill the next start finds and cleans the same folder.
  const name = `sori-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`;
  const fits = (folder: string): boolean =>
    Buffer.byteLength(join(folder, LONGEST_SOCKET_NAME)) <= MAX_SOCKET_PATH_BYTES;
  const candidates = [...(temporary ? [] : [join(dataDir, 'run')]), join(tmpdir(), name), join('/tmp', name)];
  const folder = candidates.find(fits) ?? join('/tmp', name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new Error(`${folder} should be a folder of ours, but belongs to somebody else`);
  }
  await chmod(folder, 0o700);
  return folder;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('No port is free');
  return address.port;
}

/** How one kind of database is started, where it is reached, and what there is to do after each start. */
interface Plan {
  uri: string;
  socketPath: string | null;
  start(): Promise<Host>;
  /** Before anybody is told that the new child is there. */
  reachable(): Promise<void>;
  clean(): Promise<void>;
}

/** How to reach the engine behind a socket: this server's own, or the one that `run.json` tells a tool of. */
export const engineUri = (socketPath: string): string =>
  `mongodb://${encodeURIComponent(socketPath)}/${DATABASE_NAME}?directConnection=true&journal=true&retryWrites=false`;

async function enginePlan(dataDir: string, ownLibc: boolean, temporary: boolean): Promise<Plan> {
  const folder = await socketFolder(dataDir, temporary);
  const socketPath = join(folder, 'db.sock');
  await mkdir(engineData(dataDir), { recursive: true, mode: 0o700 });
  const program = compiledProgram('database/embedded/host.js');
  const node = ownLibc ? nodeWithLibc() : { command: process.execPath, args: [] };
  let generation = 0;
  let current = '';
  return {
    uri: engineUri(socketPath),
    socketPath,
    start() {
      generation += 1;
      current = join(folder, `db-${generation}.sock`);
      return startHost(node.command, [...node.args, program, engineData(dataDir), current]);
    },
    async reachable() {
      // The child holds the engine's lock, so every other socket here is left from one that was killed.
      for (const name of await readdir(folder)) {
        if (/^db-\d+\.sock$/.test(name) && name !== basename(current))
          await rm(join(folder, name), { force: true });
      }
      // Clients know one path for ever. It changes from the dead socket to the new one in one step, so that no
      // connection attempt ever finds nothing there; and last, so that whoever gets through can be told everything.
      const next = join(folder, 'db.next');
      await rm(next, { force: true });
      await symlink(basename(current), next);
      await rename(next, socketPath);
    },
    async clean() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function mongodPlan(dataDir: string, binary: string | null): Promise<Plan> {
  const port = await freePort();
  const program = compiledProgram('database/embedded/host-mongod.js');
  return {
    uri: `mongodb://127.0.0.1:${port}/${DATABASE_NAME}?directConnection=true&journal=true&retryWrites=false`,
    socketPath: null,
    start: () => startHost(process.execPath, [program, mongodData(dataDir), String(port), binary ?? '']),
    reachable: () => Promise.resolve(),
    clean: () => Promise.resolve(),
  };
}

async function planFor(
  launcher: Exclude<Launcher, { kind: 'none' }>,
  dataDir: string,
  log: LaunchLog,
): Promise<Plan> {
  switch (launcher.kind) {
    case 'engine':
      return enginePlan(dataDir, false, false);
    case 'engine-with-libc':
      if (!launcher.ready) {
        log.info(
          {},
          'This system’s C library is too old for the database engine: fetching a newer one for it alone, once',
        );
        await prepareLibc();
      }
      return enginePlan(dataDir, true, false);
    case 'mongod':
      return mongodPlan(dataDir, launcher.path);
    case 'mongod-download':
      return mongodPlan(dataDir, null);
  }
}

/** Whether the server that has put its `run.json` there lives. */
function isServed(dataDir: string): boolean {
  try {
    const { serverPid } = JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8')) as {
      serverPid: number;
    };
    return process.kill(serverPid, 0);
  } catch {
    return false;
  }
}

/** Starts a host; where another process still holds the data, waits for it to let go. @throws DatabaseInUseError */
async function startPatiently(
  plan: Plan,
  dataDir: string,
  waitMs: number | undefined,
  log: LaunchLog,
): Promise<Host> {
  const began = performance.now();
  const isOver = (): boolean =>
    performance.now() - began >= (waitMs ?? (isServed(dataDir) ? LOCK_WAIT_MS : CLOSE_WITHIN_MS + 2_000));
  let told = false;
  for (;;) {
    try {
      return await plan.start();
    } catch (error) {
      if (!(error instanceof HostFailure) || error.reason !== 'in-use') throw error;
      if (isOver()) {
        throw new DatabaseInUseError(
          `Another Sori is already running on the data in ${dataDir}: stop that one first, or set DATA_DIR to another folder.`,
        );
      }
      if (!told) log.info({ dataDir }, 'Another process holds the data: waiting a moment for it to let go');
      told = true;
      await sleep(LOCK_RETRY_MS);
    }
  }
}

/**
 * Starts the database that fits this machine on `dataDir` (made where it is missing) and keeps it running.
 * @throws DatabaseInUseError when another process holds the data; NoDatabaseError when nothing runs on this machine.
 */
export async function launchDatabase({ dataDir: wanted, log, lockWaitMs }: LaunchOptions): Promise<Database> {
  await mkdir(wanted, { recursive: true, mode: 0o700 });
  const dataDir = await realpath(wanted);
  const machine = await readMachine(dataDir);
  const failed = new Set<Launcher['kind']>();
  for (;;) {
    const launcher = launcherFor(machine, failed);
    if (launcher.kind === 'none') throw new NoDatabaseError(noLauncherSentence(launcher.because));
    try {
      let plan = await planFor(launcher, dataDir, log);
      let host: Host;
      try {
        host = await startPatiently(plan, dataDir, lockWaitMs, log);
      } catch (error) {
        if (!(error instanceof HostFailure) || error.reason !== 'no-sockets') throw error;
        // Shared folders of virtual machines hold files, but no sockets.
        plan = await enginePlan(dataDir, launcher.kind === 'engine-with-libc', true);
        host = await startPatiently(plan, dataDir, lockWaitMs, log);
      }
      await makeReachable(plan, host);
      return supervise(plan, host, log);
    } catch (error) {
      if (error instanceof DatabaseInUseError) throw error;
      // Broken data is broken for every launcher, and no reason to begin with an empty database elsewhere.
      if (error instanceof HostFailure && error.reason === 'other') {
        throw new Error(`The database could not open its data in ${dataDir}: ${error.message}`, {
          cause: error,
        });
      }
      const message = error instanceof Error ? error.message : String(error);
      log.warn(
        { launcher: launcher.kind, reason: message },
        'This way to run the database does not work here',
      );
      failed.add(launcher.kind);
    }
  }
}

async function makeReachable(plan: Plan, host: Host): Promise<void> {
  try {
    await plan.reachable();
  } catch (error) {
    // A disk that is full, say: this child would hold the data, and nobody would know it.
    await end(host.child);
    throw error;
  }
}

function supervise(plan: Plan, first: Host, log: LaunchLog): Database {
  const listeners = new Set<() => void>();
  let host: Host | null = null;
  let backOffMs = 0;
  let restarting: Promise<void> | null = null;
  let closing = false;

  // A call, because the compiler would believe that a variable never changes while we wait.
  const isClosing = (): boolean => closing;

  const watch = (next: Host): void => {
    host = next;
    const since = Date.now();
    const died = (): void => {
      if (host !== next) return;
      host = null;
      if (closing) return;
      if (Date.now() - since > HEALTHY_AFTER_MS) backOffMs = 0;
      log.error(
        { pid: next.pid, exitCode: next.child.exitCode, signal: next.child.signalCode },
        'The database died: starting it again',
      );
      restarting = restart();
    };
    next.child.once('exit', died);
    if (next.child.exitCode !== null || next.child.signalCode !== null) died();
  };

  const restart = async (): Promise<void> => {
    while (!isClosing()) {
      await sleep(backOffMs);
      backOffMs = Math.min(Math.max(backOffMs * 2, FIRST_BACK_OFF_MS), LONGEST_BACK_OFF_MS);
      try {
        const next = await plan.start();
        await makeReachable(plan, next);
        watch(next);
        // Asked to close while it started: `close` waits for us and then ends it.
        if (isClosing()) return;
        log.info({ pid: next.pid }, 'The database is back');
        for (const listener of listeners) listener();
        return;
      } catch (error) {
        log.error(
          { reason: error instanceof Error ? error.message : String(error) },
          'The database could not be started again',
        );
      }
    }
  };

  watch(first);
  return {
    uri: plan.uri,
    socketPath: plan.socketPath,
    childPid: () => host?.pid ?? null,
    onRestart(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      if (closing) return;
      closing = true;
      await restarting;
      if (host) await end(host.child);
      await plan.clean();
    },
  };
}

/** Asks a child to end and waits for it. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  // SIGCONT first: a child that somebody stopped could not hear the other one.
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_WITHIN_MS);
  await ended;
  clearTimeout(timer);
}
