import type { Locator } from '@playwright/test';
import { expect, test } from './fixtures.js';
import { forAFinger } from './support/sizes.js';
import { bubbles, composerOf, historyOf, rowOf, write } from './support/window.js';

const widths = (part: Locator): Promise<{ inner: number; outer: number }> =>
  part.evaluate(({ scrollWidth, clientWidth }) => ({ inner: scrollWidth, outer: clientWidth }));

test.describe('a message shows exactly what was typed', () => {
  test('tags and entities included', async ({ person }) => {
    const [minji, sua] = [await person('김민지'), await person('이수아')];
    const text = '<b>굵게</b> &amp; <img src=x onerror="document.title=1"> 끝';
    await sua.account.says(text, minji.account);
    const page = await minji.opensTalkWith(sua);
    await expect(page.getByTestId('message').locator('p')).toHaveText(text);
    await expect(page.getByTestId('message').locator('b, img')).toHaveCount(0);
    await expect(rowOf(page, sua)).toContainText('<b>굵게</b> &amp;');
  });

  test('with links that lead only where links may lead', async ({ person }) => {
    const [minji, sua] = [await person('김민지'), await person('이수아')];
    const text = [
      'javascript:alert(1) data:text/html,x',
      '지도는 https://example.kr/를 보세요.',
      '(https://example.com/a_(b)), mailto:sori@example.com!',
    ].join('\n');
    await sua.account.says(text, minji.account);
    const page = await minji.opensTalkWith(sua);
    const links = page.getByTestId('message').getByRole('link');
    await expect(links).toHaveText([
      'https://example.kr/',
      'https://example.com/a_(b)',
      'mailto:sori@example.com',
    ]);
    for (const link of await links.all()) {
      await expect(link).toHaveAttribute('rel', /noopener/);
      await expect(link).toHaveAttribute('target', '_blank');
    }
  });

  test('in its own direction, and a turned name turns nothing else', async ({ person }) => {
    const minji = await person('김민지');
    const ali = await person('علي');
    await ali.account.says('مرحبا, hello', minji.account);
    await ali.account.says('\u202Eabc 뒤집기', minji.account);
    const page = await minji.opensTalkWith(ali);
    const arabic = bubbles(page, 'مرحبا, hello').locator('p');
    expect(await arabic.evaluate((text) => getComputedStyle(text).direction)).toBe('rtl');
    const turned = page.getByTestId('message').last().locator('p');
    expect(await turned.evaluate((text) => getComputedStyle(text).unicodeBidi)).toContain('isolate');
    const row = rowOf(page, ali);
    const fromTheLeft = () =>
      row.locator('time, [data-testid=presence-dot]').evaluateAll((parts) =>
        parts
          .map((part) => ({ part, left: part.getBoundingClientRect().left }))
          .sort((one, other) => one.left - other.left)
          .map(({ part }) => (part.matches('time') ? 'time' : 'dot')),
      );
    await expect.poll(fromTheLeft, 'the time stays at the right').toEqual(['dot', 'time']);
  });
});

test('emoji alone are large, with words they are not', async ({ person }) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  await sua.account.says('👨‍👩‍👧‍👦🇰🇷👍🏽', minji.account);
  await sua.account.says('좋아 👍🏽', minji.account);
  const page = await minji.opensTalkWith(sua);
  const size = (text: string) =>
    bubbles(page, text)
      .locator('p')
      .evaluate((element) => parseFloat(getComputedStyle(element).fontSize));
  expect(await size('좋아 👍🏽')).toBe(15);
  expect(await size('👨‍👩‍👧‍👦🇰🇷👍🏽')).toBeGreaterThan(25);
});

test('a long text is folded, and opens and closes', async ({ person }) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  await sua.account.says(`${'긴 이야기가 이어집니다. '.repeat(200)}마지막 낱말`, minji.account);
  const page = await minji.opensTalkWith(sua);
  const story = page.getByTestId('message');
  await expect(story).not.toContainText('마지막 낱말');
  await story.getByRole('button', { name: 'Show more' }).click();
  await expect(story).toContainText('마지막 낱말');
  await story.getByRole('button', { name: 'Show less' }).click();
  await expect(story).not.toContainText('마지막 낱말');
});

for (const [what, viewport] of [
  ['on a wide screen', { width: 1280, height: 800 }],
  ['on a narrow one', { width: 360, height: 640 }],
] as const)
  test(`a word without an end wraps ${what}, and nothing scrolls sideways`, async ({ person }) => {
    const minji = await person('김민지', { viewport });
    const sua = await person('이수아이름이아주아주긴사람의이름은줄임표로끝나야합니다정말로요그렇죠');
    await sua.account.says('가'.repeat(1_999), minji.account);
    await sua.account.says(`https://example.com/${'a'.repeat(500)}`, minji.account);
    const page = await minji.opens();
    await expect(rowOf(page, sua)).toBeVisible();
    for (const part of [page.locator('html'), rowOf(page, sua)]) {
      const { inner, outer } = await widths(part);
      expect(inner).toBeLessThanOrEqual(outer);
    }
    await rowOf(page, sua).click();
    await expect(page.getByTestId('message').last()).toBeVisible();
    await write(page, 'ㅋ'.repeat(300));
    await expect(bubbles(page, 'ㅋ'.repeat(300))).toHaveAttribute('data-status', 'sent');
    await composerOf(page).fill('한'.repeat(400));
    const parts = page
      .locator('html')
      .or(page.getByRole('main'))
      .or(composerOf(page))
      .or(historyOf(page))
      .or(page.getByTestId('message'));
    await expect(parts).toHaveCount(4 + 3);
    const tooWide = () =>
      parts.evaluateAll((all) =>
        all.flatMap(({ tagName, scrollWidth, clientWidth }) =>
          scrollWidth > clientWidth ? [`${tagName}: ${scrollWidth} in ${clientWidth}`] : [],
        ),
      );
    await expect.poll(tooWide).toEqual([]);
  });

test.describe('on a screen 360 pixels wide', () => {
  const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

  test('there is one pane, and both ways back lead to the list', async ({ person }) => {
    const minji = await person('김민지', phone);
    const sua = await person('이수아');
    await sua.account.says('작은 화면', minji.account);
    const page = await minji.opens();
    await expect(composerOf(page)).toHaveCount(0);
    for (const back of ['browser', 'page'] as const) {
      await rowOf(page, sua).tap();
      await expect(bubbles(page, '작은 화면')).toBeInViewport();
      await expect(composerOf(page)).toBeInViewport({ ratio: 1 });
      await expect(rowOf(page, sua)).toBeHidden();
      if (back === 'browser') await page.goBack();
      else await page.getByRole('button', { name: 'Back to the list' }).tap();
      await expect(rowOf(page, sua)).toBeVisible();
      await expect(composerOf(page)).toHaveCount(0);
      expect(new URL(page.url()).pathname).toBe('/');
    }
  });

  test('what is touched is large enough for a finger', async ({ person }) => {
    const minji = await person('김민지', phone);
    const sua = await person('이수아');
    await sua.account.says('누르기 쉽게', minji.account);
    const page = await minji.opens();
    const parts = page.locator('a:visible, button:visible, textarea:visible, input:visible');
    const areLargeEnough = async () => {
      await expect.poll(async () => (await forAFinger(parts)).small).toEqual([]);
      return (await forAFinger(parts)).count;
    };
    await expect(rowOf(page, sua)).toBeVisible();
    const inTheList = await areLargeEnough();
    await rowOf(page, sua).tap();
    await expect(bubbles(page, '누르기 쉽게')).toBeVisible();
    expect(inTheList + (await areLargeEnough())).toBeGreaterThan(5);
  });
});
