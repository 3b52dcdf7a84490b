import { createHash, randomBytes } from 'node:crypto';
import { expect, type BrowserContext, type Locator, type Page, type Route } from '@playwright/test';
import { photo } from '@sori/testkit/media';
import type { Account } from './account.js';

/** As Playwright hands a file to a chooser. */
export type TestFile = { name: string; mimeType: string; buffer: Buffer };

export const picture = async (name: string, size = { width: 640, height: 480 }): Promise<TestFile> => ({
  name,
  mimeType: 'image/jpeg',
  buffer: await photo(size),
});

/** Of so many bytes, of which nobody can tell what they are. */
export const anyFile = (name: string, size: number): TestFile => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: randomBytes(size),
});

export const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Through the + and the system's chooser. */
export const choose = async (page: Page, ...files: TestFile[]): Promise<void> => {
  const chooser = page.waitForEvent('filechooser');
  await page.getByTestId('attach').click();
  await (await chooser).setFiles(files);
  // Who presses Enter before the page has them sends nothing.
  await expect(page.getByTestId('chosen-file').nth(Math.min(files.length, 10) - 1)).toBeVisible();
};

type Way = 'paste' | 'drop' | 'dragenter' | 'dragover';

/** What a browser tells where files are pasted or dragged there. @returns whether the page saw to it itself */
export const bring = (
  page: Page,
  way: Way,
  where: string,
  files: readonly TestFile[],
  text?: string,
): Promise<boolean> =>
  page.evaluate(
    ([name, selector, given, words]) => {
      const data = new DataTransfer();
      for (const { fileName, type, base64 } of given) {
        const bytes = Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0));
        data.items.add(new File([bytes], fileName, { type }));
      }
      if (words !== undefined) data.setData('text/plain', words);
      const init = { bubbles: true, cancelable: true };
      const event =
        name === 'paste'
          ? new ClipboardEvent(name, { ...init, clipboardData: data })
          : new DragEvent(name, { ...init, dataTransfer: data });
      document.querySelector(selector)?.dispatchEvent(event);
      return event.defaultPrevented;
    },
    [
      way,
      where,
      files.map(({ name, mimeType, buffer }) => ({
        fileName: name,
        type: mimeType,
        base64: buffer.toString('base64'),
      })),
      text,
    ] as const,
  );

export const attachmentsIn = (place: Page | Locator, kind?: string): Locator =>
  place.locator(`[data-testid=attachment]${kind === undefined ? '' : `[data-kind=${kind}]`}`);

/** The picture is there, and drawn. */
export const isDrawn = async (attachment: Locator): Promise<void> => {
  await expect
    .poll(() =>
      attachment
        .locator('img')
        .evaluate((image) => image instanceof HTMLImageElement && image.naturalWidth > 0),
    )
    .toBe(true);
};

/** The parts of uploads on their way to the server, in the test's hands: so many come through, and the next ones wait. */
export class UploadParts {
  /** How many have come through so far. */
  passed = 0;
  private waiting: Route[] = [];
  private most = Number.POSITIVE_INFINITY;

  static async of(context: BrowserContext): Promise<UploadParts> {
    const parts = new UploadParts();
    await context.route(/\/api\/uploads\/\w+$/, async (route) => {
      if (route.request().method() !== 'PATCH') return route.continue();
      if (parts.passed >= parts.most) {
        parts.waiting.push(route);
        return undefined;
      }
      parts.passed += 1;
      return route.continue();
    });
    return parts;
  }

  /** From now on, so many more. */
  letThrough(count: number): void {
    this.most = this.passed + count;
  }

  /** Somebody waits for one to come through. */
  async isWaiting(): Promise<void> {
    await expect.poll(() => this.waiting.length).toBeGreaterThan(0);
  }

  /** Those that wait are lost, as where a line breaks; all others come through. */
  async lose(): Promise<void> {
    this.most = Number.POSITIVE_INFINITY;
    await Promise.all(
      this.waiting.splice(0).map((route) => route.abort('connectionreset').catch(() => undefined)),
    );
  }

  async goOn(): Promise<void> {
    this.most = Number.POSITIVE_INFINITY;
    for (const route of this.waiting.splice(0)) {
      this.passed += 1;
      await route.continue().catch(() => undefined);
    }
  }
}

/** A file as its readers get it. */
export const download = async (account: Account, fileId: string, query = ''): Promise<Buffer> => {
  const answer = await fetch(`${account.url}/api/files/${fileId}${query}`, {
    headers: { cookie: account.cookie },
  });
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
};

/** How many files wait on this person's device. */
export const filesKept = (page: Page, { _id }: { _id: string }): Promise<number> =>
  page.evaluate(async (name) => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opened = indexedDB.open(name);
      opened.onsuccess = () => resolve(opened.result);
      opened.onerror = () => reject(new Error('The database does not open'));
    });
    const counted = database.transaction('files').objectStore('files').count();
    const count = await new Promise<number>((resolve, reject) => {
      counted.onsuccess = () => resolve(counted.result);
      counted.onerror = () => reject(new Error('The files cannot be counted'));
    });
    database.close();
    return count;
  }, `sori-${_id}`);
