import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.js';
import { password } from './support/account.js';
import { bubbles, composerOf } from './support/window.js';

// One code makes one admin, and each worker's server has one code: the tests of this file follow each other.
test.describe.configure({ mode: 'serial' });

const menuOf = (page: Page) => page.getByRole('button', { name: 'Your account and settings' });
const openMenu = (page: Page): Promise<void> => menuOf(page).click();

test('whoever has the code of the first start becomes an admin, decides on what is reported, and leaves a trail', async ({
  person,
  server,
}) => {
  const boss = await person('정하윤');
  const [minji, junho] = [await person('김민지'), await person('최준호')];
  await junho.account.says('험한 말', minji.account);

  // Somebody reports a message.
  const hers = await minji.opensTalkWith(junho);
  const message = bubbles(hers, '험한 말');
  // The composer takes the focus when the conversation opens, perhaps a moment after the message is there.
  await expect(composerOf(hers)).toBeFocused();
  await message.press('Enter');
  await hers.getByRole('menuitem', { name: 'Report…' }).click();
  const form = hers.getByTestId('report-form');
  await expect(form).toContainText('험한 말');
  await form.getByRole('radio', { name: 'Harassment' }).click();
  await form.getByRole('textbox').fill('자꾸 그래요');
  await form.getByRole('button', { name: 'Report' }).click();
  await expect(hers.getByText('Thank you. An admin will look at it.')).toBeVisible();
  await expect(form).toHaveCount(0);

  // Others have no such place.
  await openMenu(hers);
  await expect(hers.getByRole('menuitem', { name: 'Admin…' })).toHaveCount(0);
  await hers.keyboard.press('Escape');

  // The code makes an admin, a wrong one does not.
  const page = await boss.opens();
  await openMenu(page);
  await page.getByRole('menuitem', { name: 'Settings…' }).click();
  const code = page.getByTestId('become-admin');
  await code.getByRole('textbox').fill('not the code');
  await code.getByRole('button', { name: 'Apply' }).click();
  await expect(code.getByText('This code is not valid.')).toBeVisible();
  await code.getByRole('textbox').fill(readFileSync(join(server.dataDir, 'admin-code'), 'utf8').trim());
  await code.getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByText('You are an admin now')).toBeVisible();
  await page.keyboard.press('Escape');
  // The focus goes back a moment later, and would close what is opened before.
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(menuOf(page)).toBeFocused();

  await openMenu(page);
  await page.getByRole('menuitem', { name: 'Admin…' }).click();
  const report = page.getByTestId('report');
  await expect(report).toContainText('A message by 최준호');
  await expect(report).toContainText('Reported by 김민지');
  await expect(report).toContainText('험한 말');
  await expect(report).toContainText('Harassment: 자꾸 그래요');
  await report.getByRole('button', { name: 'Delete message' }).click();
  await expect(page.getByText('Nothing to decide')).toBeVisible();
  await expect(hers.getByText('This message was deleted')).toBeVisible();

  // And a person, who is shut out at once.
  const his = await junho.opens();
  await hers.getByRole('main').getByRole('button', { name: 'Options for 최준호' }).click();
  await hers.getByRole('menuitem', { name: 'Report…' }).click();
  await form.getByRole('radio', { name: 'Dangerous' }).click();
  await form.getByRole('button', { name: 'Report' }).click();
  // It closes when the report has arrived.
  await expect(form).toHaveCount(0);
  await page.reload();
  await expect(report).toContainText('최준호');
  await report.getByRole('button', { name: 'Suspend…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click();
  await expect(his.getByTestId('login-form')).toBeVisible();
  // Why, at once, and whenever they try again.
  const why = his.getByText('This account is suspended.', { exact: false });
  await expect(why).toBeVisible();
  await his.getByLabel('Username').fill(junho.account.me.username);
  await his.getByLabel('Password', { exact: true }).fill('wrong password');
  await his.getByRole('button', { name: 'Log in' }).click();
  await expect(his.getByText('Wrong username or password.')).toBeVisible();
  await his.getByLabel('Password', { exact: true }).fill(password);
  await his.getByRole('button', { name: 'Log in' }).click();
  await expect(why).toBeVisible();

  await page.getByRole('tab', { name: 'Suspended' }).click();
  const suspended = page.getByTestId('suspended-person').filter({ hasText: '최준호' });
  await suspended.getByRole('button', { name: 'Lift the suspension of 최준호' }).click();
  await expect(page.getByText('Nobody is suspended')).toBeVisible();

  await page.getByRole('tab', { name: 'Audit log' }).click();
  await expect(page.getByTestId('audit-entry')).toHaveText([
    /정하윤 lifted the suspension of 최준호/,
    /정하윤 suspended 최준호/,
    /정하윤 deleted a message by 최준호/,
  ]);
});

test('for everybody else the admin area does not exist', async ({ person }) => {
  const page = await (await person('김민지')).opens('/admin');
  await expect(page.getByText('This page does not exist')).toBeVisible();
});
