import type { Browser, Page } from '@playwright/test';
import { open, sitDown, traced } from '../browser.js';
import type { Person, Sori } from '../sori.js';
import { conversations, eachSays, kept, moment } from './setting.js';

/** Of each conversation: enough to fill the screen, and what the page keeps of it. */
const known = 60;

const rowOf = (page: Page, { _id }: Person) =>
  page.locator(`[data-testid=conversation-row][data-user-id="${_id}"]`);

/** How long it takes from the press on a conversation's row until its messages are seen, in milliseconds. */
async function openingTimes(page: Page, people: readonly Person[], text: string): Promise<number[]> {
  const times: number[] = [];
  for (const person of people) {
    await rowOf(page, person).hover();
    times.push(
      await page.evaluate(
        ([userId, wanted]) =>
          new Promise<number>((resolve) => {
            const row = document.querySelector<HTMLElement>(
              `[data-testid=conversation-row][data-user-id="${userId}"]`,
            );
            const address = row?.getAttribute('href');
            const pressedAt = performance.now();
            row?.click();
            // A list that is just opened is in the page, and transparent, before it is where it belongs.
            const isSeen = () => {
              const bubbles = [...document.querySelectorAll('[data-testid=message] p')];
              const bubble = bubbles.find((one) => one.textContent === wanted);
              if (
                location.pathname !== address ||
                bubble?.checkVisibility({ opacityProperty: true }) !== true
              )
                return false;
              const { top, bottom } = bubble.getBoundingClientRect();
              return top >= 0 && bottom <= innerHeight;
            };
            // Called when the frame that is being made has been laid out, whatever else was asked to do in it.
            const observer = new ResizeObserver(() => {
              observer.disconnect();
              // What follows on that frame comes after it was painted.
              if (isSeen()) setTimeout(() => resolve(performance.now() - pressedAt));
              else requestAnimationFrame(look);
            });
            const look = () => observer.observe(document.body);
            requestAnimationFrame(look);
          }),
        [person._id, text],
      ),
    );
    // Away from it, so that the next one's messages are not taken for the next row's.
    await page.evaluate(() => history.back());
    await page.locator('[data-testid=message]').first().waitFor({ state: 'detached' });
  }
  return times;
}

/** Conversations are opened from what the device keeps, and once more from what the page then has. */
export async function measureOpening(browser: Browser, sori: Sori, me: Person, others: readonly Person[]) {
  await eachSays(sori, others, me, known, 'known');
  const context = await sitDown(browser, sori, me);
  const page = await open(context, sori);
  await rowOf(page, others.at(-1) ?? me).waitFor();
  for (let tries = 0; (await kept(page, me, 'messages')) < conversations * 50; tries += 1) {
    if (tries > 120) throw new Error(`The page keeps ${await kept(page, me, 'messages')} messages only`);
    await moment();
  }
  await context.setOffline(true);
  await page.reload();
  await rowOf(page, others.at(-1) ?? me).waitFor();
  const { result: fromDevice, tasks } = await traced(page, () =>
    openingTimes(page, others, `known ${known}`),
  );
  const processorMs = tasks.reduce((sum, task) => sum + task, 0) / others.length;
  const fromMemory = await openingTimes(page, others, `known ${known}`);
  await context.setOffline(false);
  return { page, fromDevice, fromMemory, processorMs };
}
