import { gifOfFrames, htmlPage, hugePng, pdf } from '@sori/testkit/media';
import { expect, test } from './fixtures.js';
import { Account } from './support/account.js';
import { barriers } from './support/barriers.js';
import { isOnline, untilTheNextTry } from './support/connection.js';
import {
  anyFile,
  attachmentsIn,
  bring,
  choose,
  download,
  filesKept,
  hashOf,
  isDrawn,
  picture,
  UploadParts,
} from './support/files.js';
import { startServer } from './support/server.js';
import { bubbles, composerOf, rowOf } from './support/window.js';

const pane = 'main';

test('pictures that were picked go together, with a caption, and the other side has them in their places at once', async ({
  person,
}) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  const page = await minji.opensTalkWith(sua);
  await choose(page, await picture('하나.jpg'), await picture('둘.jpg'), await picture('셋.jpg'));
  await expect(page.getByTestId('chosen-file')).toHaveCount(3);
  await page.getByRole('button', { name: 'Move 셋.jpg to the left' }).click();
  await composerOf(page).fill('바다');
  await page.getByTestId('send').click();
  await expect(page.getByTestId('tray')).toHaveCount(0);
  const mine = bubbles(page, '바다');
  await expect(mine).toHaveAttribute('data-status', 'sent');
  await expect(attachmentsIn(mine, 'picture')).toHaveCount(3);

  const [stored] = await sua.account.history(minji.account);
  expect(stored?.attachments.map(({ name }) => name)).toEqual(['하나.jpg', '셋.jpg', '둘.jpg']);

  const hers = await sua.opensTalkWith(minji);
  const received = bubbles(hers, '바다');
  await expect(attachmentsIn(received, 'picture')).toHaveCount(3);
  const before = await received.boundingBox();
  for (const index of [0, 1, 2]) await isDrawn(attachmentsIn(received).nth(index));
  expect(await received.boundingBox()).toEqual(before);
  await expect(rowOf(hers, minji)).toContainText('바다');
});

test('files alone are a message, which previews say by what they are', async ({ person }) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  const page = await minji.opensTalkWith(sua);
  await choose(page, await picture('하나.jpg'));
  await expect(page.getByTestId('chosen-file')).toHaveCount(1);
  await composerOf(page).press('Enter');
  await expect(page.getByTestId('message')).toHaveAttribute('data-status', 'sent');
  const hers = await sua.opens();
  await expect(rowOf(hers, minji)).toContainText('Picture');
});

test('a pasted picture and quick Enter send both together, once', async ({ person }) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  const page = await minji.opensTalkWith(sua);
  await composerOf(page).fill('이거 봐');
  expect(await bring(page, 'paste', '[data-testid=composer]', [await picture('image.png')])).toBe(true);
  await expect(page.getByTestId('chosen-file')).toHaveCount(1);
  await composerOf(page).press('Enter');
  await composerOf(page).press('Enter');
  await expect(bubbles(page, '이거 봐')).toHaveAttribute('data-status', 'sent');
  const history = await sua.account.history(minji.account);
  expect(history.map(({ message, attachments }) => `${message} ${attachments.length}`)).toEqual([
    '이거 봐 1',
  ]);
  expect(await bring(page, 'paste', '[data-testid=composer]', [await picture('image.png')], 'words')).toBe(
    false,
  );
});

test('the whole conversation takes what is dropped on it, and nothing leads away from the page', async ({
  person,
}) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  const page = await minji.opensTalkWith(sua);
  const address = page.url();
  const file = [await picture('하나.jpg')];
  await bring(page, 'dragenter', pane, file);
  await expect(page.getByTestId('drop-target')).toBeVisible();
  expect(await bring(page, 'drop', pane, file)).toBe(true);
  await expect(page.getByTestId('drop-target')).toHaveCount(0);
  await expect(page.getByTestId('chosen-file')).toHaveCount(1);
  for (const where of ['[role=complementary]', 'body'])
    expect([await bring(page, 'dragover', where, file), await bring(page, 'drop', where, file)]).toEqual([
      true,
      true,
    ]);
  await expect(page.getByText('Drop files on a conversation')).toBeVisible();
  await expect(page.getByTestId('chosen-file')).toHaveCount(1);
  expect(page.url()).toBe(address);
  await composerOf(page).press('Escape');
  await expect(page.getByTestId('chosen-file')).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByTestId('chosen-file')).toHaveCount(1);
});

test('more than ten, and what is too large, is said before it is sent', async ({ person }) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  const page = await minji.opensTalkWith(sua);
  await choose(page, ...Array.from({ length: 11 }, (_, index) => anyFile(`${index}.bin`, 10)));
  await expect(page.getByText('At most 10 files can be sent at once.')).toBeVisible();
  await expect(page.getByTestId('chosen-file')).toHaveCount(10);
  // Made in the page: Playwright hands no file over that is larger than 50 MB.
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(101 * 2 ** 20)], 'large.bin'));
    document
      .querySelector('main')
      ?.dispatchEvent(new DragEvent('drop', { bubbles: true, dataTransfer: data }));
  });
  await expect(page.getByText('“large.bin” is too large')).toBeVisible();
});

test('an upload is cancelled, and its words stay sendable', async ({ person }) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  const parts = await UploadParts.of(minji.context);
  const page = await minji.opensTalkWith(sua);
  parts.letThrough(0);
  await choose(page, anyFile('large.bin', 200_000));
  await composerOf(page).press('Enter');
  const upload = page.getByTestId('upload');
  await parts.isWaiting();
  await expect(upload).toHaveAttribute('data-state', 'sending');
  await page.getByRole('button', { name: 'Cancel sending large.bin' }).click();
  await expect(page.getByTestId('message')).toHaveCount(0);
  await parts.goOn();
  await composerOf(page).fill('없던 일로');
  await composerOf(page).press('Enter');
  await expect(bubbles(page, '없던 일로')).toHaveAttribute('data-status', 'sent');
  expect(await sua.account.texts(minji.account)).toEqual(['없던 일로']);
});

test('words do not wait for the files of an earlier message', async ({ person }) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  const parts = await UploadParts.of(minji.context);
  const page = await minji.opensTalkWith(sua);
  parts.letThrough(0);
  await choose(page, anyFile('large.bin', 200_000));
  await composerOf(page).press('Enter');
  await parts.isWaiting();
  await composerOf(page).fill('먼저 가는 말');
  await composerOf(page).press('Enter');
  await expect(bubbles(page, '먼저 가는 말')).toHaveAttribute('data-status', 'sent');
  await parts.goOn();
  await expect(page.getByTestId('message').filter({ hasText: 'large.bin' })).toHaveAttribute(
    'data-status',
    'sent',
  );
  const history = await sua.account.history(minji.account);
  expect(history.map(({ message, attachments }) => message || attachments[0]?.name)).toEqual([
    '먼저 가는 말',
    'large.bin',
  ]);
});

test('an upload goes on after a reload and a lost line, and arrives byte for byte', async ({ person }) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  const parts = await UploadParts.of(minji.context);
  const page = await minji.opensTalkWith(sua);
  const file = anyFile('기록.bin', 14 * 2 ** 20);
  parts.letThrough(1);
  await choose(page, file);
  await composerOf(page).press('Enter');
  await parts.isWaiting();
  await page.reload();
  await isOnline(page);
  await expect(page.getByTestId('upload')).toBeVisible();
  await parts.isWaiting();
  await parts.lose();
  const message = page.getByTestId('message').filter({ hasText: '기록.bin' });
  await expect(message).toHaveAttribute('data-status', 'sent');
  // 14 MiB are four parts of at most 4: whatever came through once was not sent again.
  expect(parts.passed).toBe(4);
  const [stored] = await sua.account.history(minji.account);
  const [sent] = stored?.attachments ?? [];
  expect(hashOf(await download(sua.account, sent?._id ?? ''))).toBe(hashOf(file.buffer));
});

test('a server that is killed in the middle of an upload gets the rest when it is back', async ({
  browser,
}) => {
  test.setTimeout(180_000);
  const server = await startServer();
  const account = await Account.signUp(server.url, '김민지', `killed${process.pid}`);
  const context = await browser.newContext({ locale: 'en-GB' });
  const [name = '', value = ''] = account.cookie.split('=', 2);
  await context.addCookies([{ name, value, url: server.url, sameSite: 'Strict', httpOnly: true }]);
  const parts = await UploadParts.of(context);
  const page = await context.newPage();
  await page.goto(`${server.url}/u/${account._id}`);
  await isOnline(page);
  const file = anyFile('기록.bin', 19 * 2 ** 20);
  parts.letThrough(3);
  await choose(page, file);
  await composerOf(page).press('Enter');
  await parts.isWaiting();
  await server.kill();
  await parts.lose();
  await server.restart();
  await isOnline(page, untilTheNextTry);
  await expect(page.getByTestId('message')).toHaveAttribute(
    'data-status',
    /sent|delivered|read/,
    untilTheNextTry,
  );
  const [stored] = await account.history(account);
  expect(hashOf(await download(account, stored?.attachments[0]?._id ?? ''))).toBe(hashOf(file.buffer));
  await context.close();
  await server.stop();
});

test('delete for everyone empties the bubble at once, and the viewer with it', async ({ person }) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  const page = await minji.opensTalkWith(sua);
  await choose(page, await picture('하나.jpg', { width: 1600, height: 1200 }));
  await composerOf(page).press('Enter');
  await expect(page.getByTestId('message')).toHaveAttribute('data-status', 'sent');
  const hers = await sua.opensTalkWith(minji);
  await isDrawn(attachmentsIn(hers));
  await attachmentsIn(hers).getByRole('button').click();
  await expect(hers.getByTestId('viewer')).toBeVisible();
  const [stored] = await sua.account.history(minji.account);
  if (stored !== undefined) await minji.account.deletes(stored);
  await expect(hers.getByTestId('viewer')).toHaveCount(0);
  await expect(hers.getByText('This message was deleted')).toBeVisible();
  await expect(attachmentsIn(hers)).toHaveCount(0);
});

test('the viewer shows one picture after the other, and Back and Esc close it', async ({ person }) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  const page = await minji.opensTalkWith(sua);
  await choose(page, await picture('하나.jpg'), await picture('둘.jpg'));
  await composerOf(page).press('Enter');
  await expect(page.getByTestId('message')).toHaveAttribute('data-status', 'sent');
  const viewer = page.getByTestId('viewer');
  await page.getByRole('button', { name: 'Open picture 하나.jpg' }).click();
  await expect(viewer.getByRole('heading', { name: '하나.jpg' })).toBeVisible();
  await page.keyboard.press('ArrowRight');
  await expect(viewer.getByRole('heading', { name: '둘.jpg' })).toBeVisible();
  await page.keyboard.press('+');
  await expect(viewer.getByRole('button', { name: 'Zoom out' })).toBeEnabled();
  await page.keyboard.press('Escape');
  await expect(viewer).toHaveCount(0);
  await page.getByRole('button', { name: 'Open picture 둘.jpg' }).click();
  await expect(viewer.getByTestId('viewer-place')).toHaveText('2 of 2');
  await page.goBack();
  await expect(viewer).toHaveCount(0);
  await expect(page.getByTestId('message')).toBeVisible();
});

test('a file is a row with its name and kind, whatever it is called; pages and scripts are never shown', async ({
  person,
}) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  const page = await minji.opensTalkWith(sua);
  await choose(
    page,
    { name: '보고서 (최종).pdf', mimeType: 'application/pdf', buffer: pdf },
    { name: 'picture.png', mimeType: 'image/png', buffer: htmlPage },
  );
  await composerOf(page).press('Enter');
  await expect(page.getByTestId('message')).toHaveAttribute('data-status', 'sent');
  await expect(attachmentsIn(page, 'file')).toHaveCount(2);
  const hers = await sua.opensTalkWith(minji);
  const row = hers.getByRole('link', { name: 'Download 보고서 (최종).pdf' });
  await expect(row).toContainText('PDF');
  const saved = hers.waitForEvent('download');
  await row.click();
  expect((await saved).suggestedFilename()).toBe('보고서 (최종).pdf');
  await expect(attachmentsIn(hers, 'picture')).toHaveCount(0);
});

test('what the server refuses says so on its bubble, and can be discarded', async ({ person }) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  const page = await minji.opensTalkWith(sua);
  await choose(page, { name: 'bomb.png', mimeType: 'image/png', buffer: hugePng() });
  await composerOf(page).press('Enter');
  await expect(page.getByText('This is too large for this server.')).toBeVisible();
  await expect(page.getByTestId('upload')).toHaveAttribute('data-state', 'failed');
  await page.getByRole('button', { name: 'Discard' }).click();
  await expect(page.getByTestId('message')).toHaveCount(0);
});

test('who wants less motion is shown a still picture, and plays it themselves', async ({ person }) => {
  const [minji, sua] = [await person('김민지'), await person('이수아', { reducedMotion: 'reduce' })];
  const page = await minji.opensTalkWith(sua);
  await choose(page, { name: 'wave.gif', mimeType: 'image/gif', buffer: gifOfFrames(3) });
  await composerOf(page).press('Enter');
  await expect(page.getByTestId('message')).toHaveAttribute('data-status', 'sent');
  const hers = await sua.opensTalkWith(minji);
  const image = attachmentsIn(hers).locator('img');
  await expect(image).toHaveAttribute('src', /size=thumb/);
  await hers.getByRole('button', { name: 'Play wave.gif' }).click();
  await expect(image).not.toHaveAttribute('src', /size=/);
});

test('nothing of it keeps anybody out, in light and dark', async ({ person }) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  const parts = await UploadParts.of(minji.context);
  const page = await minji.opensTalkWith(sua);
  await choose(page, await picture('하나.jpg'), {
    name: '보고서.pdf',
    mimeType: 'application/pdf',
    buffer: pdf,
  });
  await expect(page.getByTestId('chosen-file')).toHaveCount(2);
  expect(await barriers(page)).toEqual([]);
  await composerOf(page).fill('둘 다');
  await composerOf(page).press('Enter');
  await expect(bubbles(page, '둘 다')).toHaveAttribute('data-status', 'sent');
  parts.letThrough(0);
  await choose(page, await picture('둘.jpg'));
  await expect(page.getByTestId('chosen-file')).toHaveCount(1);
  await composerOf(page).press('Enter');
  await parts.isWaiting();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await barriers(page)).toEqual([]);
  }
  await page.getByRole('button', { name: 'Open picture 하나.jpg' }).click();
  await expect(page.getByTestId('viewer')).toBeVisible();
  expect(await barriers(page)).toEqual([]);
  await parts.goOn();
});

test('the person who logs out leaves no file on the device', async ({ person }) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  const parts = await UploadParts.of(minji.context);
  const page = await minji.opensTalkWith(sua);
  parts.letThrough(0);
  await choose(page, anyFile('large.bin', 200_000));
  await composerOf(page).press('Enter');
  await parts.isWaiting();
  await expect.poll(() => filesKept(page, minji)).toBe(1);
  await page.getByRole('button', { name: 'Your account and settings' }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await expect(page.getByTestId('login-form')).toBeVisible();
  await expect.poll(() => filesKept(page, minji)).toBe(0);
});

test('a caption is emptied by an edit, and the picture stays', async ({ person }) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  const page = await minji.opensTalkWith(sua);
  await choose(page, await picture('하나.jpg'));
  await composerOf(page).fill('설명');
  await composerOf(page).press('Enter');
  await expect(bubbles(page, '설명')).toHaveAttribute('data-status', 'sent');
  await composerOf(page).press('ArrowUp');
  await composerOf(page).fill('');
  await composerOf(page).press('Enter');
  await expect(page.getByText('설명', { exact: true })).toHaveCount(0);
  await expect(attachmentsIn(page, 'picture')).toHaveCount(1);
  await expect.poll(() => sua.account.texts(minji.account)).toEqual(['']);
});
