import { type Sori, startSori } from '@sori/testkit';
import { type Client, createClient } from './client.js';
import { logIn, signUp } from './log-in.js';

const password = 'only for the tests';
let sori: Sori;
const clients: Client[] = [];

const join = (username: string) =>
  signUp(sori.url, { fullName: username, username, password, confirmPassword: password });
const tokenOf = (cookie: string) => cookie.slice(cookie.indexOf('=') + 1);
const open = (options: Parameters<typeof createClient>[0]): Client => {
  const client = createClient(options);
  clients.push(client);
  return client;
};

beforeAll(async () => {
  sori = await startSori();
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
afterAll(() => sori.stop());

describe('a program that is somebody', () => {
  it('shows a cookie or a token, and is the same person', async () => {
    const { me: alice } = await join('alice');
    const { me, cookie } = await logIn(sori.url, { username: 'alice', password });
    expect(me._id).toBe(alice._id);
    for (const credentials of [{ cookie }, { token: tokenOf(cookie) }]) {
      const client = open({ address: sori.url, ...credentials });
      expect(await client.send(alice._id, 'a note')).toMatchObject({
        senderId: alice._id,
        message: 'a note',
      });
    }
  });

  it('is not let in with a wrong password, nor with a token that nobody gave it', async () => {
    await expect(logIn(sori.url, { username: 'alice', password: 'a wrong one' })).rejects.toMatchObject({
      code: 'INVALID_CREDENTIALS',
    });
    let sent: Promise<unknown> = Promise.resolve();
    const code = await new Promise((resolve) => {
      const client = open({
        address: sori.url,
        token: 'invented',
        signedOut: (error) => resolve(error.code),
      });
      sent = client.send('a'.repeat(24), 'hello');
      sent.catch(() => undefined);
    });
    expect(code).toBe('UNAUTHENTICATED');
    await expect(sent).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('hears that its session was ended', async () => {
    await join('bob');
    const { me, cookie } = await logIn(sori.url, { username: 'bob', password });
    const ended = new Promise((resolve) => {
      const client = open({ address: sori.url, cookie, signedOut: (error) => resolve(error.code) });
      void client
        .send(me._id, 'a note')
        .then(() => fetch(`${sori.url}/api/auth/logout`, { method: 'POST', headers: { cookie } }));
    });
    expect(await ended).toBe('UNAUTHENTICATED');
  });

  it('hears that it may not see a conversation, nor send to nobody', async () => {
    await join('carol');
    const client = open({ address: sori.url, ...(await logIn(sori.url, { username: 'carol', password })) });
    const nowhere = 'f'.repeat(24);
    const gone = new Promise((resolve) => {
      client.follow(nowhere, { entry: () => undefined, gone: (error) => resolve(error.code) });
    });
    expect(await gone).toBe('NOT_FOUND');
    await expect(client.send(nowhere, 'hello')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
