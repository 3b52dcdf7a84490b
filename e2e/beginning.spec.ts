import type { Page, Route } from '@playwright/test';
import { expect, test } from './fixtures.js';
import { Account, password } from './support/account.js';
import { isOnline } from './support/connection.js';
import { isKept } from './support/kept.js';

/** What is brought here to be read without network: nobody waits for it, and it comes at a calm pace. */
const forLater = /^\/api\/(messages\/|conversations\/\w+\/entries)/;
/** Who is named in what was brought, and was not told with it: all of them at once. */
const someNames = /^\/api\/users\?ids=/;

/** Paths under `/api` that the page asks for from now on, pictures apart. */
const watch = (page: Page) => {
  let asked: string[] = [];
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname.startsWith('/api/') && !pathname.startsWith('/api/avatars/')) asked.push(pathname + search);
  });
  return {
    begun: () => asked.filter((path) => !forLater.test(path) && !someNames.test(path)),
    names: () => asked.filter((path) => someNames.test(path)),
    forLater: () => asked.filter((path) => forLater.test(path)),
    anew: () => {
      asked = [];
    },
  };
};

/** A person with that many conversations, half of them groups whose last writer is none of those told with the group. */
const withConversations = async (url: string, me: Account, many: number): Promise<void> => {
  const others: Account[] = [];
  for (let number = 1; number <= 10; number += 1)
    others.push(await Account.signUp(url, `Friend ${number}`, `${me.me.username}-f${number}`));
  const last = others.at(-1);
  if (last === undefined) throw new Error('Nobody is there');
  for (const other of others.slice(0, many / 2)) await other.says('hello', me);
  for (let number = 1; number <= many / 2; number += 1)
    await last.says('I am the last one', await me.startsGroup(`Group ${number}`, others));
};

const many = 16;
const isUsable = async (page: Page): Promise<void> => {
  await isOnline(page);
  await expect(page.getByTestId('conversation-row')).toHaveCount(many);
  await expect(page.getByText('Friend 10: I am the last one')).toHaveCount(many / 2);
};

test('a page begins with a few questions, however many conversations and people there are', async ({
  person,
  server,
}) => {
  const minji = await person('김민지', { connection: true, serviceWorkers: 'allow' });
  await withConversations(server.url, minji.account, many);
  const page = await minji.context.newPage();
  const asked = watch(page);

  await test.step('in a browser that knows nothing', async () => {
    await page.goto(server.url);
    await isUsable(page);
    expect(asked.begun().sort()).toEqual(['/api/bootstrap?limit=1', '/api/bootstrap?limit=100', '/api/lab']);
    // Two for a group. A conversation of one message came with the list.
    await expect.poll(() => asked.forLater().length).toBe(many);
    expect(asked.begun()).toHaveLength(3);
    expect(asked.names().length).toBeLessThanOrEqual(1);
    await isKept(page, many);
  });

  await test.step('coming back to what this device keeps', async () => {
    asked.anew();
    await page.reload();
    await isUsable(page);
    expect(asked.names().length).toBeLessThanOrEqual(1);
    expect(asked.begun().sort()).toEqual(['/api/bootstrap?limit=1', '/api/bootstrap?limit=100', '/api/lab']);
    expect(asked.forLater()).toEqual([]);
  });

  await test.step('with a new connection', async () => {
    asked.anew();
    await minji.connection.cut();
    await expect(page.getByTestId('connection')).not.toHaveAttribute('data-state', 'online');
    minji.connection.mend();
    await isUsable(page);
    await expect.poll(() => asked.begun().some((path) => path.startsWith('/api/bootstrap'))).toBe(true);
    // What changed meanwhile is in the same answer.
    expect(asked.begun().filter((path) => path !== '/api/auth/me')).toEqual([
      expect.stringMatching(/^\/api\/bootstrap\?limit=100&since=[^&]+$/),
    ]);
  });

  await test.step('after logging in', async () => {
    await page.getByRole('button', { name: 'Your account and settings' }).click();
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    const form = page.getByTestId('login-form');
    await form.locator('[name=username]').fill(minji.account.me.username);
    await form.locator('[name=password]').fill(password);
    asked.anew();
    await form.locator('[type=submit]').click();
    await isUsable(page);
    expect(asked.begun().sort()).toEqual([
      '/api/auth/login',
      '/api/bootstrap?limit=1',
      '/api/bootstrap?limit=100',
      '/api/lab',
    ]);
  });
});

/** So many questions are sent away, as too many. */
const tooSoon = async (page: Page, address: RegExp, times: number): Promise<() => number> => {
  let refused = 0;
  await page.route(address, async (route: Route) => {
    if (refused >= times) {
      await route.continue();
      return;
    }
    refused += 1;
    await route.fulfill({
      status: 429,
      headers: { 'Retry-After': '0' },
      json: { error: 'Not so fast', code: 'RATE_LIMITED' },
    });
  });
  return () => refused;
};

test('who asked too much in a short time is let in a little later, and is not logged out', async ({
  person,
}) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  await sua.account.says('안녕', minji.account);
  const page = await minji.context.newPage();
  const first = await tooSoon(page, /\/api\/bootstrap/, 6);
  await page.goto(minji.url);
  await isOnline(page);
  await expect(page.getByTestId('conversation-row')).toHaveCount(1);
  expect(first()).toBe(6);

  const all = await tooSoon(page, /\/api\/(bootstrap|messages)/, 8);
  const seen: string[] = [];
  page.on('framenavigated', (frame) => seen.push(new URL(frame.url()).pathname));
  await page.reload();
  await isOnline(page);
  await page.getByTestId('conversation-row').click();
  await expect(page.getByTestId('message')).toHaveCount(1);
  await expect.poll(all).toBe(8);
  expect(seen).not.toContain('/login');
});
