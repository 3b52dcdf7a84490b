import type { Page } from '@playwright/test';
import { expect, test, type Person } from './fixtures.js';
import { isOffline, isOnline } from './support/connection.js';
import { bubbles, rowOf, write } from './support/window.js';

// A server that comes back takes its time, and so does a page until it tries again: each up to a minute.
test.slow();

type SignUp = (fullName: string, options?: { connection?: boolean }) => Promise<Person>;

const talk = async (
  person: SignUp,
  connection = false,
): Promise<{ minji: Person; sua: Person; page: Page }> => {
  const minji = await person('김민지', { connection });
  const sua = await person('이수아');
  await sua.account.says('여기 있어요', minji.account);
  const page = await minji.opensTalkWith(sua);
  await expect(bubbles(page, '여기 있어요')).toBeVisible();
  return { minji, sua, page };
};

const isBack = (page: Page): Promise<void> => isOnline(page, { timeout: 60_000 });

test.describe('where the server is killed', () => {
  test('between storing a message and answering, one row and one bubble are left of it', async ({
    person,
    server,
  }) => {
    const { minji, sua, page } = await talk(person, true);
    const suas = await sua.opensTalkWith(minji);
    await expect(bubbles(suas, '여기 있어요')).toBeVisible();
    minji.connection.hold('answered');
    minji.connection.hold('received');
    await write(page, '들렸나요');
    await expect.poll(() => minji.connection.waiting('answered')).toBe(1);
    await expect(bubbles(suas, '들렸나요')).toHaveCount(1);
    await server.kill();
    await minji.connection.cut();
    minji.connection.release('answered');
    minji.connection.release('received');
    await expect(bubbles(page, '들렸나요')).toHaveAttribute('data-status', 'sending');
    await server.restart();
    minji.connection.mend();
    await expect(bubbles(page, '들렸나요')).toHaveAttribute('data-seq', '2', { timeout: 60_000 });
    await expect(bubbles(page, '들렸나요')).toHaveCount(1);
    await isBack(suas);
    await sua.account.says('들렸어요', minji.account);
    await expect(bubbles(suas, '들렸어요')).toBeVisible();
    await expect(bubbles(suas, '들렸나요')).toHaveCount(1);
    expect(new Set(minji.connection.sends.map(({ clientId }) => clientId)).size, 'one id for every try').toBe(
      1,
    );
    expect(await sua.account.texts(minji.account)).toEqual(['여기 있어요', '들렸나요', '들렸어요']);
  });

  test('what was shown as sent is there afterwards, and what was written meanwhile arrives', async ({
    person,
    server,
  }) => {
    const { minji, sua, page } = await talk(person);
    await write(page, '저장됐어요');
    await expect(bubbles(page, '저장됐어요')).toHaveAttribute('data-status', 'sent');
    await server.kill();
    await isOffline(page);
    await write(page, '꺼져 있을 때');
    await expect(bubbles(page, '꺼져 있을 때')).toHaveAttribute('data-status', 'sending');
    await server.restart();
    await expect(bubbles(page, '꺼져 있을 때')).toHaveAttribute('data-seq', '3', { timeout: 60_000 });
    await page.reload();
    await expect(bubbles(page, '저장됐어요')).toHaveAttribute('data-seq', '2');
    expect(await sua.account.texts(minji.account)).toEqual(['여기 있어요', '저장됐어요', '꺼져 있을 때']);
  });

  test('what was missed comes from the log: the new server remembers nothing of the old one’s sockets', async ({
    person,
    server,
  }) => {
    const { minji, sua, page } = await talk(person);
    const doyun = await person('최도윤');
    await minji.context.setOffline(true);
    await isOffline(page);
    await sua.account.says('끊긴 사이에', minji.account);
    await doyun.account.says('처음 뵙겠습니다', minji.account);
    await server.kill();
    await server.restart();
    await minji.context.setOffline(false);
    await expect(bubbles(page, '끊긴 사이에')).toHaveCount(1, { timeout: 60_000 });
    await expect(rowOf(page, doyun)).toHaveAttribute('data-unread', '1');
    await isBack(page);
  });
});

test('a database that is killed loses nothing that was shown as sent, and takes what was written meanwhile', async ({
  person,
  server,
}) => {
  const { minji, sua, page } = await talk(person);
  await write(page, '하나');
  await expect(bubbles(page, '하나')).toHaveAttribute('data-status', 'sent');
  const killed = server.killDatabase();
  for (const text of ['둘', '셋', '넷']) await write(page, text);
  await killed;
  for (const text of ['둘', '셋', '넷'])
    await expect(bubbles(page, text)).toHaveAttribute('data-status', 'sent', { timeout: 60_000 });
  await page.reload();
  await expect(bubbles(page, '넷')).toHaveCount(1);
  expect(await sua.account.texts(minji.account)).toEqual(['여기 있어요', '하나', '둘', '셋', '넷']);
});
