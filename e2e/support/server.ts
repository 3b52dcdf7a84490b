import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { NO_LIMITS } from '../../backend/dist/config.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = join(root, 'backend', 'dist', 'main.js');

export type Server = {
  url: string;
  /** Where it keeps its data, and what only its owner may read. */
  dataDir: string;
  stop: () => Promise<void>;
  /** With -9, in the middle of whatever it does. Its database goes with it. */
  kill: () => Promise<void>;
  /** After `kill`: on the same data, at the same address. */
  restart: () => Promise<void>;
  /** The database's own process, with -9. The server brings it back; settles when it has. */
  killDatabase: () => Promise<void>;
};

/** Settings beside those that a test wants: no limits, so that a test is not one of many attackers. */
const settings = {
  HOST: '127.0.0.1',
  LOG_LEVEL: 'error',
  ...NO_LIMITS,
};

/** Waits for something that no event tells. */
const until = async (holds: () => boolean): Promise<void> => {
  for (let tries = 0; !holds(); tries += 1) {
    if (tries > 1_200) throw new Error('Waited in vain for the server');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** The real thing: what `npm start` runs, with a database of its own that is thrown away at the end. */
export const startServer = async (more: Record<string, string> = {}): Promise<Server> => {
  if (![program, join(root, 'frontend', 'dist', 'index.html')].every((file) => existsSync(file)))
    throw new Error('Server or page are not built: run "npm run build" first');
  const data = mkdtempSync(join(tmpdir(), 'sori-browser-tests-'));

  const start = (
    port: string,
  ): { running: ChildProcess; ended: Promise<unknown>; address: Promise<string> } => {
    const running = spawn(process.execPath, [program], {
      // Not the project's: a .env that lies there is somebody's own.
      cwd: data,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH, ...settings, ...more, PORT: port, DATA_DIR: join(data, 'data') },
    });
    const ended = once(running, 'exit');
    // A test that fails before it stops its own server leaves it to the end of this process, and no longer.
    const abandon = () => running.kill('SIGKILL');
    process.once('exit', abandon);
    void ended.then(() => process.off('exit', abandon));
    const address = new Promise<string>((resolve, reject) => {
      createInterface({ input: running.stdout }).on('line', (line) => {
        const url = /^Sori is running: (\S+)/.exec(line)?.[1];
        if (url !== undefined) resolve(url);
        else process.stdout.write(`${line}\n`);
      });
      void ended.then(() => reject(new Error(`The server ended during its start, with ${running.exitCode}`)));
    });
    return { running, ended, address };
  };
  const end = async (signal: NodeJS.Signals) => {
    const { running, ended } = now;
    if (running.exitCode === null && running.signalCode === null) running.kill(signal);
    await ended;
  };
  const stop = async () => {
    await end('SIGTERM');
    rmSync(data, { recursive: true, force: true });
  };
  const databasePid = (): number => {
    const run = JSON.parse(readFileSync(join(data, 'data', 'run.json'), 'utf8')) as { databasePid: number };
    return run.databasePid;
  };

  let now = start('0');
  let url: string;
  try {
    url = await now.address;
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    dataDir: join(data, 'data'),
    stop,
    kill: () => end('SIGKILL'),
    restart: async () => {
      now = start(new URL(url).port);
      await now.address;
    },
    killDatabase: async () => {
      const killed = databasePid();
      process.kill(killed, 'SIGKILL');
      await until(() => databasePid() !== killed);
    },
  };
};
