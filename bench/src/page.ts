import { loadavg } from 'node:os';
import type { Browser, Page } from '@playwright/test';
import { longTasksOf, open, openBrowser, sitDown, traced } from './browser.js';
import type { Options } from './options.js';
import { type Report, shown, type Say } from './report.js';
import { type Person, signUp, type Sori, startSori } from './sori.js';
import { median, quantile } from './statistics.js';

const conversations = 20;
/** Of each conversation: enough to fill the screen, and what the page keeps of it. */
const known = 60;
const missedEach = 25;
const longestTaskMs = 50;
const catchUpMs = 1_000;
const paintMs = 100;
const drainWithinMs = 900_000;

interface Sent {
  _id: string;
  conversationId: string;
}

const call = async (
  sori: Sori,
  { token }: Person,
  method: string,
  path: string,
  body?: object,
): Promise<unknown> => {
  const answer = await fetch(`http://127.0.0.1:${sori.port}/api${path}`, {
    method,
    headers: { Cookie: `jwt=${token}`, 'Content-Type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path} was answered with ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
};

const say = async (sori: Sori, from: Person, to: Person, message: string): Promise<Sent> =>
  (await call(sori, from, 'POST', `/messages/send/${to._id}`, { message })) as Sent;

/** All that these say to one person, a few at a time. */
async function eachSays(
  sori: Sori,
  people: readonly Person[],
  to: Person,
  count: number,
  word: string,
): Promise<Sent[][]> {
  return Promise.all(
    people.map(async (from) => {
      const sent: Sent[] = [];
      for (let index = 1; index <= count; index += 1)
        sent.push(await say(sori, from, to, `${word} ${index}`));
      return sent;
    }),
  );
}

/** How many the page keeps on the device: messages to be read, or to be sent. */
const kept = (page: Page, me: Person, what: 'messages' | 'outbox'): Promise<number> =>
  page.evaluate(
    ([account, name]) =>
      new Promise<number>((resolve) => {
        const opening = indexedDB.open(`sori-${account}`);
        opening.onsuccess = () => {
          const count = opening.result.transaction(name).objectStore(name).count();
          count.onsuccess = () => {
            opening.result.close();
            resolve(count.result);
          };
        };
      }),
    [me._id, what] as const,
  );

const moment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 250));

const rowOf = (page: Page, { _id }: Person) =>
  page.locator(`[data-testid=conversation-row][data-user-id="${_id}"]`);

/** How long it takes from the press on a conversation's row until its messages are seen, in milliseconds. */
async function openingTimes(page: Page, people: readonly Person[], text: string): Promise<number[]> {
  const times: number[] = [];
  for (const person of people) {
    await rowOf(page, person).hover();
    times.push(
      await page.evaluate(
        ([userId, wanted]) =>
          new Promise<number>((resolve) => {
            const row = document.querySelector<HTMLElement>(
              `[data-testid=conversation-row][data-user-id="${userId}"]`,
            );
            const address = row?.getAttribute('href');
            const pressedAt = performance.now();
            row?.click();
            // A list that is just opened is in the page, and transparent, before it is where it belongs.
            const isSeen = () => {
              const bubbles = [...document.querySelectorAll('[data-testid=message] p')];
              const bubble = bubbles.find((one) => one.textContent === wanted);
              if (
                location.pathname !== address ||
                bubble?.checkVisibility({ opacityProperty: true }) !== true
              )
                return false;
              const { top, bottom } = bubble.getBoundingClientRect();
              return top >= 0 && bottom <= innerHeight;
            };
            // Called when the frame that is being made has been laid out, whatever else was asked to do in it.
            const observer = new ResizeObserver(() => {
              observer.disconnect();
              // What follows on that frame comes after it was painted.
              if (isSeen()) setTimeout(() => resolve(performance.now() - pressedAt));
              else requestAnimationFrame(look);
            });
            const look = () => observer.observe(document.body);
            requestAnimationFrame(look);
          }),
        [person._id, text],
      ),
    );
    // Away from it, so that the next one's messages are not taken for the next row's.
    await page.evaluate(() => history.back());
    await page.locator('[data-testid=message]').first().waitFor({ state: 'detached' });
  }
  return times;
}

async function measureOpening(browser: Browser, sori: Sori, me: Person, others: readonly Person[]) {
  await eachSays(sori, others, me, known, 'known');
  const context = await sitDown(browser, sori, me);
  const page = await open(context, sori);
  await rowOf(page, others.at(-1) ?? me).waitFor();
  for (let tries = 0; (await kept(page, me, 'messages')) < conversations * 50; tries += 1) {
    if (tries > 120) throw new Error(`The page keeps ${await kept(page, me, 'messages')} messages only`);
    await moment();
  }
  await context.setOffline(true);
  await page.reload();
  await rowOf(page, others.at(-1) ?? me).waitFor();
  const { result: fromDevice, tasks } = await traced(page, () =>
    openingTimes(page, others, `known ${known}`),
  );
  const processorMs = tasks.reduce((sum, task) => sum + task, 0) / others.length;
  const fromMemory = await openingTimes(page, others, `known ${known}`);
  await context.setOffline(false);
  return { page, fromDevice, fromMemory, processorMs };
}

/** From the moment at which the network is back until all that was missed is in the page, in milliseconds. */
async function measureCatchUp(
  page: Page,
  sori: Sori,
  me: Person,
  others: readonly Person[],
): Promise<number> {
  await page.locator('[data-testid=connection][data-state=online]').waitFor({ state: 'attached' });
  await call(sori, me, 'POST', '/conversations/read-all');
  await page
    .locator('[data-testid=conversation-row]:not([data-unread="0"])')
    .first()
    .waitFor({ state: 'detached' });
  await page.context().setOffline(true);
  await page.locator('[data-testid=connection]:not([data-state=online])').waitFor({ state: 'attached' });
  await eachSays(sori, others, me, missedEach, 'missed');
  const took = page.evaluate(
    ([rows, unread]) =>
      new Promise<number>((resolve) => {
        window.addEventListener('online', () => {
          const backAt = performance.now();
          const look = () => {
            const done = document.querySelectorAll(
              `[data-testid=conversation-row][data-unread="${unread}"]`,
            ).length;
            if (done === rows) resolve(performance.now() - backAt);
            else requestAnimationFrame(look);
          };
          look();
        });
      }),
    [conversations, missedEach] as const,
  );
  await page.context().setOffline(false);
  return took;
}

/** As if they had been written one after the other with no network: half of them to one person, half to another. */
const writeOffline = (page: Page, me: Person, lanes: readonly string[], count: number): Promise<void> =>
  page.evaluate(
    ([account, ids, many]) =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open(`sori-${account}`);
        opening.onsuccess = () => {
          const transaction = opening.result.transaction('outbox', 'readwrite');
          for (let order = 1; order <= many; order += 1) {
            const lane = ids[order % ids.length];
            transaction.objectStore('outbox').put({
              clientId: `offline-${order}`,
              to: lane,
              lane,
              text: `written offline ${order}`,
              order,
              queuedAt: new Date().toISOString(),
              state: 'waiting',
            });
          }
          transaction.oncomplete = () => {
            opening.result.close();
            resolve();
          };
          transaction.onerror = () => reject(new Error('The outbox could not be filled'));
        };
      }),
    [me._id, lanes, count] as const,
  );

async function textsOf(sori: Sori, who: Person, conversationId: string): Promise<string[]> {
  const texts: string[] = [];
  for (let after = 0; ;) {
    const page = (await call(
      sori,
      who,
      'GET',
      `/conversations/${conversationId}/entries?after=${after}&limit=500&targets=once`,
    )) as {
      entries: { kind: string; message?: string }[];
      next: number;
      more: boolean;
    };
    for (const { kind, message } of page.entries) if (kind === 'message') texts.push(message ?? '');
    if (!page.more) return texts;
    after = page.next;
  }
}

/** What a person feels while it drains: from the press of the button to the painted bubble, in milliseconds. */
async function writeNow(page: Page, text: string): Promise<number> {
  await page.getByTestId('composer').fill(text);
  return page.evaluate(
    (wanted) =>
      new Promise<number>((resolve) => {
        const pressedAt = performance.now();
        document.querySelector<HTMLElement>('[data-testid=send]')?.click();
        const look = () => {
          const bubbles = [...document.querySelectorAll('[data-testid=message] p')];
          if (bubbles.some((one) => one.textContent === wanted))
            setTimeout(() => resolve(performance.now() - pressedAt));
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      }),
    text,
  );
}

async function measureDrain(
  page: Page,
  sori: Sori,
  me: Person,
  others: readonly Person[],
  count: number,
  tell: Say,
) {
  const two = others.slice(0, 2);
  const lanes = (await Promise.all(two.map((one) => say(sori, one, me, 'before')))).map(
    ({ conversationId }) => conversationId,
  );
  const context = page.context();
  await context.setOffline(true);
  await page.goto(`http://127.0.0.1:${sori.port}/c/${lanes[0] ?? ''}`);
  await page.locator('[data-testid=message]').first().waitFor();
  const bare = await longTasksOf(page);
  await writeOffline(page, me, lanes, count);
  await page.reload();
  const last = page.locator('[data-testid=message]').filter({ hasText: `written offline ${count}` });
  await last.waitFor();
  const opening = await longTasksOf(page);
  const writing = [await writeNow(page, 'and one more')];
  const written = await longTasksOf(page);
  const startedAt = performance.now();
  const { tasks } = await traced(page, async () => {
    await context.setOffline(false);
    for (let index = 1; index <= 5; index += 1)
      writing.push(await writeNow(page, `while it drains ${index}`));
    const left = () => kept(page, me, 'outbox');
    for (let waiting = await left(), before = waiting; waiting > 0; waiting = await left()) {
      if (performance.now() - startedAt > drainWithinMs)
        throw new Error(`${waiting} are still in the outbox`);
      if (before - waiting > count / 10) {
        tell(`    ${waiting} left after ${shown((performance.now() - startedAt) / 1_000, ' s')}`);
        before = waiting;
      }
      await moment();
    }
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  const draining = [...written, ...(await longTasksOf(page))];
  const wrong = await Promise.all(
    lanes.map(async (lane, index) => {
      const got = (await textsOf(sori, me, lane)).filter((text) => text.startsWith('written offline'));
      const wanted = Array.from({ length: count }, (_, at) => at + 1)
        .filter((order) => order % lanes.length === index)
        .map((order) => `written offline ${order}`);
      return got.length !== wanted.length || got.some((text, at) => text !== wanted[at]);
    }),
  );
  return { bare, opening, draining, tasks, writing, seconds, inOrder: !wrong.includes(true) };
}

const longest = (tasks: readonly number[]): number => Math.max(0, ...tasks);
const asTask = (tasks: readonly number[]): string =>
  tasks.length === 0 ? `under ${longestTaskMs} ms` : shown(longest(tasks), ' ms');

/** What the page itself takes, in a real browser: to open a conversation, to catch up, and to send what was written offline. */
export async function measurePage({ queued }: Options, tell: Say): Promise<Report> {
  const sori = await startSori();
  const browser = await openBrowser();
  try {
    const load = loadavg()[0] ?? NaN;
    const [me, ...others] = await signUp(sori, conversations + 1);
    if (me === undefined) throw new Error('Nobody signed up');
    tell(`  opening ${conversations} conversations from what the page keeps`);
    const { page, fromDevice, fromMemory, processorMs } = await measureOpening(browser, sori, me, others);
    tell(`  catching up with ${conversations * missedEach} messages in ${conversations} conversations`);
    const caughtUp = await measureCatchUp(page, sori, me, others);
    tell(`  sending ${queued} messages that were written offline`);
    const drain = await measureDrain(page, sori, me, others, queued, tell);
    return {
      title: 'The page, in Chromium',
      columns: ['', 'median', 'longest'],
      rows: [
        [
          'a conversation opened from the device',
          shown(median(fromDevice), ' ms'),
          shown(longest(fromDevice), ' ms'),
        ],
        ['opened once more', shown(median(fromMemory), ' ms'), shown(longest(fromMemory), ' ms')],
        [
          'a message written while it drains, until it is painted',
          shown(median(drain.writing), ' ms'),
          shown(longest(drain.writing), ' ms'),
        ],
        ['a task while the page opens, nothing waiting', '', asTask(drain.bare)],
        [`a task while it opens, ${queued} waiting`, '', asTask(drain.opening)],
        ['a task while they drain', '', asTask(drain.draining)],
      ],
      notes: [
        `By processor time of the page's main thread: ${shown(processorMs, ' ms')} to open a conversation from the device, ${shown(longest(drain.tasks), ' ms')} for the longest of ${drain.tasks.length} tasks while they drain.`,
        `${queued} messages to two people were sent in ${shown(drain.seconds, ' s')}; ${drain.draining.length} tasks over ${longestTaskMs} ms.`,
        `The load of the machine was ${shown(load)} at the beginning and ${shown(loadavg()[0] ?? NaN)} at the end.`,
      ],
      targets: [
        {
          what: `${conversations * missedEach} missed entries in ${conversations} conversations, from the network's return`,
          wanted: `under ${catchUpMs} ms`,
          measured: shown(caughtUp, ' ms'),
          holds: caughtUp < catchUpMs,
        },
        {
          what: 'a conversation from the cache is painted (nine of ten)',
          wanted: `under ${paintMs} ms`,
          measured: shown(quantile(fromDevice, 0.9), ' ms'),
          holds: quantile(fromDevice, 0.9) < paintMs,
        },
        {
          what: `the longest task while ${queued} messages drain`,
          wanted: `at most ${longestTaskMs} ms`,
          measured: asTask(drain.draining),
          holds: longest(drain.draining) <= longestTaskMs,
        },
        {
          what: 'they are in the log once, in the order of writing',
          wanted: 'yes',
          measured: drain.inOrder ? 'yes' : 'no',
          holds: drain.inOrder,
        },
      ],
      figures: {
        fromDevice,
        fromMemory,
        processorMs,
        caughtUp,
        drain: { ...drain, tasks: longest(drain.tasks) },
        load,
      },
    };
  } finally {
    await browser.close();
    await sori.stop();
  }
}
