// npm run test:quick: the tests that need nothing but Node, for while one writes. Nothing marks them: a test belongs to them
// unless it, or anything that it imports, starts a program or a thread of its own (the database, the server, a pool of workers).
// Needs no build.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { bin, runNode } from './run.mjs';
import { root } from './sources.mjs';

const folders = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
  .map((entry) => join(root, entry.name, 'src'));

function sourcesIn(folder) {
  let entries = [];
  try {
    entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch {
    // Not every folder here is a workspace.
  }
  return entries
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

const startsPrograms = folders
  .flatMap(sourcesIn)
  .filter((file) => /\bfrom '(node:child_process|piscina)'/.test(readFileSync(file, 'utf8')));
if (startsPrograms.length === 0)
  throw new Error('Nothing here starts a program: which tests are quick cannot be told');

/** Jest follows the imports itself. */
const listed = (...args) =>
  execFileSync(process.execPath, [bin.jest, '--listTests', ...args], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '');

const slow = new Set(listed('--findRelatedTests', ...startsPrograms));
const quick = listed().filter((file) => !slow.has(file));
console.log(
  `${quick.length} files of tests that start no program; npm test has ${slow.size} more, and the browser's.`,
);
process.exit(await runNode(bin.jest, [...process.argv.slice(2), '--runTestsByPath', ...quick]));
