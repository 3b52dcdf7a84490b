// npm run package: one file, sori-<version>.tgz, with the server and the page built. `npx ./sori-<version>.tgz` starts it on a
// machine that has Node and nothing else: no compiler, no build. Its last line is the file's path.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { run, runNode } from './run.mjs';
import { isBuilt, root } from './sources.mjs';

const read = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const { name, version, description, license, engines } = read('package.json');
const backend = read('backend/package.json');
const contract = read('contract/package.json');
const { packages } = read('package-lock.json');

/** The very versions that were tested together. */
const exactly = (dependencies = {}) =>
  Object.fromEntries(
    Object.keys(dependencies)
      .filter((one) => !one.startsWith('@sori/'))
      .map((one) => [one, packages[`node_modules/${one}`].version]),
  );

const manifest = {
  name,
  version,
  description,
  license,
  engines,
  type: 'module',
  bin: { sori: 'sori.mjs' },
  dependencies: {
    [contract.name]: version,
    ...exactly(backend.dependencies),
    ...exactly(contract.dependencies),
  },
  optionalDependencies: exactly(backend.optionalDependencies),
  // Ours lies in the file itself: no registry has it.
  bundleDependencies: [contract.name],
};

const program = `#!/usr/bin/env node
// sori: starts the messenger. sori fsck, sori admin: the tools beside it.
const programs = { start: 'main.js', fsck: 'tools/fsck.js', admin: 'tools/admin.js' };
const [name = 'start'] = process.argv.slice(2, 3);
if (!Object.hasOwn(programs, name)) {
  console.error(\`sori \${name}: there is no such command. There are: \${Object.keys(programs).join(', ')}.\`);
  process.exit(64);
}
process.argv.splice(2, 1);
// npx passes no signal on, and whoever stopped it means this.
if (process.env.npm_lifecycle_event === 'npx') {
  const startedBy = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === startedBy) return;
    clearInterval(look);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  look.unref();
}
await import(\`./backend/dist/\${programs[name]}\`);
`;

/** What is compiled, without what an earlier checkout has left there, and without what only editors read. */
function copyCompiled(from, to) {
  const dist = join(root, from, 'dist');
  cpSync(dist, join(to, 'dist'), {
    recursive: true,
    filter(path) {
      if (!/\.[^/]*$/.test(path)) return true;
      const source = join(root, from, 'src', relative(dist, path)).replace(/\.js$/, '.ts');
      return path.endsWith('.js') && existsSync(source);
    },
  });
}

const manifestOf = ({ exports, ...one }) => ({
  name: one.name,
  version: one.version,
  license: one.license,
  type: one.type,
  ...(exports && { exports }),
});
const writeManifest = (folder, content) =>
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(content, null, 2)}\n`);

async function need(what, code) {
  if ((await code) !== 0) throw new Error(`${what} failed`);
}

const folder = mkdtempSync(join(tmpdir(), 'sori-package-'));
try {
  if (!isBuilt()) await need('The build', runNode(join(root, 'scripts', 'build.mjs')));
  writeManifest(folder, manifest);
  writeFileSync(join(folder, 'sori.mjs'), program, { mode: 0o755 });
  for (const file of ['README.md', 'README.ko.md', 'CHANGELOG.md', 'LICENSE', '.env.example']) {
    cpSync(join(root, file), join(folder, file));
  }
  mkdirSync(join(folder, 'backend'));
  writeManifest(join(folder, 'backend'), manifestOf(backend));
  copyCompiled('backend', join(folder, 'backend'));
  const bundled = join(folder, 'node_modules', contract.name);
  mkdirSync(bundled, { recursive: true });
  writeManifest(bundled, { ...manifestOf(contract), dependencies: contract.dependencies });
  copyCompiled('contract', bundled);
  cpSync(join(root, 'frontend', 'dist'), join(folder, 'frontend', 'dist'), { recursive: true });
  await need('Packing', run('npm', ['pack', '--silent', folder]));
  console.log(join(root, `${name}-${version}.tgz`));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
