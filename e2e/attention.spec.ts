import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.js';
import { looksAway, looksBack } from './support/attention.js';
import { isOffline, isOnline, untilTheNextTry } from './support/connection.js';
import { soundsPlayed } from './support/visitor.js';
import { bubbles, isOpen, rowOf, write } from './support/window.js';

const favicon = (page: Page) => page.locator('link[rel~=icon]');

/** Records whether any message shook, from now on. */
const watchShaking = async (page: Page): Promise<() => Promise<number>> => {
  const watch = await page.evaluateHandle(() => {
    const seen = { shaken: 0 };
    document.addEventListener('animationstart', ({ animationName, target }) => {
      const inMessage = target instanceof Element && target.closest('[data-testid=message]') !== null;
      if (inMessage && animationName.includes('shake')) seen.shaken += 1;
    });
    return seen;
  });
  return () => watch.evaluate(({ shaken }) => shaken);
};

test.describe('the sound', () => {
  test('is not made for the conversation that one looks at, and is for another one', async ({ person }) => {
    const [minji, sua, doyun] = [await person('김민지'), await person('이수아'), await person('최도윤')];
    await sua.account.says('안녕', minji.account);
    const page = await minji.opensTalkWith(sua);
    await expect(bubbles(page, '안녕')).toBeVisible();
    await sua.account.says('보고 있지?', minji.account);
    await expect(bubbles(page, '보고 있지?')).toBeVisible();
    expect(await soundsPlayed(page)).toBe(0);
    await doyun.account.says('나도 있어', minji.account);
    await expect(rowOf(page, doyun)).toHaveAttribute('data-unread', '1');
    await expect.poll(() => soundsPlayed(page)).toBe(1);
  });

  test('is not made for the first words of somebody whose page one has open', async ({ person }) => {
    const [minji, sua] = [await person('김민지'), await person('이수아')];
    const page = await minji.opensTalkWith(sua);
    await isOpen(page);
    await sua.account.says('처음 뵙겠습니다', minji.account);
    await expect(bubbles(page, '처음 뵙겠습니다')).toBeVisible();
    expect(await soundsPlayed(page)).toBe(0);
  });

  test('is made for the open conversation while the person looks elsewhere', async ({ person }) => {
    const [minji, sua] = [await person('김민지'), await person('이수아')];
    await sua.account.says('안녕', minji.account);
    const page = await minji.opensTalkWith(sua);
    // Seen on the page is not read yet: who looks away between the two has it unread still.
    await expect(rowOf(page, sua)).toHaveAttribute('data-unread', '0');
    await looksAway(page);
    await sua.account.says('거기 있어?', minji.account);
    await expect(rowOf(page, sua)).toHaveAttribute('data-unread', '1');
    await expect.poll(() => soundsPlayed(page)).toBe(1);
  });

  test('is made once for a burst', async ({ person }) => {
    const [minji, sua] = [await person('김민지'), await person('이수아')];
    const page = await minji.opens();
    // A pause of a second and a half would end the burst, and a slow machine may make one.
    await minji.context.clock.setFixedTime(Date.now());
    await sua.account.saysMany(['하나', '둘', '셋', '넷', '다섯', '여섯'], minji.account);
    await expect(rowOf(page, sua)).toHaveAttribute('data-unread', '6');
    await expect.poll(() => soundsPlayed(page)).toBe(1);
  });

  test('is not made for what the person wrote in another tab', async ({ person }) => {
    const [minji, sua] = [await person('김민지'), await person('이수아')];
    await sua.account.says('안녕', minji.account);
    await minji.account.hasRead(sua.account);
    const [list, talk] = [await minji.opens(), await minji.opensTalkWith(sua)];
    await write(talk, '내가 쓴 글');
    await expect(rowOf(list, sua)).toContainText('내가 쓴 글');
    expect([await soundsPlayed(list), await soundsPlayed(talk)]).toEqual([0, 0]);
  });

  test('is made by one tab of all', async ({ person }) => {
    const [minji, sua] = [await person('김민지'), await person('이수아')];
    const tabs = [await minji.opens(), await minji.opens(), await minji.opens()];
    await sua.account.says('안녕', minji.account);
    for (const tab of tabs) await expect(rowOf(tab, sua)).toHaveAttribute('data-unread', '1');
    const played = async () =>
      (await Promise.all(tabs.map(soundsPlayed))).reduce((sum, count) => sum + count);
    await expect.poll(played).toBeGreaterThan(0);
    expect(await played()).toBe(1);
  });

  test('is not made for what was missed, only for what comes after it', async ({ person }) => {
    const minji = await person('김민지', { connection: true });
    const sua = await person('이수아');
    const page = await minji.opens();
    await minji.connection.cut();
    await isOffline(page);
    await sua.account.says('못 들었지', minji.account);
    minji.connection.mend();
    // Both: the list may say it before the connection is there, and what is said before that is missed, too.
    await isOnline(page, untilTheNextTry);
    await expect(rowOf(page, sua)).toHaveAttribute('data-unread', '1');
    expect(await soundsPlayed(page)).toBe(0);
    await sua.account.says('이제 들리지', minji.account);
    await expect(rowOf(page, sua)).toHaveAttribute('data-unread', '2');
    await expect.poll(() => soundsPlayed(page)).toBe(1);
  });

  test('that the browser refuses is silent, and no error', async ({ person }) => {
    const [minji, sua] = [await person('김민지'), await person('이수아')];
    await minji.context.addInitScript(() => {
      HTMLMediaElement.prototype.play = function play() {
        window.soundsPlayed += 1;
        return Promise.reject(new DOMException('Touch me first', 'NotAllowedError'));
      };
    });
    const page = await minji.opens();
    await sua.account.says('안녕', minji.account);
    // That the page raises no error is asked of every page, by the fixture.
    await expect.poll(() => soundsPlayed(page)).toBe(1);
  });
});

test.describe('a message that comes in while one looks', () => {
  test('shakes once, and what was there before does not', async ({ person }) => {
    const [minji, sua] = [await person('김민지'), await person('이수아')];
    await sua.account.says('옛글', minji.account);
    const page = await minji.opens();
    const shaken = await watchShaking(page);
    await rowOf(page, sua).click();
    await expect(bubbles(page, '옛글')).toBeVisible();
    expect(await shaken()).toBe(0);
    await sua.account.says('새 글', minji.account);
    await expect(bubbles(page, '새 글')).toBeVisible();
    await expect.poll(shaken).toBe(1);
    await write(page, '내 글');
    await expect(bubbles(page, '내 글')).toHaveAttribute('data-status', 'sent');
    expect(await shaken(), 'not for one’s own').toBe(1);
  });

  test('does not shake for those who want less motion', async ({ person }) => {
    const minji = await person('김민지', { reducedMotion: 'reduce' });
    const sua = await person('이수아');
    await sua.account.says('옛글', minji.account);
    const page = await minji.opensTalkWith(sua);
    await expect(bubbles(page, '옛글')).toBeVisible();
    const shaken = await watchShaking(page);
    await page.evaluate(() => {
      document.documentElement.dataset.shaking = '';
      new MutationObserver(() => {
        if (document.querySelector('[data-testid=message] [class*=animate-shake]') !== null)
          document.documentElement.dataset.shaking = 'seen';
      }).observe(document.body, {
        subtree: true,
        childList: true,
        attributes: true,
        attributeFilter: ['class'],
      });
    });
    await sua.account.says('가만히', minji.account);
    await expect(bubbles(page, '가만히')).toBeVisible();
    await sua.account.says('조용히', minji.account);
    await expect(bubbles(page, '조용히')).toBeVisible();
    expect(await shaken()).toBe(0);
    await expect(page.locator('html')).toHaveAttribute('data-shaking', '');
  });
});

test.describe('what is unread', () => {
  test('is told by title and favicon, and gone when it was seen', async ({ person }) => {
    const [minji, sua, doyun] = [await person('김민지'), await person('이수아'), await person('최도윤')];
    const page = await minji.opens();
    await expect(page).toHaveTitle('Sori');
    await sua.account.says('하나', minji.account);
    await sua.account.says('둘', minji.account);
    await doyun.account.says('셋', minji.account);
    await expect(page).toHaveTitle('(3) Sori');
    await expect(favicon(page)).toHaveAttribute('href', /unread/);
    await rowOf(page, sua).click();
    await expect(page).toHaveTitle('(1) Sori');
    await rowOf(page, doyun).click();
    await expect(page).toHaveTitle('Sori');
    await expect(favicon(page)).not.toHaveAttribute('href', /unread/);
  });

  test('is not read by a window that nobody looks at, until they look', async ({ person }) => {
    const [minji, sua] = [await person('김민지'), await person('이수아')];
    await sua.account.says('안녕', minji.account);
    const hers = await minji.opensTalkWith(sua);
    await expect(rowOf(hers, sua)).toHaveAttribute('data-unread', '0');
    const other = await sua.opensTalkWith(minji);
    await looksAway(hers);
    await write(other, '봤어?');
    await expect(rowOf(hers, sua)).toHaveAttribute('data-unread', '1');
    // Counting goes on, so the first was not read meanwhile either.
    await write(other, '정말?');
    await expect(rowOf(hers, sua)).toHaveAttribute('data-unread', '2');
    await expect(bubbles(other, '봤어?')).not.toHaveAttribute('data-status', 'read');
    await looksBack(hers);
    await expect(bubbles(other, '봤어?')).toHaveAttribute('data-status', 'read');
    await expect(rowOf(hers, sua)).toHaveAttribute('data-unread', '0');
  });

  test('is read in every tab when it is read in one', async ({ person }) => {
    const [minji, sua] = [await person('김민지'), await person('이수아')];
    const list = await minji.opens();
    await sua.account.says('안녕', minji.account);
    await expect(rowOf(list, sua)).toHaveAttribute('data-unread', '1');
    const talk = await minji.opensTalkWith(sua);
    await expect(bubbles(talk, '안녕')).toBeVisible();
    await expect(rowOf(list, sua)).toHaveAttribute('data-unread', '0');
    await expect(list).toHaveTitle('Sori');
  });

  test('begins below a divider, which stays while one reads and goes when one answers', async ({
    person,
  }) => {
    const [minji, sua] = [await person('김민지'), await person('이수아')];
    await sua.account.says('읽은 글', minji.account);
    await minji.account.hasRead(sua.account);
    await sua.account.says('안 읽은 글', minji.account);
    const page = await minji.opensTalkWith(sua);
    const divider = page.getByTestId('unread-divider');
    await expect(rowOf(page, sua)).toHaveAttribute('data-unread', '0');
    await expect(divider).toBeVisible();
    const fromTheTop = () =>
      page.locator('[data-testid=unread-divider], [data-testid=message] p').evaluateAll((parts) =>
        parts
          .map((part) => ({ part, top: part.getBoundingClientRect().top }))
          .sort((one, other) => one.top - other.top)
          .map(({ part }) => (part.matches('p') ? part.textContent : 'the divider')),
      );
    await expect.poll(fromTheTop).toEqual(['읽은 글', 'the divider', '안 읽은 글']);
    await write(page, '답장');
    await expect(divider).toHaveCount(0);
  });
});
