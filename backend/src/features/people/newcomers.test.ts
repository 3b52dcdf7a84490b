import type { Person } from '@sori/contract';
import { useServer } from '../../testing/use-server.js';

const server = useServer();

it('somebody who signs up appears in the open search of others at once, as everybody may see them', async () => {
  const [alice, bob] = await server.people('alice', 'bob');
  const [looking, elsewhere, other] = [await alice.sori(), await alice.sori(), await bob.sori()];
  expect(await looking.ask('people:watch', { on: true })).toEqual({ ok: true });
  const newcomer = await server.person('newcomer');
  const notice = (await looking.next('user:created')) as Person;
  expect(notice).toEqual((await alice.get(`/api/users/${newcomer._id}`)).body);
  expect(Object.keys(notice).sort()).toEqual(['_id', 'fullName', 'profilePic', 'username']);
  for (const client of [elsewhere, other]) {
    await client.settled();
    expect(client.all('user:created')).toEqual([]);
  }
});

it('somebody who has closed the search is no longer notified of sign-ups', async () => {
  const alice = await server.person('alice');
  const tab = await alice.sori();
  await tab.ask('people:watch', { on: true });
  await server.person('early');
  await tab.next('user:created');
  await tab.ask('people:watch', { on: false });
  await server.person('late');
  await tab.settled();
  expect(tab.all('user:created')).toEqual([]);
});

it('a tutorial client may ask and receives nothing', async () => {
  const alice = await server.person('alice');
  const tab = await alice.tutorial();
  expect(await tab.ask('people:watch', { on: true })).toEqual({ ok: true });
  await server.person('newcomer');
  await tab.settled();
  expect(tab.all('user:created')).toEqual([]);
});

it('a sign-up that was refused is announced to nobody', async () => {
  const alice = await server.person('alice');
  const tab = await alice.sori();
  await tab.ask('people:watch', { on: true });
  await expect(server.person('no name at all')).rejects.toThrow(/INVALID/);
  await tab.settled();
  expect(tab.all('user:created')).toEqual([]);
});
