import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = join(root, 'backend', 'dist', 'main.js');

export type Server = { url: string; stop: () => Promise<void> };

/** The real thing: what `npm start` runs, with a database of its own that is thrown away at the end. */
export const startServer = async (): Promise<Server> => {
  if (![program, join(root, 'frontend', 'dist', 'index.html')].every((file) => existsSync(file)))
    throw new Error('Server or page are not built: run "npm run build" first');
  const data = mkdtempSync(join(tmpdir(), 'sori-browser-tests-'));
  const server = spawn(process.execPath, [program], {
    // Not the project's: a .env that lies there is somebody's own.
    cwd: data,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      HOST: '127.0.0.1',
      DATA_DIR: join(data, 'data'),
      LOG_LEVEL: 'error',
      LIMIT_SIGNUPS_PER_ADDRESS_HOUR: '0',
      LIMIT_LOGIN_FAILURES_PER_ACCOUNT: '0',
      LIMIT_LOGIN_FAILURES_PER_ADDRESS: '0',
      LIMIT_SENDS_PER_USER_10S: '0',
      LIMIT_EVENTS_PER_SOCKET_10S: '0',
    },
  });
  const ended = once(server, 'exit');
  const stop = async () => {
    if (server.exitCode === null && server.signalCode === null) server.kill('SIGTERM');
    await ended;
    rmSync(data, { recursive: true, force: true });
  };

  const address = new Promise<string>((resolve) => {
    createInterface({ input: server.stdout }).on('line', (line) => {
      const url = /^Sori is running: (\S+)/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
      else process.stdout.write(`${line}\n`);
    });
  });
  const url = await Promise.race([address, ended.then(() => null)]);
  if (url === null) {
    await stop();
    throw new Error(`The server ended during its start, with ${server.exitCode}`);
  }
  return { url, stop };
};
