import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium as playwright } from '@playwright/test';
import { chromium, expect, test } from './fixtures.js';
import { Account, password } from './support/account.js';
import { isOffline, isOnline, untilTheNextTry } from './support/connection.js';
import { isKept, isWaiting } from './support/kept.js';
import { startServer } from './support/server.js';
import { Visitor } from './support/visitor.js';
import { bubbles, composerOf, rowOf, write } from './support/window.js';

// The one test here whose page comes from the device.
const launchOptions = { ...chromium(), locale: 'en-GB', serviceWorkers: 'allow' } as const;

test('what was written with no network survives the end of the browser, and arrives once and in order by itself', async ({
  server,
}) => {
  const minji = await Account.signUp(server.url, '김민지', `restart-${process.pid}-${Date.now()}`);
  const sua = await Account.signUp(server.url, '이수아', `restarted-${process.pid}-${Date.now()}`);
  await sua.says('여기 있어요', minji);
  const profile = mkdtempSync(join(tmpdir(), 'sori-profile-'));
  const launch = () => playwright.launchPersistentContext(profile, launchOptions);
  try {
    const before = await launch();
    const [name = '', value = ''] = minji.cookie.split('=', 2);
    const expires = Date.now() / 1_000 + 3_600;
    await before.addCookies([{ name, value, url: server.url, sameSite: 'Strict', httpOnly: true, expires }]);
    const page = await new Visitor(before, server.url).opens(`/u/${sua._id}`);
    await expect(bubbles(page, '여기 있어요')).toBeVisible();
    await isKept(page, 1);
    await before.setOffline(true);
    await isOffline(page);
    for (const text of ['하나', '둘', '셋']) await write(page, text);
    await expect(bubbles(page, '셋')).toHaveAttribute('data-status', 'sending');
    await isWaiting(page, minji, ['하나 waiting', '둘 waiting', '셋 waiting']);
    await before.close();

    const after = await launch();
    await after.setOffline(true);
    const again = await new Visitor(after, server.url).opens(`/u/${sua._id}`);
    for (const text of ['하나', '둘', '셋'])
      await expect(bubbles(again, text)).toHaveAttribute('data-status', 'sending');
    expect(await sua.texts(minji), 'nothing went out yet').toEqual(['여기 있어요']);
    await after.setOffline(false);
    for (const [index, text] of ['하나', '둘', '셋'].entries())
      await expect(bubbles(again, text)).toHaveAttribute('data-seq', `${index + 2}`);
    expect(await sua.texts(minji)).toEqual(['여기 있어요', '하나', '둘', '셋']);
    await after.close();
  } finally {
    // A browser whose test failed may still be at work in there, and what failed is what one wants to read.
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  }
});

test(
  'two conversations keep their own order: one waits for what passes, another goes on past what is refused',
  { tag: '@long' },
  async ({ person }) => {
    const minji = await person('김민지', { connection: true });
    const [sua, doyun] = [await person('이수아'), await person('최도윤')];
    await sua.account.says('수아예요', minji.account);
    await doyun.account.says('도윤이에요', minji.account);
    const page = await minji.opensTalkWith(sua);
    await minji.connection.cut();
    await isOffline(page);
    for (const text of ['가1', '가2', '가3']) await write(page, text);
    await rowOf(page, doyun).click();
    await expect(bubbles(page, '도윤이에요')).toBeVisible();
    for (const text of ['나1', '나2', '나3']) await write(page, text);
    minji.connection.answer('가2', 'TOO_LARGE');
    minji.connection.answer('나1', 'BUSY', 2);
    minji.connection.mend();
    await isOnline(page, untilTheNextTry);
    for (const text of ['나1', '나2', '나3'])
      await expect(bubbles(page, text)).toHaveAttribute('data-status', 'sent');
    await rowOf(page, sua).click();
    await expect(bubbles(page, '가1')).toHaveAttribute('data-status', 'sent');
    await expect(bubbles(page, '가2')).toHaveAttribute('data-status', 'failed');
    await expect(bubbles(page, '가3')).toHaveAttribute('data-status', 'sent');
    const tried = minji.connection.sends.map(({ message }) => message);
    expect(
      tried.filter((text) => text.startsWith('나')),
      'nothing overtakes the first',
    ).toEqual(['나1', '나1', '나1', '나2', '나3']);
    expect(await sua.account.texts(minji.account)).toEqual(['수아예요', '가1', '가3']);
    expect(await doyun.account.texts(minji.account)).toEqual(['도윤이에요', '나1', '나2', '나3']);
  },
);

test('a session that ends while one writes keeps what waits and what is being written, for after the log-in', async ({
  person,
}) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  await sua.account.says('어디까지 했더라', minji.account);
  const page = await minji.opensTalkWith(sua);
  await expect(bubbles(page, '어디까지 했더라')).toBeVisible();
  await minji.context.setOffline(true);
  await isOffline(page);
  for (const text of ['기다리는 글', '그다음 글']) await write(page, text);
  await expect(bubbles(page, '그다음 글')).toHaveAttribute('data-status', 'sending');
  await composerOf(page).fill('쓰다 만 글');
  await minji.account.logsOut();
  await minji.context.setOffline(false);
  const form = page.getByTestId('login-form');
  await expect(form).toBeVisible();
  expect(await sua.account.texts(minji.account)).toEqual(['어디까지 했더라']);
  await form.locator('[name=username]').fill(minji.account.me.username);
  await form.locator('[name=password]').fill(password);
  await form.locator('[type=submit]').click();
  await expect(bubbles(page, '그다음 글')).toHaveAttribute('data-status', 'sent');
  await expect(composerOf(page)).toHaveValue('쓰다 만 글');
  expect(await sua.account.texts(minji.account)).toEqual(['어디까지 했더라', '기다리는 글', '그다음 글']);
});

test(
  'somebody who writes faster than the server allows waits as long as it says, and loses nothing',
  { tag: '@long' },
  async ({ browser }) => {
    const server = await startServer({ LIMIT_SENDS_PER_USER_10S: '3' });
    try {
      const minji = await Account.signUp(server.url, '김민지', 'minji');
      const sua = await Account.signUp(server.url, '이수아', 'sua');
      const context = await browser.newContext();
      const [name = '', value = ''] = minji.cookie.split('=', 2);
      await context.addCookies([{ name, value, url: server.url, sameSite: 'Strict', httpOnly: true }]);
      const page = await new Visitor(context, server.url).opens(`/u/${sua._id}`);
      const received: string[] = [];
      page.on('websocket', (connection) =>
        connection.on('framereceived', ({ payload }) => void received.push(String(payload))),
      );
      await page.reload();
      await isOnline(page);
      // All five wait to go out at once: fingers on a slow machine may be no faster than what is allowed.
      await context.setOffline(true);
      await isOffline(page);
      const texts = ['하나', '둘', '셋', '넷', '다섯'];
      for (const text of texts) await write(page, text);
      await expect(bubbles(page, '다섯')).toHaveAttribute('data-status', 'sending');
      await context.setOffline(false);
      for (const text of texts)
        await expect(bubbles(page, text)).toHaveAttribute('data-status', 'sent', untilTheNextTry);
      expect(await sua.texts(minji)).toEqual(texts);
      const refused = received.filter((frame) => frame.includes('RATE_LIMITED'));
      expect(refused.length, 'asked again when it was time, and not before').toBeGreaterThan(0);
      expect(refused.length).toBeLessThanOrEqual(2);
      await context.close();
    } finally {
      await server.stop();
    }
  },
);

test('what was queued for a group that one was removed from stays, failed, to be copied', async ({
  person,
}) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  const group = await sua.account.startsGroup('우리 모임', [minji.account]);
  await sua.account.says('안녕하세요', group);
  const page = await minji.opens(`/c/${group._id}`);
  await expect(bubbles(page, '안녕하세요')).toBeVisible();
  await minji.context.setOffline(true);
  await isOffline(page);
  await write(page, '늦게 쓴 글');
  await expect(bubbles(page, '늦게 쓴 글')).toHaveAttribute('data-status', 'sending');
  await sua.account.removes(minji.account, group);
  await minji.context.setOffline(false);

  await expect(page.getByTestId('gone-notice')).toBeVisible(untilTheNextTry);
  await expect(bubbles(page, '늦게 쓴 글')).toHaveAttribute('data-status', 'failed');
  await page.reload();
  const row = page.locator(`[data-testid=conversation-row][data-conversation-id="${group._id}"]`);
  await expect(row).toContainText('우리 모임');
  await row.click();
  await expect(bubbles(page, '늦게 쓴 글')).toHaveAttribute('data-status', 'failed');
  await page.getByRole('button', { name: 'Copy text' }).click();
  await expect(page.getByText('Copied', { exact: false })).toBeVisible();
  await page.getByRole('button', { name: 'Discard' }).click();
  await expect(bubbles(page, '늦게 쓴 글')).toHaveCount(0);
  await expect(row).toHaveCount(0);
});
