// What a build is made of, and how one knows whether it is still the build of what lies here.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const SOURCES = [
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
  'scripts/build.mjs',
  'contract/package.json',
  'contract/tsconfig.json',
  'contract/src',
  'client/package.json',
  'client/tsconfig.json',
  'client/src',
  'backend/package.json',
  'backend/tsconfig.json',
  'backend/src',
  'testkit/package.json',
  'testkit/tsconfig.json',
  'testkit/src',
  'bench/tsconfig.json',
  'bench/src',
  'chaos/tsconfig.json',
  'chaos/src',
  'frontend/package.json',
  'frontend/tsconfig.json',
  'frontend/vite.config.ts',
  'frontend/emojiFiles.ts',
  'frontend/serviceWorker.ts',
  'frontend/tsconfig.worker.json',
  'frontend/worker',
  'frontend/index.html',
  'frontend/public',
  'frontend/src',
];

// Without the C library's cache a build is not finished either, but that belongs to the machine and not to the sources.
const RESULTS = ['contract/dist/index.js', 'backend/dist/main.js', 'frontend/dist/index.html'];
const HASH_FILE = join(root, 'backend', 'dist', '.sources');

/** All files at or under a path, in an order that does not depend on the file system. Tests are not part of a build. */
function filesOf(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** Changes whenever a build of what lies here would come out differently. */
export function sourcesHash() {
  const hash = createHash('sha256');
  for (const file of SOURCES.flatMap((path) => filesOf(join(root, path)))) {
    hash
      .update(`${file.slice(root.length)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

/** Whether the build that lies here was made of the sources that lie here. */
export function isBuilt() {
  if (!RESULTS.every((path) => existsSync(join(root, path))) || !existsSync(HASH_FILE)) return false;
  return readFileSync(HASH_FILE, 'utf8') === sourcesHash();
}

/** `hash` is that of the sources before the build: what was edited meanwhile is built the next time. */
export function rememberBuilt(hash) {
  mkdirSync(dirname(HASH_FILE), { recursive: true });
  writeFileSync(HASH_FILE, hash);
}
