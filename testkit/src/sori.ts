import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NO_LIMITS } from '../../backend/dist/config.js';
import { lineOf, type Program, startProgram } from './program.js';

/** What `DATA_DIR/run.json` says. */
export interface RunFile {
  serverPid: number;
  databasePid: number | null;
  port: number;
  /** Where its database listens; null where it is not its own. */
  socketPath: string | null;
}

export interface Sori extends Program {
  /** `http://127.0.0.1:…`, without a path. */
  url: string;
  port: number;
  dataDir: string;
  /** How it is now: its database may have been started again. */
  readRun(): RunFile;
}

export interface SoriOptions {
  /** Default: a new temporary folder, which `stop` takes away with all that is in it. */
  dataDir?: string;
  /** As the environment has them, over those of a test: any free port, only this machine, no limits. */
  settings?: Readonly<Record<string, string>>;
  /** With all limits as they are by default. */
  limits?: boolean;
  /** Another program than the server itself, that becomes it. */
  program?: string;
  args?: readonly string[];
  execArgv?: readonly string[];
  /** It was started and is not ready yet. */
  started?: (program: Program) => void;
  onOutput?: (text: string) => void;
}

const compiled = fileURLToPath(new URL('../../backend/dist/main.js', import.meta.url));

/** The real server, as `npm start` runs it, with the database that comes with it. Resolves when it is ready. */
export async function startSori(options: SoriOptions = {}): Promise<Sori> {
  if (!existsSync(compiled)) throw new Error('The server is not built yet: npm run build');
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'sori-testkit-'));
  mkdirSync(dataDir, { recursive: true });
  const { PATH, HOME, TMPDIR } = process.env;
  const program = startProgram(options.program ?? compiled, {
    ...options,
    // Not the project's folder: a .env that lies there is somebody's own.
    cwd: dataDir,
    // Nor their environment: what is set in this shell, a database above all, is not used.
    env: {
      PATH,
      HOME,
      TMPDIR,
      PORT: '0',
      HOST: '127.0.0.1',
      DATA_DIR: dataDir,
      LOG_LEVEL: 'warn',
      ...(options.limits === true ? {} : NO_LIMITS),
      ...options.settings,
    },
  });
  options.started?.(program);
  const remove = (): void => {
    if (options.dataDir === undefined)
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };
  try {
    const line = await lineOf(program, 'Sori is running');
    const url = /https?:\S+/.exec(line)?.[0] ?? '';
    return {
      ...program,
      url,
      port: Number(new URL(url).port),
      dataDir,
      readRun: () => JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8')) as RunFile,
      async stop() {
        await program.stop();
        remove();
      },
    };
  } catch (error) {
    await program.kill();
    remove();
    throw error;
  }
}
