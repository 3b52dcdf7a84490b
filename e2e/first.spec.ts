import { expect, test } from '@playwright/test';
import { Account } from './support/account.js';
import { barriers } from './support/barriers.js';
import { startServer } from './support/server.js';
import { Visitor } from './support/visitor.js';
import { composerOf, foundRowOf, write } from './support/window.js';

test('whoever is alone invites others, looks into the lobby and writes to themselves', async ({
  browser,
}) => {
  const server = await startServer();
  const context = await browser.newContext({ reducedMotion: 'reduce' });
  try {
    const me = await Account.signUp(server.url, '김민지', 'first-one');
    const [name = '', value = ''] = me.cookie.split('=', 2);
    await context.addCookies([{ name, value, url: server.url, sameSite: 'Strict', httpOnly: true }]);
    const visitor = new Visitor(context, server.url);
    await visitor.prepare();
    // As by plain http in a local network.
    await context.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
    const page = await visitor.opens();
    const steps = page.getByTestId('first-steps');
    await expect(page.getByTestId('invitation')).toHaveText(server.url);
    await expect(steps).toContainText('on this computer only');
    expect(await barriers(page)).toEqual([]);
    await steps.getByRole('button', { name: 'Copy address' }).click();
    await expect(page.getByText('Address copied')).toBeVisible();

    await steps.getByRole('link', { name: 'Enter the lobby' }).click();
    await expect(page).toHaveURL(`${server.url}/open/lobby`);
    await composerOf(page).focus();
    await page.keyboard.press('ControlOrMeta+V');
    await expect(composerOf(page)).toHaveValue(server.url);
    await composerOf(page).fill('');

    // The lobby is a conversation now, and they are still alone.
    await steps.getByRole('link', { name: 'Write to yourself' }).click();
    await write(page, '우유 사기');
    await expect(
      page.locator('[data-testid=conversation-row]', { hasText: 'Notes to myself' }),
    ).toBeVisible();
    await expect(steps).toBeVisible();

    const other = await Account.signUp(server.url, '이수아', 'second-one');
    await expect(steps).toHaveCount(0);
    await page.getByTestId('people-search').fill('이수아');
    await expect(foundRowOf(page, other)).toBeVisible();
    expect(visitor.complaints).toEqual([]);
  } finally {
    await context.close();
    await server.stop();
  }
});
