import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.js';
import { Account } from './support/account.js';
import { isOpen } from './support/window.js';

/** More than are told with a group. */
const many = 56;

/** What the page asks from now on, over either way. */
const asks = (page: Page): string[] => {
  const all: string[] = [];
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname.startsWith('/api/') && !pathname.startsWith('/api/avatars/')) all.push(pathname + search);
  });
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      const name = /^42\d*\["([^"]+)"/.exec(String(payload))?.[1];
      if (name !== undefined) all.push(name);
    }),
  );
  return all;
};

test('who comes into a large group is counted and named by everybody there, who need not ask', async ({
  person,
  server,
}) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  const others: Account[] = [];
  for (let number = 1; number <= many + 2; number += 1)
    others.push(await Account.signUp(server.url, `${number}번 손님`, `${sua.account.me.username}-${number}`));
  const group = await sua.account.startsGroup('큰 모임', [minji.account, ...others.slice(0, many)]);
  const page = await minji.context.newPage();
  const asked = asks(page);
  await page.goto(`${minji.url}/c/${group._id}`);
  await isOpen(page);
  await expect(page.getByText(`${many + 2} members`)).toBeVisible();
  await expect(page.getByText('You', { exact: false }).first()).toBeVisible();
  // All that it begins with is asked.
  await page.waitForLoadState('networkidle');
  asked.length = 0;

  for (const [index, other] of others.slice(many).entries()) {
    await sua.account.adds(other, group);
    await expect(page.getByText(`added ${other.me.fullName}`)).toBeVisible();
    await expect(page.getByText(`${many + 3 + index} members`)).toBeVisible();
  }
  expect(asked.filter((name) => name !== 'read:set')).toEqual([]);
});
