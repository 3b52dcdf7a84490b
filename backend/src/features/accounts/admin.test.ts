import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AccountsApp, formOf, startAccountsApp } from '../../testing/accounts-app.js';
import { startEngine, type TestEngine } from '../../testing/engine.js';

let engine: TestEngine;
let app: AccountsApp;
let dataDir = '';

beforeEach(async () => {
  engine = await startEngine();
  dataDir = await mkdtemp(join(tmpdir(), 'sori-admin-'));
  app = await startAccountsApp({ engine, dataDir });
});
afterEach(async () => {
  await app.close();
  await engine.stop();
  await rm(dataDir, { recursive: true });
});

const file = () => join(dataDir, 'admin-code');
const keptCode = async (): Promise<string> => (await readFile(file(), 'utf8')).trim();
const isGone = () =>
  stat(file()).then(
    () => false,
    () => true,
  );
const signUp = (username: string, adminCode: unknown) =>
  app
    .ask()
    .post('/api/auth/signup')
    .send({ ...formOf(username), adminCode });
const redeem = (cookie: string, body: object) =>
  app.ask().post('/api/me/admin').set('Cookie', cookie).send(body);
const admins = () => app.store.connection.collection('users').countDocuments({ admin: true });

it('the first start makes a code that only the owner of the machine can read, and shows it once', async () => {
  expect((await stat(file())).mode & 0o777).toBe(0o600);
  expect(app.shownCodes).toEqual([await keptCode()]);
  expect((await keptCode()).length).toBeGreaterThan(20);
  const again = await startAccountsApp({ engine, dataDir });
  expect(again.shownCodes).toEqual([]);
  expect(await keptCode()).toBe(app.shownCodes[0]);
  await again.close();
});

it('somebody who gives the code at sign-up becomes admin, and nobody after them by the same code', async () => {
  const code = await keptCode();
  const answer = await signUp('alice', ` ${code} `);
  expect(answer.status).toBe(201);
  expect(await app.accounts.isAdmin((answer.body as { _id: string })._id)).toBe(true);
  expect(await isGone()).toBe(true);
  expect(app.logged.join('')).toContain('The admin code was used');
  expect(app.logged.join('')).not.toContain(code);
  const late = await signUp('bob', code);
  expect(late.status).toBe(403);
  expect(late.body).toMatchObject({ code: 'FORBIDDEN' });
  expect(await admins()).toBe(1);
});

it('a wrong code makes neither an admin nor a person', async () => {
  const answer = await signUp('mallory', 'a guess');
  expect(answer.status).toBe(403);
  expect(answer.headers['set-cookie']).toBeUndefined();
  expect(await app.store.connection.collection('users').countDocuments()).toBe(0);
  expect(await isGone()).toBe(false);
});

it('an empty code counts as no code, and a code of another type is refused', async () => {
  expect((await signUp('alice', '')).status).toBe(201);
  expect((await signUp('bob', { $ne: null })).status).toBe(400);
  expect(await admins()).toBe(0);
});

it('a sign-up that fails does not use the code up', async () => {
  await app.signUp('alice');
  expect((await signUp('alice', await keptCode())).status).toBe(409);
  expect((await signUp('bob', await keptCode())).status).toBe(201);
  expect(await admins()).toBe(1);
});

it('of many people who use the code at once, one becomes admin', async () => {
  const code = await keptCode();
  const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => signUp(`racer${index}`, code)));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 403)).toHaveLength(7);
  expect(await admins()).toBe(1);
});

it('somebody with an account becomes admin by the code, and may ask twice', async () => {
  const { person, cookie } = await app.signUp('alice');
  expect((await redeem(cookie, { code: 'a guess' })).status).toBe(403);
  expect((await redeem(cookie, {})).status).toBe(400);
  expect(await app.accounts.isAdmin(person._id)).toBe(false);
  const code = await keptCode();
  expect((await redeem(cookie, { code })).status).toBe(200);
  expect((await redeem(cookie, { code })).status).toBe(200);
  expect(await app.accounts.isAdmin(person._id)).toBe(true);
  expect(await isGone()).toBe(true);
});

it('nobody becomes admin without being signed in', async () => {
  expect((await redeem('', { code: await keptCode() })).status).toBe(401);
});

it('the owner of the machine can name an admin, and then there is no code any more', async () => {
  const { person } = await app.signUp('alice');
  expect(await app.accounts.grantAdmin('nobody')).toBe(false);
  expect(await app.accounts.grantAdmin('ALICE')).toBe(true);
  expect(await app.accounts.isAdmin(person._id)).toBe(true);
  expect(await isGone()).toBe(true);
  const again = await startAccountsApp({ engine, dataDir });
  expect(again.shownCodes).toEqual([]);
  expect(await isGone()).toBe(true);
  await again.close();
});

it('the code of one server is void once another server has an admin', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'sori-admin-'));
  const other = await startAccountsApp({ engine, dataDir: elsewhere });
  expect((await signUp('alice', await keptCode())).status).toBe(201);
  const answer = await other
    .ask()
    .post('/api/auth/signup')
    .send({ ...formOf('bob'), adminCode: other.shownCodes[0] });
  expect(answer.status).toBe(403);
  expect(await admins()).toBe(1);
  await other.close();
  await rm(elsewhere, { recursive: true });
});
