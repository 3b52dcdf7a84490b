import { type AccountsApp, formOf, password, startAccountsApp } from '../../testing/accounts-app.js';
import { startEngine, type TestEngine } from '../../testing/engine.js';

let engine: TestEngine;
const apps: AccountsApp[] = [];
/** A fresh server on the same database, with counters of its own. */
async function server(limits: Parameters<typeof startAccountsApp>[0] & object): Promise<AccountsApp> {
  const app = await startAccountsApp({ engine, trustProxyHops: 1, ...limits });
  apps.push(app);
  return app;
}
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(async () => {
  for (const app of apps) await app.close();
  await engine.stop();
});

const logIn = (app: AccountsApp, address: string, username: string, given: string) =>
  app.ask().post('/api/auth/login').set('X-Forwarded-For', address).send({ username, password: given });

function limited(answer: { status: number; body: unknown; headers: Record<string, unknown> }): void {
  expect(answer.body).toMatchObject({ code: 'RATE_LIMITED' });
  expect(answer.status).toBe(429);
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
}

it('guessing at one account is stopped where it comes from, and the owner gets in from elsewhere', async () => {
  const app = await server({ limits: { loginFailuresPerAccount: 3 } });
  await app.signUp('alice');
  for (let times = 0; times < 3; times += 1) {
    expect((await logIn(app, '192.0.2.1', 'alice', `wrong ${times}`)).status).toBe(401);
  }
  limited(await logIn(app, '192.0.2.1', 'alice', 'wrong again'));
  limited(await logIn(app, '192.0.2.1', 'ALICE', password));
  expect((await logIn(app, '192.0.2.2', 'alice', password)).status).toBe(200);
});

it('guessing from one address is stopped, whatever the account, and for unknown ones alike', async () => {
  const app = await server({ limits: { loginFailuresPerAddress: 4 } });
  for (const name of ['nobody', 'nobody2', 'nobody3', 'nobody4']) {
    expect((await logIn(app, '192.0.2.1', name, 'wrong password')).status).toBe(401);
  }
  limited(await logIn(app, '192.0.2.1', 'nobody5', 'wrong password'));
  expect((await logIn(app, '192.0.2.2', 'nobody5', 'wrong password')).status).toBe(401);
});

it('guessing many times at once gets no further than one after the other', async () => {
  const app = await server({ limits: { loginFailuresPerAccount: 5 } });
  await app.signUp('target');
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, index) => logIn(app, '192.0.2.1', 'target', `guess ${index}`)),
  );
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(55);
});

it('a wrong password that can be written in three ways is one failure', async () => {
  const app = await server({ limits: { loginFailuresPerAccount: 2 } });
  await app.signUp('composer');
  const wrong = `${'비밀'.normalize('NFD')}${'번호'.normalize('NFC')} 1234`;
  expect((await logIn(app, '192.0.2.1', 'composer', wrong)).status).toBe(401);
  expect((await logIn(app, '192.0.2.1', 'composer', password)).status).toBe(200);
});

it('an office full of people who know their passwords is let in, all at once', async () => {
  const app = await server({ limits: { loginFailuresPerAccount: 2, loginFailuresPerAddress: 3 } });
  await app.signUp('worker');
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => logIn(app, '192.0.2.1', 'worker', password)),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
});

it('log-ins from one address are limited, right ones too, malformed ones not counted', async () => {
  const app = await server({ limits: { loginsPerAddressMinute: 3 } });
  await app.signUp('busy');
  for (let times = 0; times < 4; times += 1) {
    expect(
      (await app.ask().post('/api/auth/login').set('X-Forwarded-For', '192.0.2.1').send({})).status,
    ).toBe(400);
  }
  for (const given of [password, 'wrong password', password]) {
    expect((await logIn(app, '192.0.2.1', 'busy', given)).status).toBe(given === password ? 200 : 401);
  }
  const refused = await logIn(app, '192.0.2.1', 'busy', password);
  limited(refused);
  expect(refused.headers['set-cookie']).toBeUndefined();
  expect((await logIn(app, '192.0.2.2', 'busy', password)).status).toBe(200);
});

it('a hundred log-ins from one address keep nobody elsewhere waiting', async () => {
  const app = await server({ passwordCost: 8 });
  await app.signUp('crowded');
  let done = 0;
  const crowd = Array.from({ length: 100 }, async () => {
    expect((await logIn(app, '192.0.2.1', 'crowded', password)).status).toBe(200);
    done += 1;
  });
  // Once the first are through, the others wait for their turns.
  await Promise.race(crowd);
  const before = done;
  expect((await logIn(app, '192.0.2.2', 'crowded', password)).status).toBe(200);
  expect(done - before).toBeLessThan(40);
  await Promise.all(crowd);
});

it('addresses that a client makes up do not help where no proxy is trusted', async () => {
  const app = await server({ trustProxyHops: 0, limits: { loginFailuresPerAddress: 2 } });
  for (const address of ['192.0.2.1', '192.0.2.2']) await logIn(app, address, 'nobody', 'wrong password');
  limited(await logIn(app, '192.0.2.3', 'nobody', 'wrong password'));
  expect(app.logged.filter((line) => line.includes('TRUST_PROXY_HOPS'))).toHaveLength(1);
});

it('sign-ups from one address are limited, those that were malformed not counted', async () => {
  const app = await server({ limits: { signupsPerAddressHour: 2 } });
  const signUp = (address: string, form: object) =>
    app.ask().post('/api/auth/signup').set('X-Forwarded-For', address).send(form);
  for (let times = 0; times < 4; times += 1) expect((await signUp('192.0.2.1', {})).status).toBe(400);
  expect((await signUp('192.0.2.1', formOf('first'))).status).toBe(201);
  expect((await signUp('192.0.2.1', formOf('second'))).status).toBe(201);
  const third = await signUp('192.0.2.1', formOf('third'));
  limited(third);
  expect(third.headers['set-cookie']).toBeUndefined();
  expect((await signUp('192.0.2.2', formOf('third'))).status).toBe(201);
});

describe('how long a refused log-in takes', () => {
  it('is the same for an unknown name and a wrong password', async () => {
    const app = await server({ passwordCost: 8 });
    await app.signUp('timed');
    const timeOf = async (name: string): Promise<number> => {
      const began = performance.now();
      await logIn(app, '192.0.2.1', name, 'wrong password');
      return performance.now() - began;
    };
    await timeOf('timed');
    const [known, unknown]: [number[], number[]] = [[], []];
    // The fastest of each: whatever else the machine does only ever makes one slower. On a busy one it takes some more
    // tries until both were lucky.
    const ratio = (): number => Math.min(...unknown) / Math.min(...known);
    for (let times = 0; times < 7 || (times < 60 && (ratio() < 0.5 || ratio() > 2)); times += 1) {
      known.push(await timeOf('timed'));
      unknown.push(await timeOf('nobody'));
    }
    expect(ratio()).toBeGreaterThan(0.5);
    expect(ratio()).toBeLessThan(2);
  });
});
