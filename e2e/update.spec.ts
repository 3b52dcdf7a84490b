import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.js';
import { Account } from './support/account.js';
import { isKept } from './support/kept.js';
import { releaseOf } from './support/release.js';
import { Visitor } from './support/visitor.js';
import { bubbles, composerOf, write } from './support/window.js';

const shells = (page: Page): Promise<string[]> =>
  page.evaluate(async () => (await caches.keys()).filter((name) => name.startsWith('sori-shell-')));
/** The new worker is the one at work. It is not before it has all its files, which come into its cache in one step. */
const isReplaced = (page: Page): Promise<boolean> =>
  page.evaluate(async () => {
    const { installing, waiting, active } = await navigator.serviceWorker.ready;
    const shell = await caches.open('sori-shell-newbuild');
    const isAlone = installing === null && waiting === null && active?.state === 'activated';
    return isAlone && (await shell.match('/index.html')) !== undefined;
  });
const build = (page: Page) => page.locator('meta[name=build][content=new]');

test('a new release replaces the page that is kept for no network, under whoever has it open, who loses nothing', async ({
  browser,
  server,
}) => {
  const release = await releaseOf(server.url);
  const [minji, sua] = [
    await Account.signUp(server.url, '김민지', `minji-${process.pid}-${Date.now()}`),
    await Account.signUp(server.url, '이수아', `sua-${process.pid}-${Date.now()}`),
  ];
  await sua.says('안녕', minji);
  const context = await browser.newContext({ serviceWorkers: 'allow' });
  const [name = '', value = ''] = minji.cookie.split('=', 2);
  await context.addCookies([{ name, value, url: release.url, sameSite: 'Strict', httpOnly: true }]);
  const page = await new Visitor(context, release.url).opens(`/u/${sua._id}`);
  await expect(bubbles(page, '안녕')).toBeVisible();
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  const [before] = await shells(page);
  expect(before).toBeDefined();

  release.newBuild();
  await composerOf(page).fill('쓰다 만 말');
  // Somebody opens it once more: that is when a browser looks for another worker. Who had it open goes on.
  const second = await context.newPage();
  // A server that takes its time is not waited for: then it is once more the page that is kept.
  await expect(async () => {
    await second.goto(release.url);
    await expect(build(second)).toHaveCount(1, { timeout: 3_000 });
  }).toPass({ timeout: 40_000 });
  await expect.poll(() => isReplaced(page), { timeout: 40_000 }).toBe(true);
  await expect(build(page)).toHaveCount(0);
  await expect(composerOf(page)).toHaveValue('쓰다 만 말');
  await write(page, '다 쓴 말');
  await expect(bubbles(page, '다 쓴 말')).toHaveAttribute('data-status', 'sent');
  await isKept(page, 2);

  await release.away();
  await page.reload();
  await expect(build(page)).toHaveCount(1);
  await expect(bubbles(page, '다 쓴 말')).toBeVisible();
  await context.close();
});
