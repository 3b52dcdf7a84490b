import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium as browser, type BrowserContext, type Page } from '@playwright/test';
import { chromium, expect, test } from './fixtures.js';
import { Account } from './support/account.js';
import { isOnline } from './support/connection.js';
import { frontOf } from './support/front.js';
import { isKept } from './support/kept.js';
import { bubbles, composerOf } from './support/window.js';

const many = 30;
const membersEach = 6;
/** What a returning person's page may ask before it can be used, and in the seconds after that. */
const mostBefore = 12;
const mostAfter = 30;
const afterwardsMs = 4_000;

type Cast = { minji: Account; others: Account[]; groups: { _id: string }[] };

/** Half direct conversations, half groups whose members differ; something is unread in every one of them. */
const cast = async (url: string): Promise<Cast> => {
  const stamp = `${process.pid}-${Date.now()}`;
  const minji = await Account.signUp(url, '김민지', `minji-${stamp}`);
  const others: Account[] = [];
  for (let number = 1; number <= many; number += 1)
    others.push(await Account.signUp(url, `${number}번 친구`, `friend${number}-${stamp}`));
  for (const other of others.slice(0, many / 2)) await other.says('안녕', minji);
  const groups: { _id: string }[] = [];
  for (let number = 0; number < many / 2; number += 1) {
    const members = others.slice(number, number + membersEach);
    const group = await minji.startsGroup(`모임 ${number + 1}`, members);
    await members.at(-1)?.says('모였네요', group);
    groups.push(group);
  }
  return { minji, others, groups };
};

/** A browser that is closed and started again, with all that it keeps on the disk. */
const profile = () => {
  const folder = mkdtempSync(join(tmpdir(), 'sori-profile-'));
  return {
    start: () =>
      browser.launchPersistentContext(folder, {
        ...chromium(),
        viewport: { width: 1280, height: 800 },
        locale: 'en-GB',
        timezoneId: 'Asia/Seoul',
        serviceWorkers: 'allow',
      }),
    end: () => rmSync(folder, { recursive: true, force: true }),
  };
};

const isUsable = async (page: Page, newest: string): Promise<void> => {
  await isOnline(page);
  await expect(page.getByTestId('conversation-row')).toHaveCount(many);
  await expect(bubbles(page, newest)).toBeVisible();
  await expect(composerOf(page)).toBeEditable();
};

/** Events that the page sends over its socket, by name. */
const sentBy = (page: Page, seen: (what: string) => void): void => {
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      const name = /^42\d*\["([^"]+)"/.exec(String(payload))?.[1];
      if (name !== undefined) seen(`EVENT ${name}`);
    }),
  );
};

const firstVisit = async (context: BrowserContext, url: string, { minji, groups }: Cast): Promise<void> => {
  const [name = '', value = ''] = minji.cookie.split('=', 2);
  const expires = Date.now() / 1_000 + 86_400;
  await context.addCookies([{ name, value, url, expires, sameSite: 'Strict', httpOnly: true }]);
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(`${url}/c/${groups[0]?._id ?? ''}`);
  await isUsable(page, '모였네요');
  // A message each, brought here to be read without network.
  await isKept(page, many);
};

test("a returning person's page asks little of the server before it can be used, and little more afterwards", async ({
  server,
}) => {
  const everybody = await cast(server.url);
  let seen: string[] = [];
  const front = await frontOf(server.url, { seen: (what) => seen.push(what) });
  const device = profile();
  const first = await device.start();
  await firstVisit(first, front.url, everybody);
  await first.close();

  const { minji, others, groups } = everybody;
  for (const other of others.slice(0, 5)) await other.says('어디야?', minji);
  for (const [index, group] of groups.slice(0, 5).entries()) await others[index]?.says('다들 왔어요', group);

  seen = [];
  const second = await device.start();
  const page = second.pages()[0] ?? (await second.newPage());
  sentBy(page, (what) => seen.push(what));
  await page.goto(`${front.url}/c/${groups[0]?._id ?? ''}`);
  await isUsable(page, '다들 왔어요');
  const before = seen;
  seen = [];
  // Not a wait for something: what is asked in that time is what is counted.
  await page.waitForTimeout(afterwardsMs);
  const after = seen;
  await second.close();
  await front.away();
  device.end();
  expect(before.length, before.join('\n')).toBeLessThanOrEqual(mostBefore);
  expect(after.length, after.join('\n')).toBeLessThanOrEqual(mostAfter);
});
