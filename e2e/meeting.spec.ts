import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.js';
import { isOnline } from './support/connection.js';
import { soundsPlayed } from './support/visitor.js';
import { bubbles, composerOf, dotOf, foundRowOf, rowOf, write } from './support/window.js';

const signUp = async (page: Page, form: { fullName: string; username: string }): Promise<void> => {
  const fields = page.getByTestId('signup-form');
  for (const [name, value] of Object.entries({
    ...form,
    password: '여덟 자가 넘어요',
    confirmPassword: '여덟 자가 넘어요',
  }))
    await fields.locator(`[name=${name}]`).fill(value);
  await fields.locator('[type=submit]').click();
  await isOnline(page);
};

test('two people sign up, find each other, and one hears and sees what the other writes', async ({
  visitor,
}) => {
  const one = await (await visitor()).opens('/signup');
  const other = await (await visitor()).opens('/signup');
  await signUp(one, { fullName: '남궁민수', username: 'minsu.ng' });
  await signUp(other, { fullName: '황보라미', username: 'rami.hb' });

  await one.getByTestId('people-search').fill('보라');
  const found = one.getByTestId('person-row').filter({ hasText: '황보라미' });
  await expect(dotOf(found)).toHaveAttribute('data-online', 'true');
  await found.click();
  await write(one, '안녕하세요!');
  // Delivered half a second later: the other one's window is open.
  await expect(bubbles(one, '안녕하세요!')).toHaveAttribute('data-status', /sent|delivered/);

  const row = other.getByTestId('conversation-row').filter({ hasText: '남궁민수' });
  await expect(row).toHaveAttribute('data-unread', '1');
  await expect(dotOf(row)).toHaveAttribute('data-online', 'true');
  await expect(other).toHaveTitle('(1) Sori');
  await expect.poll(() => soundsPlayed(other)).toBe(1);

  await row.click();
  await expect(bubbles(other, '안녕하세요!')).toBeVisible();
  await expect(other).toHaveTitle('Sori');
  await expect(bubbles(one, '안녕하세요!')).toHaveAttribute('data-status', 'read');

  await write(other, '반가워요');
  await expect(bubbles(one, '반가워요')).toBeVisible();
});

test.describe('somebody who looks for people', () => {
  for (const [what, query] of [
    ['a part of the name', '태희'],
    ['initial consonants from the middle of the name', 'ㅌㅎ'],
    ['initial consonants of the whole name', 'ㅈㄱㅌㅎ'],
    ['the user name in other case', 'JEGAL'],
  ] as const)
    test(`finds them by ${what}`, async ({ person }) => {
      // One server serves many tests, and answers with fifty people at most: nobody else has a name like this one.
      const jegal = await person('제갈태희', { username: `jegal-${process.pid}-${Date.now()}` });
      const other = await person('강하늘');
      const page = await other.opens();
      await page.getByTestId('people-search').fill(query);
      await expect(foundRowOf(page, jegal)).toBeVisible();
      await expect(foundRowOf(page, other)).toHaveCount(0);
    });

  test('is not led astray by signs that mean something to a database', async ({ person }) => {
    await person('독고준');
    const page = await (await person('선우은')).opens();
    await page.getByTestId('people-search').fill('.*');
    await expect(page.getByText('Nobody called “.*”')).toBeVisible();
    await expect(page.getByTestId('person-row')).toHaveCount(0);
  });

  test('opens the first one found with Enter and can write at once', async ({ person }) => {
    const page = await (await person('사공윤')).opens();
    const found = await person('탁재희');
    await page.getByTestId('people-search').fill('탁재');
    await page.getByTestId('people-search').press('Enter');
    await expect(page).toHaveURL(new RegExp(`/u/${found._id}$`));
    await expect(composerOf(page)).toBeFocused();
  });
});

test('somebody who searches finds themselves and the groups that they are in', async ({ person }) => {
  const [dokgo, other] = [await person('독고지안'), await person('선우은')];
  await dokgo.account.startsGroup('독고네 등산 모임', [other.account]);
  const page = await dokgo.opens();
  await page.getByTestId('people-search').fill('@독고지');
  await expect(foundRowOf(page, dokgo)).toBeVisible();
  await page.getByTestId('people-search').fill('등산모임');
  await expect(page.getByText('Nobody called', { exact: false })).toHaveCount(0);
  await page.getByRole('region', { name: 'Your groups and rooms' }).getByTestId('conversation-row').click();
  await expect(page.getByRole('heading', { level: 1, name: '독고네 등산 모임' })).toBeVisible();
  await expect(page.getByTestId('people-search')).toHaveValue('');
});

test('somebody who signs up appears on the page of one who is alone with the list', async ({ person }) => {
  const page = await (await person('먼저온이')).opens();
  await page.getByTestId('people-search').fill('나중온이');
  await expect(page.getByText('Nobody called', { exact: false })).toBeVisible();
  const late = await person('나중온이');
  await expect(foundRowOf(page, late)).toBeVisible();
});

test('both write first at the same moment and end up in one conversation', async ({ person }) => {
  const [minji, sua] = [
    await person('김민지', { connection: true }),
    await person('이수아', { connection: true }),
  ];
  const [hers, other] = [await minji.opensTalkWith(sua), await sua.opensTalkWith(minji)];
  minji.connection.hold('asked');
  sua.connection.hold('asked');
  await write(hers, '먼저!');
  await write(other, '나도!');
  await expect.poll(() => minji.connection.waiting('asked') + sua.connection.waiting('asked')).toBe(2);
  minji.connection.release('asked');
  sua.connection.release('asked');
  for (const page of [hers, other]) {
    await expect(bubbles(page, '먼저!')).toHaveCount(1);
    await expect(bubbles(page, '나도!')).toHaveCount(1);
    await expect(page).toHaveURL(/\/c\//);
  }
  expect(new URL(hers.url()).pathname).toBe(new URL(other.url()).pathname);
  await expect(rowOf(hers, sua)).toHaveCount(1);
});

test('a note to oneself is a conversation of its own, read and silent', async ({ person }) => {
  const minji = await person('김민지');
  const page = await minji.opensTalkWith(minji);
  await write(page, '우유 사기');
  await expect(bubbles(page, '우유 사기')).toHaveCount(1);
  await expect(rowOf(page, minji)).toHaveAttribute('data-unread', '0');
  await expect(page).toHaveTitle('Sori');
  expect(await soundsPlayed(page)).toBe(0);
});
