import { launcherFor, noLauncherSentence, type Launcher, type Machine } from './machine.js';

// As recorded on the machines named.
const trixie: Machine = {
  platform: 'linux',
  arch: 'x64',
  glibc: '2.41',
  engineInstalled: true,
  libcReady: false,
  apt: true,
  mongod: null,
  dataFrom: null,
};
const bookworm: Machine = { ...trixie, glibc: '2.36' };
const alpine: Machine = { ...trixie, glibc: null, apt: false, engineInstalled: false };
const rocky: Machine = { ...trixie, glibc: '2.34', apt: false };
const macbook: Machine = { ...trixie, platform: 'darwin', arch: 'arm64', glibc: null, apt: false };
const oldMac: Machine = { ...macbook, arch: 'x64', engineInstalled: false };
const windows: Machine = { ...oldMac, platform: 'win32' };

describe('launching the database', () => {
  it.each<[string, Machine, Launcher]>([
    ['a new Debian', trixie, { kind: 'engine' }],
    ['a Mac with Apple silicon', macbook, { kind: 'engine' }],
    ['the first glibc that is new enough', { ...trixie, glibc: '2.38' }, { kind: 'engine' }],
    ['the last glibc that is not', { ...trixie, glibc: '2.37' }, { kind: 'engine-with-libc', ready: false }],
    ['an older Debian', bookworm, { kind: 'engine-with-libc', ready: false }],
    [
      'an older Debian after npm run build',
      { ...bookworm, libcReady: true },
      { kind: 'engine-with-libc', ready: true },
    ],
    [
      'a prepared copy on a system without apt',
      { ...rocky, libcReady: true },
      { kind: 'engine-with-libc', ready: true },
    ],
    ['an older system without apt', rocky, { kind: 'mongod-download' }],
    [
      'an older system without apt but with mongod',
      { ...rocky, mongod: '/usr/bin/mongod' },
      { kind: 'mongod', path: '/usr/bin/mongod' },
    ],
    ['Alpine', alpine, { kind: 'mongod-download' }],
    ['a Mac with Intel', oldMac, { kind: 'mongod-download' }],
    ['Windows', windows, { kind: 'mongod-download' }],
    ['npm ci --omit=optional', { ...trixie, engineInstalled: false }, { kind: 'mongod-download' }],
  ])('on %s', (_where, machine, launcher) => {
    expect(launcherFor(machine)).toEqual(launcher);
  });

  it('goes on to the next way when one fails, and says so when none is left', () => {
    const machine = { ...bookworm, mongod: '/usr/bin/mongod' };
    const failed = new Set<Launcher['kind']>();
    const tried: Launcher['kind'][] = [];
    for (let launcher = launcherFor(machine, failed); ; launcher = launcherFor(machine, failed)) {
      tried.push(launcher.kind);
      if (launcher.kind === 'none') break;
      failed.add(launcher.kind);
    }
    expect(tried).toEqual(['engine-with-libc', 'mongod', 'mongod-download', 'none']);
  });

  it('never shows people an empty messenger because their data is in the other format', () => {
    const failed = new Set(['engine-with-libc'] as const);
    expect(launcherFor({ ...bookworm, mongod: '/usr/bin/mongod', dataFrom: 'engine' }, failed)).toEqual({
      kind: 'none',
      because:
        'the data here was written by the embedded engine, which does not run on linux-x64 with glibc 2.36',
    });
    expect(launcherFor({ ...trixie, dataFrom: 'mongod' })).toEqual({ kind: 'mongod-download' });
  });

  it('names the three ways out in one sentence', () => {
    const sentence = noLauncherSentence('no reason');
    expect(sentence).toMatch(/MONGODB_URI.*install mongod.*glibc 2\.38/);
    expect(sentence).not.toContain('\n');
  });
});
