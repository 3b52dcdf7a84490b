/**
 * Makes the pictures of the README from the running program: `npx tsx e2e/scripts/pictures.ts` starts one on an empty
 * data folder, lets people talk, photographs them and throws it all away. With SORI_URL it photographs that one instead
 * (its people stay there).
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { createSocket, signUp, type SoriSocket } from '@sori/client';
import { casts, type Cast, type Role, type Scene } from './cast.js';

const pictures = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
const largest = 300_000;
const graceMs = 8_000;
const password = 'only for pictures';

const sizes = {
  wide: { viewport: { width: 1280, height: 800 }, isMobile: false, hasTouch: false },
  narrow: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
} as const;
type Size = keyof typeof sizes;
type Theme = 'light' | 'dark';
type Language = 'ko' | 'en';

type Somebody = { _id: string; cookie: string; socket: SoriSocket };

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
};

const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
  const end = Date.now() + 120_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`${what} did not happen within two minutes`);
    await new Promise((done) => setTimeout(done, 200));
  }
};

const start = async (): Promise<{ url: string; stop: () => Promise<void> }> => {
  if (process.env.SORI_URL !== undefined) return { url: process.env.SORI_URL, stop: () => Promise.resolve() };
  const port = await freePort();
  const data = mkdtempSync(join(tmpdir(), 'sori-pictures-'));
  const server: ChildProcess = spawn(process.execPath, ['scripts/start.mjs'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      PORT: String(port),
      HOST: '127.0.0.1',
      DATA_DIR: data,
      LIMIT_SIGNUPS_PER_ADDRESS_HOUR: '0',
      LIMIT_LOGINS_PER_ADDRESS_MINUTE: '0',
      LIMIT_REQUESTS_PER_USER_10S: '0',
      LIMIT_REQUESTS_PER_ADDRESS_10S: '0',
    },
  });
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    if (server.exitCode === null) {
      server.kill('SIGTERM');
      await once(server, 'exit');
    }
    rmSync(data, { recursive: true, force: true });
  };
  try {
    await until('The start of the server', async () => {
      if (server.exitCode !== null) throw new Error(`The server ended with ${server.exitCode}`);
      return fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
};

const call = async (method: string, url: string, body: unknown, cookie = ''): Promise<Response> => {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return answer;
};

const becomeSomebody = async (url: string, { fullName, username }: Role): Promise<Somebody> => {
  const { me, cookie } = await signUp(url, { fullName, username, password, confirmPassword: password });
  const socket = createSocket({ address: url, extraHeaders: { Cookie: cookie } });
  return { _id: me._id, cookie, socket };
};

const comeOnline = async ({ socket }: Somebody): Promise<void> => {
  socket.connect();
  await new Promise<void>((done, failed) => {
    socket.once('connect', done);
    socket.once('connect_error', failed);
  });
};

type Said = { _id: string; conversationId: string; seq: number };

/** Lets two people talk, and do to what was said what people do. */
const speak = async (url: string, scene: Scene, me: Somebody, peer: Somebody): Promise<Said[]> => {
  const said: Said[] = [];
  for (const [index, line] of scene.lines.entries()) {
    const [from, to] = line.startsWith('> ') ? [me, peer] : [peer, me];
    const answered = scene.answers?.find(([place]) => place === index)?.[1] ?? -1;
    const body = { message: line.replace(/^> /, ''), replyTo: said[answered]?._id };
    const answer = await call('POST', `${url}/api/messages/send/${to._id}`, body, from.cookie);
    said.push((await answer.json()) as Said);
  }
  const message = (place: number) => `${url}/api/messages/${said[place]?._id ?? ''}`;
  for (const { line, emoji, by } of scene.reactions ?? [])
    for (const whose of by)
      await call(
        'PUT',
        `${message(line)}/reactions/${encodeURIComponent(emoji)}`,
        {},
        (whose === 'me' ? me : peer).cookie,
      );
  if (scene.pinned !== undefined) await call('PUT', `${message(scene.pinned)}/pin`, {}, peer.cookie);
  if (scene.muted === true)
    await call(
      'PUT',
      `${url}/api/conversations/${said[0]?.conversationId ?? ''}/mute`,
      { until: '9999-12-31T00:00:00.000Z' },
      me.cookie,
    );
  return said;
};

/** Lets a cast play its scenes. Gives back who is photographed, and with whom they talk in the picture. */
const play = async (url: string, cast: Cast): Promise<{ me: Somebody; peer: Somebody; all: Somebody[] }> => {
  const people = new Map<string, Somebody>();
  for (const role of cast.roles) people.set(role.username, await becomeSomebody(url, role));
  const who = (username: string): Somebody => {
    const found = people.get(username);
    if (found === undefined) throw new Error(`Nobody in the cast is called ${username}`);
    return found;
  };
  const me = who(cast.me);
  for (const role of cast.roles) if (role.online) await comeOnline(who(role.username));

  for (const scene of cast.scenes) {
    const peer = who(scene.with);
    const said = await speak(url, scene, me, peer);
    const last = said.at(-1);
    if (last !== undefined && scene.seen) {
      const { conversationId, seq } = last;
      for (const reader of [me, peer]) {
        if (!reader.socket.connected) await comeOnline(reader);
        await reader.socket.timeout(5_000).emitWithAck('read:set', { conversationId, seq });
      }
    }
  }
  // Reading needs a connection; who is not meant to be there leaves again.
  for (const role of cast.roles) if (!role.online) who(role.username).socket.disconnect();
  // Nobody is said to be gone before the grace for a reload is over.
  await new Promise((done) => setTimeout(done, graceMs));
  return { me, peer: who(cast.photographedWith), all: [...people.values()] };
};

const contextFor = (
  browser: Browser,
  language: Language,
  theme: Theme,
  size: Size,
): Promise<BrowserContext> =>
  browser.newContext({
    ...sizes[size],
    colorScheme: theme,
    locale: language === 'ko' ? 'ko-KR' : 'en-GB',
    timezoneId: language === 'ko' ? 'Asia/Seoul' : 'Europe/London',
    // Nothing half-way on a picture.
    reducedMotion: 'reduce',
  });

const photograph = async (
  context: BrowserContext,
  address: string,
  name: string,
  shows: string,
  before?: (page: Page) => Promise<void>,
): Promise<void> => {
  const page = await context.newPage();
  await page.goto(address);
  await page.locator(shows).last().waitFor();
  await page.evaluate(() => document.fonts.ready);
  await before?.(page);
  await page.waitForTimeout(600);
  const path = join(pictures, `${name}.png`);
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
  const { size } = statSync(path);
  if (size > largest) throw new Error(`${name}.png has ${size} bytes: more than a README should carry`);
  console.log(`${name}.png ${Math.round(size / 1000)} kB`);
  await page.close();
};

/** What one can do with a message: by mouse a menu, by a resting finger a sheet. */
const openMenu = async (page: Page, size: Size): Promise<void> => {
  const message = page.locator('[data-testid=message][data-mine=true]').last();
  if (size === 'wide') {
    await message.hover();
    await message.locator('[aria-haspopup=menu]').click();
    return;
  }
  const { x = 0, y = 0, width = 0, height = 0 } = (await message.locator('p').boundingBox()) ?? {};
  const finger = await page.context().newCDPSession(page);
  const touchPoints = [{ x: x + width / 2, y: y + height / 2 }];
  await finger.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints });
  await page.getByRole('dialog').waitFor();
  await finger.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await page.waitForTimeout(300);
  await page.getByRole('dialog').waitFor();
};

const main = async (): Promise<void> => {
  mkdirSync(pictures, { recursive: true });
  const { url, stop } = await start();
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  });
  const everybody: Somebody[] = [];
  try {
    for (const language of ['ko', 'en'] as const) {
      const { me, peer, all } = await play(url, casts[language]);
      everybody.push(...all);
      for (const theme of ['light', 'dark'] as const)
        for (const size of ['wide', 'narrow'] as const) {
          const suffix = `${language}-${theme}-${size}`;
          const context = await contextFor(browser, language, theme, size);
          const query = `?lang=${language}`;
          await photograph(context, `${url}/signup${query}`, `signup-${suffix}`, '[data-testid=signup-form]');
          await context.addCookies([{ name: 'jwt', value: me.cookie.replace(/^jwt=/, ''), url }]);
          if (size === 'narrow')
            await photograph(context, `${url}/${query}`, `list-${suffix}`, '[data-testid=conversation-row]');
          await photograph(
            context,
            `${url}/u/${peer._id}${query}`,
            `conversation-${suffix}`,
            '[data-testid=message]',
          );
          await photograph(
            context,
            `${url}/u/${peer._id}${query}`,
            `actions-${suffix}`,
            '[data-testid=message]',
            (page) => openMenu(page, size),
          );
          await context.close();
        }
    }
  } finally {
    for (const { socket } of everybody) socket.disconnect();
    await browser.close();
    await stop();
  }
};

await main();
