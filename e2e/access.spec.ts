import { expect, test } from './fixtures.js';
import { password } from './support/account.js';
import { barriers } from './support/barriers.js';
import { isOnline } from './support/connection.js';
import { tabTo } from './support/keyboard.js';
import { bubbles, composerOf, rowOf, write } from './support/window.js';

/** What dark changes, its colours, is in the list and the conversation; the doors are looked at once. */
const doors = (colorScheme: 'light' | 'dark') => ({ tag: colorScheme === 'dark' ? ['@long'] : [] });

for (const colorScheme of ['light', 'dark'] as const)
  test.describe(`axe finds nothing serious, ${colorScheme},`, () => {
    test('at the doors', doors(colorScheme), async ({ visitor }) => {
      const door = await visitor({ colorScheme, reducedMotion: 'reduce' });
      for (const path of ['/login', '/signup']) {
        const page = await door.opens(path);
        await expect(page.locator('form')).toBeVisible();
        expect(await barriers(page), path).toEqual([]);
        await page.locator('form [type=submit]').click();
        await expect(page.locator('[aria-invalid=true]').first()).toBeVisible();
        expect(await barriers(page), `${path} with complaints`).toEqual([]);
      }
    });

    for (const viewport of [
      { width: 1280, height: 800 },
      { width: 390, height: 844 },
    ])
      test(
        `at the door of an open room and in it, ${viewport.width} wide`,
        doors(colorScheme),
        async ({ person, visitor }) => {
          const { slug } = await (
            await person('김민지')
          ).account.opensRoom('독서 모임', { slowModeSeconds: 60 });
          const guest = await visitor({ colorScheme, viewport, reducedMotion: 'reduce' });
          const page = await guest.opens(`/open/${slug}`);
          await expect(page.getByTestId('enter-form')).toBeVisible();
          expect(await barriers(page), 'the door').toEqual([]);
          await page.getByTestId('enter-form').locator('[type=submit]').click();
          await write(page, '안녕하세요');
          await expect(page.getByText('you can write again in', { exact: false })).toBeVisible();
          if (viewport.width < 720) await page.getByTestId('room-here-toggle').click();
          await expect(page.getByTestId('room-person')).not.toHaveCount(0);
          expect(await barriers(page), 'the room').toEqual([]);
        },
      );

    for (const viewport of [
      { width: 1280, height: 800 },
      { width: 390, height: 844 },
    ])
      test(`in the list and in a conversation, ${viewport.width} wide`, async ({ person }) => {
        const minji = await person('김민지', {
          colorScheme,
          viewport,
          connection: true,
          reducedMotion: 'reduce',
        });
        const [sua, doyun] = [await person('이수아'), await person('최도윤')];
        await doyun.account.says('https://example.kr 보세요', minji.account);
        await sua.account.says('읽은 글', minji.account);
        await minji.account.hasRead(sua.account);
        await sua.account.says('안 읽은 글 👍', minji.account);
        const page = await minji.opens();
        await expect(rowOf(page, sua)).toHaveAttribute('data-unread', '1');
        expect(await barriers(page), 'the list').toEqual([]);
        await rowOf(page, sua).click();
        await expect(page.getByTestId('unread-divider')).toBeVisible();
        expect(await barriers(page), 'a conversation').toEqual([]);
        minji.connection.refuse(1);
        await write(page, '안 가는 글');
        await expect(bubbles(page, '안 가는 글')).toHaveAttribute('data-status', 'failed');
        await write(page, '가는 글');
        await expect(bubbles(page, '가는 글')).toHaveAttribute('data-status', 'sent');
        expect(await barriers(page), 'with own messages').toEqual([]);
      });
  });

test('somebody signs up, finds a person and writes by keyboard alone', async ({ person, visitor }) => {
  const found = await person('편집장');
  const page = await (await visitor()).opens('/signup');
  await expect(page.locator('[name=fullName]')).toBeFocused();
  await page.keyboard.type('자판만');
  for (const [name, value] of [
    ['username', `keys-only-${Date.now()}`],
    ['password', password],
    ['confirmPassword', password],
  ] as const) {
    await tabTo(page, page.locator(`[name=${name}]`));
    await page.keyboard.type(value);
  }
  await page.keyboard.press('Enter');
  await isOnline(page);
  await tabTo(page, page.getByTestId('people-search'));
  await page.keyboard.type('편집');
  const row = page.locator(`[data-testid=person-row][data-user-id="${found._id}"]`);
  await expect(row).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await expect(row).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(composerOf(page)).toBeFocused();
  await page.keyboard.type('마우스 없이');
  await page.keyboard.press('Enter');
  await expect(bubbles(page, '마우스 없이')).toHaveAttribute('data-status', 'sent');
  await expect(composerOf(page)).toBeFocused();
});

test('the menu gives the focus back when Escape closes it, and closes nothing else', async ({ person }) => {
  const page = await (await person('김민지')).opens();
  await page.getByTestId('people-search').fill('ㄱ');
  const menu = page.getByRole('button', { name: 'Your account and settings' });
  await menu.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menu')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('menu')).toHaveCount(0);
  await expect(menu).toBeFocused();
  await expect(page.getByTestId('people-search')).toHaveValue('ㄱ');
});

test('a screen reader hears each new message once, with its author and nothing of the history', async ({
  person,
}) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  await sua.account.says('옛글', minji.account);
  const page = await minji.opensTalkWith(sua);
  await expect(bubbles(page, '옛글')).toBeVisible();
  const received = await page.evaluateHandle(() => {
    const said: string[] = [];
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes)
        for (const node of addedNodes) {
          const live = node instanceof Element ? node.closest('[aria-live=polite]') : null;
          if (live?.getAttribute('aria-relevant') === 'additions') said.push(node.textContent ?? '');
        }
    }).observe(document.body, { childList: true, subtree: true });
    return said;
  });
  await sua.account.says('새 글', minji.account);
  await expect(bubbles(page, '새 글')).toBeVisible();
  await write(page, '내 글');
  await expect(bubbles(page, '내 글')).toHaveAttribute('data-status', 'sent');
  await sua.account.says('또 새 글', minji.account);
  await expect(bubbles(page, '또 새 글')).toBeVisible();
  await expect.poll(() => received.jsonValue()).toEqual(['이수아: 새 글', '이수아: 또 새 글']);
});
