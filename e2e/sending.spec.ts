import type { Page } from '@playwright/test';
import { expect, test, type Person } from './fixtures.js';
import { isOffline, isOnline, untilTheNextTry } from './support/connection.js';
import { isWaiting } from './support/kept.js';
import { holdBack } from './support/holdBack.js';
import { bubbles, composerOf, rowOf, write } from './support/window.js';

/** Two people, the first one's connection in our hands, and the first one's window on their conversation. */
const talk = async (
  person: (fullName: string, options?: { connection: boolean }) => Promise<Person>,
): Promise<{ minji: Person; sua: Person; page: Page }> => {
  const minji = await person('김민지', { connection: true });
  const sua = await person('이수아');
  await sua.account.says('여기 있어요', minji.account);
  const page = await minji.opensTalkWith(sua);
  await expect(bubbles(page, '여기 있어요')).toBeVisible();
  return { minji, sua, page };
};

/** Watches how many messages with this text are on the page at once, from now on. */
const mostAtOnce = async (page: Page, text: string): Promise<() => Promise<number>> => {
  const watch = await page.evaluateHandle((wanted) => {
    const seen = { most: 0 };
    const count = () => {
      const all = [...document.querySelectorAll('[data-testid=message] p')];
      seen.most = Math.max(seen.most, all.filter((bubble) => bubble.textContent === wanted).length);
    };
    new MutationObserver(count).observe(document.body, {
      childList: true,
      subtree: true,
      characterData: true,
    });
    return seen;
  }, text);
  return () => watch.evaluate(({ most }) => most);
};

test.describe('a message that was just written', () => {
  for (const [order, first, second] of [
    ['the answer comes before the news', 'answered', 'received'],
    ['the news comes before the answer', 'received', 'answered'],
  ] as const)
    test(`becomes the stored one in place where ${order}`, async ({ person }) => {
      const { minji, page } = await talk(person);
      const most = await mostAtOnce(page, '바로 보여요');
      minji.connection.hold('asked');
      minji.connection.hold('answered');
      minji.connection.hold('received');
      await write(page, '바로 보여요');
      const bubble = bubbles(page, '바로 보여요');
      await expect(bubble).toHaveAttribute('data-status', 'sending');
      await expect(composerOf(page)).toHaveValue('');
      const before = await bubble.elementHandle();

      minji.connection.release('asked');
      await expect
        .poll(() => [minji.connection.waiting('answered'), minji.connection.waiting('received')])
        .toEqual([1, 1]);
      minji.connection.release(first);
      await expect(bubble).toHaveAttribute('data-status', 'sent');
      minji.connection.release(second);
      await expect(bubble).toHaveAttribute('data-seq', '2');

      await write(page, '다음');
      await expect(bubbles(page, '다음')).toHaveAttribute('data-seq', '3');
      await expect(bubble).toHaveCount(1);
      expect(await most(), 'never a twin, not for a moment').toBe(1);
      const after = await bubble.elementHandle();
      expect(await after.evaluate((element, old) => element === old, before), 'the same element').toBe(true);
    });

  test('moves its conversation to the top before the server knows of it', async ({ person }) => {
    const { minji, sua, page } = await talk(person);
    const doyun = await person('최도윤');
    await doyun.account.says('나중 이야기', minji.account);
    await expect(page.getByTestId('conversation-row').first()).toHaveAttribute('data-user-id', doyun._id);
    minji.connection.hold('asked');
    await write(page, '위로');
    await expect(page.getByTestId('conversation-row').first()).toHaveAttribute('data-user-id', sua._id);
    await expect(rowOf(page, sua)).toContainText('위로');
  });

  test('is sent once however often the button is clicked', async ({ person }) => {
    const { minji, sua, page } = await talk(person);
    await composerOf(page).fill('한 번만');
    await page.getByTestId('send').click({ clickCount: 3 });
    await expect(bubbles(page, '한 번만')).toHaveAttribute('data-status', 'sent');
    await write(page, '끝');
    await expect(bubbles(page, '끝')).toHaveAttribute('data-status', 'sent');
    expect(minji.connection.sends.map(({ message }) => message)).toEqual(['한 번만', '끝']);
    expect(await minji.account.texts(sua.account)).toEqual(['여기 있어요', '한 번만', '끝']);
  });

  test('is sent once where the Enter key is held down', async ({ person }) => {
    const { minji, sua, page } = await talk(person);
    await composerOf(page).fill('꾹');
    // A second "down" without an "up" is what a keyboard says thirty times a second.
    for (let times = 0; times < 8; times += 1) await page.keyboard.down('Enter');
    await page.keyboard.up('Enter');
    await write(page, '끝');
    await expect(bubbles(page, '끝')).toHaveAttribute('data-status', 'sent');
    expect(minji.connection.sends).toHaveLength(2);
    expect(await sua.account.texts(minji.account)).toEqual(['여기 있어요', '꾹', '끝']);
  });
});

test.describe('a message that was refused', () => {
  test('keeps its text, and goes out once though retry is pressed five times', async ({ person }) => {
    const { minji, sua, page } = await talk(person);
    minji.connection.refuse(1);
    await write(page, '소중한 글');
    const bubble = bubbles(page, '소중한 글');
    await expect(bubble).toHaveAttribute('data-status', 'failed');
    await expect(bubble.getByRole('button', { name: 'Discard' })).toBeVisible();
    await bubble.getByRole('button', { name: 'Try again' }).evaluate((button: HTMLElement) => {
      for (let times = 0; times < 5; times += 1) button.click();
    });
    await expect(bubble).toHaveAttribute('data-status', 'sent');
    await write(page, '끝');
    await expect(bubbles(page, '끝')).toHaveAttribute('data-status', 'sent');
    expect(minji.connection.sends.map(({ message }) => message)).toEqual(['소중한 글', '소중한 글', '끝']);
    expect(
      new Set(minji.connection.sends.map(({ clientId }) => clientId)).size,
      'one id for both tries',
    ).toBe(2);
    expect(await sua.account.texts(minji.account)).toEqual(['여기 있어요', '소중한 글', '끝']);
  });

  test('is still there after a reload, and goes when it is discarded', async ({ person }) => {
    const { minji, page } = await talk(person);
    minji.connection.refuse(1);
    await write(page, '거절된 글');
    await expect(bubbles(page, '거절된 글')).toHaveAttribute('data-status', 'failed');
    await isWaiting(page, minji, ['거절된 글 failed']);
    await page.reload();
    const bubble = bubbles(page, '거절된 글');
    await expect(bubble).toHaveAttribute('data-status', 'failed');
    await bubble.getByRole('button', { name: 'Discard' }).click();
    await expect(bubble).toHaveCount(0);
    await isWaiting(page, minji, []);
    await page.reload();
    await expect(bubbles(page, '여기 있어요')).toBeVisible();
    await expect(bubble).toHaveCount(0);
  });

  test('does not stop those behind it', async ({ person }) => {
    const { minji, page } = await talk(person);
    minji.connection.refuse(1);
    await write(page, '안 되는 글');
    await write(page, '되는 글');
    await expect(bubbles(page, '안 되는 글')).toHaveAttribute('data-status', 'failed');
    await expect(bubbles(page, '되는 글')).toHaveAttribute('data-status', 'sent');
  });
});

test.describe('somebody whose connection is cut', () => {
  test('sees it, writes on, reloads, and everything arrives once and in order', async ({ person }) => {
    const { minji, sua, page } = await talk(person);
    await minji.connection.cut();
    await isOffline(page);
    for (const text of ['하나', '둘', '셋']) await write(page, text);
    await expect(bubbles(page, '셋')).toHaveAttribute('data-status', 'sending');
    await isWaiting(page, minji, ['하나 waiting', '둘 waiting', '셋 waiting']);
    await page.reload();
    await expect(bubbles(page, '하나')).toHaveAttribute('data-status', 'sending');
    minji.connection.mend();
    await isOnline(page, untilTheNextTry);
    for (const text of ['하나', '둘', '셋'])
      await expect(bubbles(page, text)).toHaveAttribute('data-status', 'sent');
    expect(await sua.account.texts(minji.account)).toEqual(['여기 있어요', '하나', '둘', '셋']);
  });

  test('gets what was said meanwhile, once', async ({ person }) => {
    const { minji, sua, page } = await talk(person);
    await minji.connection.cut();
    await isOffline(page);
    await sua.account.says('못 들었지', minji.account);
    minji.connection.mend();
    await isOnline(page, untilTheNextTry);
    await expect(bubbles(page, '못 들었지')).toHaveCount(1);
  });

  test('gets one message where the answer was lost and the page tried again', async ({ person }) => {
    const { minji, sua, page } = await talk(person);
    minji.connection.hold('answered');
    minji.connection.hold('received');
    await write(page, '들렸나요');
    await expect.poll(() => minji.connection.waiting('answered')).toBe(1);
    await minji.connection.cut();
    minji.connection.release('answered');
    minji.connection.release('received');
    minji.connection.mend();
    await expect(bubbles(page, '들렸나요')).toHaveAttribute('data-status', 'sent', untilTheNextTry);
    await expect(bubbles(page, '들렸나요')).toHaveCount(1);
    expect(await sua.account.texts(minji.account)).toEqual(['여기 있어요', '들렸나요']);
  });
});

test.describe('somebody who goes on to another conversation', () => {
  test('while a message is on its way sees nothing of it there', async ({ person }) => {
    const { minji, sua, page } = await talk(person);
    const doyun = await person('최도윤');
    await doyun.account.says('다른 방이에요', minji.account);
    minji.connection.hold('asked');
    await write(page, '수아에게만');
    await rowOf(page, doyun).click();
    await expect(bubbles(page, '다른 방이에요')).toBeVisible();
    await expect(bubbles(page, '수아에게만')).toHaveCount(0);
    minji.connection.release('asked');
    await expect(rowOf(page, sua)).toContainText('수아에게만');
    await write(page, '도윤에게');
    await expect(bubbles(page, '도윤에게')).toHaveAttribute('data-status', 'sent');
    await expect(bubbles(page, '수아에게만')).toHaveCount(0);
    expect(await doyun.account.texts(minji.account)).toEqual(['다른 방이에요', '도윤에게']);
    await rowOf(page, sua).click();
    await expect(bubbles(page, '수아에게만')).toHaveAttribute('data-status', 'sent');
    await expect(bubbles(page, '도윤에게')).toHaveCount(0);
  });

  test('before the history of the first came does not get it late', async ({ person }) => {
    const minji = await person('김민지');
    const [sua, doyun] = [await person('이수아'), await person('최도윤')];
    // Of a single message the list knows everything already.
    for (const text of ['하나', '둘', '수아의 글']) await sua.account.says(text, minji.account);
    await doyun.account.says('도윤의 글', minji.account);
    const { _id: slow } = await minji.account.conversationWith(sua.account);
    // From the start: the page also fetches by itself what was not opened yet.
    const pages = await holdBack(minji.context, new RegExp(`/api/messages/${slow}`));
    const page = await minji.opens();
    const before = pages.asked();
    await rowOf(page, sua).click();
    await expect.poll(pages.asked, 'for the one that was opened').toBeGreaterThan(before);
    await rowOf(page, doyun).click();
    await expect(bubbles(page, '도윤의 글')).toBeVisible();
    pages.goOn();
    await rowOf(page, sua).click();
    await expect(bubbles(page, '수아의 글')).toBeVisible();
    await expect(bubbles(page, '도윤의 글')).toHaveCount(0);
    await rowOf(page, doyun).click();
    await expect(bubbles(page, '도윤의 글')).toBeVisible();
    await expect(bubbles(page, '수아의 글')).toHaveCount(0);
  });
});
