import type { Locator, Page } from '@playwright/test';
import { expect, test, type Person } from './fixtures.js';
import { isOnline } from './support/connection.js';
import { areKept } from './support/kept.js';
import { Versions } from './support/versions.js';
import { bubbles, composerOf, rowOf, write } from './support/window.js';

/** A kind that was made up for this: pins are called so on their way to the page. */
const asPoll = (text: string): string => text.replaceAll('"kind":"pin"', '"kind":"poll"');
const newer = { build: 2, oldestBuild: 1 };
const strip = (page: Page): Locator => page.getByTestId('outdated');

/** What stands in the thread, from above to below. */
const lines = (page: Page): Promise<string[]> =>
  page
    .locator('[data-testid=message], [data-testid=group-notice]')
    .evaluateAll((all) => all.map((one) => one.querySelector('[data-text]')?.textContent ?? one.textContent));

const opensWithPoll = async (minji: Person, sua: Person, path: string): Promise<Page> => {
  const announced = await Versions.of(minji.context);
  announced.words = asPoll;
  announced.server = newer;
  await sua.account.says('하나', minji);
  return minji.opens(path);
};

test('what only a newer version can show keeps its place in a direct conversation, and is no unread message', async ({
  person,
}) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  const page = await opensWithPoll(minji, sua, `/u/${sua._id}`);
  await expect(bubbles(page, '하나')).toBeVisible();
  const notice = page.getByText('Shown in a newer version of Sori', { exact: true });
  const order = async () => {
    const all = await lines(page);
    const at = (text: string) => all.findIndex((line) => line.includes(text));
    return [at('하나') < at('newer version'), at('newer version') < at('둘')];
  };

  await test.step('live', async () => {
    const [first] = await sua.account.history(minji);
    if (first === undefined) throw new Error('It was not said');
    await sua.account.pins(first);
    await expect(notice).toBeVisible();
    await sua.account.says('둘', minji);
    await expect(bubbles(page, '둘')).toBeVisible();
    expect(await order()).toEqual([true, true]);
  });

  await test.step('after a reload, from what this device keeps and from the server', async () => {
    await areKept(page, 2);
    await page.reload();
    await expect(bubbles(page, '둘')).toBeVisible();
    await expect(notice).toHaveCount(1);
    expect(await order()).toEqual([true, true]);
    await page.evaluate(async () => {
      for (const { name = '' } of await indexedDB.databases()) indexedDB.deleteDatabase(name);
    });
    await page.reload();
    await expect(bubbles(page, '둘')).toBeVisible();
    await expect(notice).toHaveCount(1);
    expect(await order()).toEqual([true, true]);
  });

  await test.step('in the list, while somebody looks elsewhere', async () => {
    // All was read by now.
    await expect(rowOf(page, sua)).toHaveAttribute('data-unread', '0');
    await page.goto(minji.url);
    const third = await sua.account.says('셋', minji);
    await expect(rowOf(page, sua)).toHaveAttribute('data-unread', '1');
    await sua.account.pins(third);
    await sua.account.says('넷', minji);
    await expect(rowOf(page, sua)).toHaveAttribute('data-unread', '2');
    await expect(rowOf(page, sua)).toContainText('넷');
    await rowOf(page, sua).click();
    await expect(bubbles(page, '넷')).toBeVisible();
    await expect(notice).toHaveCount(2);
  });
});

test('what only a newer version can show is said in Korean too, and in groups', async ({ person }) => {
  const [minji, sua] = [await person('김민지', { locale: 'ko-KR' }), await person('이수아')];
  const group = await sua.account.startsGroup('산책 모임', [minji.account]);
  const page = await opensWithPoll(minji, sua, `/c/${group._id}`);
  await sua.account.pins(await sua.account.says('여기서 만나요', group));
  await expect(bubbles(page, '여기서 만나요')).toBeVisible();
  const notice = page.getByText('새 버전의 Sori에서 볼 수 있습니다', { exact: true });
  await expect(notice).toBeVisible();
  await page.reload();
  await expect(notice).toHaveCount(1);
  await write(page, '네');
  await expect(bubbles(page, '네')).toHaveAttribute('data-status', /sent|delivered|read/);
});

test('a message that is refused for a reason that only a newer version knows says so, and the next one goes out', async ({
  person,
}) => {
  const [minji, sua] = [await person('김민지', { connection: true }), await person('이수아')];
  const page = await minji.opensTalkWith(sua);
  minji.connection.answer('안 되는 말', 'ELSEWHERE', 1);
  await write(page, '안 되는 말');
  await write(page, '되는 말');
  await expect(bubbles(page, '안 되는 말')).toHaveAttribute('data-status', 'failed');
  await expect(page.getByText('Not here', { exact: true })).toBeVisible();
  await expect(bubbles(page, '되는 말')).toHaveAttribute('data-status', 'sent');
});

test.describe('a page that the server no longer serves', () => {
  const tooNew = { build: 3, oldestBuild: 2 };
  /** Documents that were loaded. */
  const loads = (page: Page): (() => number) => {
    let count = 0;
    page.on('domcontentloaded', () => (count += 1));
    return () => count;
  };

  test('is loaded anew with all that was being written, and says that it was', async ({ person }) => {
    const [minji, sua] = [await person('김민지'), await person('이수아')];
    const announced = await Versions.of(minji.context);
    const page = await minji.opensTalkWith(sua);
    await composerOf(page).fill('쓰다 만 말');
    const loaded = loads(page);
    announced.page = 3;
    announced.restart(tooNew);
    await expect(page.getByText('Sori was updated', { exact: true })).toBeVisible();
    await expect(composerOf(page)).toHaveValue('쓰다 만 말');
    await expect(strip(page)).toHaveCount(0);
    expect(loaded()).toBe(1);
  });

  test('says so where the same page comes again, and goes on as well as it can', async ({ person }) => {
    const [minji, sua] = [await person('김민지'), await person('이수아')];
    const announced = await Versions.of(minji.context);
    const page = await minji.opensTalkWith(sua);
    const loaded = loads(page);
    announced.restart(tooNew);
    await expect.poll(loaded).toBe(1);
    await expect(strip(page)).toContainText('This page is too old');
    await write(page, '그래도 간다');
    await expect(bubbles(page, '그래도 간다')).toHaveAttribute('data-status', 'sent');
    announced.restart(tooNew);
    await write(page, '또 간다');
    await expect(bubbles(page, '또 간다')).toHaveAttribute('data-status', 'sent');
    expect(loaded()).toBe(1);
  });

  test('leaves it to the person where what they are writing would be lost', async ({ person }) => {
    const [minji, sua] = [await person('김민지'), await person('이수아')];
    const announced = await Versions.of(minji.context);
    await minji.context.addInitScript(() => {
      Storage.prototype.setItem = function set(key, text) {
        if (this === window.localStorage) throw new DOMException('It is full', 'QuotaExceededError');
        this[key] = text;
      };
    });
    const page = await minji.opensTalkWith(sua);
    await composerOf(page).fill('어디에도 없는 말');
    const loaded = loads(page);
    announced.page = 3;
    announced.restart(tooNew);
    await expect(strip(page)).toContainText('copy it first');
    await expect(composerOf(page)).toHaveValue('어디에도 없는 말');
    expect(loaded()).toBe(0);
    await strip(page).getByRole('button', { name: 'Reload' }).click();
    await isOnline(page);
    await expect(strip(page)).toHaveCount(0);
    expect(loaded()).toBe(1);
  });
});

test('a newer page works with an older server', async ({ person }) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  const announced = await Versions.of(minji.context);
  announced.page = 99;
  const page = await minji.opensTalkWith(sua);
  await write(page, '새 화면이에요');
  await expect(bubbles(page, '새 화면이에요')).toHaveAttribute('data-status', 'sent');
  await sua.account.says('저는 옛날 서버예요', minji);
  await expect(bubbles(page, '저는 옛날 서버예요')).toBeVisible();
  await expect(strip(page)).toHaveCount(0);
});
