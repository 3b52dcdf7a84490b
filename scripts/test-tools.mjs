// npm run test:tools: makes sure of the programs that the tests need. A tool that is missing never skips a test: as root on
// Debian or Ubuntu (where tests usually run in a container) it is installed, elsewhere this says how.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

import { run } from './run.mjs';

const onPath = (...names) =>
  names.some((name) => {
    try {
      execFileSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });

/** One line for each: what it is for, how it is recognised, which Debian package has it. */
const TOOLS = [
  { name: 'Chromium, for the tests in a browser', package: 'chromium', found: () => onPath('chromium') },
  {
    // The page brings its own Latin and Korean letters; emoji are the system's.
    name: 'an emoji font, for what the browser draws',
    package: 'fonts-noto-color-emoji',
    found: () => existsSync('/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf'),
  },
  {
    name: 'Redis, for the tests of several servers',
    package: 'redis-server',
    found: () => onPath('redis-server'),
  },
  {
    name: 'nginx, which stands before several servers',
    package: 'nginx',
    // Who is not root may not look there by themselves.
    found: () => onPath('nginx', '/usr/sbin/nginx'),
  },
  { name: 'OpenSSL, for the certificate of a test', package: 'openssl', found: () => onPath('openssl') },
];

const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
const hasApt = /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(release) && onPath('apt-get');

const missing = TOOLS.filter((tool) => !tool.found());
if (missing.length > 0) {
  for (const tool of missing) console.log(`Missing for the tests: ${tool.name}`);
  const packages = missing.map((tool) => tool.package);
  if (!hasApt || process.getuid?.() !== 0) {
    console.error(
      hasApt
        ? `Install it with: sudo apt-get install --no-install-recommends ${packages.join(' ')}`
        : `Install it with your system's package manager (Debian names it: ${packages.join(' ')}).`,
    );
    process.exit(1);
  }
  console.log(`Installing with apt: ${packages.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-q'], { env });
  const code = await run('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...packages], { env });
  const still = TOOLS.filter((tool) => !tool.found());
  if (code !== 0 || still.length > 0) {
    console.error(
      `apt could not install: ${still.map((tool) => tool.package).join(' ') || packages.join(' ')}`,
    );
    process.exit(1);
  }
}
