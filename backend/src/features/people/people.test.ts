import type { Person } from '@sori/contract';
import mongoose from 'mongoose';
import { type AccountsApp, startAccountsApp } from '../../testing/accounts-app.js';
import { fillSearchKeys, type SearchKeysRow } from './fill-search-keys.js';
import { nameSearch, searchKeysOf } from './search-keys.js';

let app: AccountsApp;
let alice: { person: Person; cookie: string };
const others: Record<string, Person> = {};

beforeAll(async () => {
  app = await startAccountsApp();
  alice = await app.signUp('alice', 'Alice');
  for (const [username, fullName] of [
    ['minji', '김민지'],
    ['su.kim', '김수'],
    ['wild', 'Any .* at all'],
    ['back', 'back\\slash'],
    ['dollar', 'US$'],
  ] as const) {
    others[username] = (await app.signUp(username, fullName)).person;
  }
});
afterAll(() => app.close());

const list = (query = '', cookie = alice.cookie) => app.ask().get(`/api/users${query}`).set('Cookie', cookie);
async function found(search: string): Promise<string[]> {
  const answer = await list(`?search=${encodeURIComponent(search)}`);
  expect(answer.status).toBe(200);
  return (answer.body as Person[]).map(({ username }) => username);
}

describe('people asked for by id', () => {
  const nobody = 'f'.repeat(24);
  const ask = (ids: string) => list(`?ids=${encodeURIComponent(ids)}`);

  it('come in the order asked, each once, the one who asks too, without those who do not exist', async () => {
    const { minji, wild } = others as { minji: Person; wild: Person };
    const asked = [wild._id, nobody, minji._id.toUpperCase(), alice.person._id, wild._id];
    expect((await ask(asked.join())).body).toEqual([wild, minji, alice.person]);
    expect((await ask('')).body).toEqual([]);
  });

  it('are a hundred at most', async () => {
    expect((await ask(Array<string>(100).fill(nobody).join())).body).toEqual([]);
    const tooMany = Array<string>(101).fill(nobody).join();
    expect(await ask(tooMany)).toMatchObject({ status: 400, body: { code: 'INVALID' } });
  });

  it('are for those who are signed in', async () => {
    expect((await list(`?ids=${nobody}`, 'jwt=none')).status).toBe(401);
  });
});

describe('the list of people', () => {
  it('has everybody but the one who asks, and nothing of them but what everybody may know', async () => {
    const body = (await list()).body as Person[];
    expect(body).toEqual(Object.values(others).sort((a, b) => (a._id < b._id ? -1 : 1)));
    for (const person of body) {
      expect(Object.keys(person).sort()).toEqual(['_id', 'fullName', 'profilePic', 'username']);
    }
  });

  it('comes in pages, each behind the last of the one before', async () => {
    const seen: string[] = [];
    let after = '';
    for (;;) {
      const page = (await list(`?limit=2${after}`)).body as Person[];
      expect(page.length).toBeLessThanOrEqual(2);
      if (page.length === 0) break;
      seen.push(...page.map(({ _id }) => _id));
      after = `&after=${page.at(-1)?._id ?? ''}`;
    }
    expect(seen).toEqual(
      Object.values(others)
        .map(({ _id }) => _id)
        .sort(),
    );
  });

  it('is found by initials, parts, the other name, and literally', async () => {
    expect(await found('ㅁㅈ')).toEqual(['minji']);
    expect(await found('ㄱ')).toEqual(['minji', 'su.kim']);
    expect(await found('수')).toEqual(['su.kim']);
    expect(await found('MINJ')).toEqual(['minji']);
    expect(await found('.*')).toEqual(['wild']);
    expect(await found('\\')).toEqual(['back']);
    expect(await found('$')).toEqual(['dollar']);
    expect(await found('alice')).toEqual([]);
    expect(await found('nobody at all')).toEqual([]);
    expect(await found('   ')).toHaveLength(Object.keys(others).length);
  });

  it.each([
    '?limit=0',
    // Twice the same is a list.
    '?search=a&search=b',
  ])('is not given for %s', async (query) => {
    const answer = await list(query);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'INVALID' });
  });

  it('clamps a large limit and drops what it does not know', async () => {
    expect((await list('?limit=100000')).status).toBe(200);
    expect((await list('?search[$ne]=x&search[$regex]=.*')).body).toHaveLength(Object.keys(others).length);
  });

  it('is for those who are signed in', async () => {
    for (const path of ['/api/users', `/api/users/${alice.person._id}`]) {
      const answer = await app.ask().get(path);
      expect(answer.status).toBe(401);
      expect(answer.body).toMatchObject({ code: 'UNAUTHENTICATED' });
    }
  });
});

describe('one person', () => {
  const get = (id: string) => app.ask().get(`/api/users/${id}`).set('Cookie', alice.cookie);

  it('can be looked up, oneself too, in either case of the id', async () => {
    expect((await get(others['minji']?._id ?? '')).body).toEqual(others['minji']);
    expect((await get(alice.person._id.toUpperCase())).body).toEqual(alice.person);
  });

  it('that is not there is not found, and an id that is none is refused', async () => {
    expect((await get('0'.repeat(24))).status).toBe(404);
    expect(await get('minji')).toMatchObject({ status: 400, body: { code: 'INVALID' } });
  });

  it('has a picture from us that may be kept for ever and runs nothing', async () => {
    const answer = await app.ask().get(others['minji']?.profilePic ?? '');
    expect(answer.status).toBe(200);
    expect(answer.type).toBe('image/svg+xml');
    expect(answer.headers['cache-control']).toContain('immutable');
    expect(answer.headers['content-security-policy']).toBe("default-src 'none'");
    expect(String(answer.body)).toContain('김');
    expect((await app.ask().get('/api/avatars/nothing.svg')).status).toBe(404);
  });
});

describe('finding people by their ids', () => {
  it('gives those who exist and leaves out the others', async () => {
    const nobody = new mongoose.Types.ObjectId().toHexString();
    const map = await app.people.find([alice.person._id, nobody, alice.person._id]);
    expect([...map]).toEqual([[alice.person._id, alice.person]]);
    expect(await app.people.exists(alice.person._id)).toBe(true);
    expect(await app.people.exists(nobody)).toBe(false);
  });

  it('asks the database once, until somebody has changed', async () => {
    const { people } = app;
    await people.find([alice.person._id]);
    await rename('Alicia');
    expect((await people.get(alice.person._id)).fullName).toBe('Alice');
    people.changed(alice.person._id);
    expect((await people.get(alice.person._id)).fullName).toBe('Alicia');
    await rename('Alice');
  });

  const rename = (fullName: string) =>
    app.store.connection
      .collection('users')
      .updateOne({ _id: new mongoose.Types.ObjectId(alice.person._id) }, { $set: { fullName } });
});

describe('a server with many people', () => {
  const people = 6_000;

  beforeAll(async () => {
    const users = app.store.connection.collection('users');
    const family = '김이박최정강조윤장임';
    const given = '민서예지도윤하준은우수아';
    const rows = Array.from({ length: people }, (_, index) => {
      const fullName = `${family.charAt(index % 10)}${given.charAt(index % 12)}${given.charAt((index >> 3) % 12)}`;
      const username = `person${index}`;
      return {
        fullName,
        username,
        usernameKey: username,
        passwordHash: '',
        ...searchKeysOf({ fullName, username }),
      };
    });
    // In parts: all at once takes longer than a call may.
    for (let from = 0; from < people; from += 100) await users.insertMany(rows.slice(from, from + 100));
  });

  it.each(['김민지', 'ㄱㅁㅅ', 'person5999', '예지', '김'])(
    'is not scanned as a whole to find "%s"',
    async (text) => {
      const users = app.store.connection.collection('users');
      const keys = nameSearch(text)?.keys ?? [];
      const plan = (await users
        .find({ searchKeys: { $all: keys } })
        .sort({ _id: 1 })
        .limit(200)
        .explain('executionStats')) as { executionStats: { totalDocsExamined: number; nReturned: number } };
      const { totalDocsExamined, nReturned } = plan.executionStats;
      expect(nReturned).toBeGreaterThan(0);
      // A long search may look at those who have a part of it; never at everybody.
      expect(totalDocsExamined).toBeLessThanOrEqual(nReturned + people / 100);
    },
  );

  it('gives each page of a search once and whole', async () => {
    const seen: string[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await app.people.search(
        { userId: alice.person._id, sessionId: '' },
        { search: '김민', limit: 100, after },
      );
      seen.push(...page.map(({ _id }) => _id));
      after = page.at(-1)?._id;
      if (page.length < 100) break;
    }
    const all = await app.store.connection.collection('users').countDocuments({ fullName: /^김민/ });
    expect(seen).toHaveLength(all);
    expect(new Set(seen).size).toBe(all);
    expect(seen).toEqual([...seen].sort());
  });

  it('is searched by new rules once they were applied to old rows', async () => {
    const users = app.store.connection.collection('users');
    const old = {
      fullName: 'Methuselah',
      username: 'old',
      usernameKey: 'old',
      searchKeys: [],
      searchKeysVersion: 0,
    };
    await users.insertOne({ ...old });
    await users.insertOne({ ...old, usernameKey: 'older', searchKeysVersion: undefined });
    expect(await found('methus')).toEqual([]);
    await fillSearchKeys(app.store.upkeep.collection<SearchKeysRow>('users'));
    expect(await found('methus')).toEqual(['old', 'old']);
  });
});
