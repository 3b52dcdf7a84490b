import type { Page } from '@playwright/test';
import { expect, test, type Person } from './fixtures.js';
import { isOffline, isOnline } from './support/connection.js';
import { translateAll } from './support/translator.js';
import { bubbles, composerOf, foundRowOf, rowOf, write } from './support/window.js';

/** Somebody whose browser translates whatever they open. Errors in their pages fail the test (see the fixtures). */
const opensTranslated = async (person: Person, path: string): Promise<Page> => {
  await person.context.addInitScript(translateAll);
  return person.opens(path);
};

test('a translated conversation lives on: edits, deletions, reactions, typing, and the connection going and coming', async ({
  person,
}) => {
  const minji = await person('김민지', { connection: true });
  const sua = await person('이수아');
  const first = await sua.account.says('첫 글 https://example.kr 보세요', minji.account);
  const second = await sua.account.says('둘째 글', minji.account);
  await sua.account.answers(first, '대답');
  const page = await opensTranslated(minji, `/c/${first.conversationId}`);
  await expect(bubbles(page, '둘째 글')).toBeVisible();

  await sua.account.edits(first, '고친 글');
  // The answer to it quotes it.
  await expect(bubbles(page, '고친 글')).toHaveCount(2);
  await expect(page.getByText('보세요')).toHaveCount(0);
  await sua.account.deletes(second);
  await expect(page.getByText('둘째 글')).toHaveCount(0);
  await expect(page.getByText('This message was deleted')).toBeVisible();

  await sua.account.reacts(first, '👍');
  const reaction = bubbles(page, '고친 글').first().getByRole('button', { name: /👍/ });
  await expect(reaction).toHaveText('👍');
  await reaction.click();
  await expect(reaction).toHaveText('👍2');
  await reaction.click();
  await expect(reaction).toHaveText('👍');

  const hers = await sua.opensTalkWith(minji);
  await composerOf(hers).pressSequentially('쓰는');
  await expect(page.getByText('typing', { exact: false }).first()).toBeVisible();
  await write(hers, '다 썼어요');
  await expect(bubbles(page, '다 썼어요')).toBeVisible();
  await expect(page.getByText('is typing', { exact: false })).toHaveCount(0);

  await minji.connection.cut();
  await isOffline(page);
  await expect(page.getByTestId('connection')).not.toHaveText('Connected');
  minji.connection.mend();
  await isOnline(page, { timeout: 40_000 });
  await expect(page.getByTestId('connection')).toHaveText('Connected');
});

test('a translated page lives on through its list, search, dialogs, language and end', async ({ person }) => {
  const [minji, sua, jiwoo] = [await person('김민지'), await person('이수아'), await person('박지우')];
  await sua.account.says('하나', minji.account);
  const group = await sua.account.startsGroup('산책', [minji.account]);
  const page = await opensTranslated(minji, '/');
  const row = rowOf(page, sua);
  await expect(row).toContainText('하나');
  await sua.account.says('둘', minji.account);
  await expect(row).toContainText('둘');
  await expect(row).toContainText('2 unread messages');
  await expect(row).not.toContainText('하나');

  const search = page.getByTestId('people-search');
  await search.fill('박지');
  await expect(foundRowOf(page, jiwoo)).toBeVisible();
  await search.fill('아무도없음');
  await expect(foundRowOf(page, jiwoo)).toHaveCount(0);
  await search.fill('');
  await expect(row).toBeVisible();

  await page.goto(`${minji.url}/c/${group._id}`);
  await isOnline(page);
  await page.getByTestId('group-details-toggle').click();
  await sua.account.adds(jiwoo.account, group);
  await expect(page.getByTestId('group-member')).toHaveCount(3);
  await expect(page.getByTestId('group-details')).toContainText('3 members');
  await sua.account.removes(jiwoo.account, group);
  await expect(page.getByTestId('group-details')).toContainText('2 members');

  const account = page.getByRole('button', { name: 'Your account and settings' });
  await account.click();
  await page.getByRole('menuitemradio', { name: '한국어' }).click();
  await expect(page.getByTestId('group-details')).toContainText('멤버');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: '내 계정과 설정' }).click();
  await page.getByRole('menuitem', { name: '설정' }).click();
  await page.getByRole('radio', { name: 'English' }).click();
  await expect(page.getByRole('dialog')).toContainText('Settings');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);

  await sua.account.removes(minji.account, group);
  await expect(page.getByTestId('gone-notice')).toBeVisible();
  await minji.account.logsOut();
  await expect(page.getByRole('alert')).toHaveText('Your session has ended. Please log in again.');
});

test(
  'a translated open room lives on while people come and go',
  { tag: '@long' },
  async ({ person, visitor }) => {
    const { slug } = await (await person('김민지')).account.opensRoom('독서 모임');
    const guest = await visitor();
    await guest.context.addInitScript(translateAll);
    const page = await guest.opens(`/open/${slug}`);
    await page.getByRole('button', { name: 'Enter' }).click();
    await expect(page.getByText('2 people here', { exact: false })).toBeVisible();
    const other = await (await visitor()).opens(`/open/${slug}`);
    await other.getByRole('textbox').fill('지나가는 이');
    await other.getByRole('button', { name: 'Enter' }).click();
    await write(other, '안녕하세요');
    await expect(bubbles(page, '안녕하세요')).toBeVisible();
    await expect(page.getByTestId('room-person')).toHaveCount(3);
    await expect(page.getByText('3 people here', { exact: false })).toBeVisible();
    await other.close();
    await expect(page.getByTestId('room-person')).toHaveCount(2);
    await expect(page.getByText('2 people here', { exact: false })).toBeVisible();
  },
);
