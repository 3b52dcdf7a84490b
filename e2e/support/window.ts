import { expect, type Locator, type Page } from '@playwright/test';

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

/** The conversation is open and the composer has taken the focus, which may be a moment after the messages are there. */
export const isOpen = async (page: Page): Promise<void> => {
  await expect(composerOf(page)).toBeFocused();
};

/** The scrolling part of the conversation. */
export const historyOf = (page: Page): Locator => page.locator('[data-virtuoso-scroller]');

/** Nothing scrolls and nothing grows, ten frames long: whoever turns a wheel does not wait for what it does. */
export const isCalm = async (page: Page): Promise<void> => {
  await expect
    .poll(() =>
      historyOf(page).evaluate(async (scroller) => {
        const picture = () => `${scroller.scrollTop} ${scroller.scrollHeight}`;
        const before = picture();
        for (let frames = 0; frames < 10; frames += 1) {
          await new Promise(requestAnimationFrame);
          if (picture() !== before) return false;
        }
        return true;
      }),
    )
    .toBe(true);
};
