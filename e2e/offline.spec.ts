import { expect, test, type Person, type PersonOptions } from './fixtures.js';
import { startServer } from './support/server.js';
import { Account } from './support/account.js';
import { isOffline } from './support/connection.js';
import { isKept, isWaiting } from './support/kept.js';
import { Visitor } from './support/visitor.js';
import { bubbles, rowOf, write } from './support/window.js';

/** A conversation of three messages that is open and would be there with no network, too. */
const talkThatIsKept = async (person: (name: string, options?: PersonOptions) => Promise<Person>) => {
  const minji = await person('김민지', { serviceWorkers: 'allow' });
  const sua = await person('이수아');
  for (const text of ['하나', '둘', '셋']) await sua.account.says(text, minji.account);
  const page = await minji.opensTalkWith(sua);
  await expect(bubbles(page, '셋')).toBeVisible();
  await isKept(page, 3);
  return { minji, page };
};

test.describe('with no network at all', () => {
  test.use({ serviceWorkers: 'allow' });

  test('the page opens, is read, and takes a message that arrives once, in order, by itself', async ({
    person,
  }) => {
    const { minji, page } = await talkThatIsKept(person);

    await minji.context.setOffline(true);
    await page.reload();
    await expect(bubbles(page, '하나')).toBeVisible();
    await expect(bubbles(page, '셋')).toBeVisible();
    await write(page, '지하철이에요');
    await expect(bubbles(page, '지하철이에요')).toHaveAttribute('data-status', 'sending');
    await isWaiting(page, minji, ['지하철이에요 waiting']);
    await page.reload();
    await expect(bubbles(page, '지하철이에요')).toHaveAttribute('data-status', 'sending');

    await minji.context.setOffline(false);
    await expect(bubbles(page, '지하철이에요')).toHaveAttribute('data-seq', '4');
    await expect(bubbles(page, '지하철이에요')).toHaveCount(1);
  });

  test('what was written without network stands below what was said from the first moment that one sees it', async ({
    person,
  }) => {
    const { minji, page } = await talkThatIsKept(person);
    await minji.context.setOffline(true);
    await isOffline(page);
    await write(page, '지하철이에요');
    await expect(bubbles(page, '지하철이에요')).toHaveAttribute('data-status', 'sending');
    await isWaiting(page, minji, ['지하철이에요 waiting']);

    await page.addInitScript(() => {
      const seen: number[] = [];
      Object.assign(globalThis, { seen });
      new MutationObserver(() => {
        const count = document.querySelectorAll('[data-testid=message]').length;
        if (count > 0 && seen.at(-1) !== count) seen.push(count);
      }).observe(document, { subtree: true, childList: true });
    });
    await page.reload();
    await expect(bubbles(page, '지하철이에요')).toHaveAttribute('data-status', 'sending');
    await expect(page.getByTestId('message')).toHaveCount(4);
    expect(await page.evaluate(() => (globalThis as unknown as { seen: number[] }).seen)).toEqual([4]);
  });

  test('nothing of the account is left after logging out', async ({ person }) => {
    const minji = await person('김민지', { serviceWorkers: 'allow' });
    const sua = await person('이수아');
    await sua.account.says('비밀이에요', minji.account);
    const page = await minji.opensTalkWith(sua);
    await expect(bubbles(page, '비밀이에요')).toBeVisible();
    await isKept(page, 1);
    await minji.context.clearCookies();
    await page.reload();
    await expect(page.getByTestId('login-form')).toBeVisible();
    await isKept(page, 0);
  });
});

test('with no server the page opens at any of its addresses, and shows the list', async ({ browser }) => {
  const server = await startServer();
  const [minji, sua] = [
    await Account.signUp(server.url, '김민지', 'minji'),
    await Account.signUp(server.url, '이수아', 'sua'),
  ];
  await sua.says('여기 있어요', minji);
  const context = await browser.newContext({ serviceWorkers: 'allow' });
  const visitor = new Visitor(context, server.url);
  const [name = '', value = ''] = minji.cookie.split('=', 2);
  await context.addCookies([{ name, value, url: server.url, sameSite: 'Strict', httpOnly: true }]);
  const page = await visitor.opens();
  await expect(rowOf(page, sua)).toBeVisible();
  await isKept(page, 1);
  await server.stop();
  await page.reload();
  await expect(rowOf(page, sua)).toContainText('여기 있어요');
  await page.goto(`${server.url}/u/${sua._id}`);
  await expect(bubbles(page, '여기 있어요')).toBeVisible();
  await context.close();
});
