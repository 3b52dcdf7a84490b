import type { Page } from '@playwright/test';
import { expect, test, type Person } from './fixtures.js';
import { bubbles, composerOf, foundRowOf, rowOf } from './support/window.js';

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

const dialog = (page: Page) => page.getByRole('dialog');

/** By a finger that rests on it. */
const restsOn = async (page: Page, text: string): Promise<void> => {
  const place = await bubbles(page, text).getByText(text, { exact: true }).boundingBox();
  if (place === null) throw new Error(`"${text}" is not on the screen`);
  const at = [{ x: place.x + place.width / 2, y: place.y + place.height / 2 }];
  const touch = await page.context().newCDPSession(page);
  await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at });
  await expect(dialog(page)).toBeVisible();
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
};

const onThePhone = async (
  person: (fullName: string, options?: typeof phone) => Promise<Person>,
): Promise<[Person, Person, Page]> => {
  const [minji, sua] = [await person('김민지', phone), await person('이수아')];
  await sua.account.says('안녕', minji.account);
  return [minji, sua, await minji.opens()];
};

test("a phone's Back closes what lies on top, sheet by sheet, and then leads to the list", async ({
  person,
}) => {
  const [minji, sua, page] = await onThePhone(person);
  const group = await sua.account.startsGroup('산책', [minji.account]);
  await page.locator(`[data-conversation-id="${group._id}"]`).click();
  await page.getByTestId('group-details-toggle').click();
  await page.getByTestId('group-member').nth(1).getByTestId('member-menu').click();
  await page.getByRole('button', { name: 'Report…' }).click();
  await expect(page.getByTestId('report-form')).toBeVisible();
  await page.goBack();
  await expect(page.getByTestId('report-form')).toHaveCount(0);
  await expect(page.getByTestId('group-details')).toBeVisible();
  await page.goBack();
  await expect(dialog(page)).toHaveCount(0);
  await expect(composerOf(page)).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(`${minji.url}/`);
  await expect(rowOf(page, sua)).toBeVisible();
});

test("a phone's Back closes a message's sheet, all emojis, and what the search found", async ({ person }) => {
  const [minji, sua, page] = await onThePhone(person);
  await rowOf(page, sua).click();
  await restsOn(page, '안녕');
  await page.goBack();
  await expect(dialog(page)).toHaveCount(0);
  await restsOn(page, '안녕');
  await page.getByRole('button', { name: 'More emoji' }).click();
  await expect(page.getByRole('grid')).toBeVisible();
  await page.goBack();
  await expect(dialog(page)).toHaveCount(0);
  await expect(bubbles(page, '안녕')).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(`${minji.url}/`);
  await page.getByTestId('people-search').fill('이수');
  await expect(foundRowOf(page, sua)).toBeVisible();
  await page.goBack();
  await expect(page.getByTestId('people-search')).toHaveValue('');
  await expect(page).toHaveURL(`${minji.url}/`);
});

test('what was closed otherwise leaves nothing to go back through, nor forward to', async ({ person }) => {
  const [minji, sua, page] = await onThePhone(person);
  await rowOf(page, sua).click();
  await expect(composerOf(page)).toBeVisible();
  const menu = page.getByRole('button', { name: 'Options for 이수아' });
  await menu.click();
  await expect(dialog(page)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog(page)).toHaveCount(0);
  await page.goBack();
  await expect(page).toHaveURL(`${minji.url}/`);
  await page.goForward();
  await expect(composerOf(page)).toBeVisible();
  await menu.click();
  await expect(dialog(page)).toBeVisible();
  await page.goBack();
  await expect(dialog(page)).toHaveCount(0);
  await page.goForward();
  await expect(dialog(page)).toHaveCount(0);
  await page.goBack();
  await expect(page).toHaveURL(`${minji.url}/`);
});

test('loaded again with a dialog open, and led elsewhere by one, Back leads where it led before', async ({
  person,
}) => {
  const [minji, sua, page] = await onThePhone(person);
  await rowOf(page, sua).click();
  await page.getByRole('button', { name: 'Options for 이수아' }).click();
  await expect(dialog(page)).toBeVisible();
  await page.reload();
  await expect(composerOf(page)).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(`${minji.url}/`);
  // A menu leads to a dialog, and the dialog to the room that it made.
  await page.getByTestId('new-menu').click();
  await page.getByRole('button', { name: 'New open room' }).click();
  await page.getByTestId('room-form').getByRole('textbox').first().fill('독서 모임');
  await page.getByTestId('room-form').locator('[type=submit]').click();
  await expect(composerOf(page)).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(`${minji.url}/`);
  await expect(dialog(page)).toHaveCount(0);
});

test('beside a keyboard Back closes menus, and the settings with all that was changed in them', async ({
  person,
}) => {
  const minji = await person('김민지');
  const page = await minji.opens();
  const account = page.getByRole('button', { name: 'Your account and settings' });
  await account.click();
  await expect(page.getByRole('menu')).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('menu')).toHaveCount(0);
  await account.click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await dialog(page).getByRole('switch').first().click();
  await page.goBack();
  await expect(dialog(page)).toHaveCount(0);
  await expect(account).toBeFocused();
  await expect(page).toHaveURL(`${minji.url}/`);
});
