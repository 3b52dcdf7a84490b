import type { Page } from '@playwright/test';
import { expect, test, type Person } from './fixtures.js';
import { soundsPlayed } from './support/visitor.js';
import { bubbles, composerOf, dotOf, rowOf, write } from './support/window.js';

/** In the open conversation with somebody, by the menu at its top. */
const block = async (page: Page, name: string): Promise<void> => {
  await page
    .getByRole('main')
    .getByRole('button', { name: `Options for ${name}` })
    .click();
  await page.getByRole('menuitem', { name: 'Block…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Block' }).click();
  await expect(page.getByTestId('blocked-bar')).toBeVisible();
};

const acquainted = async (one: Person, other: Person): Promise<void> => {
  await one.account.says('안녕하세요', other.account);
  await other.account.says('네, 안녕하세요', one.account);
};

test('what a blocked person writes does not show, and nothing tells them so', async ({ person }) => {
  const [minji, junho] = [await person('김민지'), await person('최준호')];
  await acquainted(junho, minji);
  const hers = await minji.opensTalkWith(junho);
  const his = await junho.opensTalkWith(minji);
  await expect(bubbles(his, '안녕하세요')).toBeVisible();
  await block(hers, '최준호');
  await expect(composerOf(hers)).toHaveCount(0);
  await expect(hers.getByTestId('blocked-bar')).toContainText('You have blocked 최준호.');

  await write(his, '왜 대답이 없어요?');
  await expect(bubbles(his, '왜 대답이 없어요?')).toHaveAttribute('data-status', 'sent');
  await write(his, '여보세요?');
  await expect(bubbles(his, '여보세요?')).toHaveAttribute('data-status', 'sent');
  await expect(composerOf(his)).toBeEditable();
  await expect(his.getByText('blocked', { exact: false })).toHaveCount(0);
  // It never came any further than any other message to somebody who is away.
  await expect(dotOf(rowOf(his, minji))).toHaveAttribute('data-online', 'false');

  // Somebody else is heard: whatever was told before that would be here by now.
  const sua = await person('이수아');
  await sua.account.says('점심 먹었어?', minji.account);
  await expect(rowOf(hers, sua)).toContainText('점심 먹었어?');
  await expect(rowOf(hers, junho)).toContainText('네, 안녕하세요');
  await expect(rowOf(hers, junho)).toHaveAttribute('data-unread', '0');
  await expect(bubbles(hers, '여보세요?')).toHaveCount(0);
  await expect.poll(() => soundsPlayed(hers)).toBe(1);

  await hers.reload();
  await expect(bubbles(hers, '안녕하세요')).toBeVisible();
  await expect(bubbles(hers, '왜 대답이 없어요?')).toHaveCount(0);
  await expect(hers.getByTestId('blocked-bar')).toBeVisible();
});

test('unblocked, both write again; what was hidden stays hidden', async ({ person }) => {
  const [minji, junho] = [await person('김민지'), await person('최준호')];
  await acquainted(junho, minji);
  const hers = await minji.opensTalkWith(junho);
  const his = await junho.opensTalkWith(minji);
  await block(hers, '최준호');
  await write(his, '들리지 않는 말');
  await expect(bubbles(his, '들리지 않는 말')).toHaveAttribute('data-status', 'sent');

  await hers.getByTestId('blocked-bar').getByRole('button', { name: 'Unblock' }).click();
  await expect(composerOf(hers)).toBeVisible();
  await write(hers, '이제 괜찮아요');
  await expect(bubbles(his, '이제 괜찮아요')).toBeVisible();
  await write(his, '고마워요');
  await expect(bubbles(hers, '고마워요')).toBeVisible();
  await expect(bubbles(hers, '들리지 않는 말')).toHaveCount(0);
});

test('settings list whom one blocks, on every device, and end it', async ({ person }) => {
  const [minji, junho] = [await person('김민지'), await person('최준호')];
  await acquainted(junho, minji);
  const hers = await minji.opensTalkWith(junho);
  const tablet = await minji.opensTalkWith(junho);
  await block(hers, '최준호');
  await expect(tablet.getByTestId('blocked-bar')).toBeVisible();

  await tablet.getByRole('button', { name: 'Your account and settings' }).click();
  await tablet.getByRole('menuitem', { name: 'Settings…' }).click();
  const list = tablet.getByTestId('blocked-people');
  await expect(list).toContainText('최준호');
  await list.getByRole('button', { name: 'Unblock 최준호' }).click();
  await expect(list).toContainText("You haven't blocked anyone.");
  await expect(composerOf(hers)).toBeVisible();
});

test('somebody who was blocked before a first word leaves no conversation behind', async ({ person }) => {
  const [minji, junho] = [await person('김민지'), await person('최준호')];
  const hers = await minji.opensTalkWith(junho);
  await expect(composerOf(hers)).toBeVisible();
  await minji.account.blocks(junho.account);
  await expect(hers.getByTestId('blocked-bar')).toBeVisible();
  await junho.account.says('처음 뵙겠습니다', minji.account);
  const sua = await person('이수아');
  await sua.account.says('안녕!', minji.account);
  await expect(rowOf(hers, sua)).toBeVisible();
  await expect(rowOf(hers, junho)).toHaveCount(0);
  await hers.reload();
  await expect(rowOf(hers, sua)).toBeVisible();
  await expect(rowOf(hers, junho)).toHaveCount(0);
});
