import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { projectRoot } from '../paths.js';

const run = promisify(execFile);

const TRIPLETS: Partial<Record<string, { triplet: string; loader: string }>> = {
  x64: { triplet: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' },
  arm64: { triplet: 'aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1' },
};

function platform(): { triplet: string; loader: string } {
  const found = TRIPLETS[process.arch];
  if (!found) throw new Error(`No C library is known for ${process.arch}`);
  return found;
}

/** Where the newer C library lies once it is prepared. It is there whole or not at all. */
export const libcFolder = (): string => join(projectRoot(), '.cache', `libc-${process.arch}`);

/** The command that runs Node with the prepared C library, for this one process and nothing else on the machine. */
export function nodeWithLibc(): { command: string; args: string[] } {
  const { triplet, loader } = platform();
  const libraries = join(libcFolder(), 'usr', 'lib', triplet);
  return {
    command: join(libraries, loader),
    args: ['--library-path', `${libraries}:/usr/lib/${triplet}`, process.execPath],
  };
}

/** The first release of each distribution whose C library is new enough for the engine. */
function suite(): string {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return /^ID(_LIKE)?=.*ubuntu/m.test(release) ? 'noble' : 'trixie';
}

/** The mirrors that this machine itself uses, its security archive last: that has not every package. */
async function mirrors(): Promise<string[]> {
  const { stdout } = await run('apt-get', ['indextargets', '--format', '$(SITE)', 'Created-By: Packages']);
  const sites = [...new Set(stdout.split('\n').filter((site) => /^(https?|file|copy):/.test(site)))];
  const rank = (site: string): number => (/security/.test(site) ? 2 : /debian|ubuntu/.test(site) ? 0 : 1);
  return sites.sort((a, b) => rank(a) - rank(b));
}

/**
 * Fetches a newer C library with the machine's own apt, from its own mirror, checked by its own keys, into our cache (about
 * 12 MB, once). Needs no root and changes nothing on the machine: apt gets lists and folders of its own. Does nothing where
 * it is there already.
 * @throws Error in apt's words when no mirror has it.
 */
export async function prepareLibc(): Promise<void> {
  const target = libcFolder();
  if (existsSync(target)) return;
  platform();
  await mkdir(dirname(target), { recursive: true });
  const work = await mkdtemp(`${target}-`);
  try {
    await fetchLibc(work);
    // A second start may have been quicker: what it prepared is as good as ours.
    await rename(join(work, 'root'), target).catch((error: unknown) => {
      if (!existsSync(target)) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function fetchLibc(work: string): Promise<void> {
  const sources = join(work, 'sources.list');
  const settings: Record<string, string> = {
    'Dir::Etc::sourcelist': sources,
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'Dir::State': join(work, 'state'),
    'Dir::State::Lists': join(work, 'lists'),
    'Dir::State::status': '/dev/null',
    'Dir::Cache': join(work, 'cache'),
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
    // As root, apt fetches as the user _apt, who may not look into our folder.
    'APT::Sandbox::User': 'root',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  for (const folder of ['state', 'lists/partial', 'cache/archives/partial', 'debs', 'root']) {
    await mkdir(join(work, folder), { recursive: true });
  }
  const debs = join(work, 'debs');
  const complaints: string[] = [];
  for (const mirror of await mirrors()) {
    try {
      await writeFile(sources, `deb ${mirror} ${suite()} main\n`);
      await run('apt-get', [...options, 'update', '-q', '--error-on=any']);
      await run('apt-get', [...options, 'download', '-q', 'libc6', 'libstdc++6', 'libgcc-s1'], { cwd: debs });
      for (const file of await readdir(debs)) await run('dpkg', ['-x', join(debs, file), join(work, 'root')]);
      return;
    } catch (error) {
      complaints.push(`${mirror}: ${complaintOf(error)}`);
    }
  }
  throw new Error(`apt could not fetch a newer C library (${complaints.join('; ') || 'it knows no mirror'})`);
}

/** What apt itself complained of; the message of a failed command is mostly the command. */
function complaintOf(error: unknown): string {
  const words = (error as { stderr?: string }).stderr ?? '';
  return /^E: (.*)$/m.exec(words)?.[1] ?? (error instanceof Error ? error.message : String(error));
}
