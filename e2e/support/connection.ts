import { expect, type Page } from '@playwright/test';

const connectionOf = (page: Page) => page.getByTestId('connection');

/** After a connection was cut for a while the page's next try may be 22 s away, and a slow machine takes its time for it. */
export const untilTheNextTry = { timeout: 40_000 };

/** The connection to the server is there: before that, nobody is told that one is writing. */
export const isOnline = async (page: Page, options?: { timeout: number }): Promise<void> => {
  await expect(connectionOf(page)).toHaveAttribute('data-state', 'online', options);
};

/** The page knows that its connection is gone: what was written sooner might still have gone out over it. */
export const isOffline = async (page: Page): Promise<void> => {
  await expect(connectionOf(page)).not.toHaveAttribute('data-state', 'online');
};

/**
 * Reloads a page, and is back online, in less than that many milliseconds: nothing is proved of a grace by a reload that
 * outlasts it. After one that did, it begins anew with `prepare`, whose answer to the quick one is handed back.
 */
export const reloadsWithin = async <Prepared>(
  ms: number,
  page: Page,
  prepare: () => Promise<Prepared>,
): Promise<Prepared> => {
  for (let tries = 0; tries < 5; tries += 1) {
    const prepared = await prepare();
    const began = Date.now();
    await page.reload();
    await isOnline(page);
    if (Date.now() - began < ms) return prepared;
  }
  throw new Error(`Five reloads took more than ${ms} ms each: this machine is too slow to tell anything`);
};
