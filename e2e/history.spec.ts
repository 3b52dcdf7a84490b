import type { Locator, Page } from '@playwright/test';
import { expect, test, type Person } from './fixtures.js';
import { holdBack } from './support/holdBack.js';
import { bubbles, composerOf, historyOf, isCalm, rowOf, write } from './support/window.js';

/** Texts of very different heights, so that whoever guesses a height is wrong. */
const texts = (count: number): string[] =>
  Array.from({ length: count }, (_, index) =>
    `글 ${index}\n${'여러 줄에 걸친 이야기입니다. '.repeat((index * 7) % 11)}`.trim(),
  );

const talkOf = async (
  person: (fullName: string) => Promise<Person>,
  count: number,
): Promise<{ minji: Person; sua: Person }> => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  await sua.account.saysMany(texts(count), minji.account);
  await minji.account.hasRead(sua.account);
  return { minji, sua };
};

const seqs = (page: Page): Promise<number[]> =>
  page
    .getByTestId('message')
    .evaluateAll((all) => all.map((message) => Number((message as HTMLElement).dataset.seq)));

const message = (page: Page, seq: number): Locator =>
  page.locator(`[data-testid=message][data-seq="${seq}"]`);

/** Turns the wheel until something is true. */
const scrollUntil = async (
  page: Page,
  by: number,
  holds: () => Promise<boolean>,
  timeout = 40_000,
): Promise<void> => {
  await historyOf(page).hover();
  await expect(async () => {
    await page.mouse.wheel(0, by);
    expect(await holds()).toBe(true);
  }).toPass({ intervals: [60], timeout });
};

/** The message in the middle of the screen, and where it is in every frame until nothing has moved for a while. */
const watchEye = async (page: Page): Promise<{ seq: number; moved: () => Promise<number> }> => {
  await isCalm(page);
  const watch = await historyOf(page).evaluateHandle((scroller) => {
    const { top, height } = scroller.getBoundingClientRect();
    const all = [...scroller.querySelectorAll<HTMLElement>('[data-testid=message]')];
    const eye = all.find((one) => one.getBoundingClientRect().bottom > top + height / 2);
    if (eye === undefined) throw new Error('Nothing is on the screen');
    const { seq } = eye.dataset;
    const start = eye.getBoundingClientRect().top;
    const seen = { seq: Number(seq), most: 0, calmFrames: 0 };
    let before = '';
    const look = () => {
      const now = scroller.querySelector(`[data-seq="${seq ?? ''}"]`)?.getBoundingClientRect().top;
      // Out of the page is as far away as can be.
      seen.most = Math.max(seen.most, now === undefined ? 10_000 : Math.abs(now - start));
      const picture = `${now ?? ''} ${scroller.scrollTop} ${scroller.scrollHeight}`;
      seen.calmFrames = picture === before ? seen.calmFrames + 1 : 0;
      before = picture;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    return seen;
  });
  return {
    seq: await watch.evaluate(({ seq }) => seq),
    moved: async () => {
      await expect.poll(() => watch.evaluate(({ calmFrames }) => calmFrames)).toBeGreaterThan(20);
      return watch.evaluate(({ most }) => most);
    },
  };
};

test('older messages come in above without moving the one under the eye', async ({ person }) => {
  const { minji, sua } = await talkOf(person, 160);
  const page = await minji.opensTalkWith(sua);
  await expect(message(page, 160)).toBeVisible();
  // The older page waits until the reader has stopped, so that whatever moves was not moved by them.
  const pages = await holdBack(page, /\/api\/messages\/.*before=/);
  await scrollUntil(page, -900, async () => (await seqs(page)).includes(111));
  await expect.poll(pages.asked).toBeGreaterThan(0);
  await page.mouse.wheel(0, 300);
  const eye = await watchEye(page);
  const height = () => historyOf(page).evaluate(({ scrollHeight }) => scrollHeight);
  const before = await height();
  pages.goOn();
  await expect.poll(height).toBeGreaterThan(before + 1_000);
  await expect(message(page, eye.seq)).toBeInViewport();
  expect(await eye.moved(), `message ${eye.seq} moved by so many pixels`).toBeLessThanOrEqual(2);
});

test('a new message moves nothing while one reads further up, and a pill leads to it', async ({ person }) => {
  const { minji, sua } = await talkOf(person, 60);
  const page = await minji.opensTalkWith(sua);
  await expect(message(page, 60)).toBeVisible();
  await scrollUntil(page, -700, async () => (await message(page, 52).count()) === 0);
  const eye = await watchEye(page);
  await sua.account.says('아래에 새 글', minji.account);
  const pill = page.getByTestId('new-pill');
  await expect(pill).toHaveText('1 new message');
  await sua.account.says('하나 더', minji.account);
  await expect(pill).toHaveText('2 new messages');
  expect(await eye.moved()).toBeLessThanOrEqual(2);
  await pill.click();
  await expect(bubbles(page, '하나 더')).toBeInViewport();
  await expect(pill).toHaveCount(0);
});

test('a new message is followed by whoever is at the end, or nearly', async ({ person }) => {
  const { minji, sua } = await talkOf(person, 60);
  const page = await minji.opensTalkWith(sua);
  await expect(message(page, 60)).toBeInViewport();
  await isCalm(page);
  // From the end: the rows that come in above may turn out higher than they were guessed to be.
  const away = () =>
    historyOf(page).evaluate(
      ({ scrollHeight, clientHeight, scrollTop }) => scrollHeight - clientHeight - scrollTop,
    );
  expect(await away()).toBeLessThan(2);
  await historyOf(page).hover();
  await page.mouse.wheel(0, -60);
  await expect.poll(away).toBeGreaterThan(30);
  await isCalm(page);
  await expect(page.getByTestId('new-pill')).toHaveCount(0);
  await sua.account.says('따라와', minji.account);
  await expect(bubbles(page, '따라와')).toBeInViewport({ ratio: 0.9 });
  await expect(page.getByTestId('new-pill')).toHaveCount(0);
});

test('one’s own message is shown from wherever one was', async ({ person }) => {
  const { minji, sua } = await talkOf(person, 60);
  const page = await minji.opensTalkWith(sua);
  await expect(message(page, 60)).toBeVisible();
  await scrollUntil(page, -700, async () => (await message(page, 55).count()) === 0);
  await isCalm(page);
  await write(page, '내가 왔어');
  await expect(bubbles(page, '내가 왔어')).toBeInViewport();
  await expect(bubbles(page, '내가 왔어')).toHaveAttribute('data-status', 'sent');
});

test(
  'a conversation of 2,000 messages opens with one page and never fills the document',
  { tag: '@long' },
  async ({ person }) => {
    test.slow();
    const { minji, sua } = await talkOf(person, 2_000);
    const pages: number[] = [];
    const older: string[] = [];
    // From the beginning: the page may fetch a history before anybody looks at it, to have it on the device.
    minji.context.on('response', (answer) => {
      if (!/\/api\/messages\/[0-9a-f]{24}/.test(answer.url())) return;
      if (new URL(answer.url()).searchParams.has('before')) older.push(answer.url());
      answer.json().then(
        (body: unknown[]) => pages.push(body.length),
        () => undefined,
      );
    });
    const page = await minji.opens();
    await page.locator(`[data-testid=conversation-row][data-user-id="${sua._id}"]`).click();
    await expect(message(page, 2_000)).toBeInViewport();
    await expect.poll(() => pages.length).toBeGreaterThan(0);
    expect(new Set(pages), 'one page').toEqual(new Set([50]));
    expect(older, 'nothing older before somebody looks for it').toEqual([]);

    let most = 0;
    const isThere = async () => {
      const there = await seqs(page);
      most = Math.max(most, there.length);
      expect(there, 'without a hole').toEqual(there.map((_, index) => (there[0] ?? 0) + index));
      return Math.min(...there) < 1_500;
    };
    // Ten pages, each asked for.
    await scrollUntil(page, -2_500, isThere, 120_000);
    expect(most, 'messages in the document').toBeLessThan(80);
  },
);

test(
  'a day of traffic in an open conversation does not fill the document',
  { tag: '@long' },
  async ({ person }) => {
    const { minji, sua } = await talkOf(person, 20);
    const page = await minji.opensTalkWith(sua);
    await expect(message(page, 20)).toBeVisible();
    await sua.account.saysMany(texts(400), minji.account);
    await expect(page.getByTestId('conversation-row')).toContainText(
      (await minji.account.texts(sua.account)).at(-1)?.slice(0, 8) ?? '',
    );
    expect((await seqs(page)).length).toBeLessThan(80);
    // A slow machine may have lost the end over so many at once; what leads there must work.
    const pill = page.getByTestId('new-pill');
    await expect(async () => {
      if (await pill.isVisible()) await pill.click({ timeout: 1_000 });
      await expect(message(page, 420)).toBeInViewport({ timeout: 1_000 });
    }).toPass({ timeout: 20_000 });
    expect((await seqs(page)).length).toBeLessThan(80);
  },
);

test(
  'a storm of messages does not break the page of a slow machine',
  { tag: '@long' },
  async ({ person }) => {
    const { minji, sua } = await talkOf(person, 1);
    const page = await minji.opensTalkWith(sua);
    await expect(message(page, 1)).toBeVisible();
    const machine = await minji.context.newCDPSession(page);
    await machine.send('Emulation.setCPUThrottlingRate', { rate: 6 });
    // One after the other: many at once come in few pieces, and a storm is in how often.
    for (let said = 0; said < 120; said += 1) await sua.account.says(`글 ${said}`, minji.account);
    await machine.send('Emulation.setCPUThrottlingRate', { rate: 1 });
    await expect(rowOf(page, sua)).toContainText('글 119');
    await expect(composerOf(page)).toBeVisible();
    await expect(message(page, 121).or(page.getByTestId('new-pill')).first()).toBeVisible();
  },
);

test.describe('days', () => {
  /** The last two messages were said on both sides of midnight in Seoul, which is one and the same afternoon in London. */
  const overMidnight = async ({ context }: Person): Promise<void> => {
    const times = ['2025-03-07T03:00:00.000Z', '2025-03-08T14:59:00.000Z', '2025-03-08T15:01:00.000Z'];
    await context.route(/\/api\/messages\/[0-9a-f]{24}/, async (route) => {
      const answer = await route.fetch();
      const body = (await answer.json()) as object[];
      await route.fulfill({
        response: answer,
        json: body.map((one, index) => ({ ...one, createdAt: times[index], updatedAt: times[index] })),
      });
    });
  };
  for (const [timezoneId, days] of [
    ['Asia/Seoul', [/7 March/, /8 March/, /9 March/]],
    ['Europe/London', [/7 March/, /8 March/]],
  ] as const)
    test(`begin where the reader’s own midnight is: ${timezoneId}`, async ({ person }) => {
      const minji = await person('김민지', { timezoneId });
      const sua = await person('이수아');
      for (const text of ['그제', '자정 전', '자정 뒤']) await sua.account.says(text, minji.account);
      await minji.account.hasRead(sua.account);
      // Before the page opens: it may fetch a history before anybody looks at it.
      await overMidnight(minji);
      const page = await minji.opens();
      await page.locator(`[data-testid=conversation-row][data-user-id="${sua._id}"]`).click();
      await expect(bubbles(page, '자정 뒤')).toBeVisible();
      const separators = historyOf(page).getByRole('separator');
      await expect(separators).toHaveText([...days]);
    });

  test('“today” becomes “yesterday” at midnight, without a reload', async ({ person }) => {
    const [minji, sua] = [await person('김민지'), await person('이수아')];
    await minji.context.clock.install();
    const page = await minji.opensTalkWith(sua);
    await write(page, '오늘의 글');
    await expect(historyOf(page).getByRole('separator')).toHaveText('Today');
    await composerOf(page).fill('쓰는 중');
    // The page goes by the server's clock, and the next answer would say that it is still today.
    await minji.context.setOffline(true);
    await minji.context.clock.fastForward('24:00:00');
    await expect(historyOf(page).getByRole('separator')).toHaveText('Yesterday');
    await expect(composerOf(page)).toHaveValue('쓰는 중');
  });
});

test('newer messages come in below without moving whoever waits for them at the edge', async ({ person }) => {
  const { minji, sua } = await talkOf(person, 1);
  await sua.account.saysMany(texts(90), minji.account);
  const page = await minji.opensTalkWith(sua);
  await expect(message(page, 2)).toBeInViewport();
  const pages = await holdBack(page, /\/api\/messages\/.*after=/);
  const toTheEdge = () =>
    historyOf(page).evaluate(
      ({ scrollHeight, clientHeight, scrollTop }) => scrollHeight - clientHeight - scrollTop,
    );
  await scrollUntil(page, 3_000, async () => (await toTheEdge()) < 2);
  await expect.poll(pages.asked).toBeGreaterThan(0);
  const height = () => historyOf(page).evaluate(({ scrollHeight }) => scrollHeight);
  const before = await height();
  const eye = await watchEye(page);
  pages.goOn();
  await expect.poll(height).toBeGreaterThan(before + 500);
  expect(await eye.moved(), `message ${eye.seq} moved by so many pixels`).toBeLessThanOrEqual(2);
});
