import { expect, test } from './fixtures.js';
import { isOnline } from './support/connection.js';
import { bubbles, rowOf, write } from './support/window.js';
import { soundsPlayed } from './support/visitor.js';

const hourMs = 3_600_000;

test('a laptop whose lid was closed for an hour knows everything when it is opened, and stays quiet about it', async ({
  person,
}) => {
  const minji = await person('김민지', { connection: true });
  const [sua, doyun] = [await person('이수아'), await person('최도윤')];
  await sua.account.says('닫기 전에', minji.account);
  await doyun.account.says('다음에 봐요', minji.account);
  await minji.account.hasRead(doyun.account);
  await minji.context.clock.install({ time: Date.now() });
  const page = await minji.opensTalkWith(sua);
  await write(page, '잠깐 닫을게요');
  await expect(bubbles(page, '잠깐 닫을게요')).toHaveAttribute('data-status', /sent|delivered|read/);
  await expect(rowOf(page, doyun)).toHaveAttribute('data-unread', '0');

  const laptop = await minji.context.newCDPSession(page);
  await minji.connection.goDead();
  await laptop.send('Page.setWebLifecycleState', { state: 'frozen' });

  for (let index = 1; index <= 40; index += 1) await sua.account.says(`닫힌 사이 ${index}`, minji.account);
  const [first] = await sua.account.history(minji.account);
  if (first === undefined) throw new Error('Nothing was said');
  await sua.account.edits(first, '닫기 전에 (고침)');
  for (let index = 1; index <= 7; index += 1) await doyun.account.says(`급해요 ${index}`, minji.account);
  const urgent = await doyun.account.history(minji.account);
  const unsaid = urgent.at(-2);
  if (unsaid === undefined) throw new Error('Nothing was said');
  await doyun.account.deletes(unsaid);
  expect(await soundsPlayed(page), 'asleep').toBe(0);

  await laptop.send('Page.setWebLifecycleState', { state: 'active' });
  await minji.context.clock.fastForward(hourMs);
  await expect(bubbles(page, '닫힌 사이 1')).toBeVisible();
  await page.getByTestId('new-pill').click();
  await expect(bubbles(page, '닫힌 사이 40')).toHaveCount(1);
  await isOnline(page);
  await expect(rowOf(page, doyun)).toHaveAttribute('data-unread', '6');
  await expect(rowOf(page, doyun)).toContainText('급해요 7');
  await expect(rowOf(page, sua)).toHaveAttribute('data-unread', '0');
  await expect(page).toHaveTitle('(6) Sori');
  expect(await soundsPlayed(page), 'of what was missed nothing is heard').toBe(0);
  expect((await minji.account.conversationWith(doyun.account)).unread).toBe(6);

  await doyun.account.says('이제 들리나요', minji.account);
  await expect(rowOf(page, doyun)).toHaveAttribute('data-unread', '7');
  await expect.poll(() => soundsPlayed(page)).toBe(1);
  await write(page, '다시 열었어요');
  await expect(bubbles(page, '다시 열었어요')).toHaveAttribute('data-seq', '44');
  await page.getByTestId('message').first().scrollIntoViewIfNeeded();
});
