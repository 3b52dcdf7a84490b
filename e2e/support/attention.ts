import type { Page } from '@playwright/test';

/**
 * Playwright makes every page believe that it has the focus. This one learns the truth from now on: it loses it when
 * another window of the same person comes to the front.
 */
export const knowsItsFocus = async (page: Page): Promise<void> => {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setFocusEmulationEnabled', { enabled: false });
};

/** A page that is not in front may get no frames, which Playwright looks with by itself. */
const withoutFrames = { polling: 100 };

/** The person turns to something else in their browser. */
export const looksAway = async (page: Page): Promise<void> => {
  await knowsItsFocus(page);
  const elsewhere = await page.context().newPage();
  await elsewhere.bringToFront();
  await page.waitForFunction(() => !document.hasFocus(), undefined, withoutFrames);
};

export const looksBack = async (page: Page): Promise<void> => {
  await page.bringToFront();
  await page.waitForFunction(() => document.hasFocus(), undefined, withoutFrames);
};
