import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const root = join(__dirname, '..');
const run = promisify(execFile);

let folder: string;
let tarball: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sori-test-package-'));
  const { stdout } = await run(process.execPath, ['scripts/package.mjs'], { cwd: root });
  const made = stdout.trim().split('\n').at(-1) ?? '';
  tarball = join(folder, basename(made));
  await cp(made, tarball);
  await rm(made);
}, 180_000);
afterAll(() => rm(folder, { recursive: true, maxRetries: 3 }));

/** Nothing of this project is near, and nothing that builds: Node, npm and what a system has. */
const bare = (): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  TMPDIR: folder,
  PORT: '0',
  LOG_LEVEL: 'warn',
});

describe('the package', () => {
  it('is one file, named by its version, with nothing in it that only a developer needs', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(basename(tarball)).toBe(`sori-${version}.tgz`);
    const { stdout } = await run('tar', ['tzf', tarball]);
    const files = stdout.trim().split('\n');
    expect(files).toEqual(
      expect.arrayContaining([
        'package/sori.mjs',
        'package/backend/dist/main.js',
        'package/backend/dist/tools/fsck.js',
        'package/node_modules/@sori/contract/dist/index.js',
        'package/frontend/dist/index.html',

        'package/LICENSE',
      ]),
    );
    expect(files.filter((file) => /\.(ts|tsx|map)$|\.test\.|testing\//.test(file))).toEqual([]);
  });

  it('starts on a machine without a build, serves the page, keeps what was written, and leaves nothing behind', async () => {
    const home = join(folder, 'somewhere');
    await mkdir(home);
    await cp(tarball, join(home, basename(tarball)));
    const npx = spawn('npx', ['--yes', `./${basename(tarball)}`], { cwd: home, env: bare() });
    let seen = '';
    const running = new Promise<string>((resolve, reject) => {
      const read = (chunk: Buffer): void => {
        seen += chunk.toString();
        const address = /Sori is running: (\S+)/.exec(seen)?.[1];
        if (address !== undefined) resolve(address);
      };
      npx.stdout.on('data', read);
      npx.stderr.on('data', read);
      npx.once('exit', () => reject(new Error(seen)));
    });
    const url = await running;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(await (await fetch(url)).text()).toContain('<div id="root">');
    const signup = await fetch(`${url}/api/auth/signup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        fullName: 'Alice',
        username: 'alice',
        password: 'correct horse',
        confirmPassword: 'correct horse',
      }),
    });
    expect(signup.status).toBe(201);

    const file = join(home, 'data', 'run.json');
    const { serverPid } = JSON.parse(await readFile(file, 'utf8')) as { serverPid: number };
    npx.kill('SIGTERM');
    await once(npx, 'close');
    const isAlive = (): boolean => existsSync(`/proc/${serverPid}`);
    while (isAlive()) await new Promise((resolve) => setTimeout(resolve, 50));
    // Only a server that stopped in order takes this away.
    expect(existsSync(file)).toBe(false);
  }, 180_000);

  it('says which commands there are', async () => {
    const wrong = run('npx', ['--yes', `./${basename(tarball)}`, 'dance'], { cwd: folder, env: bare() });
    await expect(wrong).rejects.toMatchObject({
      code: 64,
      stderr: expect.stringContaining('start, fsck, admin') as string,
    });
  }, 180_000);
});
