import type { Page } from '@playwright/test';
import { expect, test, type Person } from './fixtures.js';
import { Account } from './support/account.js';
import { bubbles, historyOf, isCalm } from './support/window.js';

const longNames = [
  'W'.repeat(42),
  '가나다라마바사'.repeat(6),
  'A name of many words that goes on and on and on',
];

/** User names are taken once they are, also by an earlier run in the same worker. */
let signedUp = 0;
const unique = (): number => (signedUp += 1);

/** What is wider than the place that it stands in, or stands outside of the window. */
const tooWide = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const wide = document.documentElement.clientWidth;
    return [...document.querySelectorAll<HTMLElement>('html, body *')].flatMap((part) => {
      const { tagName, scrollWidth, clientWidth, dataset, ariaLabel } = part;
      const style = getComputedStyle(part);
      const scrolls = /auto|scroll/.test(style.overflowX) && scrollWidth > clientWidth + 1;
      const { left, right, width } = part.getBoundingClientRect();
      const isControl = part.matches('button, a, input, textarea, [role=menuitem]') && width > 1;
      const isOutside = isControl && (left < -1 || right > wide + 1);
      return scrolls || isOutside
        ? [
            `${tagName} ${dataset.testid ?? ariaLabel ?? part.className}: ${scrollWidth} in ${clientWidth}, up to ${right}`,
          ]
        : [];
    });
  });

for (const width of [320, 1024])
  test(`a name of 42 characters breaks no list of people, ${width} pixels wide`, async ({ person }) => {
    const minji = await person('김민지', { viewport: { width, height: 740 } });
    const others = await Promise.all(
      longNames.map((name) => Account.signUp(minji.url, name, `long-${unique()}-`.padEnd(32, 'u'))),
    );
    const group = await minji.account.startsGroup(
      '점심모임이름도띄어쓰기없이아주길게지어보았습니다정말로',
      others,
    );
    for (const other of others) await other.says(`@${minji.account.me.username} 안녕하세요`, group);
    const page = await minji.opens(`/c/${group._id}`);
    await expect(bubbles(page, `@${minji.account.me.username} 안녕하세요`).last()).toBeVisible();
    await expect.poll(() => tooWide(page), 'the talk').toEqual([]);
    await page.getByTestId('group-details-toggle').click();
    await expect(page.getByTestId('group-member')).toHaveCount(4);
    await expect.poll(() => tooWide(page), 'the details').toEqual([]);
    const menus = page.getByTestId('member-menu');
    await expect(menus).toHaveCount(3);
    for (const menu of await menus.all()) {
      await menu.scrollIntoViewIfNeeded();
      await expect(menu).toBeInViewport({ ratio: 1 });
    }
    await menus.first().click();
    await expect(page.getByRole('menuitem').first()).toBeVisible();
    await expect.poll(() => tooWide(page), 'what can be done about somebody').toEqual([]);
    await page.getByRole('menuitem', { name: 'Block' }).click();
    await expect(page.getByRole('alertdialog').or(page.getByRole('dialog')).last()).toBeVisible();
    await expect.poll(() => tooWide(page), 'a question').toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByTestId('add-people').click();
    await page.getByTestId('people-picker').fill('W');
    await expect(page.getByRole('dialog').last()).toBeVisible();
    await expect.poll(() => tooWide(page), 'the picker').toEqual([]);
  });

/** A group in which a screenful of people wrote, and more. */
const largeGroup = async (minji: Person): Promise<string> => {
  const others = await Promise.all(
    Array.from({ length: 14 }, (_, index) => Account.signUp(minji.url, `사람 ${index}`, `crowd-${unique()}`)),
  );
  const group = await minji.account.startsGroup('큰 모임', others);
  for (let round = 0; round < 3; round += 1)
    for (const [index, other] of others.entries()) await other.says(`${round} 번째 말 ${index}`, group);
  return group._id;
};

test('the names of a large group are there with what they said, also after a reload', async ({ person }) => {
  const minji = await person('김민지');
  const group = await largeGroup(minji);
  // Every message that shows a moment without its name would move the others when it comes.
  await minji.context.addInitScript(() => {
    Object.assign(window, { nameless: 0 });
    const look = () => {
      for (const row of document.querySelectorAll('[data-testid=message][data-mine=false]'))
        if (/^\s*:?\s*$/.test(row.querySelector('bdi')?.textContent ?? 'x'))
          (window as unknown as { nameless: number }).nameless += 1;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  const nameless = () => page.evaluate(() => (window as unknown as { nameless: number }).nameless);
  const page = await minji.opens(`/c/${group}`);
  await expect(bubbles(page, '0 번째 말 0')).toBeInViewport();
  await page.keyboard.press('End');
  await expect(bubbles(page, '2 번째 말 13')).toBeInViewport();
  await isCalm(page);
  expect(await nameless()).toBe(0);
  for (const reload of ['warm', 'again']) {
    await page.reload();
    await expect(bubbles(page, '2 번째 말 13'), reload).toBeInViewport();
    await isCalm(page);
    expect(await nameless()).toBe(0);
  }
});

test('the end of a large group stays in sight after a reload', async ({ person }) => {
  const minji = await person('김민지');
  const page = await minji.opens(`/c/${await largeGroup(minji)}`);
  await expect(bubbles(page, '0 번째 말 0')).toBeInViewport();
  await page.keyboard.press('End');
  await expect(bubbles(page, '2 번째 말 13')).toBeInViewport();
  await page.reload();
  await expect(bubbles(page, '2 번째 말 13')).toBeInViewport();
  await isCalm(page);
  const toTheEnd = () =>
    historyOf(page).evaluate(({ scrollHeight, clientHeight, scrollTop }) =>
      Math.round(scrollHeight - clientHeight - scrollTop),
    );
  await expect.poll(toTheEnd).toBe(0);
});
