import type { Page } from '@playwright/test';
import { expect, test, type Person } from './fixtures.js';
import { looksAway, looksBack } from './support/attention.js';
import { isOffline } from './support/connection.js';
import { holdBack } from './support/holdBack.js';
import { areKept } from './support/kept.js';
import { historyOf, isCalm, rowOf, write, bubbles, composerOf } from './support/window.js';

/** Texts of different heights. */
const texts = (count: number): string[] =>
  Array.from({ length: count }, (_, index) =>
    `글 ${index}\n${'이야기가 이어집니다. '.repeat((index * 5) % 9)}`.trim(),
  );

const talkOf = async (
  person: (fullName: string) => Promise<Person>,
  read: number,
  unread: number,
): Promise<{ minji: Person; sua: Person }> => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  await sua.account.saysMany(texts(read), minji.account);
  await minji.account.hasRead(sua.account);
  await sua.account.saysMany(texts(unread), minji.account);
  return { minji, sua };
};

const message = (page: Page, seq: number) => page.locator(`[data-testid=message][data-seq="${seq}"]`);

/** The seqs that show, from the top. */
const onScreen = (page: Page): Promise<number[]> =>
  historyOf(page).evaluate((scroller) => {
    const frame = scroller.getBoundingClientRect();
    return [...scroller.querySelectorAll<HTMLElement>('[data-seq]')].flatMap((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return bottom > frame.top && top < frame.bottom ? [Number(row.dataset.seq)] : [];
    });
  });
const badge = async (page: Page, of: Person): Promise<number> =>
  Number(await rowOf(page, of).getAttribute('data-unread'));
const pillCount = async (page: Page): Promise<number> =>
  Number.parseInt((await page.getByTestId('new-pill').textContent()) ?? '', 10);
const readSeqOf = async (me: Person, other: Person): Promise<number> => {
  const { members } = await me.account.conversationWith(other.account);
  return members.find(({ userId }) => userId === me._id)?.readSeq ?? 0;
};
const toTheEnd = (page: Page): Promise<number> =>
  historyOf(page).evaluate(({ scrollHeight, clientHeight, scrollTop }) =>
    Math.round(scrollHeight - clientHeight - scrollTop),
  );

test('with 300 unread one begins at the first of them, and has read what was on the screen', async ({
  person,
}) => {
  const { minji, sua } = await talkOf(person, 30, 300);
  const page = await minji.opensTalkWith(sua);
  await expect(message(page, 31)).toBeInViewport();
  await expect(page.getByTestId('unread-divider')).toBeInViewport();
  await expect(page.getByTestId('new-pill')).toBeVisible();
  await isCalm(page);
  const lastSeen = (await onScreen(page)).at(-1) ?? 0;
  await expect.poll(() => badge(page, sua)).toBeLessThan(300);
  await expect.poll(() => badge(page, sua)).toBeLessThanOrEqual(330 - lastSeen + 1);
  const left = await badge(page, sua);
  expect(left).toBeGreaterThanOrEqual(330 - lastSeen);
  expect(await pillCount(page), 'the pill says what the badge says').toBe(left);
  await expect.poll(() => readSeqOf(minji, sua)).toBe(330 - left);

  // On by half a screen: the pill counts down with it.
  await historyOf(page).evaluate((scroller) => scroller.scrollBy(0, scroller.clientHeight / 2));
  await expect.poll(() => badge(page, sua)).toBeLessThan(left);
  await expect.poll(async () => (await pillCount(page)) - (await badge(page, sua))).toBe(0);

  // A new message far below moves nothing.
  const before = await onScreen(page);
  const counted = await badge(page, sua);
  await sua.account.says('아래에 새 글', minji.account);
  await expect.poll(() => badge(page, sua)).toBe(counted + 1);
  expect(await onScreen(page)).toEqual(before);

  await page.getByTestId('new-pill').click();
  await expect(bubbles(page, '아래에 새 글')).toBeInViewport();
  await expect(rowOf(page, sua)).toHaveAttribute('data-unread', '0');
  await expect(page.getByTestId('new-pill')).toHaveCount(0);
  await expect.poll(() => readSeqOf(minji, sua)).toBe(331);
});

test('what was scrolled past is not read at the end; the End key reads it, and so does an answer', async ({
  person,
}) => {
  for (const way of ['the End key', 'the End key at a message', 'an answer'] as const) {
    const { minji, sua } = await talkOf(person, 5, 120);
    const page = await minji.opensTalkWith(sua);
    await expect(message(page, 6)).toBeInViewport();
    await expect.poll(() => badge(page, sua)).toBeLessThan(120);
    // As fast as the pages come.
    await expect(async () => {
      await historyOf(page).evaluate((scroller) => scroller.scrollTo(0, scroller.scrollHeight));
      await expect(message(page, 125)).toBeInViewport({ timeout: 300 });
    }).toPass({ intervals: [50] });
    await isCalm(page);
    // At the end there is a way to what is left, and it stays to be read.
    await expect(page.getByTestId('new-pill')).toBeVisible();
    expect(await readSeqOf(minji, sua)).toBeLessThan(60);
    expect(await badge(page, sua)).toBeGreaterThan(60);
    if (way === 'the End key') await composerOf(page).press('End');
    else if (way === 'the End key at a message') await message(page, 124).press('End');
    else await write(page, '이제 다 봤어요');
    await expect(rowOf(page, sua)).toHaveAttribute('data-unread', '0');
    await expect(page.getByTestId('new-pill')).toHaveCount(0);
    await expect.poll(() => readSeqOf(minji, sua)).toBeGreaterThanOrEqual(125);
    await page.close();
  }
});

test('the place is kept while one looks at another conversation, on a smaller screen and with more below', async ({
  person,
}) => {
  const { minji, sua } = await talkOf(person, 20, 200);
  const doyun = await person('최도윤');
  await doyun.account.says('안녕', minji.account);
  const page = await minji.opensTalkWith(sua);
  await expect(message(page, 21)).toBeInViewport();
  for (let turn = 0; turn < 5; turn += 1) {
    await historyOf(page).evaluate((scroller) => scroller.scrollBy(0, scroller.clientHeight - 60));
    await isCalm(page);
  }
  const eye = (await onScreen(page))[1] ?? 0;
  expect(eye).toBeGreaterThan(30);
  const topOf = async () => (await message(page, eye).boundingBox())?.y ?? Number.NaN;
  const before = await topOf();
  await rowOf(page, doyun).click();
  await expect(bubbles(page, '안녕')).toBeInViewport();
  await sua.account.says('그사이에 온 글', minji.account);
  await expect(rowOf(page, sua)).toContainText('그사이에 온 글');
  await rowOf(page, sua).click();
  await expect(message(page, eye)).toBeInViewport();
  await isCalm(page);
  expect(Math.abs((await topOf()) - before)).toBeLessThanOrEqual(2);
  await page.setViewportSize({ width: 1000, height: 600 });
  await expect(message(page, eye)).toBeInViewport();
});

test('without a connection the edge of what is there says so, what is sent waits there, and the end is read when it comes', async ({
  person,
}) => {
  const { minji, sua } = await talkOf(person, 30, 200);
  // Else the device would keep the end of it, and show that.
  const newest = /\/api\/messages\/[0-9a-f]{24}$/;
  await minji.context.route(newest, (route) => route.abort());
  const page = await minji.opensTalkWith(sua);
  await expect(message(page, 31)).toBeInViewport();
  await minji.context.setOffline(true);
  await isOffline(page);
  const says = page.getByText('Newer messages did not load.');
  await expect(async () => {
    await historyOf(page).evaluate((scroller) => scroller.scrollTo(0, scroller.scrollHeight));
    await expect(says).toBeInViewport({ timeout: 300 });
  }).toPass({ intervals: [50] });
  await historyOf(page).evaluate((scroller) => scroller.scrollBy(0, -2 * scroller.clientHeight));
  await write(page, '지하철이에요');
  await expect(bubbles(page, '지하철이에요')).toBeInViewport();
  await expect(bubbles(page, '지하철이에요')).toHaveAttribute('data-status', 'sending');
  await expect(says).toBeInViewport();
  expect(await badge(page, sua), 'the end has not been there').toBeGreaterThan(80);
  await minji.context.unroute(newest);
  await minji.context.setOffline(false);
  await expect(bubbles(page, '지하철이에요')).toHaveAttribute('data-seq', '231');
  await expect(message(page, 230)).toBeInViewport();
  await expect(bubbles(page, '지하철이에요')).toBeInViewport();
  await expect(rowOf(page, sua)).toHaveAttribute('data-unread', '0');
});

test('who writes before anything is there sees their message, has read all, and stays at the end', async ({
  person,
}) => {
  const { minji, sua } = await talkOf(person, 30, 200);
  const pages = await holdBack(minji.context, /\/api\/messages\/[0-9a-f]{24}(\?around=.*)?$/);
  const page = await minji.opensTalkWith(sua);
  await write(page, '먼저 쓸게요');
  await expect(bubbles(page, '먼저 쓸게요')).toBeInViewport();
  expect(await badge(page, sua), 'the end has not been there').toBe(200);
  pages.goOn();
  await expect(message(page, 230)).toBeInViewport();
  await isCalm(page);
  await expect(bubbles(page, '먼저 쓸게요')).toBeInViewport();
  await expect(rowOf(page, sua)).toHaveAttribute('data-unread', '0');
});

test('who comes back to the window finds the first of what came meanwhile, not the end of it', async ({
  person,
}) => {
  const { minji, sua } = await talkOf(person, 10, 0);
  const page = await minji.opensTalkWith(sua);
  await expect(message(page, 10)).toBeInViewport();
  await looksAway(page);
  await sua.account.saysMany(texts(60), minji.account);
  await expect(rowOf(page, sua)).toHaveAttribute('data-unread', '60');
  await looksBack(page);
  await expect(page.getByTestId('unread-divider')).toBeInViewport();
  await expect(message(page, 11)).toBeInViewport();
  await isCalm(page);
  await expect.poll(() => badge(page, sua)).toBeLessThan(60);
  expect(await badge(page, sua), 'what is further down').toBeGreaterThan(20);
});

test('after a reload what was missed meanwhile begins at its beginning too', async ({ person }) => {
  const { minji, sua } = await talkOf(person, 60, 0);
  const page = await minji.opensTalkWith(sua);
  await expect(message(page, 60)).toBeInViewport();
  await areKept(page, 50);
  await page.goto('about:blank');
  await sua.account.saysMany(texts(120), minji.account);
  await page.goto(`${minji.url}/u/${sua._id}`);
  await expect(page.getByTestId('unread-divider')).toBeInViewport();
  await expect(message(page, 61)).toBeInViewport();
  await isCalm(page);
  expect(await badge(page, sua)).toBeGreaterThan(60);
});

test('who is at the end stays there when a reaction, an edit or a keyboard changes the height', async ({
  person,
}) => {
  const { minji, sua } = await talkOf(person, 40, 0);
  const last = await sua.account.says('마지막 글', minji.account);
  await minji.account.hasRead(sua.account);
  const page = await minji.opensTalkWith(sua);
  await expect(bubbles(page, '마지막 글')).toBeInViewport();
  await isCalm(page);
  expect(await toTheEnd(page)).toBe(0);
  await minji.account.reacts(last, '👍');
  await expect(page.getByRole('list', { name: 'Reactions' })).toBeInViewport({ ratio: 1 });
  await expect.poll(() => toTheEnd(page)).toBe(0);
  await sua.account.edits(last, '마지막 글을\n여러\n줄로\n고쳐\n썼어요');
  await expect(bubbles(page, '마지막 글을')).toHaveCount(0);
  await expect(historyOf(page).getByText('고쳐')).toBeInViewport();
  await expect.poll(() => toTheEnd(page)).toBe(0);
  await page.setViewportSize({ width: 1280, height: 500 });
  await expect.poll(() => toTheEnd(page)).toBe(0);
  await expect(page.getByRole('list', { name: 'Reactions' })).toBeInViewport({ ratio: 1 });
});
