// npm run build: everything that `npm start` needs, so that the start itself is quick.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { bin, runNode } from './run.mjs';
import { rememberBuilt, root, sourcesHash } from './sources.mjs';

async function step(what, program, args, options) {
  const started = performance.now();
  if ((await runNode(program, args, options)) !== 0) throw new Error(what);
  console.log(`${what}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

/** The embedded database may need a newer C library than this system has. */
async function prepareDatabase() {
  const { launcherFor, readMachine } = await import('../backend/dist/database/embedded/machine.js');
  const { prepareLibc } = await import('../backend/dist/database/embedded/libc.js');
  const launcher = launcherFor(await readMachine(null));
  if (launcher.kind !== 'engine-with-libc' || launcher.ready) return;
  try {
    await prepareLibc();
    console.log('A newer C library for the database engine alone: ready');
  } catch (error) {
    // No reason to stop: with MONGODB_URI, or an installed mongod, none is needed. The start tries again.
    console.warn(`The database engine's C library could not be prepared: ${error.message}`);
  }
}

const hash = sourcesHash();
const parts = ['backend', 'testkit', 'bench', 'chaos'].filter((part) => existsSync(join(root, part, 'src')));
try {
  await step('contract and client', bin.tsc, ['-b', 'contract', 'client']);
  // Both need them, neither needs the other. Settled, so that what fails leaves no other one running.
  const settled = await Promise.allSettled([
    step('server', bin.tsc, ['-b', ...parts]).then(prepareDatabase),
    step('page', bin.vite, ['build', '--logLevel', 'warn'], { cwd: join(root, 'frontend') }),
  ]);
  const failed = settled.filter(({ status }) => status === 'rejected').map(({ reason }) => reason.message);
  if (failed.length > 0) throw new Error(failed.join(', '));
} catch (error) {
  console.error(`The build stopped at: ${error.message}`);
  process.exit(1);
}
rememberBuilt(hash);
