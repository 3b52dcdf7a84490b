// npm test: tools, build, then the tests: all but those in the browser that are marked @long. The last line adds them up.
import { mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';

import { bin, runNode } from './run.mjs';
import { root } from './sources.mjs';

const memory = '/dev/shm';
/** So much of it has to be free, in bytes: a database takes 200 MB, and six servers may run at once. */
const roomEnough = 8 * 1024 ** 3;

function isRoomy() {
  try {
    const { bavail, bsize } = statfsSync(memory);
    return bavail * bsize >= roomEnough && freemem() >= roomEnough;
  } catch {
    return false;
  }
}

const kept = tmpdir();
/** For databases and browsers: in memory where there is room for them. On a disk, every journalled write waits for it. */
const folder = mkdtempSync(join(isRoomy() ? memory : kept, 'sori-test-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
process.env.TMPDIR = folder;

/** Tests that ran, by a JSON report; a run that wrote none, or that failed without a failed test, counts as one failure. */
function counted(code, file, count) {
  let sum = { passed: 0, failed: 0 };
  try {
    sum = count(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    console.error('No report was written: the tests did not run to their end.');
  }
  const nothingRan = sum.passed + sum.failed === 0;
  return (code !== 0 || nothingRan) && sum.failed === 0 ? { ...sum, failed: 1 } : sum;
}

async function unitTests() {
  const file = join(folder, 'jest.json');
  const cache = `--cacheDirectory=${join(kept, 'sori-jest')}`;
  const code = await runNode(bin.jest, [cache, '--json', `--outputFile=${file}`], {
    stdio: ['inherit', 'ignore', 'inherit'],
  });
  return counted(code, file, (report) => ({
    passed: report.numPassedTests,
    // A file that cannot be loaded has no tests that could fail.
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
  }));
}

async function browserTests() {
  const file = join(folder, 'playwright.json');
  const env = { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: file, PLAYWRIGHT_JSON_OUTPUT_FILE: file };
  // A quarter of an hour is what this may take. `npm run test:browser` runs them all.
  const code = await runNode(bin.playwright, ['test', '--grep-invert', '@long', '--reporter=list,json'], {
    env,
  });
  return counted(code, file, ({ stats }) => ({
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
  }));
}

/** Two tests: short runs of what `npm run test:chaos` does for as long as one likes, always with the same plans. */
async function chaosTests() {
  const program = join(root, 'chaos', 'dist', 'main.js');
  const short = ['--seconds', '15', '--seed', '1'];
  const codes = [
    await runNode(program, short),
    await runNode(program, [...short, '--servers', '3', '--redis', '--people', '8']),
  ];
  const passed = codes.filter((code) => code === 0).length;
  return { passed, failed: codes.length - passed };
}

async function need(what, script) {
  const code = await runNode(join(root, 'scripts', script));
  if (code === 0) return;
  console.error(`${what} failed: no test was run.`);
  console.log('0 passed, 1 failed');
  process.exit(1);
}

await need('Getting the tools', 'test-tools.mjs');
await need('The build', 'build.mjs');
// One after the other: they would take the machine's two cores from each other, and tests of time limits notice.
const runs = [await unitTests(), await chaosTests(), await browserTests()];
const passed = runs.reduce((sum, part) => sum + part.passed, 0);
const failed = runs.reduce((sum, part) => sum + part.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
