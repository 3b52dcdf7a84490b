import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.js';
import { password } from './support/account.js';
import { isOnline } from './support/connection.js';
import { bubbles, composerOf, rowOf } from './support/window.js';

const logIn = async (page: Page, username: string, secret = password): Promise<void> => {
  const form = page.getByTestId('login-form');
  await form.locator('[name=username]').fill(username);
  await form.locator('[name=password]').fill(secret);
  await form.locator('[type=submit]').click();
};

test('logging out in one tab ends it in the other, which leads to the log-in', async ({ person }) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  await sua.account.says('비밀 이야기', minji.account);
  const [first, second] = [await minji.opens(), await minji.opensTalkWith(sua)];
  await expect(bubbles(second, '비밀 이야기')).toBeVisible();
  await first.getByRole('button', { name: 'Your account and settings' }).click();
  await first.getByRole('menuitem', { name: 'Log out' }).click();
  for (const tab of [first, second]) {
    await expect(tab.getByTestId('login-form')).toBeVisible();
    await expect(tab.getByText('비밀 이야기')).toHaveCount(0);
  }
  await expect(second.getByRole('alert')).toHaveText('Your session has ended. Please log in again.');
  await expect(first.getByRole('alert'), 'no news to who did it').toHaveText('');
});

test('a session that ended elsewhere ends here, and log-in leads back to the conversation with its draft', async ({
  person,
}) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  await sua.account.says('어디까지 했더라', minji.account);
  const page = await minji.opensTalkWith(sua);
  await expect(page).toHaveURL(/\/c\//);
  const address = page.url();
  await composerOf(page).fill('쓰다 만 글');
  await minji.account.logsOut();
  await expect(page.getByTestId('login-form')).toBeVisible();
  await logIn(page, minji.account.me.username);
  await expect(page).toHaveURL(address);
  await expect(bubbles(page, '어디까지 했더라')).toBeVisible();
  await expect(composerOf(page)).toHaveValue('쓰다 만 글');
});

test('a wrong password is said, with the password marked for typing it again', async ({
  person,
  visitor,
}) => {
  const { account } = await person('김민지');
  const page = await (await visitor()).opens('/login');
  await logIn(page, account.me.username, '틀린 비밀번호');
  await expect(page.getByRole('alert')).toHaveText('Wrong username or password.');
  await expect(page.locator('[name=password]')).toBeFocused();
  await logIn(page, '그런사람없어요', '틀린 비밀번호');
  await expect(page.getByRole('alert'), 'the same for somebody who is not there').toHaveText(
    'Wrong username or password.',
  );
  await logIn(page, account.me.username);
  await isOnline(page);
});

test('a taken user name is said at its field', async ({ person, visitor }) => {
  const { account } = await person('김민지');
  const page = await (await visitor()).opens('/signup');
  const form = page.getByTestId('signup-form');
  const filled = {
    fullName: '다른 민지',
    username: account.me.username.toUpperCase(),
    password,
    confirmPassword: password,
  };
  for (const [name, value] of Object.entries(filled)) await form.locator(`[name=${name}]`).fill(value);
  await form.locator('[type=submit]').click();
  await expect(form.getByText(`“${filled.username}” is taken.`)).toBeVisible();
  await expect(form.locator('[name=username]')).toBeFocused();
});

test('somebody who is not signed in is led back to where they wanted to go', async ({ person, visitor }) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  await sua.account.says('여기로 와', minji.account);
  const { _id } = await minji.account.conversationWith(sua.account);
  const page = await (await visitor()).opens(`/c/${_id}`);
  await expect(page).toHaveURL(/\/login$/);
  await logIn(page, minji.account.me.username);
  await expect(page).toHaveURL(new RegExp(`/c/${_id}$`));
  await expect(bubbles(page, '여기로 와')).toBeVisible();
});

test('a conversation of others, and one that does not exist, look the same', async ({ person }) => {
  const [minji, sua, doyun] = [await person('김민지'), await person('이수아'), await person('최도윤')];
  await sua.account.says('둘만의 글', doyun.account);
  const { _id } = await sua.account.conversationWith(doyun.account);
  for (const id of [_id, 'f'.repeat(24), 'no-id-at-all']) {
    const page = await minji.opens(`/c/${id}`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is nothing here');
    await page.close();
  }
});

test('another person on the same browser sees nothing of the first', async ({ person }) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  await sua.account.says('민지에게만', minji.account);
  const page = await minji.opensTalkWith(sua);
  await expect(bubbles(page, '민지에게만')).toBeVisible();
  await composerOf(page).fill('민지의 초안');
  await page.getByRole('button', { name: 'Your account and settings' }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await logIn(page, sua.account.me.username);
  await rowOf(page, minji).click();
  await expect(bubbles(page, '민지에게만')).toHaveAttribute('data-mine', 'true');
  await expect(composerOf(page)).toHaveValue('');
});

test.describe('the language', () => {
  test('switches at once, with the draft kept, and stays after a reload', async ({ person }) => {
    const [minji, sua] = [await person('김민지'), await person('이수아')];
    const page = await minji.opensTalkWith(sua);
    await composerOf(page).fill('쓰다 만 글');
    await expect(composerOf(page)).toHaveAttribute('placeholder', 'Write to 이수아');
    await page.getByRole('button', { name: 'Your account and settings' }).click();
    await page.getByText('한국어', { exact: true }).click();
    await expect(page.locator('html')).toHaveAttribute('lang', 'ko');
    await expect(composerOf(page)).toHaveAttribute('placeholder', '이수아님에게 메시지 쓰기');
    await expect(composerOf(page)).toHaveValue('쓰다 만 글');
    await page.reload();
    await expect(page.locator('html')).toHaveAttribute('lang', 'ko');
    await expect(composerOf(page)).toHaveValue('쓰다 만 글');
  });

  for (const [locale, words] of [
    ['ko-KR', '다시 만나서 반가워요'],
    ['en-GB', 'Good to see you again'],
    ['fr-FR', 'Good to see you again'],
  ] as const)
    test(`is the browser’s own at first: ${locale}`, async ({ visitor }) => {
      const page = await (await visitor({ locale })).opens('/login');
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(words);
    });

  test('is what the address says, before the browser', async ({ visitor }) => {
    const page = await (await visitor({ locale: 'en-GB' })).opens('/login?lang=ko');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('다시 만나서 반가워요');
  });

  test('puts the right particle behind a name', async ({ person }) => {
    const minji = await person('김민지', { locale: 'ko-KR' });
    const [sua, san] = [await person('이수아'), await person('이산')];
    const page = await minji.opensTalkWith(sua);
    await expect(page.getByRole('main')).toHaveAttribute('aria-label', '이수아와의 대화');
    await page.goto(`${minji.url}/u/${san._id}`);
    await expect(page.getByRole('main')).toHaveAttribute('aria-label', '이산과의 대화');
  });
});
