import type { Page } from '@playwright/test';
import { longTasksOf, traced } from '../browser.js';
import { shown, type Say } from '../report.js';
import type { Person, Sori } from '../sori.js';
import { call, kept, moment, say } from './setting.js';

const drainWithinMs = 900_000;

/** As if they had been written one after the other with no network: half of them to one person, half to another. */
const writeOffline = (page: Page, me: Person, lanes: readonly string[], count: number): Promise<void> =>
  page.evaluate(
    ([account, ids, many]) =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open(`sori-${account}`);
        opening.onsuccess = () => {
          const transaction = opening.result.transaction('outbox', 'readwrite');
          for (let order = 1; order <= many; order += 1) {
            const lane = ids[order % ids.length];
            transaction.objectStore('outbox').put({
              clientId: `offline-${order}`,
              to: lane,
              lane,
              text: `written offline ${order}`,
              order,
              queuedAt: new Date().toISOString(),
              state: 'waiting',
            });
          }
          transaction.oncomplete = () => {
            opening.result.close();
            resolve();
          };
          transaction.onerror = () => reject(new Error('The outbox could not be filled'));
        };
      }),
    [me._id, lanes, count] as const,
  );

async function textsOf(sori: Sori, who: Person, conversationId: string): Promise<string[]> {
  const texts: string[] = [];
  for (let after = 0; ;) {
    const page = (await call(
      sori,
      who,
      'GET',
      `/conversations/${conversationId}/entries?after=${after}&limit=500&targets=once`,
    )) as {
      entries: { kind: string; message?: string }[];
      next: number;
      more: boolean;
    };
    for (const { kind, message } of page.entries) if (kind === 'message') texts.push(message ?? '');
    if (!page.more) return texts;
    after = page.next;
  }
}

/** What a person feels while it drains: from the press of the button to the painted bubble, in milliseconds. */
async function writeNow(page: Page, text: string): Promise<number> {
  await page.getByTestId('composer').fill(text);
  return page.evaluate(
    (wanted) =>
      new Promise<number>((resolve) => {
        const pressedAt = performance.now();
        document.querySelector<HTMLElement>('[data-testid=send]')?.click();
        const look = () => {
          const bubbles = [...document.querySelectorAll('[data-testid=message] p')];
          if (bubbles.some((one) => one.textContent === wanted))
            setTimeout(() => resolve(performance.now() - pressedAt));
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      }),
    text,
  );
}

/** What was written offline is sent, and more is written while it is. */
export async function measureDrain(
  page: Page,
  sori: Sori,
  me: Person,
  others: readonly Person[],
  count: number,
  report: Say,
) {
  const two = others.slice(0, 2);
  const lanes = (await Promise.all(two.map((one) => say(sori, one, me, 'before')))).map(
    ({ conversationId }) => conversationId,
  );
  const context = page.context();
  await context.setOffline(true);
  await page.goto(`http://127.0.0.1:${sori.port}/c/${lanes[0] ?? ''}`);
  await page.locator('[data-testid=message]').first().waitFor();
  const bare = await longTasksOf(page);
  await writeOffline(page, me, lanes, count);
  await page.reload();
  const last = page.locator('[data-testid=message]').filter({ hasText: `written offline ${count}` });
  await last.waitFor();
  const opening = await longTasksOf(page);
  const writing = [await writeNow(page, 'and one more')];
  const written = await longTasksOf(page);
  const startedAt = performance.now();
  const { tasks } = await traced(page, async () => {
    await context.setOffline(false);
    for (let index = 1; index <= 5; index += 1)
      writing.push(await writeNow(page, `while it drains ${index}`));
    const left = () => kept(page, me, 'outbox');
    for (let waiting = await left(), before = waiting; waiting > 0; waiting = await left()) {
      if (performance.now() - startedAt > drainWithinMs)
        throw new Error(`${waiting} are still in the outbox`);
      if (before - waiting > count / 10) {
        report(`    ${waiting} left after ${shown((performance.now() - startedAt) / 1_000, ' s')}`);
        before = waiting;
      }
      await moment();
    }
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  const draining = [...written, ...(await longTasksOf(page))];
  const wrong = await Promise.all(
    lanes.map(async (lane, index) => {
      const got = (await textsOf(sori, me, lane)).filter((text) => text.startsWith('written offline'));
      const wanted = Array.from({ length: count }, (_, at) => at + 1)
        .filter((order) => order % lanes.length === index)
        .map((order) => `written offline ${order}`);
      return got.length !== wanted.length || got.some((text, at) => text !== wanted[at]);
    }),
  );
  return { bare, opening, draining, tasks, writing, seconds, inOrder: !wrong.includes(true) };
}
