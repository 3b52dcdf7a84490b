import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.js';
import { isOnline } from './support/connection.js';
import { bubbles, composerOf, historyOf, isOpen, rowOf, write } from './support/window.js';

/** What becomes of a message after it was sent: changed, taken away, answered, quoted, read. */

const choose = async (page: Page, text: string, action: string): Promise<void> => {
  // Before what quotes it.
  await bubbles(page, text).first().focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: action, exact: true }).click();
};
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test('an edit is seen by the other at once, marked, and in the preview', async ({ person }) => {
  const [minji, junho] = [await person('김민지'), await person('최준호')];
  await minji.account.says('내일 세 시에 봐요', junho.account);
  const [hers, his] = [await minji.opensTalkWith(junho), await junho.opensTalkWith(minji)];
  await expect(bubbles(his, '내일 세 시에 봐요')).toBeVisible();
  for (const page of [hers, his]) await isOpen(page);
  await choose(hers, '내일 세 시에 봐요', 'Edit');
  // The box for it is another one than that for new messages.
  await expect(composerOf(hers)).toHaveValue('내일 세 시에 봐요');
  await composerOf(hers).fill('내일 네 시에 봐요');
  await composerOf(hers).press('Enter');
  for (const page of [hers, his]) {
    await expect(bubbles(page, '내일 네 시에 봐요')).toContainText('edited');
    await expect(bubbles(page, '내일 세 시에 봐요')).toHaveCount(0);
  }
  await expect(rowOf(his, minji)).toContainText('내일 네 시에 봐요');
  // What the other wrote is not one's own to change.
  await bubbles(his, '내일 네 시에 봐요').focus();
  await his.keyboard.press('Enter');
  await expect(his.getByRole('menuitem', { name: 'Reply', exact: true })).toBeVisible();
  await expect(his.getByRole('menuitem', { name: 'Edit', exact: true })).toHaveCount(0);
  await expect(his.getByRole('menuitem', { name: 'Delete', exact: true })).toHaveCount(0);
});

test('what is deleted is gone for both, also from the quotes of it and from the list', async ({ person }) => {
  const [minji, junho] = [await person('김민지'), await person('최준호')];
  await minji.account.says('지울 비밀', junho.account);
  const [hers, his] = [await minji.opensTalkWith(junho), await junho.opensTalkWith(minji)];
  for (const page of [hers, his]) await isOpen(page);
  await choose(his, '지울 비밀', 'Reply');
  await expect(his.getByRole('button', { name: 'Cancel reply' })).toBeVisible();
  await isOpen(his);
  await write(his, '정말요?');
  await expect(bubbles(hers, '정말요?')).toBeVisible();
  const quote = hers.getByRole('button', { name: 'In reply to your message: 지울 비밀' });
  await expect(quote).toBeVisible();
  await choose(hers, '지울 비밀', 'Delete');
  await hers.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  for (const page of [hers, his]) {
    await expect(page.getByRole('button', { name: 'The original message was deleted' })).toBeVisible();
    await expect(page.getByText('지울 비밀')).toHaveCount(0);
  }
  await his.reload();
  await expect(bubbles(his, '정말요?')).toBeVisible();
  await expect(his.getByText('지울 비밀')).toHaveCount(0);
});

test('a reaction counts once per person, shows who it was, and can be taken back', async ({ person }) => {
  const [minji, junho] = [await person('김민지'), await person('최준호')];
  const message = await minji.account.says('점심 먹어요', junho.account);
  const [hers, his] = [await minji.opensTalkWith(junho), await junho.opensTalkWith(minji)];
  await isOpen(his);
  await bubbles(his, '점심 먹어요').focus();
  await his.keyboard.press('Enter');
  await his.getByRole('menuitemcheckbox', { name: 'React with 👍' }).click();
  const thumb = (page: Page) =>
    page.getByRole('list', { name: 'Reactions' }).getByRole('button', { name: /^👍/ });
  await expect(thumb(hers)).toHaveAccessibleName('👍: 최준호');
  await thumb(hers).click();
  for (const page of [hers, his]) await expect(thumb(page)).toHaveText(/2/);
  await junho.account.reacts(message, '👍');
  await thumb(his).click();
  for (const page of [hers, his]) await expect(thumb(page)).toHaveText('👍');
  await thumb(hers).click();
  for (const page of [hers, his]) await expect(thumb(page)).toHaveCount(0);
});

test('a quote of something far back leads there, marks it, and there is a way back', async ({ person }) => {
  const [minji, junho] = [await person('김민지'), await person('최준호')];
  const first = await junho.account.says('맨 처음의 약속', minji.account);
  await junho.account.saysMany(
    upTo(400).map((n) => `소식 ${n}`),
    minji.account,
  );
  await junho.account.answers(first, '그 약속 기억해요?');
  await minji.account.hasRead(junho.account);
  const page = await minji.opensTalkWith(junho);
  const quote = page.getByRole('button', { name: 'In reply to 최준호: 맨 처음의 약속' });
  // The quote says the same words in the answer's own bubble.
  const quoted = page.locator('[data-testid=message][data-seq="1"]');
  await expect(quote).toBeVisible();
  await expect(quoted).toHaveCount(0);
  await quote.click();
  await expect(quoted).toBeInViewport();
  await expect(quoted.getByText('맨 처음의 약속', { exact: true })).toBeVisible();
  // From there on everything is there, in both directions.
  const seqs = () =>
    page
      .getByTestId('message')
      .evaluateAll((all) => all.map((one) => Number((one as HTMLElement).dataset['seq'])));
  await expect.poll(async () => (await seqs()).slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
  await junho.account.says('새로 온 말', minji.account);
  await page.getByTestId('new-pill').click();
  await expect(bubbles(page, '새로 온 말')).toBeInViewport();
  await expect(async () => {
    const last = await seqs();
    expect(last).toEqual(upTo(last.length).map((n) => 402 + n - last.length + 1));
  }).toPass();
});

test(
  'with more unread than a page holds one begins at the first of them, and reads on from there without a hole',
  { tag: '@long' },
  async ({ person }) => {
    const [minji, junho] = [await person('김민지'), await person('최준호')];
    await junho.account.says('읽은 말', minji.account);
    await minji.account.hasRead(junho.account);
    for (const n of upTo(160)) await junho.account.says(`못 읽은 ${n}`, minji.account);
    const page = await minji.opensTalkWith(junho);
    await expect(bubbles(page, '못 읽은 1')).toBeInViewport();
    await expect(page.getByTestId('unread-divider')).toBeInViewport();
    const seen = new Set<number>();
    let unread = '160';
    await expect(async () => {
      for (const seq of await page
        .getByTestId('message')
        .evaluateAll((all) => all.map((one) => Number((one as HTMLElement).dataset['seq']))))
        seen.add(seq);
      // As long as one needs to read it.
      if (unread !== '0') await expect(rowOf(page, junho)).not.toHaveAttribute('data-unread', unread);
      unread = (await rowOf(page, junho).getAttribute('data-unread')) ?? '';
      await historyOf(page).evaluate((scroller) => scroller.scrollBy(0, scroller.clientHeight / 2));
      expect([...seen].filter((seq) => seq > 1).length).toBeGreaterThanOrEqual(160);
    }).toPass();
    await expect(rowOf(page, junho)).toHaveAttribute('data-unread', '0');
    expect([...seen].sort((one, other) => one - other).slice(-160)).toEqual(upTo(160).map((n) => n + 1));
  },
);

test('a message can be copied also where the browser has no clipboard, as by plain http', async ({
  person,
}) => {
  const [minji, junho] = [await person('김민지'), await person('최준호')];
  await junho.account.says('주소는 <b>서울</b>', minji.account);
  const page = await minji.opensTalkWith(junho);
  await page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await page.reload();
  await isOpen(page);
  await choose(page, '주소는 <b>서울</b>', 'Copy text');
  await expect(page.getByText('Copied', { exact: true })).toBeVisible();
  await composerOf(page).focus();
  await page.keyboard.press('ControlOrMeta+V');
  await expect(composerOf(page)).toHaveValue('주소는 <b>서울</b>');
});

test('the ticks go from sent to delivered to read, as the other one gets and sees it', async ({ person }) => {
  const [minji, junho] = [await person('김민지'), await person('최준호')];
  await junho.account.says('안녕', minji.account);
  const hers = await minji.opensTalkWith(junho);
  await write(hers, '도착했나요');
  await expect(bubbles(hers, '도착했나요')).toHaveAttribute('data-status', 'sent');
  const his = await junho.opens('/');
  await expect(bubbles(hers, '도착했나요')).toHaveAttribute('data-status', 'delivered');
  await rowOf(his, minji).click();
  await expect(bubbles(hers, '도착했나요')).toHaveAttribute('data-status', 'read');
});

test('who tells nobody what they have read is not told what others have', async ({ person }) => {
  const [minji, junho] = [await person('김민지'), await person('최준호')];
  await junho.account.says('안녕', minji.account);
  const [hers, his] = [await minji.opensTalkWith(junho), await junho.opensTalkWith(minji)];
  const account = hers.getByRole('button', { name: 'Your account and settings' });
  await account.click();
  await hers.getByRole('menuitem', { name: 'Settings…' }).click();
  const receipts = hers.getByRole('switch', { name: 'Read receipts' });
  await receipts.click();
  await expect(receipts).not.toBeChecked();
  await hers.keyboard.press('Escape');
  // The focus goes back a moment later, and would take the Enter along.
  await expect(hers.getByRole('dialog')).toHaveCount(0);
  await expect(account).toBeFocused();
  await write(hers, '비밀이에요');
  await expect(bubbles(his, '비밀이에요')).toBeVisible();
  await write(his, '보았나요');
  await expect(bubbles(hers, '보았나요')).toBeVisible();
  // Something that comes later than any receipt would have.
  await write(hers, '또 한마디');
  await expect(bubbles(his, '또 한마디')).toBeVisible();
  await expect(bubbles(hers, '비밀이에요')).not.toHaveAttribute('data-status', 'read');
  await expect(bubbles(his, '보았나요')).not.toHaveAttribute('data-status', 'read');
});

test('a message marked as unread stays so on every device, and the other is told nothing of it', async ({
  person,
}) => {
  const [minji, junho] = [await person('김민지'), await person('최준호')];
  await junho.account.says('하나', minji.account);
  await junho.account.says('둘', minji.account);
  const [hers, his] = [await minji.opensTalkWith(junho), await junho.opensTalkWith(minji)];
  const phone = await minji.opens('/');
  await expect(bubbles(his, '둘')).toHaveAttribute('data-status', 'read');
  await isOpen(hers);
  await choose(hers, '둘', 'Mark as unread from here');
  for (const page of [hers, phone]) await expect(rowOf(page, junho)).toHaveAttribute('data-unread', '1');
  await expect(bubbles(his, '둘')).toHaveAttribute('data-status', 'read');
  await rowOf(phone, junho).click();
  for (const page of [hers, phone]) await expect(rowOf(page, junho)).toHaveAttribute('data-unread', '0');
});

test(
  'one sees that the other is writing, and no longer when the message is there or they are gone',
  { tag: '@long' },
  async ({ person }) => {
    const [minji, junho] = [await person('김민지'), await person('최준호')];
    await junho.account.says('안녕', minji.account);
    const [hers, his] = [await minji.opensTalkWith(junho), await junho.opensTalkWith(minji)];
    const writing = hers.getByRole('main').getByText('typing…', { exact: true });
    for (const page of [hers, his]) {
      await expect(bubbles(page, '안녕')).toBeVisible();
      await isOnline(page);
    }
    await composerOf(his).pressSequentially('저기');
    await expect(writing).toBeVisible();
    await composerOf(his).press('Enter');
    await expect(bubbles(hers, '저기')).toBeVisible();
    await expect(writing).toHaveCount(0);
    await composerOf(his).pressSequentially('그런데');
    await expect(writing).toBeVisible();
    await his.close();
    // Six seconds after it was last told, which may be three after the last key.
    await expect(writing).toHaveCount(0, { timeout: 15_000 });
  },
);

test('what was begun on one device goes on on the other, and ends with sending', async ({ person }) => {
  const [minji, junho] = [await person('김민지'), await person('최준호')];
  await junho.account.says('안녕', minji.account);
  const laptop = await minji.opensTalkWith(junho);
  await expect(bubbles(laptop, '안녕')).toBeVisible();
  await composerOf(laptop).fill('쓰다 만 말');
  await rowOf(laptop, junho).hover();
  const phone = await minji.opens('/');
  await expect(rowOf(phone, junho)).toContainText('쓰다 만 말');
  await rowOf(phone, junho).click();
  await expect(composerOf(phone)).toHaveValue('쓰다 만 말');
  await composerOf(phone).press('Enter');
  await expect(bubbles(phone, '쓰다 만 말')).toHaveAttribute('data-status', /sent|delivered/);
  await expect(composerOf(laptop)).toHaveValue('');
  await laptop.reload();
  await expect(bubbles(laptop, '쓰다 만 말')).toBeVisible();
  await expect(composerOf(laptop)).toHaveValue('');
});

test('the tools of a message go with the mouse, also after its menu and its reactions were open', async ({
  person,
}) => {
  const [minji, junho] = [await person('김민지'), await person('최준호')];
  const texts = ['하나', '둘', '셋'];
  for (const text of texts) await minji.account.says(text, junho.account);
  const page = await junho.opensTalkWith(minji);
  await isOpen(page);
  const tools = page.getByRole('button', { name: 'Message actions' });
  for (const text of texts) {
    await bubbles(page, text).hover();
    await page.getByRole('button', { name: 'React', exact: true }).click();
    await page.getByRole('button', { name: 'React with 🙏' }).click();
    await expect(bubbles(page, text).getByRole('button', { name: /🙏/ })).toBeVisible();
    await bubbles(page, text).hover();
    await tools.click();
    await page.getByRole('menuitem', { name: 'Pin', exact: true }).hover();
    await page.getByRole('menuitem', { name: 'Pin', exact: true }).click();
    await expect(page.getByRole('menu')).toHaveCount(0);
  }
  await bubbles(page, '하나').hover();
  // They were there at all, and at no message but this one.
  await expect(tools).toHaveCount(1);
  await composerOf(page).hover();
  await expect(tools).toHaveCount(0);
});
