import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.js';
import { isOffline } from './support/connection.js';
import { isKept, isWaiting } from './support/kept.js';
import { bubbles, composerOf, rowOf, write } from './support/window.js';

test.describe('what is done to messages with no network', () => {
  test.use({ serviceWorkers: 'allow' });

  const choose = async (page: Page, text: string, action: string): Promise<void> => {
    await bubbles(page, text).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: action }).click();
  };

  test('is shown at once, survives a reload, and is done by itself afterwards', async ({ person }) => {
    const minji = await person('김민지', { serviceWorkers: 'allow' });
    const sua = await person('이수아');
    for (const text of ['고칠 글', '지울 글']) await minji.account.says(text, sua.account);
    await sua.account.says('좋은 글', minji.account);
    await minji.account.hasRead(sua.account);
    const page = await minji.opensTalkWith(sua);
    await expect(bubbles(page, '좋은 글')).toBeVisible();
    await isKept(page, 3);
    const [, , liked] = await sua.account.history(minji.account);
    await minji.context.setOffline(true);
    await isOffline(page);

    await choose(page, '고칠 글', 'Edit');
    await expect(page.getByText('Enter saves, Esc cancels')).toBeVisible();
    await composerOf(page).fill('고친 글');
    await composerOf(page).press('Enter');
    await expect(bubbles(page, '고친 글')).toBeVisible();
    await choose(page, '지울 글', 'Delete');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expect(bubbles(page, '지울 글')).toHaveCount(0);
    await choose(page, '좋은 글', 'Pin');
    await write(page, '새 글');
    await isWaiting(page, minji, ['새 글 waiting'], 3);

    await page.reload();
    await expect(bubbles(page, '고친 글')).toBeVisible();
    await expect(bubbles(page, '고칠 글')).toHaveCount(0);
    await expect(bubbles(page, '지울 글')).toHaveCount(0);
    const before = await sua.account.history(minji.account);
    expect(
      before.map(({ message }) => message),
      'the server knows nothing of it yet',
    ).toEqual(['고칠 글', '지울 글', '좋은 글']);

    await minji.context.setOffline(false);
    await expect(bubbles(page, '새 글')).toHaveAttribute('data-status', 'sent');
    await expect
      .poll(() => sua.account.texts(minji.account), { timeout: 30_000 })
      .toEqual(['고친 글', '', '좋은 글', '새 글']);
    await expect
      .poll(
        async () =>
          (await sua.account.history(minji.account)).find(({ _id }) => _id === liked?._id)?.pinnedAt,
      )
      .toBeDefined();
    await page.reload();
    await expect(bubbles(page, '고친 글')).toBeVisible();
    await expect(bubbles(page, '지울 글')).toHaveCount(0);
  });
});

test('an edit under way outlives a look elsewhere and a reload, and is told that its message was deleted', async ({
  person,
}) => {
  const [minji, sua, doyun] = [await person('김민지'), await person('이수아'), await person('최도윤')];
  const said = await minji.account.says('고칠 글', sua.account);
  await doyun.account.says('도윤이에요', minji.account);
  const page = await minji.opensTalkWith(sua);
  await expect(bubbles(page, '고칠 글')).toBeVisible();
  await composerOf(page).press('ArrowUp');
  await expect(page.getByText('Enter saves, Esc cancels')).toBeVisible();
  await composerOf(page).fill('고치는 중인 글');
  await rowOf(page, doyun).click();
  await expect(bubbles(page, '도윤이에요')).toBeVisible();
  await expect(composerOf(page)).toHaveValue('');

  await page.reload();
  await expect(bubbles(page, '도윤이에요')).toBeVisible();
  await expect(composerOf(page)).toHaveValue('');
  await rowOf(page, sua).click();
  await expect(page.getByText('Enter saves, Esc cancels')).toBeVisible();
  await expect(composerOf(page)).toHaveValue('고치는 중인 글');

  // Elsewhere, say on the phone.
  await minji.account.deletes(said);
  await expect(page.getByTestId('edit-meanwhile')).toContainText('This message was deleted.');
  await expect(composerOf(page)).toHaveValue('고치는 중인 글');
  await composerOf(page).press('Enter');
  await expect(composerOf(page)).toHaveValue('고치는 중인 글');
  await page.getByRole('button', { name: 'Copy text' }).click();
  await expect(page.getByText('Copied', { exact: false })).toBeVisible();
  await page.getByRole('button', { name: 'Cancel editing' }).click();
  await expect(composerOf(page)).toHaveValue('');
});
