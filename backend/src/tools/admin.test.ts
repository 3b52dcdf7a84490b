import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compiledProgram } from '../database/paths.js';
import { type AccountsApp, startAccountsApp } from '../testing/accounts-app.js';

const program = compiledProgram('tools/admin.js');

/** As `npm run admin -- …` does, in a folder without a `.env`. */
const admin = (dataDir: string, ...args: string[]) =>
  new Promise<{ exitCode: number | string; said: string }>((resolve) => {
    const env = { PATH: process.env['PATH'], DATA_DIR: dataDir };
    execFile(process.execPath, [program, ...args], { cwd: dataDir, env }, (error, stdout, stderr) =>
      resolve({ exitCode: error?.code ?? 0, said: stdout + stderr }),
    );
  });

let app: AccountsApp;
beforeAll(async () => {
  app = await startAccountsApp();
});
afterAll(() => app.close());

describe('naming an admin from the machine', () => {
  it('works through the database of the server that runs', async () => {
    const { person } = await app.signUp('alice');
    const { dataDir, database } = app.engine;
    await writeFile(join(dataDir, 'run.json'), JSON.stringify({ socketPath: database.socketPath }));
    expect(await admin(dataDir, 'grant', 'Alice')).toEqual({ exitCode: 0, said: 'Alice is an admin now.\n' });
    expect(await app.accounts.isAdmin(person._id)).toBe(true);
  });

  it('says who is not there', async () => {
    expect(await admin(app.engine.dataDir, 'grant', 'nobody')).toMatchObject({
      exitCode: 1,
      said: expect.stringContaining('nobody') as string,
    });
  });

  it.each([[], ['grant'], ['revoke', 'alice'], ['grant', 'alice', 'bob']])(
    'explains itself (%#)',
    async (...args) => {
      expect(await admin(app.engine.dataDir, ...args)).toMatchObject({
        exitCode: 64,
        said: expect.stringContaining('Usage') as string,
      });
    },
  );

  it('makes no database where there is none, and says so', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'sori-nothing-'));
    try {
      const { exitCode, said } = await admin(empty, 'grant', 'alice');
      expect(exitCode).not.toBe(0);
      expect(said).toContain(`There is no data in ${empty}`);
      expect(await readdir(empty)).not.toContain('db');
    } finally {
      await rm(empty, { recursive: true });
    }
  });

  it('opens the data by itself where no server runs, and lets go of it', async () => {
    const { dataDir, database } = app.engine;
    const { person } = await app.signUp('bob');
    await app.store.close();
    await database.close();
    expect(await admin(dataDir, 'grant', 'bob')).toMatchObject({ exitCode: 0 });
    expect(await admin(dataDir, 'grant', 'bob')).toMatchObject({ exitCode: 0 });
    expect(person.username).toBe('bob');
  });
});
