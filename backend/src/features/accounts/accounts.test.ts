import { randomBytes } from 'node:crypto';
import jwt from 'jsonwebtoken';
import {
  type AccountsApp,
  cookieIn,
  formOf,
  password,
  startAccountsApp,
} from '../../testing/accounts-app.js';

let app: AccountsApp;
beforeAll(async () => {
  app = await startAccountsApp({ trustProxyHops: 1 });
});
afterAll(() => app.close());

const me = (cookie: string) => app.ask().get('/api/auth/me').set('Cookie', cookie);
const post = (path: string, body: object) => app.ask().post(path).send(body);
const users = () => app.store.connection.collection('users');
const sessions = () => app.store.connection.collection('sessions');
const cookiesOf = ({ headers }: { headers: Record<string, unknown> }): unknown => headers['set-cookie'];

function refused(
  answer: { status: number; body: unknown; type: string },
  status: number,
  code: string,
): void {
  expect(answer.body).toMatchObject({ code, error: expect.any(String) as string });
  expect(answer.status).toBe(status);
  expect(answer.type).toBe('application/json');
}

describe('signing up', () => {
  it('makes a person who is signed in at once', async () => {
    const answer = await post('/api/auth/signup', formOf('alice', ' Alice Kim '));
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      _id: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
      fullName: 'Alice Kim',
      username: 'alice',
      profilePic: expect.stringMatching(/^\/api\/avatars\//) as string,
    });
    const again = await me(cookieIn(answer));
    expect(again.status).toBe(200);
    expect(again.body).toEqual(answer.body);
  });

  it('takes the tutorial’s form, and stores only what is needed of it', async () => {
    const form = {
      ...formOf('tutorial'),
      gender: 'female',
      profilePic: 'https://evil.example/',
      admin: true,
    };
    expect((await post('/api/auth/signup', form)).status).toBe(201);
    const row = await users().findOne({ username: 'tutorial' });
    expect(Object.keys(row ?? {}).sort()).toEqual([
      '_id',
      'createdAt',
      'fullName',
      'passwordHash',
      'searchKeys',
      'searchKeysVersion',
      'updatedAt',
      'username',
      'usernameForm',
      'usernameFormVersion',
      'usernameKey',
    ]);
    expect(row?.['passwordHash']).toMatch(/^\$2[aby]\$/);
  });

  it('is refused with another password the second time, and leaves neither a person nor a cookie', async () => {
    const before = await users().countDocuments();
    const answer = await post('/api/auth/signup', {
      ...formOf('newcomer'),
      confirmPassword: 'correct house',
    });
    refused(answer, 400, 'INVALID');
    expect(cookiesOf(answer)).toBeUndefined();
    expect(await users().countDocuments()).toBe(before);
  });

  it('removes white space around the user name', async () => {
    const answer = await post('/api/auth/signup', formOf(' spacious\u3000\n'));
    expect(answer.body).toMatchObject({ username: 'spacious' });
    refused(await post('/api/auth/signup', formOf('spacious ')), 409, 'USERNAME_TAKEN');
  });

  it('measures the length of a password in its composed form, as it is stored', async () => {
    const pair = (word: string) => ({
      password: word.normalize('NFD'),
      confirmPassword: word.normalize('NFD'),
    });
    // 72 bytes composed, 216 decomposed; and eight letters decomposed, four composed.
    expect(
      (await post('/api/auth/signup', { ...formOf('long-word'), ...pair('각'.repeat(24)) })).status,
    ).toBe(201);
    refused(await post('/api/auth/signup', { ...formOf('short-word'), ...pair('가나다라') }), 400, 'INVALID');
    expect((await app.logIn('long-word', '각'.repeat(24))).status).toBe(200);
    expect((await app.logIn('long-word', '각'.repeat(24).normalize('NFD'))).status).toBe(200);
  });

  it('takes Korean names and passwords of 72 bytes', async () => {
    const long = '가'.repeat(24);
    const form = { ...formOf('민지', '김민지'), password: long, confirmPassword: long };
    expect((await post('/api/auth/signup', form)).status).toBe(201);
    expect((await app.logIn('민지', long)).status).toBe(200);
    refused(await app.logIn('민지', `${long}x`), 401, 'INVALID_CREDENTIALS');
  });

  it.each(['taken', 'TAKEN', 'Taken', 'ｔａｋｅｎ'])('is refused under a name that is %s', async (name) => {
    await post('/api/auth/signup', formOf('taken'));
    const answer = await post('/api/auth/signup', formOf(name));
    refused(answer, 409, 'USERNAME_TAKEN');
    expect(cookiesOf(answer)).toBeUndefined();
  });

  it('makes one person of twenty who want the same name at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        post('/api/auth/signup', formOf(index % 2 === 0 ? 'racer' : 'RACER')),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      refused(answer, 409, 'USERNAME_TAKEN');
      expect(cookiesOf(answer)).toBeUndefined();
    }
    expect(await users().countDocuments({ usernameKey: 'racer' })).toBe(1);
  });

  it('notifies the listeners once the person is stored', async () => {
    const announced: unknown[] = [];
    const stop = app.accounts.onSignUp((person) => void announced.push(person));
    const { person } = await app.signUp('announced');
    stop();
    await app.signUp('unheard');
    expect(announced).toEqual([person]);
  });

  it('succeeds even if a listener fails', async () => {
    const stop = app.accounts.onSignUp(() => {
      throw new Error('nobody can hear');
    });
    await app.signUp('alone');
    stop();
  });
});

describe('logging in', () => {
  beforeAll(() => app.signUp('bob', 'Bob'));

  it.each(['bob', 'BOB', 'ｂｏｂ'])('works with the name written as %s', async (name) => {
    const answer = await app.logIn(name);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ username: 'bob' });
    expect((await me(cookieIn(answer))).status).toBe(200);
  });

  it.each(['bob ', ' bob', '\tbob\n', '\u3000bob\u00a0'])(
    'forgives white space around the name (%#)',
    async (name) => {
      expect((await app.logIn(name)).body).toMatchObject({ username: 'bob' });
    },
  );

  it.each([
    ['NFC', 'NFD'],
    ['NFD', 'NFC'],
  ] as const)('works with a password signed up with in %s and typed in %s', async (first, later) => {
    const word = '비밀번호 crème';
    const name = `composer-${first}`;
    const form = { ...formOf(name), password: word.normalize(first), confirmPassword: word.normalize(later) };
    expect((await post('/api/auth/signup', form)).status).toBe(201);
    expect((await app.logIn(name, word.normalize(later))).status).toBe(200);
    expect((await app.logIn(name, word.normalize(first))).status).toBe(200);
    refused(await app.logIn(name, 'creme'), 401, 'INVALID_CREDENTIALS');
  });

  it('answers the same for somebody unknown and for a wrong password', async () => {
    const unknown = await app.logIn('nobody', 'wrong password');
    const wrong = await app.logIn('bob', 'wrong password');
    refused(unknown, 401, 'INVALID_CREDENTIALS');
    expect(wrong.status).toBe(unknown.status);
    expect(wrong.body).toEqual(unknown.body);
    // Plain clients show it as it is.
    expect(unknown.body).toMatchObject({ error: 'Wrong username or password' });
    expect(cookiesOf(wrong)).toBeUndefined();
  });

  it('refuses database operators', async () => {
    refused(await post('/api/auth/login', { username: 'bob', password: { $gt: '' } }), 400, 'INVALID');
  });

  it.each(['\0', '\ud800', '', '{"$ne":null}'])('lets nobody in as an impossible name (%#)', async (name) => {
    refused(await app.logIn(name), 401, 'INVALID_CREDENTIALS');
  });

  it('gives each log-in a session of its own', async () => {
    const [one, two] = [await app.logIn('bob'), await app.logIn('bob')];
    await app.ask().post('/api/auth/logout').set('Cookie', cookieIn(one));
    refused(await me(cookieIn(one)), 401, 'UNAUTHENTICATED');
    expect((await me(cookieIn(two))).status).toBe(200);
  });
});

describe('the session cookie', () => {
  const attributesFor = async (headers: Record<string, string>): Promise<string[]> => {
    const answer = await app.ask().post('/api/auth/login').set(headers).send({ username: 'bob', password });
    return String((cookiesOf(answer) as string[])[0])
      .split('; ')
      .slice(1)
      .filter((part) => !part.startsWith('Expires='));
  };

  it('cannot be read by scripts, goes nowhere else, and lasts as long as the session', async () => {
    expect(await attributesFor({})).toEqual(['Max-Age=3600', 'Path=/', 'HttpOnly', 'SameSite=Strict']);
  });

  it('is secure exactly where the client came by https', async () => {
    expect(await attributesFor({ 'X-Forwarded-Proto': 'https' })).toContain('Secure');
    expect(await attributesFor({ 'X-Forwarded-Proto': 'http' })).not.toContain('Secure');
  });

  it('is accepted as a bearer token too', async () => {
    const token = cookieIn(await app.logIn('bob')).slice('jwt='.length);
    const answer = await app.ask().get('/api/auth/me').set('Authorization', `Bearer ${token}`);
    expect(answer.body).toMatchObject({ username: 'bob' });
  });

  it('yields to a token that is sent explicitly', async () => {
    const good = cookieIn(await app.logIn('bob'));
    refused(await me(good).set('Authorization', 'Bearer nonsense'), 401, 'UNAUTHENTICATED');
  });

  const secret = 'a secret of more than thirty-two bytes';
  type Claims = { sub: string; sid: string; iat: number; exp?: number };
  it.each<[string, (claims: Claims, token: string) => string]>([
    ['no token', () => ''],
    ['nonsense', () => 'nonsense'],
    ['dots', () => 'a.b.c'],
    ['a mangled token', (_, token) => token.replace(/\..*\./, '.bm90IGpzb24.')],
    ['a token that is cut short', (_, token) => token.slice(0, -2)],
    ['a token without a signature', (claims) => jwt.sign(claims, '', { algorithm: 'none' })],
    ['a token signed by somebody else', (claims) => jwt.sign(claims, randomBytes(32))],
    ['a token of another algorithm', (claims) => jwt.sign(claims, secret, { algorithm: 'HS512' })],
    ['a token that is over', (claims) => jwt.sign({ ...claims, exp: claims.iat - 1 }, secret)],
    ['a token of a session that never was', (claims) => jwt.sign({ ...claims, sid: '1'.repeat(24) }, secret)],
    ['a token without a session', ({ sub, exp }) => jwt.sign({ sub, exp }, secret)],
    [
      'a token that asks the database for anybody',
      (claims) => jwt.sign({ ...claims, sid: { $ne: null } }, secret),
    ],
    ['a token without an end', ({ sub, sid }) => jwt.sign({ sub, sid }, secret)],
    ['a token that is far too long', (_, token) => token + 'a'.repeat(8_000)],
  ])('lets nobody in as %s', async (_what, forge) => {
    const token = cookieIn(await app.logIn('bob')).slice(4);
    const claims = jwt.decode(token) as unknown as Claims;
    // What is forged is all that is wrong with it.
    expect((await me(`jwt=${jwt.sign(claims, secret)}`)).status).toBe(200);
    const forged = forge(claims, token);
    refused(await me(`jwt=${forged}`), 401, 'UNAUTHENTICATED');
    refused(
      await app.ask().get('/api/auth/me').set('Authorization', `Bearer ${forged}`),
      401,
      'UNAUTHENTICATED',
    );
  });

  it('with one person’s id and another’s session lets nobody in', async () => {
    const { sub } = jwt.decode((await app.signUp('mallory')).cookie.slice(4)) as { sub: string };
    const { sid } = jwt.decode(cookieIn(await app.logIn('bob')).slice(4)) as unknown as { sid: string };
    refused(await me(`jwt=${jwt.sign({ sub, sid }, secret, { expiresIn: 60 })}`), 401, 'UNAUTHENTICATED');
  });
});

describe('logging out', () => {
  it('ends the session, its sockets and its cookie', async () => {
    const { cookie } = await app.signUp('leaver');
    const { sid } = jwt.decode(cookie.slice(4)) as unknown as { sid: string };
    const answer = await app.ask().post('/api/auth/logout').set('Cookie', cookie);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ message: expect.any(String) as string });
    expect(String(cookiesOf(answer))).toMatch(/^jwt=; .*Expires=Thu, 01 Jan 1970/);
    refused(await me(cookie), 401, 'UNAUTHENTICATED');
    expect(app.ended.at(-1)).toEqual({ sessionId: sid, reason: 'logout' });
    expect(await sessions().countDocuments({})).toBeGreaterThan(0);
  });

  it.each(['', 'jwt=nonsense'])('succeeds without a session too (cookie "%s")', async (cookie) => {
    const before = app.ended.length;
    const answer = await app.ask().post('/api/auth/logout').set('Cookie', cookie);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ message: expect.any(String) as string });
    expect(app.ended).toHaveLength(before);
  });

  it('twice closes the sockets once more and does no harm', async () => {
    const { cookie } = await app.signUp('twice');
    for (let times = 0; times < 2; times += 1) {
      expect((await app.ask().post('/api/auth/logout').set('Cookie', cookie)).status).toBe(200);
    }
  });

  it('cannot be triggered by another site’s page', async () => {
    const { cookie } = await app.signUp('victim');
    const answer = await app
      .ask()
      .post('/api/auth/logout')
      .set('Cookie', cookie)
      .set('Origin', 'https://evil.example');
    refused(answer, 403, 'FORBIDDEN');
    expect((await me(cookie)).status).toBe(200);
  });
});

it('logs who was let in and who was not by the path alone, and neither passwords nor tokens', async () => {
  app.logged.length = 0;
  const { cookie } = await app.signUp('logged');
  await app.logIn('logged', 'a wrong guess');
  await app.logIn('logged', { $ne: 'an odd guess' });
  const inside = cookieIn(await app.logIn('logged'));
  await me(inside);
  await me(`${inside}x`);
  await app.ask().get('/api/bug').set('Cookie', cookie);
  await app.ask().post('/api/auth/logout').set('Cookie', inside);
  // Answered behind the others: they are logged.
  await me(cookie);
  const lines = app.logged.map((line) => JSON.parse(line) as { path?: string; status?: number });
  const seen = lines.flatMap(({ path, status }) => (path === undefined ? [] : [`${path} ${status}`]));
  expect(seen).toEqual(
    expect.arrayContaining([
      '/api/auth/signup 201',
      '/api/auth/login 401',
      '/api/auth/login 400',
      '/api/auth/login 200',
      '/api/auth/me 200',
      '/api/auth/me 401',
      '/api/auth/logout 200',
      '/api/bug 500',
    ]),
  );
  const secrets = [password, 'guess', 'eyJ', 'jwt=', cookie.slice(4), inside.slice(4)];
  expect(secrets.filter((secret) => app.logged.join('').includes(secret))).toEqual([]);
});
