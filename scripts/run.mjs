// Programs started from our scripts: with what they print shown, and never left behind when the script is stopped.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { root } from './sources.mjs';

const running = new Set();

let stopping = false;

const stop = (signal) => {
  stopping = true;
  if (running.size === 0) process.exit(130);
  for (const child of running) child.kill(signal);
};
process.on('SIGTERM', stop);
process.on('SIGHUP', stop);
process.on('SIGINT', () => {
  stopping = true;
  // The terminal tells the programs itself, and some take a second Ctrl-C for "at once, then".
  setTimeout(stop, 1_000, 'SIGINT').unref();
});

/** Runs a program to its end and resolves with its exit code (1 where a signal ended it). */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
    running.add(child);
    child.once('error', (error) => {
      running.delete(child);
      reject(error);
    });
    child.once('exit', (code) => {
      running.delete(child);
      // What would come next was not asked for any more.
      if (stopping && running.size === 0) process.exit(130);
      resolve(code ?? 1);
    });
  });
}

/** Runs a JavaScript program of an installed package, without npx in between. */
export const runNode = (program, args = [], options = {}) =>
  run(process.execPath, [program, ...args], options);

export const bin = {
  tsc: join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
  vite: join(root, 'node_modules', 'vite', 'bin', 'vite.js'),
  tsx: join(root, 'node_modules', 'tsx', 'dist', 'cli.mjs'),
  jest: join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
  playwright: join(root, 'node_modules', '@playwright', 'test', 'cli.js'),
};
