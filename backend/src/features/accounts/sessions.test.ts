import { type AccountsApp, cookieIn, startAccountsApp } from '../../testing/accounts-app.js';
import { startEngine, type TestEngine } from '../../testing/engine.js';
import { createLiveSessions } from './live-sessions.js';
import type { SessionRow } from './session.model.js';

describe('two servers on one database', () => {
  let engine: TestEngine;
  let here: AccountsApp;
  let there: AccountsApp;
  let time = Date.now();
  const now = () => time;

  beforeAll(async () => {
    engine = await startEngine();
    here = await startAccountsApp({ engine, now, sessionTtlSeconds: 60 });
    there = await startAccountsApp({ engine, now, sessionTtlSeconds: 60 });
  });
  afterAll(async () => {
    await here.close();
    await there.close();
    await engine.stop();
  });

  const statusOf = async (app: AccountsApp, cookie: string): Promise<number> =>
    (await app.ask().get('/api/auth/me').set('Cookie', cookie)).status;

  it('both know who signed in at one of them', async () => {
    const { cookie } = await here.signUp('alice');
    expect(await statusOf(there, cookie)).toBe(200);
  });

  it('both refuse a session that ended at one of them: at once there, within half a second here', async () => {
    const { cookie } = await here.signUp('leaver');
    expect(await statusOf(here, cookie)).toBe(200);
    await there.ask().post('/api/auth/logout').set('Cookie', cookie);
    expect(await statusOf(there, cookie)).toBe(401);
    time += 500;
    expect(await statusOf(here, cookie)).toBe(401);
  });

  it('refuse a session that is over, before it is swept', async () => {
    const { cookie } = await here.signUp('sleeper');
    const caller = await here.accounts.authenticate(cookie.slice(4));
    expect(caller?.expiresAt.getTime()).toBe(time + 60_000);
    expect(await here.accounts.sessionEndsAt(caller?.sessionId ?? '')).toEqual(caller?.expiresAt);
    time += 60_000;
    expect(await statusOf(here, cookie)).toBe(401);
    expect(await statusOf(there, cookie)).toBe(401);
    expect(await here.accounts.sessionEndsAt(caller?.sessionId ?? '')).toBeNull();
  });

  it('remember nothing of sessions that are over once they were swept', async () => {
    const { cookie } = await here.signUp('present');
    await here.accounts.sweep();
    const sessions = here.store.connection.collection('sessions');
    expect(await sessions.countDocuments({ expiresAt: { $lte: new Date(time) } })).toBe(0);
    expect(await statusOf(here, cookie)).toBe(200);
  });
});

describe('somebody who signs in again and again', () => {
  let app: AccountsApp;
  let time = Date.now();
  beforeAll(async () => {
    app = await startAccountsApp({ now: () => time });
  });
  afterAll(() => app.close());

  const sessions = () => app.store.connection.collection('sessions');
  const statusOf = async (cookie: string): Promise<number> =>
    (await app.ask().get('/api/auth/me').set('Cookie', cookie)).status;
  const logIn = async (name: string): Promise<string> => {
    time += 1;
    const answer = await app.logIn(name);
    expect(answer.status).toBe(200);
    return cookieIn(answer);
  };
  const personOf = async (name: string) =>
    (await app.store.connection.collection('users').findOne({ username: name }))?._id;
  const stored = async (name: string): Promise<number> =>
    sessions().countDocuments({ userId: await personOf(name) });

  it('is on fifty devices at most: the 51st log-in ends the oldest session, sockets included', async () => {
    const { cookie: first } = await app.signUp('wanderer');
    const second = await logIn('wanderer');
    const caller = await app.accounts.authenticate(first.slice(4));
    for (let times = 0; times < 48; times += 1) await logIn('wanderer');
    expect([await statusOf(first), await statusOf(second)]).toEqual([200, 200]);
    expect(app.ended).toEqual([]);
    const last = await logIn('wanderer');
    expect(app.ended).toEqual([{ sessionId: caller?.sessionId, reason: 'logout' }]);
    expect([await statusOf(first), await statusOf(second), await statusOf(last)]).toEqual([401, 200, 200]);
    expect(await stored('wanderer')).toBe(50);
  });

  it('has fifty sessions in the end where a hundred log-ins came at once, and others keep theirs', async () => {
    const { cookie: others } = await app.signUp('bystander');
    await app.signUp('hasty');
    const answers = await Promise.all(Array.from({ length: 100 }, () => app.logIn('hasty')));
    expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(200));
    expect(await stored('hasty')).toBe(50);
    expect(await statusOf(others)).toBe(200);
    expect(await statusOf(await logIn('hasty'))).toBe(200);
  });

  it('keeps the newest of the many from before there was a bound', async () => {
    await app.signUp('old');
    const userId = await personOf('old');
    const expiresAt = new Date(time + 1_000_000);
    const rows = Array.from({ length: 2_500 }, (_, age) => ({
      userId,
      createdAt: new Date(time - age - 1),
      expiresAt,
    }));
    await sessions().insertMany(rows);
    const cookie = await logIn('old');
    expect(await stored('old')).toBe(50);
    const [oldest] = await sessions().find({ userId }).sort({ createdAt: 1 }).toArray();
    expect(oldest?.['createdAt']).toEqual(new Date(time - 1 - 48));
    expect(await statusOf(cookie)).toBe(200);
  });

  it('is let in where the clock was set back, and keeps the session that was just begun', async () => {
    await app.signUp('traveller');
    for (let times = 0; times < 49; times += 1) await logIn('traveller');
    time -= 60_000;
    expect(await statusOf(await logIn('traveller'))).toBe(200);
    expect(await stored('traveller')).toBe(50);
  });
});

describe('while the database is away', () => {
  let app: AccountsApp;
  let time = Date.now();
  beforeAll(async () => {
    app = await startAccountsApp({ now: () => time });
  });
  afterAll(() => app.close());

  it('nobody is answered that they are signed out, or that their password is wrong', async () => {
    const { cookie } = await app.signUp('alice');
    app.engine.pause();
    time += 1_000;
    const answers = await Promise.all([
      app.ask().get('/api/auth/me').set('Cookie', cookie),
      app.ask().get('/api/users').set('Cookie', cookie),
      app.logIn('alice'),
      app.ask().post('/api/auth/logout').set('Cookie', cookie),
    ]);
    app.engine.resume();
    for (const answer of answers) {
      expect(answer.body).toMatchObject({ code: 'UNAVAILABLE' });
      expect(answer.status).toBe(503);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
  });

  it('everybody stays signed in, and is let in once it is back', async () => {
    const { cookie } = await app.signUp('bob');
    app.engine.kill();
    await app.engine.restarted();
    time += 1_000;
    expect((await app.ask().get('/api/auth/me').set('Cookie', cookie)).status).toBe(200);
    expect((await app.logIn('bob')).status).toBe(200);
    expect(cookieIn(await app.logIn('bob'))).toMatch(/^jwt=./);
  });
});

describe('knowing which sessions live', () => {
  const session: SessionRow = { _id: 's', userId: 'u', expiresAt: new Date(1_000_000) };

  it('asks the database once for many who ask at once', async () => {
    let reads = 0;
    const live = createLiveSessions(
      () => {
        reads += 1;
        return Promise.resolve([session]);
      },
      () => 0,
    );
    await Promise.all(Array.from({ length: 50 }, () => live.get('s')));
    await live.get('s');
    expect(reads).toBe(1);
  });

  it('does not trust a read that began before the session ended', async () => {
    let answer: (sessions: SessionRow[]) => void = () => undefined;
    const live = createLiveSessions(
      () => new Promise((resolve) => (answer = resolve)),
      () => 0,
    );
    const asked = live.get('s');
    live.end('s');
    answer([session]);
    expect(await asked).toBeNull();
    expect(await live.get('s')).toBeNull();
  });

  it('asks again after a read that failed', async () => {
    let reads = 0;
    const live = createLiveSessions(
      () => {
        reads += 1;
        return reads === 1 ? Promise.reject(new Error('away')) : Promise.resolve([session]);
      },
      () => 0,
    );
    await expect(live.get('s')).rejects.toThrow('away');
    expect(await live.get('s')).toBe(session);
  });

  it('asks again where the clock was set back', async () => {
    let time = 10_000;
    let reads = 0;
    const live = createLiveSessions(
      () => {
        reads += 1;
        return Promise.resolve([session]);
      },
      () => time,
    );
    await live.get('s');
    time = 0;
    await live.get('s');
    expect(reads).toBe(2);
  });

  describe('of many people who are busy', () => {
    let time: number;
    let reads: (readonly string[])[];
    let gone: Set<string>;
    let fail: boolean;
    let live: ReturnType<typeof createLiveSessions>;
    beforeEach(() => {
      time = 0;
      reads = [];
      gone = new Set();
      fail = false;
      live = createLiveSessions(
        (ids) => {
          reads.push(ids);
          if (fail) return Promise.reject(new Error('away'));
          return Promise.resolve(ids.filter((id) => !gone.has(id)).map((_id) => ({ ...session, _id })));
        },
        () => time,
      );
    });
    const use = async (...ids: string[]): Promise<boolean[]> => {
      const rows = await Promise.all(ids.map((id) => live.get(id)));
      return rows.map((row) => row !== null);
    };

    it('refreshes all sessions in use together, so that none of them causes a read of its own', async () => {
      for (const id of ['a', 'b', 'c']) await use(id);
      time = 300;
      await use('b', 'c');
      time = 500;
      // a is due; b and c were used since they were read.
      await use('a');
      expect(reads.at(-1)).toEqual(['a', 'b', 'c']);
      time = 999;
      await use('a', 'b', 'c');
      expect(reads).toHaveLength(4);
    });

    it('does not refresh a session that was not used since', async () => {
      for (const id of ['a', 'idle']) await use(id);
      time = 500;
      await use('a');
      expect(reads.at(-1)).toEqual(['a']);
    });

    it('finds out that one of them ended elsewhere, and trusts nothing for longer than before', async () => {
      await use('a', 'b');
      time = 499;
      expect(await use('b')).toEqual([true]);
      gone.add('b');
      time = 500;
      await use('a');
      expect(await use('b')).toEqual([false]);
    });

    it('does not bring back a session that ended here while it was refreshed', async () => {
      await use('a', 'b');
      time = 400;
      await use('b');
      time = 500;
      const asked = use('a');
      live.end('b');
      await asked;
      expect(await use('b')).toEqual([false]);
    });

    it('answers only those who asked that the database was away', async () => {
      await use('a', 'b');
      time = 400;
      await use('b');
      time = 500;
      fail = true;
      await expect(use('a')).rejects.toThrow('away');
      fail = false;
      expect(await use('a', 'b')).toEqual([true, true]);
    });
  });
});
