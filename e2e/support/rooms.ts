import { expect, type Locator, type Page } from '@playwright/test';
import { isOnline } from './connection.js';
import { composerOf } from './window.js';

/** Goes in at the door, under that name or the one that the room draws. Answers the name. */
export const enter = async (page: Page, nickname = ''): Promise<string> => {
  await page.getByTestId('enter-form').getByRole('textbox').fill(nickname);
  await page.getByTestId('enter-form').locator('[type=submit]').click();
  await expect(composerOf(page)).toBeVisible();
  await isOnline(page);
  const words = (await page.getByTestId('guest-name').textContent()) ?? '';
  return words.replace('You are here as ', '');
};

export const noticesOf = (page: Page): Locator => page.getByTestId('room-notice');
export const personHere = (page: Page, name: string): Locator =>
  page.getByTestId('room-person').filter({ hasText: name });
