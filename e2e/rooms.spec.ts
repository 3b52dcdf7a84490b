import { io, type Socket } from 'socket.io-client';
import { expect, test } from './fixtures.js';
import { reloadsWithin } from './support/connection.js';
import { enter, noticesOf, personHere } from './support/rooms.js';
import { bubbles, composerOf, write } from './support/window.js';

test('a stranger opens the lobby and talks to a signed-in person within ten seconds', async ({
  person,
  visitor,
}) => {
  const hers = await (await person('김민지')).opens('/open/lobby');
  await expect(composerOf(hers)).toBeVisible();
  const plain = await visitor();
  const opened = Date.now();
  await expect((await plain.opens('/login')).getByTestId('login-form')).toBeVisible();
  const opening = Date.now() - opened;
  const stranger = await visitor();
  const began = Date.now();
  const page = await stranger.opens('/open/lobby');
  await page.getByRole('button', { name: 'Enter' }).click();
  await write(page, '지나가다 들렀어요');
  await expect(bubbles(hers, '지나가다 들렀어요')).toBeVisible();
  await write(hers, '어서 오세요');
  await expect(bubbles(page, '어서 오세요')).toBeVisible();
  // The clock is for the way in. A machine on which a page alone takes seconds to open has more time for it.
  expect(Date.now() - began).toBeLessThan(Math.max(10_000, 6 * opening));
});

test('two guests and a member in a room see each other come, talk and go', async ({ person, visitor }) => {
  const minji = await person('김민지');
  const { slug } = await minji.account.opensRoom('Reading circle');
  const hers = await minji.opens(`/open/${slug}`);
  await expect(personHere(hers, '김민지')).toHaveCount(1);
  await expect(noticesOf(hers)).toHaveCount(0);

  const [one, other] = [await (await visitor()).opens(`/open/${slug}`), await visitor()];
  // A name that the room never draws: what it draws for the other one may be “Brave Otter”.
  expect(await enter(one, 'Robin')).toBe('Robin');
  await expect(noticesOf(hers).filter({ hasText: 'Robin joined' })).toHaveCount(1);

  const otherPage = await other.opens(`/open/${slug}`);
  const drawn = await enter(otherPage);
  expect(drawn, 'a friendly name for who gave none').toMatch(/^\p{L}+ \p{L}+/u);
  for (const page of [hers, one]) {
    await expect(page.getByText(`${drawn} joined`, { exact: false })).toBeVisible();
    for (const name of ['김민지', 'Robin', drawn]) await expect(personHere(page, name)).toHaveCount(1);
  }
  await expect(personHere(hers, 'Robin')).toContainText('guest');
  await expect(personHere(one, '김민지')).not.toContainText('guest');

  await write(one, 'Is anybody here?');
  await write(hers, 'We are');
  for (const page of [hers, one, otherPage]) {
    await expect(bubbles(page, 'Is anybody here?')).toHaveCount(1);
    await expect(bubbles(page, 'We are')).toHaveCount(1);
  }
  const said = bubbles(hers, 'Is anybody here?');
  await expect(said).toContainText('Robin');
  await expect(said).toContainText('guest');

  await otherPage.getByRole('button', { name: 'Options for this room' }).click();
  await otherPage.getByRole('menuitem', { name: 'Leave the room' }).click();
  await expect(otherPage.getByText('You have left the room')).toBeVisible();
  await otherPage.getByRole('button', { name: 'Enter again' }).click();
  await expect(otherPage.getByLabel('Your name here'), 'the name is not forgotten').toHaveValue(drawn);
  for (const page of [hers, one]) {
    await expect(noticesOf(page).filter({ hasText: `${drawn} left` })).toHaveCount(1);
    await expect(personHere(page, drawn)).toHaveCount(0);
  }
});

test('a guest who reloads, and opens a second tab, is the same guest, and nobody is told again', async ({
  person,
  visitor,
}) => {
  const minji = await person('김민지');
  const { slug } = await minji.account.opensRoom('Quiet corner');
  const hers = await minji.opens(`/open/${slug}`);
  await expect(personHere(hers, '김민지')).toHaveCount(1);
  const guest = await visitor();
  const page = await guest.opens(`/open/${slug}`);
  const name = await enter(page);
  await expect(noticesOf(hers)).toHaveText([`${name} joined`]);
  await write(page, 'before the reload');
  await expect(bubbles(page, 'before the reload')).toHaveAttribute('data-status', /sent|delivered|read/);

  // After eight seconds a guest is gone, and of one who comes back then everybody is told, rightly.
  const received = await reloadsWithin(7_000, page, async () => {
    const text = `on the way out ${Date.now()}`;
    await write(page, text);
    await expect(bubbles(hers, text)).toBeVisible();
    return noticesOf(hers).allTextContents();
  });
  await expect(page.getByTestId('guest-name')).toHaveText(`You are here as ${name}`);
  await expect(bubbles(page, 'before the reload')).toHaveAttribute('data-mine', 'true');
  const second = await guest.opens(`/open/${slug}`);
  await expect(second.getByTestId('guest-name')).toHaveText(`You are here as ${name}`);
  await write(second, 'after it');
  for (const where of [hers, page]) await expect(bubbles(where, 'after it')).toBeVisible();
  // Somebody else comes, and whatever was told is told before that.
  await enter(await (await visitor()).opens(`/open/${slug}`), 'Heron');
  await expect(noticesOf(hers).last()).toHaveText('Heron joined');
  await expect(noticesOf(hers)).toHaveText([...received, 'Heron joined']);
  await expect(personHere(hers, name)).toHaveCount(1);
});

test(
  'a guest changes their name, and one that is taken is numbered',
  { tag: '@long' },
  async ({ person, visitor }) => {
    const minji = await person('김민지');
    const { slug } = await minji.account.opensRoom('Names');
    const hers = await minji.opens(`/open/${slug}`);
    await expect(personHere(hers, '김민지')).toHaveCount(1);
    const page = await (await visitor()).opens(`/open/${slug}`);
    await enter(page, 'Heron');
    await page.getByRole('button', { name: 'Options for this room' }).click();
    await page.getByRole('menuitem', { name: 'Change my name…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('김민지');
    await dialog.getByRole('button', { name: 'Use this name' }).click();
    await expect(dialog).toHaveCount(0);
    await expect(page.getByTestId('guest-name')).not.toHaveText('You are here as 김민지');
    await expect(page.getByTestId('guest-name')).toContainText('김민지');
    await expect(personHere(hers, '김민지')).toHaveCount(2);
    await expect(noticesOf(hers)).toHaveText(['Heron joined']);
  },
);

test('plain clients of the lobby and the page are in the same room', async ({ person, server }) => {
  const page = await (await person('박서준')).opens('/open/lobby');
  await expect(personHere(page, '박서준')).toHaveCount(1);
  const plain: Socket = io(`${server.url}/open`, { transports: ['websocket'], forceNew: true });
  const updates: { type: string; name: string; message: string }[] = [];
  plain.on('update', (update: { type: string; name: string; message: string }) => updates.push(update));
  const name = `길동${process.pid}`;
  try {
    plain.emit('newUser', name);
    await expect(noticesOf(page).filter({ hasText: `${name} joined` })).toHaveCount(1);
    plain.emit('message', { type: 'message', message: '여기도 들려요?' });
    await expect(bubbles(page, '여기도 들려요?')).toContainText(name);
    await write(page, '잘 들려요');
    await expect
      .poll(() => updates)
      .toContainEqual({ type: 'message', name: '박서준', message: '잘 들려요' });
  } finally {
    plain.disconnect();
  }
  await expect(noticesOf(page).filter({ hasText: `${name} left` })).toHaveCount(1);
  await expect(personHere(page, name)).toHaveCount(0);
});

test('a guest has the room and nothing else, and takes it along when they log in', async ({
  person,
  visitor,
}) => {
  const { slug } = await (await person('김민지')).account.opensRoom('Threshold');
  const guest = await visitor();
  const page = await guest.opens(`/open/${slug}`);
  await enter(page, 'Robin');
  await expect(page.getByTestId('people-search')).toHaveCount(0);
  await page.goto(`${guest.url}/`);
  await expect(page.getByTestId('login-form')).toBeVisible();

  await page.goto(`${guest.url}/open/${slug}`);
  await expect(composerOf(page)).toBeVisible();
  await page.getByRole('link', { name: 'Sign up' }).click();
  const form = page.getByTestId('signup-form');
  const fields = { fullName: 'Robin Kim', username: `robin-${process.pid}` };
  for (const [name, value] of Object.entries({
    ...fields,
    password: 'long enough',
    confirmPassword: 'long enough',
  }))
    await form.locator(`[name=${name}]`).fill(value);
  await form.locator('[type=submit]').click();
  await expect(page).toHaveURL(new RegExp(`/open/${slug}$`));
  await expect(personHere(page, 'Robin Kim')).toHaveCount(1);
  await expect(page.getByTestId('people-search')).toBeVisible();
  await expect(page.getByTestId('conversation-row').filter({ hasText: 'Threshold' })).toHaveCount(1);
});

test('who opens a room gets a link that others can use', async ({ person, visitor }) => {
  const page = await (await person('김민지')).opens();
  await page.getByTestId('new-menu').click();
  await page.getByRole('menuitem', { name: 'New open room…' }).click();
  const form = page.getByTestId('room-form');
  await form.getByRole('button', { name: 'Create room' }).click();
  await expect(form.getByText('Please give it a name.')).toBeVisible();
  const slug = `tea-${process.pid}-${Date.now()}`;
  await form.locator('[name=name]').fill('Tea at five');
  await form.locator('[name=slug]').fill(slug);
  await form.getByRole('button', { name: 'Create room' }).click();
  await expect(page).toHaveURL(new RegExp(`/open/${slug}$`));
  await expect(page.getByRole('heading', { name: 'Tea at five' })).toBeVisible();
  await expect(page.getByTestId('conversation-row').filter({ hasText: 'Tea at five' })).toHaveCount(1);

  const guest = await (await visitor()).opens(`/open/${slug}`);
  await expect(guest.getByRole('heading', { name: 'Tea at five' })).toBeVisible();
  await enter(guest, 'Wren');
  await expect(personHere(page, 'Wren')).toHaveCount(1);
});

test('a link that leads nowhere says so', async ({ person, visitor }) => {
  for (const page of [
    await (await visitor()).opens('/open/nothing-of-the-kind'),
    await (await person('김민지')).opens('/open/nothing-of-the-kind'),
  ])
    await expect(page.getByText('There is no such room')).toBeVisible();
});
