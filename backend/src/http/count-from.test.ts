import type { Someone } from '../testing/server.js';
import { useServer } from '../testing/use-server.js';

// Two for each person, so ten from each address.
const settings = { LIMIT_SENDS_PER_USER_10S: '2', TRUST_PROXY_HOPS: '1' };
const server = useServer({ settings });

const from = (address: string) => ({ 'X-Forwarded-For': address });
const limited = { status: 429, body: { code: 'RATE_LIMITED' } };

it('what is emitted to others is counted by the address too, over all its accounts and all routes of that kind', async () => {
  const crowd = await server.people('a', 'b', 'c', 'd', 'e', 'f');
  const target = await server.person('target');
  const [spare, elsewhere] = await server.people('spare', 'elsewhere');
  const block = (who: Someone, method: string) =>
    who.call(method, `/api/users/${target._id}/block`, undefined, from('192.0.2.1'));
  const answers = await Promise.all(crowd.flatMap((who) => [block(who, 'PUT'), block(who, 'DELETE')]));
  expect(answers.filter(({ status }) => status === 204)).toHaveLength(10);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(2);

  const group = (who: Someone, address: string) =>
    who.post('/api/conversations', { name: 'x', memberIds: [] }, from(address));
  const report = (who: Someone, address: string) =>
    who.post('/api/reports', { userId: target._id, reason: 'x' }, from(address));
  expect(await group(spare, '192.0.2.1')).toMatchObject(limited);
  expect(await report(spare, '192.0.2.1')).toMatchObject(limited);
  expect((await group(elsewhere, '192.0.2.2')).status).toBe(201);
  expect((await report(elsewhere, '192.0.2.2')).status).toBe(201);
});

it('blocks are counted by the person as sends are', async () => {
  const [anna, ben] = await server.people('anna', 'ben');
  const change = (method: string) => anna.call(method, `/api/users/${ben._id}/block`);
  const answers = await Promise.all([change('PUT'), change('DELETE'), change('PUT')]);
  expect(answers.filter(({ status }) => status === 204)).toHaveLength(2);
  expect(answers.find(({ status }) => status !== 204)).toMatchObject(limited);
});
