import { type Settings } from '@sori/contract';
import type { Someone } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';

const server = useServer();
let alice: Someone;
beforeEach(async () => {
  alice = await server.person('alice');
});

const path = '/api/me/settings';
const beginning: Settings = { receipts: true, typing: true, language: null };
const settingsOf = async (someone: Someone): Promise<Settings> => (await someone.get<Settings>(path)).body;

describe('settings', () => {
  it('begin open to others, in the language of the browser', async () => {
    expect(await settingsOf(alice)).toEqual(beginning);
  });

  it('change only where they are named, and follow the person to other browsers', async () => {
    expect(await alice.call('PATCH', path, { language: 'ko' })).toMatchObject({
      status: 200,
      body: { ...beginning, language: 'ko' },
    });
    await alice.call('PATCH', path, { receipts: false });
    const elsewhere = await server.elsewhere(alice);
    expect(await settingsOf(elsewhere)).toEqual({ receipts: false, typing: true, language: 'ko' });
    await elsewhere.call('PATCH', path, { language: null });
    expect(await settingsOf(alice)).toEqual({ receipts: false, typing: true, language: null });
  });

  it('each end as the last of many simultaneous changes, whichever device came first', async () => {
    const answers = await Promise.all(
      [{ receipts: false }, { typing: false }, { language: 'en' }].map((change) =>
        alice.call<Settings>('PATCH', path, change),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await settingsOf(alice)).toEqual({ receipts: false, typing: false, language: 'en' });
  });

  it('belong to one person and change nobody else’s', async () => {
    const bob = await server.person('bob');
    await alice.call('PATCH', path, { receipts: false, userId: bob._id, _id: bob._id });
    expect(await settingsOf(bob)).toEqual(beginning);
  });

  it('stay as they are where nothing is named, and ignore unknown ones', async () => {
    expect(await alice.call('PATCH', path, { admin: true, $set: { receipts: false } })).toMatchObject({
      status: 200,
      body: beginning,
    });
    expect(await settingsOf(alice)).toEqual(beginning);
  });

  it('are not changed by a refused request', async () => {
    const refused = await alice.call('PATCH', path, { receipts: false, language: 'fr' });
    expect(refused).toMatchObject({ status: 400, body: { code: 'INVALID' } });
    expect(await settingsOf(alice)).toEqual(beginning);
  });

  it('are for those who are signed in', async () => {
    for (const method of ['GET', 'PATCH']) {
      expect(await server.ask(path, { method })).toMatchObject({
        status: 401,
        body: { code: 'UNAUTHENTICATED' },
      });
    }
  });
});
