import type { Locator, Page } from '@playwright/test';
import { expect, test, type Person } from './fixtures.js';
import { barriers } from './support/barriers.js';
import { groupRow, options, three } from './support/groups.js';
import { forAFinger } from './support/sizes.js';
import { bubbles, composerOf, historyOf, rowOf, write } from './support/window.js';

const memberOf = (page: Page, { _id }: { _id: string }): Locator =>
  page.locator(`[data-testid=group-member][data-user-id="${_id}"]`);
const notices = (page: Page): Locator => page.getByTestId('group-notice');

/** What this browser keeps of a conversation on the device. */
const keptOf = (page: Page, me: Person, conversationId: string): Promise<number> =>
  page.evaluate(
    ([account, id]) =>
      new Promise<number>((found, failed) => {
        const opening = indexedDB.open(`sori-${account}`);
        opening.onerror = () => failed(new Error('There is no such database'));
        opening.onsuccess = () => {
          const database = opening.result;
          const transaction = database.transaction(['conversations', 'messages']);
          const record = transaction.objectStore('conversations').count(id);
          const range = IDBKeyRange.bound([id, 0], [id, Number.MAX_SAFE_INTEGER]);
          const messages = transaction.objectStore('messages').count(range);
          transaction.oncomplete = () => {
            database.close();
            found(record.result + messages.result);
          };
        };
      }),
    [me._id, conversationId] as const,
  );

test('three people talk, and the one who is removed hears nothing more, then or after a reload', async ({
  person,
}) => {
  const [minji, sua, jiu] = await three(person);
  const page = await minji.opens();
  await page.getByTestId('new-menu').click();
  await page.getByRole('menuitem', { name: 'New group' }).click();
  const form = page.getByTestId('group-form');
  await form.getByLabel('Group name').fill('점심 모임');
  for (const [typed, other] of [
    ['이수', sua],
    ['ㅂㅈㅇ', jiu],
  ] as const) {
    await form.getByTestId('people-picker').fill(typed);
    await form.locator(`[data-testid=person-choice][data-user-id="${other._id}"]`).click();
    await form.getByTestId('people-picker').fill('');
  }
  await expect(form.getByTestId('person-chip')).toHaveText(['이수아', '박지우']);
  await form.getByRole('button', { name: 'Create group' }).click();
  await expect(page).toHaveURL(/\/c\/[0-9a-f]{24}$/);
  const group = { _id: new URL(page.url()).pathname.slice('/c/'.length) };
  await expect(notices(page).last()).toHaveText('You added 이수아 and 박지우');

  const [suas, jius] = [await sua.opens(`/c/${group._id}`), await jiu.opens(`/c/${group._id}`)];
  await write(page, '뭐 먹을까요?');
  for (const one of [suas, jius]) await expect(bubbles(one, '뭐 먹을까요?')).toBeVisible();
  await write(suas, '국수요');
  for (const one of [page, jius]) await expect(bubbles(one, '국수요')).toBeVisible();
  await expect(bubbles(jius, '국수요')).toContainText('이수아');
  await expect.poll(() => keptOf(suas, sua, group._id)).toBeGreaterThan(2);

  await page.getByTestId('group-details-toggle').click();
  await expect(page.getByTestId('group-member')).toHaveCount(3);
  await memberOf(page, sua).getByTestId('member-menu').click();
  await page.getByRole('menuitem', { name: 'Remove from the group' }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(memberOf(page, sua)).toHaveCount(0);

  await expect(suas.getByTestId('gone-notice')).toContainText('You are no longer in “점심 모임”');
  await expect(suas.getByRole('button', { name: 'Rejoin' })).toHaveCount(0);
  await expect(groupRow(suas, group)).toHaveCount(0);
  await expect(composerOf(suas)).toHaveCount(0);
  await expect(notices(jius).last()).toHaveText('김민지 removed 이수아');
  await write(page, '수아 몰래 케이크');
  await expect(bubbles(jius, '수아 몰래 케이크')).toBeVisible();
  await expect.poll(() => keptOf(suas, sua, group._id)).toBe(0);
  await expect(suas.getByText('케이크')).toHaveCount(0);

  await suas.reload();
  await expect(suas.getByText('There is nothing here')).toBeVisible();
  await expect(suas.getByRole('button', { name: 'Rejoin' })).toHaveCount(0);
  await expect(groupRow(suas, group)).toHaveCount(0);
  await expect(suas.getByText('국수요')).toHaveCount(0);
  await expect(suas.getByText('케이크')).toHaveCount(0);
  expect(await keptOf(suas, sua, group._id)).toBe(0);
});

test('who is added again while the notice is still open is back in the talk', async ({ person }) => {
  const [minji, sua, jiu] = await three(person);
  const group = await minji.account.startsGroup('점심', [sua.account, jiu.account]);
  await minji.account.says('안녕', group);
  const page = await sua.opens(`/c/${group._id}`);
  await expect(bubbles(page, '안녕')).toBeVisible();
  await minji.account.removes(sua.account, group);
  await expect(page.getByTestId('gone-notice')).toBeVisible();
  await minji.account.adds(sua.account, group);
  await minji.account.says('다시 왔네', group);
  await expect(bubbles(page, '다시 왔네')).toBeVisible();
  await expect(page.getByTestId('gone-notice')).toHaveCount(0);
  await write(page, '고마워요');
  await expect(bubbles(page, '고마워요')).not.toHaveAttribute('data-status', 'sending');
});

test('somebody who joins later sees the talk from joining on, where the group says so', async ({
  person,
}) => {
  const [minji, sua, jiu] = await three(person);
  const group = await minji.account.startsGroup('비밀', [sua.account], 'since-joining');
  await minji.account.says('지우 오기 전 이야기', group);
  await minji.account.adds(jiu.account, group);
  const page = await jiu.opens('/');
  await expect(groupRow(page, group)).toContainText('No messages yet');
  await expect(groupRow(page, group)).toHaveAttribute('data-unread', '0');
  await groupRow(page, group).click();
  await expect(notices(page)).toHaveText(['김민지 added you']);
  await sua.account.says('어서 와요', group);
  await expect(bubbles(page, '어서 와요')).toBeVisible();
  await page.reload();
  await expect(bubbles(page, '어서 와요')).toBeVisible();
  await expect(page.getByText('You can see what was written after you joined.')).toBeVisible();
  await expect(page.getByText('지우 오기 전 이야기')).toHaveCount(0);
});

test('who comes and goes is said between the messages, also after a reload, and can be hidden', async ({
  person,
}) => {
  const [minji, sua, jiu] = await three(person);
  const group = await minji.account.startsGroup('점심', [sua.account]);
  await sua.account.says('첫마디', group);
  await minji.account.adds(jiu.account, group);
  await sua.account.says('어서 와요', group);
  const page = await sua.opens(`/c/${group._id}?lang=ko`);
  const said = [
    '김민지님이 그룹을 만들었습니다',
    '김민지님이 나를 초대했습니다',
    '김민지님이 박지우님을 초대했습니다',
  ];
  await expect(notices(page)).toHaveText(said);
  const order = () =>
    historyOf(page)
      .locator('[data-testid=group-notice], [data-testid=message]')
      .evaluateAll((all) => all.map((one) => one.dataset.testid));
  await expect.poll(order).toEqual(['group-notice', 'group-notice', 'message', 'group-notice', 'message']);

  await page.getByTestId('group-details-toggle').click();
  const shows = page.getByRole('switch', { name: '들어오고 나간 소식 보기' });
  await shows.click();
  await expect(notices(page)).toHaveCount(0);
  await page.reload();
  await expect(bubbles(page, '첫마디')).toBeVisible();
  await expect(notices(page)).toHaveCount(0);
  await page.getByTestId('group-details-toggle').click();
  await shows.click();
  await expect(notices(page)).toHaveText(said);
});

test('one sees who has read what one wrote, and all have read it when the last one has', async ({
  person,
}) => {
  const [minji, sua, jiu] = await three(person);
  const group = await minji.account.startsGroup('점심', [sua.account, jiu.account]);
  const page = await minji.opens(`/c/${group._id}`);
  await write(page, '다 봤어요?');
  const mine = bubbles(page, '다 봤어요?');
  await expect(mine).toHaveAttribute('data-status', /sent|delivered/);
  await sua.opens(`/c/${group._id}`);
  await mine.hover();
  await mine.getByRole('button', { name: 'Message actions' }).click();
  await page.getByRole('menuitem', { name: 'Seen by' }).click();
  const seen = page.getByTestId('seen-by').getByRole('region', { name: 'Seen by' });
  await expect(seen.getByTestId('seen-person')).toHaveText(['이수아']);
  await expect(mine).not.toHaveAttribute('data-status', 'read');
  await jiu.opens(`/c/${group._id}`);
  await expect(page.getByText('Everyone has seen it.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(mine).toHaveAttribute('data-status', 'read');
});

test('the last owner who leaves hands the group over, and it goes on without them', async ({ person }) => {
  const [minji, sua, jiu] = await three(person);
  const group = await minji.account.startsGroup('점심', [sua.account, jiu.account]);
  const [page, suas] = [await minji.opens(`/c/${group._id}`), await sua.opens(`/c/${group._id}`)];
  await page.getByTestId('group-details-toggle').click();
  await page.getByRole('button', { name: 'Leave the group' }).click();
  await expect(page.getByText('You are its only owner')).toBeVisible();
  await page.getByRole('button', { name: 'Leave', exact: true }).click();
  await expect(page).toHaveURL(/\/$/);
  await expect(groupRow(page, group)).toHaveCount(0);
  await suas.getByTestId('group-details-toggle').click();
  await expect(memberOf(suas, sua)).toHaveAttribute('data-role', 'owner');
  await expect(memberOf(suas, minji)).toHaveCount(0);
  await suas.getByRole('button', { name: 'Rename' }).click();
  await suas.getByLabel('Group name').fill('저녁');
  await suas.getByRole('button', { name: 'Save' }).click();
  await expect(suas.getByRole('heading', { level: 1, name: '저녁' })).toBeVisible();
  await expect(notices(suas).last()).toHaveText('You named the group “저녁”');
  await expect(rowOf(page, sua)).toHaveCount(0);
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`axe finds nothing serious in a group, its details and the making of one, ${colorScheme}`, async ({
    person,
  }) => {
    const minji = await person('김민지', { colorScheme, reducedMotion: 'reduce' });
    const sua = await person('이수아');
    const group = await minji.account.startsGroup('점심', [sua.account]);
    await sua.account.says(`@${minji.account.me.username} 안녕하세요`, group);
    await minji.account.says(`@${sua.account.me.username} 반가워요`, group);
    const page = await minji.opens(`/c/${group._id}`);
    await expect(page.getByTestId('mention')).toHaveCount(2);
    await page.getByTestId('group-details-toggle').click();
    await expect(memberOf(page, sua)).toBeVisible();
    await composerOf(page).pressSequentially('@');
    await expect(options(page)).toHaveCount(1);
    expect(await barriers(page), 'the group').toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByTestId('new-menu').click();
    await page.getByRole('menuitem', { name: 'New group' }).click();
    await page.getByTestId('person-choice').first().click();
    expect(await barriers(page), 'making one').toEqual([]);
  });

test.describe('on a small screen', () => {
  const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

  test('what is touched in the details of a group is large enough, and a finger finds the way back', async ({
    person,
  }) => {
    const minji = await person('김민지', phone);
    const sua = await person('이수아');
    const group = await minji.account.startsGroup('점심', [sua.account]);
    const page = await minji.opens(`/c/${group._id}`);
    await page.getByTestId('group-details-toggle').tap();
    await expect(memberOf(page, sua)).toBeVisible();
    const parts = page.getByRole('dialog').locator('button:visible:not([role=switch])');
    await expect(parts).not.toHaveCount(0);
    await expect.poll(async () => (await forAFinger(parts)).small).toEqual([]);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await page.getByRole('button', { name: 'Back to the list' }).tap();
    await expect(groupRow(page, group)).toBeVisible();
  });
});
