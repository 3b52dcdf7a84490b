import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Sori, startSori } from '@sori/testkit';

const page = fileURLToPath(new URL('../../frontend/dist/index.html', import.meta.url));

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

/** Waits for something that no event tells. */
const until = async (holds: () => boolean): Promise<void> => {
  for (let tries = 0; !holds(); tries += 1) {
    if (tries > 1_200) throw new Error('Waited in vain for the server');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** The real thing: what `npm start` runs, with a database of its own that is thrown away at the end. */
export const startServer = async (more: Record<string, string> = {}): Promise<Server> => {
  if (!existsSync(page)) throw new Error('The page is not built: run "npm run build" first');
  const data = mkdtempSync(join(tmpdir(), 'sori-browser-tests-'));
  const dataDir = join(data, 'data');
  const remove = () => rmSync(data, { recursive: true, force: true, maxRetries: 3 });

  const start = (port: string): Promise<Sori> =>
    startSori({
      dataDir,
      settings: { LOG_LEVEL: 'error', ...more, PORT: port },
      onOutput: (text) => {
        if (!text.startsWith('Sori is running')) process.stdout.write(text);
      },
    });

  let now: Sori;
  try {
    now = await start('0');
  } catch (error) {
    remove();
    throw error;
  }
  const { url, port } = now;
  return {
    url,
    dataDir,
    stop: async () => {
      await now.stop();
      remove();
    },
    kill: () => now.kill(),
    restart: async () => {
      now = await start(String(port));
    },
    killDatabase: async () => {
      const killed = now.readRun().databasePid;
      if (killed === null) throw new Error('It has no database of its own');
      process.kill(killed, 'SIGKILL');
      await until(() => now.readRun().databasePid !== killed);
    },
  };
};
