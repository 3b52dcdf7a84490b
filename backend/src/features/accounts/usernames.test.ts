import { Types } from 'mongoose';
import { pino } from 'pino';
import { prepareSchema } from '../../schema/prepare.js';
import { type AccountsApp, formOf, startAccountsApp } from '../../testing/accounts-app.js';
import { usernameFormOf } from './username-form.js';

let app: AccountsApp;
beforeAll(async () => {
  app = await startAccountsApp();
});
afterAll(() => app.close());

const users = () => app.store.connection.collection('users');
const signUp = (username: unknown) =>
  app
    .ask()
    .post('/api/auth/signup')
    .send({ ...formOf('x'), username });
const codeOf = ({ body }: { body: unknown }): unknown => (body as { code?: unknown }).code;

describe('what a name looks like', () => {
  it.each([
    ['alice', 'aIice'],
    ['list', 'lıst'],
    ['scope', 'ѕсоре'],
    ['userl', 'user1'],
    ['oo', '0O'],
    ['mary', 'rnary'],
    ['γιωργος', 'yιωργος'],
  ])('is the same for %s and %s', (one, other) => {
    expect(usernameFormOf(other)).toBe(usernameFormOf(one));
  });

  it.each([
    ['john.doe', 'johndoe'],
    ['john.doe', 'john_doe'],
    ['alice', 'alicia'],
    ['iris', 'lris'],
    ['민지', '민자'],
    ['김민지', '김민기'],
  ])('is not the same for %s and %s', (one, other) => {
    expect(usernameFormOf(other)).not.toBe(usernameFormOf(one));
  });
});

describe('signing up under a name that looks like somebody’s', () => {
  beforeAll(async () => {
    for (const name of ['alice', 'list', 'scope', 'john.doe', 'Olivia']) await app.signUp(name);
  });

  it.each(['aIice', 'lıst', 'ѕсоре', '0Iivia', ' alice ', 'a1ice'])('is refused (%s)', async (name) => {
    const before = await users().countDocuments();
    const answer = await signUp(name);
    expect(codeOf(answer)).toBe('USERNAME_TAKEN');
    expect(answer.status).toBe(409);
    expect(await users().countDocuments()).toBe(before);
  });

  it.each(['johndoe', 'alicia', 'scopes', '스코프'])(
    'succeeds where it does not look like one (%s)',
    async (name) => {
      expect((await signUp(name)).status).toBe(201);
    },
  );

  it('makes one person of eight who want it at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => signUp(index % 2 === 0 ? 'will' : 'wiII')),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter((answer) => codeOf(answer) === 'USERNAME_TAKEN')).toHaveLength(7);
  });

  it('is detected by an index, however many people there are', async () => {
    const plan = await users().find({ usernameForm: 'alice' }).explain('queryPlanner');
    expect(JSON.stringify(plan)).toContain('usernameForm_1');
    expect(JSON.stringify(plan)).not.toContain('COLLSCAN');
  });

  it('lets nobody in as the other one', async () => {
    expect((await app.logIn('aIice')).status).toBe(401);
    expect((await app.logIn(' ALICE\t')).status).toBe(200);
  });
});

it('a user name of 100,000 combining marks is refused before it is normalized', async () => {
  const normalize = jest.spyOn(String.prototype, 'normalize');
  const marks = '\u0301\u0316'.repeat(50_000);
  const answers = [
    await signUp(marks),
    await app.logIn(marks),
    await app.logIn('alice', marks),
    await app
      .ask()
      .post('/api/auth/signup')
      .send({ ...formOf('x'), fullName: marks }),
  ];
  const looked = normalize.mock.contexts.some((text) => String(text).length > 1_000);
  normalize.mockRestore();
  expect(answers.map(codeOf)).toEqual(['INVALID', 'INVALID', 'INVALID', 'INVALID']);
  expect(looked).toBe(false);
  for (const { text } of answers) expect(text.length).toBeLessThan(1_000);
});

describe('people from before look-alikes were told apart', () => {
  const idAt = (age: number): Types.ObjectId => new Types.ObjectId(`${age}`.padStart(24, '0'));
  const formsOf = async (ids: Types.ObjectId[]): Promise<unknown[]> => {
    const rows = await users()
      .find({ _id: { $in: ids } })
      .sort({ _id: 1 })
      .toArray();
    return rows.map(({ usernameForm }) => usernameForm as unknown);
  };

  const anotherStart = () => prepareSchema({ store: app.store, log: pino({ level: 'silent' }) });

  it('keep their names: of two who look alike the older has the form, and both log in', async () => {
    const { person } = await app.signUp('template');
    const found = await users().findOne({ _id: new Types.ObjectId(person._id) });
    if (!found) throw new Error('Who signed up is not there');
    const { usernameForm: _form, usernameFormVersion: _version, ...row } = found;
    const [first, second, third, loner] = [idAt(1_000), idAt(2_000), idAt(3_000), idAt(4_000)];
    const straggler = idAt(9_000);
    const old = (_id: Types.ObjectId, username: string) => ({
      ...row,
      _id,
      username,
      usernameKey: username.toLowerCase(),
    });
    // In another order than that of their age, and more than are filled at once.
    await users().insertMany([
      old(third, 'beIIa'),
      old(loner, 'single'),
      old(first, 'belIa'),
      old(second, 'bella'),
      ...Array.from({ length: 205 }, (_, index) => old(idAt(5_000 + index), `crowd-${index}x`)),
      old(straggler, 'crowd-Ox'),
    ]);
    await anotherStart();
    const forms = await formsOf([first, second, third, loner]);
    expect(forms).toEqual([
      'bella',
      `bella ${second.toHexString()}`,
      `bella ${third.toHexString()}`,
      'single',
    ]);
    expect(await formsOf([straggler])).toEqual([`crowd-ox ${straggler.toHexString()}`]);
    expect(await users().countDocuments({ usernameForm: { $exists: false } })).toBe(0);

    for (const name of ['bella', 'belIa', 'beIIa']) {
      expect((await app.logIn(name)).body).toMatchObject({ username: name });
    }
    for (const name of ['bella', 'Bella', 'be11a', 'belIa']) {
      expect(codeOf(await signUp(name))).toBe('USERNAME_TAKEN');
    }
  });

  it('are migrated once: another start changes nobody', async () => {
    // Not what it would be given: whoever was seen to is passed over.
    await users().updateOne({ username: 'single' }, { $set: { usernameForm: 'seen to' } });
    const before = await users().find().sort({ _id: 1 }).toArray();
    await anotherStart();
    expect(await users().find().sort({ _id: 1 }).toArray()).toEqual(before);
  });

  it('are migrated by a later start where one was interrupted', async () => {
    const [, second, third] = [idAt(1_000), idAt(2_000), idAt(3_000)];
    const unfinished = { _id: { $in: [second, third] } };
    await users().updateMany(unfinished, { $unset: { usernameForm: '', usernameFormVersion: '' } });
    await Promise.all([anotherStart(), anotherStart()]);
    expect(await formsOf([second, third])).toEqual([
      `bella ${second.toHexString()}`,
      `bella ${third.toHexString()}`,
    ]);
  });
});
