import type { Locator, Page } from '@playwright/test';

/** What is in a window, by the handles that the contract names. */

export const composerOf = (page: Page): Locator => page.getByTestId('composer');

/** Messages with exactly this text. */
export const bubbles = (page: Page, text: string): Locator =>
  page.getByTestId('message').filter({ has: page.getByText(text, { exact: true }) });

export const rowOf = (page: Page, person: { _id: string }): Locator =>
  page.locator(`[data-testid=conversation-row][data-user-id="${person._id}"]`);

export const foundRowOf = (page: Page, person: { _id: string }): Locator =>
  page.locator(`[data-testid=person-row][data-user-id="${person._id}"]`);

export const dotOf = (row: Locator): Locator => row.getByTestId('presence-dot');

/** Types and sends, as people do. */
export const write = async (page: Page, text: string): Promise<void> => {
  await composerOf(page).fill(text);
  await composerOf(page).press('Enter');
};

/** The scrolling part of the conversation. */
export const historyOf = (page: Page): Locator => page.locator('[data-virtuoso-scroller]');
