import { expect, test } from './fixtures.js';
import { isOffline, isOnline } from './support/connection.js';
import { bubbles, composerOf, rowOf, write } from './support/window.js';

test('Shift+Enter is a new line, Enter sends all lines', async ({ person }) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  const page = await minji.opensTalkWith(sua);
  await composerOf(page).pressSequentially('하나');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('둘');
  await expect(composerOf(page)).toHaveValue('하나\n둘');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('message')).toHaveAttribute('data-status', 'sent');
  expect(await sua.account.texts(minji.account)).toEqual(['하나\n둘']);
});

test('on a touch keyboard Enter is a new line, and the button sends', async ({ person }) => {
  const minji = await person('김민지', {
    hasTouch: true,
    isMobile: true,
    viewport: { width: 390, height: 844 },
  });
  const sua = await person('이수아');
  const page = await minji.opensTalkWith(sua);
  await composerOf(page).tap();
  await page.keyboard.type('하나');
  await page.keyboard.press('Enter');
  await page.keyboard.type('둘');
  await expect(composerOf(page)).toHaveValue('하나\n둘');
  await page.getByTestId('send').tap();
  await expect(page.getByTestId('message')).toHaveAttribute('data-status', 'sent');
  await expect(composerOf(page)).toHaveValue('');
});

test('nothing but white space is not sent', async ({ person }) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  const page = await minji.opensTalkWith(sua);
  await write(page, '  \n ');
  await write(page, '말이 있는 글');
  await expect(bubbles(page, '말이 있는 글')).toHaveAttribute('data-status', 'sent');
  await expect(page.getByTestId('message')).toHaveCount(1);
});

test('a text that is too long says so before it is sent, and is kept', async ({ person }) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  const page = await minji.opensTalkWith(sua);
  await composerOf(page).fill('가'.repeat(8_000));
  await expect(page.getByText('0 characters left')).toBeVisible();
  await composerOf(page).fill('가'.repeat(8_003));
  await expect(page.getByText('3 characters too many')).toBeVisible();
  await composerOf(page).press('Enter');
  await expect(composerOf(page)).toHaveValue('가'.repeat(8_003));
  await expect(page.getByTestId('message')).toHaveCount(0);
});

test('a text that is too long for the server stays while the connection blips, somebody joins and a mute changes', async ({
  person,
}) => {
  const [minji, sua, doyun] = [await person('김민지'), await person('이수아'), await person('최도윤')];
  const group = await sua.account.startsGroup('우리 모임', [minji.account]);
  const page = await minji.opens(`/c/${group._id}`);
  await composerOf(page).fill('가');
  await expect
    .poll(async () => (await minji.account.conversation(group._id)).draft?.text, 'it is the account’s')
    .toBe('가');
  const long = '가'.repeat(8_500);
  await composerOf(page).fill(long);
  await sua.account.adds(doyun.account, group);
  await minji.account.mutes(group);
  await expect(page.getByText('500 characters too many')).toBeVisible();
  await minji.context.setOffline(true);
  await isOffline(page);
  await minji.context.setOffline(false);
  await isOnline(page);
  await sua.account.says('그사이에 온 글', { _id: group._id });
  await expect(bubbles(page, '그사이에 온 글')).toBeVisible();
  await expect(composerOf(page)).toHaveValue(long);
  await page.reload();
  await isOnline(page);
  await sua.account.says('그 뒤에 온 글', { _id: group._id });
  await expect(bubbles(page, '그 뒤에 온 글')).toBeVisible();
  await expect(composerOf(page)).toHaveValue(long);
});

test('each conversation has its own draft, which survives a reload and ends with sending', async ({
  person,
}) => {
  const [minji, sua, doyun] = [await person('김민지'), await person('이수아'), await person('최도윤')];
  await sua.account.says('수아예요', minji.account);
  await doyun.account.says('도윤이에요', minji.account);
  const page = await minji.opens();
  await rowOf(page, sua).click();
  await expect(bubbles(page, '수아예요')).toBeVisible();
  await composerOf(page).fill('수아에게 쓰다 만 글');
  await rowOf(page, doyun).click();
  await expect(bubbles(page, '도윤이에요')).toBeVisible();
  await expect(composerOf(page)).toHaveValue('');
  await expect(rowOf(page, sua)).toContainText('Draft');
  await composerOf(page).fill('도윤에게 쓰다 만 글');

  await page.reload();
  await expect(composerOf(page)).toHaveValue('도윤에게 쓰다 만 글');
  await rowOf(page, sua).click();
  await expect(composerOf(page)).toHaveValue('수아에게 쓰다 만 글');
  await composerOf(page).press('Enter');
  await expect(bubbles(page, '수아에게 쓰다 만 글')).toHaveAttribute('data-status', 'sent');
  await expect(composerOf(page)).toHaveValue('');

  await page.reload();
  await expect(bubbles(page, '수아에게 쓰다 만 글')).toBeVisible();
  await expect(composerOf(page)).toHaveValue('');
  await rowOf(page, doyun).click();
  await expect(composerOf(page)).toHaveValue('도윤에게 쓰다 만 글');
});

test('a draft for somebody new stays when the first message comes from the other side', async ({
  person,
}) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  const page = await minji.opensTalkWith(sua);
  await composerOf(page).fill('처음 뵙겠');
  await sua.account.says('제가 먼저!', minji.account);
  await expect(bubbles(page, '제가 먼저!')).toBeVisible();
  await expect(page).toHaveURL(/\/c\//);
  await expect(composerOf(page)).toHaveValue('처음 뵙겠');
  await expect(composerOf(page)).toBeFocused();
});

test('a name that was completed can be taken back with Ctrl+Z, and what was written before, too', async ({
  person,
}) => {
  const [minji, sua] = [await person('김민지'), await person('이수아', { username: `sua${process.pid}` })];
  const group = await sua.account.startsGroup('우리 모임', [minji.account]);
  const page = await minji.opens(`/c/${group._id}`);
  await composerOf(page).pressSequentially('안녕 @이수');
  await expect(page.getByRole('option')).toHaveCount(1);
  await page.keyboard.press('Tab');
  await expect(composerOf(page)).toHaveValue(`안녕 @sua${process.pid} `);
  await page.keyboard.press('Control+z');
  await expect(composerOf(page)).toHaveValue('안녕 @이수');
  await page.keyboard.press('Control+y');
  await expect(composerOf(page)).toHaveValue(`안녕 @sua${process.pid} `);
});
