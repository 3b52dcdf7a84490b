import { expect, test } from './fixtures.js';
import { groupRow, options, three } from './support/groups.js';
import { InputMethod } from './support/korean.js';
import { bubbles, composerOf } from './support/window.js';

test('whom one means is completed behind an @, while the Korean syllable is still under the fingers', async ({
  person,
}) => {
  const [minji, sua, jiu] = await three(person);
  const group = await minji.account.startsGroup('점심', [sua.account, jiu.account]);
  await jiu.account.says('다들 어디예요?', group);
  const page = await minji.opens(`/c/${group._id}`);
  await expect(bubbles(page, '다들 어디예요?')).toBeVisible();
  await composerOf(page).focus();
  const keyboard = await InputMethod.of(page);
  await keyboard.commit('@');
  await expect(options(page)).toHaveCount(2);
  // 수 is a part of 이수아 alone; ㅅ stands for every syllable that begins with it.
  await keyboard.compose('ㅅ', '수');
  await expect(options(page)).toHaveCount(1);
  await expect(options(page)).toContainText('이수아');
  await keyboard.takenEnter();
  await keyboard.commit('수');
  await keyboard.enterUp();
  await expect(composerOf(page)).toHaveValue(`@${sua.account.me.username} `);
  await expect(options(page)).toHaveCount(0);
  await expect(bubbles(page, '@수')).toHaveCount(0);

  await keyboard.compose('ㅇ', '어', '어디');
  await keyboard.takenEnter();
  await keyboard.commit('어디');
  await page.keyboard.press('Enter');
  const text = `@${sua.account.me.username} 어디`;
  await expect.poll(() => sua.account.texts(group)).toEqual(['다들 어디예요?', text]);
  await expect(page.getByTestId('mention')).toHaveAttribute('data-me', 'false');

  const suas = await sua.opens('/');
  await expect(groupRow(suas, group).getByTestId('mention-mark')).toBeVisible();
  await groupRow(suas, group).click();
  await expect(suas.getByTestId('mention')).toHaveAttribute('data-me', 'true');
  await expect(groupRow(suas, group).getByTestId('mention-mark')).toHaveCount(0);
  const jius = await jiu.opens('/');
  await expect(groupRow(jius, group)).toHaveAttribute('data-unread', '1');
  await expect(groupRow(jius, group).getByTestId('mention-mark')).toHaveCount(0);
});

test('arrow keys choose among the names, Tab takes one, and Esc leaves the @ as it is', async ({
  person,
}) => {
  const [minji, sua, jiu] = await three(person);
  const group = await minji.account.startsGroup('점심', [sua.account, jiu.account]);
  await jiu.account.says('안녕', group);
  const page = await minji.opens(`/c/${group._id}`);
  await expect(bubbles(page, '안녕')).toBeVisible();
  await composerOf(page).pressSequentially('@');
  await expect(options(page)).toHaveCount(2);
  await page.keyboard.press('Escape');
  await expect(options(page)).toHaveCount(0);
  await expect(composerOf(page)).toHaveValue('@');
  await composerOf(page).fill('');
  await composerOf(page).pressSequentially('저기 @');
  const chosen = page.locator('[data-testid=mention-option][aria-selected=true]');
  const first = await chosen.getAttribute('data-user-id');
  await page.keyboard.press('ArrowDown');
  await expect(chosen).not.toHaveAttribute('data-user-id', first ?? '');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Tab');
  const taken = [sua, jiu].find(({ _id }) => _id === first)?.account.me.username ?? '';
  await expect(composerOf(page)).toHaveValue(`저기 @${taken} `);
  await expect(composerOf(page)).toBeFocused();
});
