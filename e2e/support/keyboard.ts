import type { Locator, Page } from '@playwright/test';

const mostTabs = 8;

/** By Tab alone. Other things (a button that shows the password) may lie between, but not many. */
export const tabTo = async (page: Page, goal: Locator): Promise<void> => {
  for (let tabs = 0; tabs < mostTabs; tabs += 1) {
    await page.keyboard.press('Tab');
    if (await goal.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`${mostTabs} times Tab did not lead there`);
};
