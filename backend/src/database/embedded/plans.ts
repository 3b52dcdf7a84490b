import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, lstat, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { LaunchLog } from './database.js';
import { type Host, startHost } from './host-process.js';
import { nodeWithLibc, prepareLibc } from './libc.js';
import { engineData, type Launcher, mongodData } from './machine.js';
import { compiledProgram } from '../paths.js';

const DATABASE_NAME = 'sori';
/** Systems allow 103 (macOS) or 107 bytes; names below are at most 16. */
const MAX_SOCKET_PATH_BYTES = 99;
const LONGEST_SOCKET_NAME = 'db-99999999.sock';

/** How one kind of database is started, where it is reached, and what there is to do after each start. */
export interface Plan {
  uri: string;
  socketPath: string | null;
  start(): Promise<Host>;
  /** Before the new child is announced. */
  reachable(): Promise<void>;
  clean(): Promise<void>;
}

/** How to reach the engine behind a socket: this server's own, or the one that `run.json` names for a tool. */
export const engineUri = (socketPath: string): string =>
  `mongodb://${encodeURIComponent(socketPath)}/${DATABASE_NAME}?directConnection=true&journal=true&retryWrites=false`;

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

export async function enginePlan(dataDir: string, ownLibc: boolean, temporary: boolean): Promise<Plan> {
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
      // connection attempt ever finds nothing there; and last, so that whoever gets through can be answered everything.
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('No port is free');
  return address.port;
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

export async function planFor(
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
