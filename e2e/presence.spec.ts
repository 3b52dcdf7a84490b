import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.js';
import { reloadsWithin } from './support/connection.js';
import { bubbles, dotOf, rowOf } from './support/window.js';

/** Every value that somebody's dot takes from now on. */
const watchDot = async (page: Page, person: { _id: string }): Promise<() => Promise<string[]>> => {
  const watch = await page.evaluateHandle((userId) => {
    const values: string[] = [];
    const dot = () =>
      document.querySelector<HTMLElement>(
        `[data-testid=conversation-row][data-user-id="${userId}"] [data-testid=presence-dot]`,
      );
    let last = dot()?.dataset.online;
    new MutationObserver(() => {
      const now = dot()?.dataset.online;
      if (now === undefined || now === last) return;
      last = now;
      values.push(now);
    }).observe(document.body, { childList: true, subtree: true, attributes: true });
    return values;
  }, person._id);
  return () => watch.jsonValue();
};

test('a reload does not make one’s dot flicker for others, a closed window puts it out', async ({
  person,
}) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  await sua.account.says('안녕', minji.account);
  const [hers, other] = [await minji.opens(), await sua.opens()];
  const dot = dotOf(rowOf(hers, sua));
  // Not the quickest reload: one would be over before a server without any grace had told of it.
  await other.route('**/api/auth/me', async (route) => {
    await new Promise((done) => setTimeout(done, 500));
    await route.continue();
  });
  // The grace is five seconds: after a reload that took longer the dot was out, rightly.
  const seen = await reloadsWithin(4_500, other, async () => {
    await expect(dot).toHaveAttribute('data-online', 'true');
    // Who has just come stays on for two seconds in any case; from then on it is the grace alone that keeps the dot.
    await new Promise((done) => setTimeout(done, 2_000));
    await expect(dot).toHaveAttribute('data-online', 'true');
    return watchDot(hers, sua);
  });
  expect(await seen()).toEqual([]);
  const after = await watchDot(hers, sua);
  await other.close();
  await expect(dot).toHaveAttribute('data-online', 'false', { timeout: 15_000 });
  expect(await after()).toEqual(['false']);
});

test('with two tabs, closing either leaves one online and reachable', async ({ person }) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  await sua.account.says('안녕', minji.account);
  const hers = await minji.opens();
  const [first, second] = [await sua.opens(), await sua.opens()];
  await expect(dotOf(rowOf(hers, sua))).toHaveAttribute('data-online', 'true');
  const seen = await watchDot(hers, sua);
  await minji.account.says('둘 다 들려?', sua.account);
  for (const tab of [first, second]) await expect(rowOf(tab, minji)).toContainText('둘 다 들려?');

  await first.close();
  await minji.account.says('하나는 남았지', sua.account);
  await expect(rowOf(second, minji)).toContainText('하나는 남았지');
  const third = await sua.opens();
  await second.close();
  await minji.account.says('나중 것도', sua.account);
  await expect(rowOf(third, minji)).toContainText('나중 것도');
  expect(await seen()).toEqual([]);
});

test('somebody who comes gets a dot on the pages of those who look at them', async ({ person }) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  await sua.account.says('안녕', minji.account);
  const hers = await minji.opensTalkWith(sua);
  await expect(bubbles(hers, '안녕')).toBeVisible();
  const dots = hers.getByTestId('presence-dot');
  await expect(dots).toHaveCount(2);
  for (const dot of await dots.all()) await expect(dot).toHaveAttribute('data-online', 'false');
  await sua.opens();
  for (const dot of await dots.all()) {
    await expect(dot).toHaveAttribute('data-online', 'true');
    await expect(dot, 'a word, too, for those who do not see it').toHaveText('online');
  }
});
