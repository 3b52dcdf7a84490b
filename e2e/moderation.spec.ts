import { expect, test } from './fixtures.js';
import { enter, noticesOf, personHere } from './support/rooms.js';
import { bubbles, composerOf, write } from './support/window.js';

test(
  'the owner sends a guest out, and bans another: one may come back, the other not',
  { tag: '@long' },
  async ({ person, visitor }) => {
    const minji = await person('김민지');
    const { slug } = await minji.account.opensRoom('House rules');
    const hers = await minji.opens(`/open/${slug}`);
    const page = await (await visitor()).opens(`/open/${slug}`);
    await enter(page, 'Crow');

    const ask = async (name: string, what: string) => {
      await hers.getByRole('button', { name: `Actions for ${name}` }).click();
      await hers.getByRole('menuitem', { name: what }).click();
      await hers.getByRole('dialog').getByRole('button', { name: what }).click();
    };
    await ask('Crow', 'Remove');
    await expect(page.getByText('You were removed')).toBeVisible();
    await expect(composerOf(page)).toHaveCount(0);
    await expect(personHere(hers, 'Crow')).toHaveCount(0);

    await page.getByRole('button', { name: 'Enter again' }).click();
    await enter(page, 'Crow');
    await expect(personHere(hers, 'Crow')).toHaveCount(1);
    await ask('Crow', 'Ban');
    await expect(page.getByText('You were removed')).toBeVisible();
    await page.getByRole('button', { name: 'Enter again' }).click();
    await page.getByTestId('enter-form').locator('[type=submit]').click();
    await expect(page.getByText('You cannot enter this room')).toBeVisible();
    await expect(composerOf(page)).toHaveCount(0);
  },
);

test(
  'a member leaves, comes back, is sent out, and comes back again: to all that was said',
  { tag: '@long' },
  async ({ person }) => {
    const [minji, sua] = [await person('김민지'), await person('이수아')];
    const { slug } = await minji.account.opensRoom('Back and forth');
    const hers = await minji.opens(`/open/${slug}`);
    await expect(composerOf(hers)).toBeVisible();
    const page = await sua.opens(`/open/${slug}`);
    await write(page, 'first words');
    await expect(bubbles(hers, 'first words')).toBeVisible();
    const row = page.getByTestId('conversation-row').filter({ hasText: 'Back and forth' });
    await expect(row).toHaveCount(1);

    await page.getByRole('button', { name: 'Options for this room' }).click();
    await page.getByRole('menuitem', { name: 'Leave the room' }).click();
    await expect(page).toHaveURL(`${sua.url}/`);
    await expect(row).toHaveCount(0);
    await expect(noticesOf(hers).last()).toHaveText('이수아 left');
    await write(hers, 'said meanwhile');

    await page.goto(`${sua.url}/open/${slug}`);
    await expect(bubbles(page, 'said meanwhile')).toBeVisible();
    await expect(bubbles(page, 'first words')).toHaveCount(1);

    await hers.getByRole('button', { name: 'Actions for 이수아' }).click();
    await hers.getByRole('menuitem', { name: 'Remove' }).click();
    await hers.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await expect(page.getByText('You are no longer in this room')).toBeVisible();
    await expect(composerOf(page)).toHaveCount(0);
    await write(hers, 'not for her');
    await page.getByRole('button', { name: 'Enter again' }).click();
    await expect(composerOf(page)).toBeVisible();
    await write(page, 'here again');
    await expect(bubbles(hers, 'here again')).toBeVisible();
    await write(hers, 'welcome back');
    for (const text of ['first words', 'said meanwhile', 'here again', 'welcome back'])
      await expect(bubbles(page, text)).toHaveCount(1);
  },
);

test('the owner deletes a room: whoever is in it reads so, and nobody finds a way back', async ({
  person,
  visitor,
}) => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  const { slug } = await minji.account.opensRoom('Short lived');
  const hers = await minji.opens(`/open/${slug}`);
  const page = await sua.opens(`/open/${slug}`);
  const guest = await (await visitor()).opens(`/open/${slug}`);
  await enter(guest, 'Crow');
  await write(page, 'still here');
  await expect(bubbles(guest, 'still here')).toBeVisible();
  // What only its owner may do is not offered to others.
  await page.getByRole('button', { name: 'Options for this room' }).click();
  await expect(page.getByRole('menuitem', { name: 'Leave the room' })).toBeVisible();
  await expect(page.getByRole('menuitem', { name: 'Delete the room' })).toHaveCount(0);
  await page.keyboard.press('Escape');

  await hers.getByRole('button', { name: 'Options for this room' }).click();
  await hers.getByRole('menuitem', { name: 'Delete the room' }).click();
  await expect(hers.getByRole('dialog')).toContainText('Delete Short lived?');
  await hers.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await expect(composerOf(hers)).toBeVisible();
  await hers.getByRole('button', { name: 'Options for this room' }).click();
  await hers.getByRole('menuitem', { name: 'Delete the room' }).click();
  await hers.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(hers).toHaveURL(`${minji.url}/`);

  for (const shown of [page, guest]) {
    await expect(shown.getByText('This room was deleted')).toBeVisible();
    await expect(composerOf(shown)).toHaveCount(0);
    await expect(shown.getByRole('button', { name: 'Enter again' })).toHaveCount(0);
  }
  for (const list of [hers, page])
    await expect(list.getByTestId('conversation-row').filter({ hasText: 'Short lived' })).toHaveCount(0);
  await page.goto(`${sua.url}/open/${slug}`);
  await expect(page.getByText('There is no such room')).toBeVisible();
});

test(
  'in slow mode the composer says how long to wait, and keeps what is written',
  { tag: '@long' },
  async ({ person, visitor }) => {
    const { slug } = await (await person('김민지')).account.opensRoom('Slowly', { slowModeSeconds: 15 });
    const page = await (await visitor()).opens(`/open/${slug}`);
    await enter(page);
    const note = page.getByText('you can write again in', { exact: false });
    await write(page, 'first');
    await write(page, 'second');
    await expect(composerOf(page)).toHaveValue('second');
    await expect(note).toBeVisible();
    await expect(bubbles(page, 'second')).toHaveCount(0);
    await expect(bubbles(page, 'first')).toHaveAttribute('data-status', /sent|delivered|read/);
    await expect(note).toHaveCount(0, { timeout: 30_000 });
    await composerOf(page).press('Enter');
    await expect(bubbles(page, 'second')).toHaveAttribute('data-status', /sent|delivered|read/);
  },
);
