import type { Page } from '@playwright/test';
import type { Person, Sori } from '../sori.js';
import { call, conversations, eachSays } from './setting.js';

export const missedEach = 25;

/** From the moment at which the network is back until all that was missed is in the page, in milliseconds. */
export async function measureCatchUp(
  page: Page,
  sori: Sori,
  me: Person,
  others: readonly Person[],
): Promise<number> {
  await page.locator('[data-testid=connection][data-state=online]').waitFor({ state: 'attached' });
  await call(sori, me, 'POST', '/conversations/read-all');
  await page
    .locator('[data-testid=conversation-row]:not([data-unread="0"])')
    .first()
    .waitFor({ state: 'detached' });
  await page.context().setOffline(true);
  await page.locator('[data-testid=connection]:not([data-state=online])').waitFor({ state: 'attached' });
  await eachSays(sori, others, me, missedEach, 'missed');
  const took = page.evaluate(
    ([rows, unread]) =>
      new Promise<number>((resolve) => {
        window.addEventListener('online', () => {
          const backAt = performance.now();
          const look = () => {
            const done = document.querySelectorAll(
              `[data-testid=conversation-row][data-unread="${unread}"]`,
            ).length;
            if (done === rows) resolve(performance.now() - backAt);
            else requestAnimationFrame(look);
          };
          look();
        });
      }),
    [conversations, missedEach] as const,
  );
  await page.context().setOffline(false);
  return took;
}
