import { expect, test } from './fixtures.js';
import { bubbles, composerOf, rowOf } from './support/window.js';

test.describe('somebody who has chosen the colours of their system', () => {
  test('tells messages, what is chosen, unread and on from the rest', async ({ person }) => {
    const [minji, sua, doyun] = [await person('김민지'), await person('이수아'), await person('최도윤')];
    const said = await sua.account.says('수아가 쓴 글', minji.account);
    await minji.account.reacts(said, '😂');
    await minji.account.says('내가 쓴 글', sua.account);
    await doyun.account.says('아직 안 읽은 글', minji.account);
    const page = await minji.opensTalkWith(sua);
    await page.emulateMedia({ forcedColors: 'active' });
    await expect(bubbles(page, '내가 쓴 글')).toBeVisible();
    const [mine, theirs] = await Promise.all(
      ['내가 쓴 글', '수아가 쓴 글'].map((text) =>
        page
          .getByText(text, { exact: true })
          .last()
          .evaluate((element) => {
            const bubble = element.closest('.rounded-bubble');
            const { borderTopWidth, borderTopColor } = getComputedStyle(bubble ?? element);
            return { borderTopWidth, borderTopColor };
          }),
      ),
    );
    expect(theirs?.borderTopWidth).toBe('1px');
    expect(mine?.borderTopColor).not.toBe(theirs?.borderTopColor);
    const badge = rowOf(page, doyun).getByText('1', { exact: true }).locator('xpath=..');
    const [onBadge, onPage] = await Promise.all([
      badge.evaluate((element) => getComputedStyle(element).backgroundColor),
      page.evaluate(() => getComputedStyle(document.body).backgroundColor),
    ]);
    expect(onBadge).not.toBe(onPage);
    await expect(rowOf(page, sua)).toHaveCSS('outline-style', 'solid');
    await composerOf(page).focus();
    await expect(composerOf(page)).toHaveCSS('outline-style', 'solid');

    const message = bubbles(page, '수아가 쓴 글');
    await expect(message).toHaveCSS('outline-style', 'none');
    // As for the two seconds after a jump to it, which may be over before anybody has looked.
    await message.evaluate((element) => element.setAttribute('data-marked', 'true'));
    await expect(message).toHaveCSS('outline-style', 'solid');
    await message.focus();
    await page.keyboard.press('Enter');
    const reactWith = (emoji: string) => page.getByRole('menuitemcheckbox', { name: `React with ${emoji}` });
    // The first one has the focus, and with it a ring of its own.
    await expect(reactWith('😮')).toHaveCSS('outline-style', 'none');
    await expect(reactWith('😂')).toHaveCSS('outline-style', 'solid');
  });
});

test('a pile of marks stays within its message, and makes nothing wider than the screen', async ({
  person,
}) => {
  const pile = `가${'\u0315\u0358\u0303\u0334'.repeat(400)}`;
  const [minji, sua] = [await person('김민지'), await person(`이수아${'\u0303'.repeat(40)}`)];
  for (const text of [pile, '위', '아래']) await sua.account.says(text, minji.account);
  const page = await minji.opensTalkWith(sua);
  await expect(bubbles(page, '아래')).toBeVisible();
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 800 });
    const tooWide = await page.evaluate(() =>
      [...document.querySelectorAll('main, nav, [data-virtuoso-scroller], header')]
        .filter((element) => {
          const { overflowX } = getComputedStyle(element);
          return (
            element.getBoundingClientRect().right > innerWidth + 1 ||
            (element.scrollWidth > element.clientWidth + 1 &&
              (overflowX === 'auto' || overflowX === 'scroll'))
          );
        })
        .map(({ tagName }) => tagName),
    );
    expect(tooWide).toEqual([]);
  }
  await expect(page.locator('.rounded-bubble').first()).toHaveCSS('overflow-x', 'clip');
});

test('the colon behind a name that is written from right to left stands behind it', async ({ person }) => {
  const [minji, dana] = [await person('김민지'), await person('דנה')];
  const group = await dana.account.startsGroup('우리 모임', [minji.account]);
  await dana.account.says('hello', group);
  const page = await minji.opens();
  const row = page.locator(`[data-testid=conversation-row][data-conversation-id="${group._id}"]`);
  await expect(row).toContainText('hello');
  const isBehind = await row.evaluate((element) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const rectOf = (sign: string): DOMRect => {
      walker.currentNode = element;
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
        const at = node.textContent?.indexOf(sign) ?? -1;
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        return range.getBoundingClientRect();
      }
      throw new Error(`There is no ${sign}`);
    };
    return rectOf(':').left >= rectOf('ד').right - 1 && rectOf(':').left >= rectOf('ה').right - 1;
  });
  expect(isBehind).toBe(true);
});
