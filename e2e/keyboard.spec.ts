import type { Locator, Page } from '@playwright/test';
import { expect, test } from './fixtures.js';
import { barriers } from './support/barriers.js';
import { isOpen, rowOf, bubbles, composerOf } from './support/window.js';

const press = (page: Page, key: string): Promise<void> => page.keyboard.press(key);

/** How often Tab was pressed until it came there. */
const tabsTo = async (page: Page, goal: Locator): Promise<number> => {
  for (let tabs = 1; tabs < 40; tabs += 1) {
    await press(page, 'Tab');
    if (await goal.evaluate((element) => element === document.activeElement)) return tabs;
  }
  throw new Error('40 times Tab did not lead there');
};

test('the list is one stop of the Tab key, and the arrow keys, Home and End go through it', async ({
  person,
}) => {
  const minji = await person('김민지');
  const others = [];
  for (let count = 1; count <= 6; count += 1) {
    const other = await person(`이웃 ${count}`);
    await other.account.says('안녕', minji.account);
    others.unshift(other);
  }
  const [newest, second] = others;
  const oldest = others.at(-1);
  if (newest === undefined || second === undefined || oldest === undefined) throw new Error('Six are there');
  const page = await minji.opensTalkWith(newest);
  await isOpen(page);
  await expect(rowOf(page, oldest)).toBeVisible();
  await page.getByTestId('people-search').focus();
  // The row that is open, its own menu, the line between list and conversation, and then the header.
  const menu = page.getByRole('main').getByRole('button', { name: 'Options for 이웃 6' });
  expect(await tabsTo(page, menu)).toBeLessThanOrEqual(4);
  await page.getByTestId('people-search').focus();
  await press(page, 'Tab');
  await expect(rowOf(page, newest)).toBeFocused();
  await press(page, 'ArrowDown');
  await expect(rowOf(page, second)).toBeFocused();
  await press(page, 'End');
  await expect(rowOf(page, oldest)).toBeFocused();
  // Away and back: where one was.
  await press(page, 'Shift+Tab');
  await expect(page.getByTestId('people-search')).toBeFocused();
  await press(page, 'Tab');
  await expect(rowOf(page, oldest)).toBeFocused();
  await press(page, 'Home');
  await expect(rowOf(page, newest)).toBeFocused();
});

test('the messages are one stop, each says whose it is, and what is in it comes behind it', async ({
  person,
}) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  for (const text of ['하나', 'https://example.kr/둘', '셋']) {
    const said = await sua.account.says(text, minji.account);
    await minji.account.reacts(said, '👍');
  }
  const page = await minji.opensTalkWith(sua);
  await isOpen(page);
  const last = bubbles(page, '셋');
  await expect(last).toHaveAccessibleName(/^이수아, \d/);
  await expect(last).toHaveAccessibleDescription('셋');
  await press(page, 'Shift+Tab');
  await expect(last).toBeFocused();
  await press(page, 'Home');
  await expect(bubbles(page, '하나')).toBeFocused();
  await press(page, 'ArrowDown');
  // Its link, its three tools, its reaction; and none of the messages above and below it.
  const inside = page.locator('[data-seq="3"]');
  expect(await tabsTo(page, inside.getByRole('link'))).toBe(1);
  expect(await tabsTo(page, inside.getByRole('button', { name: /👍/ }))).toBeLessThanOrEqual(4);
  await press(page, 'Tab');
  await expect(composerOf(page)).toBeFocused();
});

test('the account menu and the emoji picker keep nobody out', async ({ person }) => {
  const [minji, sua] = [await person('김민지', { reducedMotion: 'reduce' }), await person('이수아')];
  await sua.account.says('안녕', minji.account);
  const page = await minji.opensTalkWith(sua);
  await isOpen(page);
  await page.getByRole('button', { name: 'Your account and settings' }).click();
  await expect(page.getByRole('menu')).toBeVisible();
  await expect(page.locator('#root')).not.toHaveAttribute('aria-hidden', 'true');
  expect(await barriers(page), 'the account menu').toEqual([]);
  await press(page, 'Escape');
  await bubbles(page, '안녕').hover();
  await bubbles(page, '안녕').getByRole('button', { name: 'React' }).click();
  await page.getByRole('button', { name: 'More emoji' }).click();
  const cells = page.getByRole('gridcell');
  await expect(cells.first()).toBeVisible();
  const columns = await cells.evaluateAll((all) => all.map((cell) => Number(cell.ariaColIndex)));
  expect(Math.min(...columns)).toBe(1);
  expect(Math.max(...columns)).toBe(8);
  expect(await barriers(page), 'the emoji picker').toEqual([]);
});
