import { execFile } from 'node:child_process';
import type { Connection } from 'mongoose';
import { connectDatabase } from '../database/connect.js';
import { engineUri } from '../database/embedded/launch.js';
import { compiledProgram } from '../database/paths.js';
import { createProgram, until } from '../testing/program.js';
import { migrations } from './migrations/index.js';
import { raiseVersion, readVersions } from './versions.js';

type Program = Awaited<ReturnType<typeof createProgram>>;

let program: Program;
beforeEach(async () => {
  program = await createProgram();
});
afterEach(() => program.close());

/** Looks into, or changes, the data of the program that runs. */
async function withData<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
  const { socketPath } = await program.runFile();
  const store = await connectDatabase(engineUri(socketPath ?? ''), { callTimeoutMs: 30_000 });
  try {
    return await work(store.connection);
  } finally {
    await store.close();
  }
}

async function stop(): Promise<void> {
  program.signal('SIGTERM');
  expect(await program.ended()).toBe(0);
}

/** As `npm run fsck` and `npm run admin -- …` do. */
const tool = (name: string, ...args: string[]) =>
  new Promise<{ exitCode: number | string; said: string }>((resolve) => {
    const env = { PATH: process.env['PATH'], DATA_DIR: program.dataDir };
    const options = { cwd: program.dataDir, env };
    execFile(
      process.execPath,
      [compiledProgram(`tools/${name}.js`), ...args],
      options,
      (error, stdout, stderr) => resolve({ exitCode: error?.code ?? 0, said: stdout + stderr }),
    );
  });

it('a server that is killed in the middle of a migration is followed by one that does the rest', async () => {
  const people = 6_000;
  await program.start();
  await withData(async (connection) => {
    const rows = Array.from({ length: people }, (_, index) => ({
      fullName: `Old ${index}`,
      username: `old${index}x`,
      usernameKey: `old${index}x`,
      passwordHash: '',
    }));
    for (let from = 0; from < people; from += 500)
      await connection.collection('users').insertMany(rows.slice(from, from + 500));
    await connection.collection<{ _id: string }>('meta').deleteOne({ _id: 'schemaVersion' });
  });
  await stop();

  const broken = program.start();
  broken.catch(() => undefined);
  await until(() => program.seen().includes('A batch of stored data was changed'));
  program.signal('SIGKILL');
  await expect(broken).rejects.toThrow('ended early, with a signal');

  const before = program.seen().length;
  await program.start();
  const now = program.seen().slice(before);
  const rows = /"migration":1,"name":"[^"]*","rows":(\d+)/.exec(now)?.[1];
  expect(Number(rows)).toBeGreaterThan(0);
  expect(Number(rows)).toBeLessThan(people);
  await withData(async (connection) => {
    const users = connection.collection('users');
    expect(await users.countDocuments({ usernameForm: { $exists: true } })).toBe(people);
    await until(async () => (await readVersions(connection)).schemaVersion === migrations.length);
    expect(await users.countDocuments({ searchKeys: { $exists: true } })).toBe(people);
  });
});

it('data that needs a newer program is refused in one sentence, by the server and by what runs beside it', async () => {
  await program.start();
  const alice = await program.person('alice');
  await withData((connection) => raiseVersion(connection, 'oldestProgram', 99));
  const sentence =
    /^The data has been changed by a newer Sori and needs at least program version 99, .*\.\n$/;
  // Through the database of the server that runs, and where none does.
  for (const runs of [true, false]) {
    if (!runs) await stop();
    const fsck = await tool('fsck');
    expect([runs, fsck]).toEqual([runs, { exitCode: 2, said: expect.stringMatching(sentence) as string }]);
    const grant = await tool('admin', 'grant', alice.name);
    expect([runs, grant]).toEqual([runs, { exitCode: 1, said: expect.stringMatching(sentence) as string }]);
  }
  await expect(program.start()).rejects.toThrow(/ended early, with 1:[^]*needs at least program version 99/);
  expect(program.seen()).not.toContain('ProgramTooOldError');
});
