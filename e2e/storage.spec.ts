import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.js';
import { password } from './support/account.js';
import { isOnline } from './support/connection.js';
import { bubbles, write } from './support/window.js';

/** What a browser may do to what a page would like to use. Run in the page, before anything of ours. */
const sabotage = (how: 'missing' | 'throws on access' | 'throws on use' | 'never answers') => {
  const denied = () => {
    throw new DOMException('The operation is insecure.', 'SecurityError');
  };
  const never = () => new Promise(() => undefined);
  const silent = () => ({ addEventListener: () => undefined, removeEventListener: () => undefined });
  const put = (on: object, name: string, descriptor: PropertyDescriptor) =>
    Object.defineProperty(on, name, { configurable: true, ...descriptor });
  const replace = (on: object, name: string, used: object | undefined) => {
    if (how === 'missing') put(on, name, { value: undefined });
    else if (how === 'throws on access') put(on, name, { get: denied });
    else if (used !== undefined) put(on, name, { value: used });
  };
  const hangs = how === 'never answers';
  const use = hangs ? never : denied;

  // Storage that hangs holds the whole page up, whoever wrote it: it can only be refused.
  const refusing = new Proxy({}, { get: () => denied });
  replace(window, 'localStorage', hangs ? undefined : refusing);
  replace(window, 'sessionStorage', hangs ? undefined : refusing);
  replace(window, 'indexedDB', {
    open: hangs ? silent : denied,
    deleteDatabase: hangs ? silent : denied,
  });
  replace(navigator, 'locks', { request: use, query: use });
  replace(navigator, 'clipboard', { writeText: use });
  replace(navigator, 'serviceWorker', { register: use, ready: new Promise(() => undefined) });
  replace(window, 'Notification', { permission: 'default', requestPermission: use });
  replace(
    window,
    'BroadcastChannel',
    class {
      constructor() {
        if (!hangs) denied();
      }
      postMessage() {}
      close() {}
    },
  );
  if (how === 'missing') {
    put(window, 'Audio', { value: undefined });
    put(window, 'matchMedia', { value: undefined });
    put(Intl, 'Segmenter', { value: undefined });
  } else HTMLMediaElement.prototype.play = use as () => Promise<void>;
};

const logsIn = async (page: Page, username: string): Promise<void> => {
  await page.getByLabel('Username').fill(`${username} `);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await isOnline(page);
};

for (const how of ['missing', 'throws on access', 'throws on use', 'never answers'] as const)
  test(
    `one logs in, talks and reloads where all that a browser may refuse ${how === 'missing' ? 'is missing' : how}`,
    { tag: how.startsWith('throws') ? ['@long'] : [] },
    async ({ person, visitor }) => {
      const [minji, sua] = [await person('김민지'), await person('이수아')];
      const { context, url } = await visitor({ serviceWorkers: 'allow' });
      await context.addInitScript(sabotage, how);
      const page = await context.newPage();
      await page.goto(`${url}/u/${sua._id}`);
      await logsIn(page, minji.account.me.username);
      await write(page, '들려요?');
      await expect(bubbles(page, '들려요?')).toHaveAttribute('data-status', /sent|delivered|read/);
      await sua.account.says('들려요!', minji.account);
      await expect(bubbles(page, '들려요!')).toBeVisible();
      await page.reload();
      await expect(bubbles(page, '들려요!')).toBeVisible();
      await write(page, '아직도요?');
      await expect(bubbles(page, '아직도요?')).toHaveAttribute('data-status', /sent|delivered|read/);
      expect(await sua.account.texts(minji.account)).toEqual(['들려요?', '들려요!', '아직도요?']);
      // With a connection nobody need know; without one, what waits would be lost, and that is said.
      const warning = page.getByText("This browser can't store anything here");
      await expect(warning).toHaveCount(0);
      await context.setOffline(true);
      await expect(warning).toBeVisible();
    },
  );

test('a message is sent though a window was killed in which the clock was hours ahead, on plain http', async ({
  person,
}) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  await minji.context.addInitScript((account) => {
    Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });
    const row = `sori:lease:sori-outbox-${account}`;
    if (window.location.protocol === 'http:' && localStorage.getItem(row) === null)
      localStorage.setItem(row, JSON.stringify({ holder: 'killed', until: Date.now() + 5 * 3_600_000 }));
  }, minji._id);
  const page = await minji.opensTalkWith(sua);
  await write(page, '들려요?');
  await expect(bubbles(page, '들려요?')).toHaveAttribute('data-status', /sent|delivered|read/);
});
