import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { compiledProgram } from './database/paths.js';
import { startEngine, type TestEngine } from './testing/engine.js';
import { isAlive, until } from './testing/program.js';

interface Server {
  child: ChildProcess;
  /** Everything that the person at the terminal has seen so far. */
  seen(): string;
  /** Resolves with its address; rejects where the program ends before it has one. */
  address: Promise<string>;
  ended: Promise<number | null>;
}

interface RunFile {
  serverPid: number;
  databasePid: number | null;
  port: number;
  socketPath: string | null;
}

let folder: string;
let servers: Server[];

/** The program as it is built, as a person starts it. */
function start(env: NodeJS.ProcessEnv = {}): Server {
  const child = spawn(process.execPath, [compiledProgram('main.js')], {
    cwd: folder,
    env: { PATH: process.env.PATH, PORT: '0', HOST: '127.0.0.1', DATA_DIR: 'data', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const address = new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      text += chunk.toString();
      const found = /^Sori is running: (\S+)/m.exec(text)?.[1];
      if (found) resolve(found);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void ended.then((code) => reject(new Error(`It ended with ${code ?? 'a signal'}: ${text}`)));
  });
  address.catch(() => undefined);
  const server = { child, seen: () => text, address, ended };
  servers.push(server);
  return server;
}

const runFile = async (): Promise<RunFile> =>
  JSON.parse(await readFile(join(folder, 'data', 'run.json'), 'utf8')) as RunFile;

/** A line to the database that breaks for good when the first question about data comes: it was there, and has gone. */
async function startGoing({ uri }: TestEngine) {
  const path = decodeURIComponent(/^mongodb:\/\/([^/]+\.sock)/.exec(uri)?.[1] ?? '');
  const open = new Set<Socket>();
  let answered = false;
  const line = createServer((client) => {
    const database = connect(path);
    for (const socket of [client, database]) {
      open.add(socket);
      socket.on('error', () => undefined).on('close', () => open.delete(socket));
    }
    database.pipe(client);
    client.on('data', (chunk) => {
      if (!/find|aggregate|update|insert|createIndexes/.test(chunk.toString('latin1'))) {
        database.write(chunk);
        return;
      }
      answered = true;
      line.close();
      for (const socket of open) socket.destroy();
    });
  }).listen(0, '127.0.0.1');
  await once(line, 'listening');
  const { port } = line.address() as AddressInfo;
  return {
    uri: `mongodb://127.0.0.1:${port}/sori`,
    hadAnswered: () => answered,
    close(): void {
      line.close();
      for (const socket of open) socket.destroy();
    },
  };
}

const ready = async (address: string): Promise<boolean> => (await fetch(`${address}/readyz`)).status === 200;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sori-test-'));
  servers = [];
});
afterEach(async () => {
  for (const { child } of servers) child.kill('SIGKILL');
  await Promise.all(servers.map(({ ended }) => ended));
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

describe('starting the server', () => {
  it('says where it runs, and to tools beside it, who runs there', async () => {
    const server = start();
    const address = await server.address;
    const run = await runFile();
    expect(run).toMatchObject({ serverPid: server.child.pid, port: Number(new URL(address).port) });
    expect((await stat(join(folder, 'data', 'run.json'))).mode & 0o777).toBe(0o600);
    expect(run.databasePid !== null && isAlive(run.databasePid)).toBe(true);
    expect((await stat(run.socketPath ?? '')).isSocket()).toBe(true);
    expect((await fetch(`${address}/healthz`)).status).toBe(200);
    expect(await ready(address)).toBe(true);
  });

  it('names all wrong settings and ends with code 78', async () => {
    const server = start({ PORT: 'http', LOG_LEVEL: 'loud' });
    expect(await server.ended).toBe(78);
    expect(server.seen()).toMatch(/PORT must be[^]*LOG_LEVEL must be/);
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  it('says plainly that the data is in use by another one, which goes on', async () => {
    const first = await start().address;
    const second = start();
    expect(await second.ended).toBe(1);
    expect(second.seen()).toContain('Another Sori is already running on the data in');
    expect(await ready(first)).toBe(true);
    expect((await runFile()).port).toBe(Number(new URL(first).port));
  });

  it('says in one sentence that the port is taken, and leaves nothing running', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const server = start({ PORT: String(port), LOG_LEVEL: 'silent' });
    expect(await server.ended).toBe(1);
    other.close();
    expect(server.seen()).toBe(
      `Port ${port} is already in use: stop the program that uses it, or set PORT to another one.\n`,
    );
    await start().address;
  });

  it('says that a MongoDB of somebody’s own does not answer', async () => {
    const server = start({ MONGODB_URI: 'mongodb://127.0.0.1:1/sori', LOG_LEVEL: 'silent' });
    expect(await server.ended).toBe(1);
    expect(server.seen()).toMatch(/^The MongoDB of MONGODB_URI does not answer: .*\n$/);
  });

  it('says so as well where it stops answering while the server starts', async () => {
    const engine = await startEngine();
    const going = await startGoing(engine);
    const server = start({ MONGODB_URI: going.uri, LOG_LEVEL: 'silent' });
    expect(await server.ended).toBe(1);
    expect(going.hadAnswered()).toBe(true);
    expect(server.seen()).toMatch(/^The MongoDB of MONGODB_URI does not answer: .*\n$/);
    going.close();
    await engine.stop();
  });

  it('closes to others what a restore has left open', async () => {
    const server = start();
    await server.address;
    server.child.kill('SIGTERM');
    expect(await server.ended).toBe(0);
    const data = join(folder, 'data');
    const kept = ['.', 'db', 'jwt-secret', 'metrics-token', 'admin-code'];
    for (const name of kept) await chmod(join(data, name), 0o755);
    await start().address;
    const modes = kept.map(async (name) => [name, (await stat(join(data, name))).mode & 0o777]);
    expect(Object.fromEntries(await Promise.all(modes))).toEqual({
      '.': 0o700,
      db: 0o700,
      'jwt-secret': 0o600,
      'metrics-token': 0o600,
      'admin-code': 0o600,
    });
  });

  it('works right after the server was killed, and ends the database that it left', async () => {
    const killed = start();
    await killed.address;
    const { databasePid } = await runFile();
    killed.child.kill('SIGKILL');
    const address = await start().address;
    expect(await ready(address)).toBe(true);
    // It lets go of the data a moment before it is gone.
    await until(() => databasePid !== null && !isAlive(databasePid));
  });

  it('starts the database again when that was killed, and says so beside it', async () => {
    const address = await start().address;
    const { databasePid } = await runFile();
    if (databasePid === null) throw new Error('No database runs');
    process.kill(databasePid, 'SIGKILL');
    await until(async () => (await runFile()).databasePid !== databasePid);
    await until(() => ready(address));
    expect(isAlive((await runFile()).databasePid ?? 0)).toBe(true);
  });
});

describe('stopping the server', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('on %s ends with 0 soon and leaves no process', async (signal) => {
    const server = start();
    await server.address;
    const { databasePid } = await runFile();
    const asked = performance.now();
    server.child.kill(signal);
    // npm passes on what the terminal has sent already.
    server.child.kill(signal);
    expect(await server.ended).toBe(0);
    expect(performance.now() - asked).toBeLessThan(7_500);
    expect(databasePid !== null && isAlive(databasePid)).toBe(false);
    expect(existsSync(join(folder, 'data', 'run.json'))).toBe(false);
    expect(existsSync(join(folder, 'data', 'run'))).toBe(false);
  });

  it('works also while it still starts', async () => {
    const server = start();
    await until(() => existsSync(join(folder, 'data', 'jwt-secret')));
    server.child.kill('SIGTERM');
    // Before the program takes signals, a signal ends it by itself, and there is nothing to undo.
    expect([0, null]).toContain(await server.ended);
    await start().address;
  });
});
