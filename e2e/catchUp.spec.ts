import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.js';
import { isOffline, isOnline } from './support/connection.js';
import { bubbles, composerOf, historyOf, rowOf, write } from './support/window.js';

const hourMs = 3_600_000;

/** What a page asks of the server from now on: the gaps over its socket, and pages of history. */
const watchAsking = (page: Page) => {
  const asked = { entries: [] as { after: number; conversationId: string }[], history: 0 };
  page.on('websocket', (connection) =>
    connection.on('framesent', ({ payload }) => {
      const json = /^42\d*(\[.*)$/s.exec(String(payload))?.[1];
      if (json === undefined) return;
      const [name, input] = JSON.parse(json) as [string, { after: number; conversationId: string }];
      if (name === 'entries:after') asked.entries.push(input);
    }),
  );
  page.on('request', (request) => {
    if (/\/api\/messages\/[0-9a-f]{24}/.test(request.url())) asked.history += 1;
  });
  return asked;
};

/** The order on screen, by the server's numbers. */
const seqs = (page: Page): Promise<number[]> =>
  page
    .getByTestId('message')
    .evaluateAll((rows: HTMLElement[]) => rows.map(({ dataset }) => Number(dataset.seq)));

for (const hours of [5, -5])
  test(`a clock that is ${hours} hours off changes no order`, async ({ person }) => {
    const [minji, sua] = [await person('김민지'), await person('이수아')];
    const doyun = await person('최도윤');
    await doyun.account.says('먼저 온 글', minji.account);
    await sua.account.says('하나', minji.account);
    await minji.context.clock.install({ time: Date.now() + hours * hourMs });
    const page = await minji.opensTalkWith(sua);
    await expect(bubbles(page, '하나')).toBeVisible();
    await write(page, '둘');
    await expect(bubbles(page, '둘')).toHaveAttribute('data-status', /sent|delivered|read/);
    await sua.account.says('셋', minji.account);
    await expect(bubbles(page, '셋')).toBeVisible();
    await minji.context.setOffline(true);
    await isOffline(page);
    await write(page, '넷');
    await expect(bubbles(page, '넷')).toHaveAttribute('data-status', 'sending');
    await minji.context.setOffline(false);
    await expect(bubbles(page, '넷')).toHaveAttribute('data-seq', '4');
    await sua.account.says('다섯', minji.account);
    await expect(bubbles(page, '다섯')).toBeVisible();
    expect(await seqs(page)).toEqual([1, 2, 3, 4, 5]);
    await doyun.account.says('나중에 온 글', minji.account);
    await expect(page.getByTestId('conversation-row').first()).toHaveAttribute('data-user-id', doyun._id);
    await write(page, '여섯');
    await expect(page.getByTestId('conversation-row').first()).toHaveAttribute('data-user-id', sua._id);
    await expect(bubbles(page, '여섯')).toHaveAttribute('data-status', /sent|delivered|read/);
    await page.reload();
    await expect(bubbles(page, '여섯')).toHaveAttribute('data-seq', '6');
    await expect.poll(() => seqs(page)).toEqual([1, 2, 3, 4, 5, 6]);
  });

test('a message that got lost on the way is fetched when the next one comes, and nothing shows twice', async ({
  person,
}) => {
  const minji = await person('김민지', { connection: true });
  const sua = await person('이수아');
  await sua.account.says('하나', minji.account);
  const page = await minji.opensTalkWith(sua);
  await expect(bubbles(page, '하나')).toBeVisible();
  minji.connection.lose(2);
  for (const text of ['둘', '셋', '넷']) await sua.account.says(text, minji.account);
  await expect(bubbles(page, '넷')).toBeVisible();
  for (const lost of ['둘', '셋']) await expect(bubbles(page, lost)).toBeVisible();
  expect(await seqs(page)).toEqual([1, 2, 3, 4]);
  await sua.account.says('다섯', minji.account);
  await expect(bubbles(page, '다섯')).toBeVisible();
  expect(await seqs(page)).toEqual([1, 2, 3, 4, 5]);
});

test('after an hour without network only what was missed is fetched, and what became of the older messages too', async ({
  person,
}) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  for (let index = 1; index <= 30; index += 1) await sua.account.says(`전에 ${index}`, minji.account);
  await minji.account.hasRead(sua.account);
  const known = await sua.account.history(minji.account);
  const [edited, deleted, liked] = known.slice(-5);
  if (edited === undefined || deleted === undefined || liked === undefined)
    throw new Error('Too little said');
  await minji.context.clock.install({ time: Date.now() });
  const page = await minji.context.newPage();
  const asked = watchAsking(page);
  await page.goto(`${minji.url}/u/${sua._id}`);
  await expect(bubbles(page, '전에 30')).toBeVisible();
  await isOnline(page);
  await expect(bubbles(page, edited.message)).toHaveCount(1);
  await minji.context.setOffline(true);
  await isOffline(page);
  asked.entries.length = 0;
  asked.history = 0;

  await sua.account.edits(edited, '고친 글');
  await sua.account.deletes(deleted);
  await sua.account.reacts(liked, '👍');
  await sua.account.saysMany(
    Array.from({ length: 496 }, (_, index) => `그동안 ${index + 1}`),
    minji.account,
  );
  await sua.account.says('마지막', minji.account);
  await minji.context.clock.fastForward(hourMs);
  await minji.context.setOffline(false);

  // What was missed begins where one was; its end is one press away.
  await expect(bubbles(page, '그동안 1')).toBeVisible();
  await page.getByTestId('new-pill').click();
  await expect(bubbles(page, '마지막')).toHaveAttribute('data-seq', '530');
  await isOnline(page);
  expect(asked.entries.length, 'the gap is asked for').toBeGreaterThan(0);
  expect(Math.min(...asked.entries.map(({ after }) => after)), 'and nothing before it').toBe(30);
  expect(asked.entries.length).toBeLessThanOrEqual(3);
  expect(asked.history, 'no page of history').toBe(0);

  // Up to what was on screen before, by what is in the page already.
  await minji.context.setOffline(true);
  const list = historyOf(page);
  await expect(async () => {
    await list.evaluate((element) => element.scrollTo(0, 0));
    await expect(bubbles(page, '전에 1')).toBeVisible({ timeout: 500 });
  }).toPass();
  await expect(async () => {
    await list.evaluate((element) => element.scrollBy(0, 300));
    await expect(bubbles(page, '고친 글')).toBeVisible({ timeout: 200 });
  }).toPass();
  await expect(bubbles(page, edited.message)).toHaveCount(0);
  await expect(bubbles(page, deleted.message)).toHaveCount(0);
  await expect(page.locator(`[data-testid=message][data-seq="${liked.seq}"]`)).toContainText('👍');
  const shown = await seqs(page);
  expect(shown).toEqual([...new Set(shown)].sort((one, other) => one - other));
  await expect(composerOf(page)).toBeVisible();
  await expect(rowOf(page, sua)).toContainText('마지막');
});
