import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.js';
import { isOffline } from './support/connection.js';
import { bubbles, composerOf, isOpen, rowOf, write } from './support/window.js';

test('two tabs and a phone of the same person stay in step', async ({ person, visitor }) => {
  const minji = await person('김민지');
  const [sua, doyun] = [await person('이수아'), await person('최도윤')];
  await sua.account.says('수아예요', minji.account);
  await doyun.account.says('도윤이에요', minji.account);
  for (const other of [sua, doyun]) await minji.account.hasRead(other.account);

  const pocket = await visitor({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const [name = '', value = ''] = minji.account.cookie.split('=', 2);
  await pocket.context.addCookies([{ name, value, url: minji.url, sameSite: 'Strict', httpOnly: true }]);
  const [first, second] = [await minji.opens(), await minji.opens()];
  const phone = await pocket.opens();
  const all: readonly Page[] = [first, second, phone];
  for (const page of all) await expect(rowOf(page, sua)).toHaveAttribute('data-unread', '0');

  // Reading.
  await sua.account.says('읽어 주세요', minji.account);
  for (const page of all) await expect(rowOf(page, sua)).toHaveAttribute('data-unread', '1');
  await first.bringToFront();
  await rowOf(first, sua).click();
  await expect(bubbles(first, '읽어 주세요')).toBeVisible();
  for (const page of all) await expect(rowOf(page, sua)).toHaveAttribute('data-unread', '0');

  // What is being written, and sending it from another device.
  await composerOf(first).fill('컴퓨터에서 쓰다가');
  await rowOf(first, doyun).click();
  for (const page of [second, phone]) await expect(rowOf(page, sua)).toContainText('컴퓨터에서 쓰다가');
  await rowOf(phone, sua).click();
  await expect(composerOf(phone)).toHaveValue('컴퓨터에서 쓰다가');
  await composerOf(phone).fill('컴퓨터에서 쓰다가 전화로 보내요');
  await phone.getByTestId('send').click();
  await expect(bubbles(phone, '컴퓨터에서 쓰다가 전화로 보내요')).toHaveAttribute('data-status', 'sent');
  await rowOf(first, sua).click();
  await expect(bubbles(first, '컴퓨터에서 쓰다가 전화로 보내요')).toHaveCount(1);
  await expect(composerOf(first)).toHaveValue('');

  // Edits.
  await rowOf(second, sua).click();
  await isOpen(second);
  await bubbles(second, '컴퓨터에서 쓰다가 전화로 보내요').focus();
  await second.keyboard.press('Enter');
  await second.getByRole('menuitem', { name: 'Edit' }).click();
  await expect(second.getByText('Enter saves, Esc cancels')).toBeVisible();
  await composerOf(second).fill('다른 탭에서 고쳤어요');
  await composerOf(second).press('Enter');
  for (const page of all) await expect(bubbles(page, '다른 탭에서 고쳤어요')).toHaveCount(1);

  // Mute, and unread again.
  await phone.goBack();
  await minji.account.mutes(doyun.account);
  for (const page of all) await expect(rowOf(page, doyun).getByRole('img', { name: 'Muted' })).toBeVisible();
  await minji.account.marksUnread(doyun.account);
  for (const page of all) await expect(rowOf(page, doyun)).toHaveAttribute('data-unread', '1');
  for (const page of [first, second]) await expect(page, 'a muted one is not counted').toHaveTitle('Sori');

  // What waits: one tab drains it, and another one goes on where that is closed.
  await minji.context.setOffline(true);
  for (const page of [first, second]) await isOffline(page);
  for (const text of ['하나', '둘', '셋']) await write(first, text);
  for (const text of ['하나', '둘', '셋'])
    await expect(bubbles(second, text)).toHaveAttribute('data-status', 'sending');
  await write(second, '넷');
  await expect(bubbles(first, '넷')).toHaveAttribute('data-status', 'sending');
  await first.close();
  await minji.context.setOffline(false);
  for (const text of ['하나', '둘', '셋', '넷'])
    await expect(bubbles(second, text)).toHaveAttribute('data-status', 'sent');
  await expect(rowOf(phone, sua)).toContainText('넷');
  await rowOf(phone, sua).click();
  for (const text of ['하나', '둘', '셋', '넷']) await expect(bubbles(phone, text)).toHaveCount(1);
  expect(await sua.account.texts(minji.account)).toEqual([
    '수아예요',
    '읽어 주세요',
    '다른 탭에서 고쳤어요',
    '하나',
    '둘',
    '셋',
    '넷',
  ]);
});

test(
  'a tab that hears late what is typed in another one does not bring back what it said before',
  { tag: '@long' },
  async ({ person }) => {
    const [minji, sua] = [await person('김민지'), await person('이수아')];
    const [busy, page] = [await minji.opensTalkWith(sua), await minji.opensTalkWith(sua)];
    await composerOf(page).fill('안');
    await expect(composerOf(busy)).toHaveValue('안');
    const machine = await busy.context().newCDPSession(busy);
    await machine.send('Emulation.setCPUThrottlingRate', { rate: 8 });

    const words = ['하나', '둘', '셋', '넷', '다섯', '여섯', '일곱', '여덟'];
    for (const word of words) await write(page, word);
    await composerOf(page).fill('');
    await composerOf(page).pressSequentially('and what I go on writing after all of them');
    await machine.send('Emulation.setCPUThrottlingRate', { rate: 1 });
    await expect(composerOf(busy)).toHaveValue('and what I go on writing after all of them');
    await expect(composerOf(page)).toHaveValue('and what I go on writing after all of them');
    for (const word of words) await expect(bubbles(page, word)).toHaveAttribute('data-status', 'sent');
    expect(await sua.account.texts(minji.account)).toEqual(words);
  },
);
