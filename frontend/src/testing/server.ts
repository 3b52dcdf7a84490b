import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export type RealServer = { address: string; stop: () => Promise<void> };

const root = resolve(__dirname, '../../..');

/** Sori itself, database included, as a process of its own: what a page would talk to. */
export const startServer = (): Promise<RealServer> =>
  new Promise((ready, fail) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'sori-page-'));
    const server: ChildProcess = spawn(
      process.execPath,
      ['--import', 'tsx', join(root, 'backend/src/main.ts')],
      {
        cwd: root,
        env: {
          PATH: process.env['PATH'],
          HOME: process.env['HOME'],
          PORT: '0',
          HOST: '127.0.0.1',
          DATA_DIR: dataDir,
          LOG_LEVEL: 'error',
          LIMIT_SIGNUPS_PER_ADDRESS_HOUR: '0',
          LIMIT_SENDS_PER_USER_10S: '0',
          LIMIT_EVENTS_PER_SOCKET_10S: '0',
          LIMIT_REQUESTS_PER_USER_10S: '0',
          LIMIT_REQUESTS_PER_ADDRESS_10S: '0',
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let said = '';
    const listen = (chunk: Buffer) => {
      said += chunk.toString();
      const address = /http:\/\/[\w.:[\]-]+:\d+/.exec(said)?.[0];
      if (address !== undefined)
        ready({
          address,
          stop: () =>
            new Promise((stopped) => {
              server.once('exit', () => {
                rmSync(dataDir, { recursive: true, force: true });
                stopped();
              });
              server.kill('SIGTERM');
            }),
        });
    };
    server.stdout?.on('data', listen);
    server.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    server.once('exit', (code) => fail(new Error(`The server ended with ${code ?? 'a signal'}: ${said}`)));
  });
