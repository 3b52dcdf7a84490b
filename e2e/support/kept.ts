import { expect, type Page } from '@playwright/test';

type Kept = { messages: number; outbox: string[]; changes: number };

const nothing: Kept = { messages: 0, outbox: [], changes: 0 };

/** What lies in the first database whose name begins so. Looked up first: to open one that is not there would make it. */
const keptIn = (page: Page, prefix: string): Promise<Kept | null> =>
  page.evaluate(async (wanted): Promise<Kept | null> => {
    const name = (await indexedDB.databases()).find(({ name: one }) => one?.startsWith(wanted))?.name;
    if (name === undefined) return null;
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opened = indexedDB.open(name);
      opened.onsuccess = () => resolve(opened.result);
      opened.onerror = () => reject(new Error('The database does not open'));
    });
    // It begins when every write before it is done: what it sees is there to stay.
    const transaction = database.transaction(['messages', 'outbox', 'changes']);
    const messages = transaction.objectStore('messages').count();
    const changes = transaction.objectStore('changes').count();
    const outbox = transaction.objectStore('outbox').getAll() as IDBRequest<
      { text: string; state: string; order: number }[]
    >;
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(new Error('The database cannot be read'));
    });
    database.close();
    return {
      messages: messages.result,
      outbox: outbox.result
        .sort((one, other) => one.order - other.order)
        .map(({ text, state }) => `${text} ${state}`),
      changes: changes.result,
    };
  }, prefix);

/** The page is on the device, and what was said is too. */
export const isKept = async (page: Page, texts: number): Promise<void> => {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await areKept(page, texts);
};

/** What was said is on the device. */
export const areKept = async (page: Page, texts: number): Promise<void> => {
  await expect.poll(async () => ((await keptIn(page, 'sori-')) ?? nothing).messages).toBe(texts);
};

/**
 * What this person wrote and the server does not have lies on the device, just so and in this order: '하나 waiting', '둘
 * failed'; and so many changes of older messages. What shows on the page may still be on its way there, and a reload or
 * the end of the browser would lose it.
 */
export const isWaiting = async (
  page: Page,
  { _id }: { _id: string },
  outbox: readonly string[],
  changes = 0,
): Promise<void> => {
  await expect
    .poll(async () => {
      const kept = await keptIn(page, `sori-${_id}`);
      return kept && { outbox: kept.outbox, changes: kept.changes };
    })
    .toEqual({ outbox, changes });
};
