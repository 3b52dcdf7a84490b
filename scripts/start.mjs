// npm start: builds what is not built, then becomes the server. In the same process, so that a signal reaches the server
// itself and nothing is left behind when npm, or a supervisor, ends.
import { fileURLToPath } from 'node:url';

import { isBuilt } from './sources.mjs';

if (!isBuilt()) {
  const { spawn } = await import('node:child_process');
  console.log('Building; the next start is quicker.');
  const build = spawn(process.execPath, [fileURLToPath(new URL('./build.mjs', import.meta.url))], {
    stdio: 'inherit',
  });
  const stop = (signal) => build.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, stop);
  const code = await new Promise((resolve) => build.once('exit', (exitCode) => resolve(exitCode ?? 1)));
  if (code !== 0) process.exit(code);
  // From here on they are the server's.
  for (const signal of signals) process.off(signal, stop);
}

await import('../backend/dist/main.js');
