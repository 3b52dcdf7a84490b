import { expect, type Page } from '@playwright/test';

/** The page is on the device, and what was said is too. */
export const isKept = async (page: Page, texts: number): Promise<void> => {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await expect
    .poll(() =>
      page.evaluate(async () => {
        const name = (await indexedDB.databases()).find(({ name: one }) => one?.startsWith('sori-'))?.name;
        if (name === undefined) return 0;
        const database = await new Promise<IDBDatabase>((resolve, reject) => {
          const opened = indexedDB.open(name);
          opened.onsuccess = () => resolve(opened.result);
          opened.onerror = () => reject(new Error('The database does not open'));
        });
        const counted = database.transaction('messages').objectStore('messages').count();
        await new Promise((resolve) => {
          counted.onsuccess = resolve;
        });
        database.close();
        return counted.result;
      }),
    )
    .toBe(texts);
};
