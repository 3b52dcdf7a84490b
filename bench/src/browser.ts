import { execFileSync } from 'node:child_process';
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test';
import type { Person, Sori } from './sori.js';

declare global {
  interface Window {
    /** Milliseconds of each piece of work that kept this page from answering for 50 ms and more, since it was loaded. */
    longTasks: number[];
  }
}

/** The system's Chromium, as the browser tests use it. */
export function openBrowser(): Promise<Browser> {
  let executablePath: string;
  try {
    executablePath = execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim();
  } catch {
    throw new Error('There is no chromium on the PATH: run "npm run test:tools" first');
  }
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
    ],
  });
}

/** A browser of its own in which that person is signed in. */
export async function sitDown(browser: Browser, { port }: Sori, { token }: Person): Promise<BrowserContext> {
  const url = `http://127.0.0.1:${port}`;
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  await context.addCookies([{ name: 'jwt', value: token, url, httpOnly: true, sameSite: 'Strict' }]);
  await context.addInitScript(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.longTasks.push(duration);
    }).observe({ type: 'longtask', buffered: true });
  });
  return context;
}

/** Opens that path and waits for the line, and for the page to be kept: it opens without the server from then on. */
export async function open(context: BrowserContext, { port }: Sori, path = '/'): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${port}${path}`);
  await page.locator('[data-testid=connection][data-state=online]').waitFor({ state: 'attached' });
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  return page;
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Processor time in microseconds. */
  tdur?: number;
  args?: { name?: string };
}

/**
 * Does that, and tells of each task of the page's main thread how much processor time it took, in milliseconds: on a
 * machine that others use, too, that says more than the clock.
 */
export async function traced<Result>(
  page: Page,
  work: () => Promise<Result>,
): Promise<{ result: Result; tasks: number[] }> {
  const browser = page.context().browser();
  if (browser === null) throw new Error('The browser is gone');
  await browser.startTracing(page, { categories: ['toplevel'] });
  let result: Result;
  let trace: Buffer;
  try {
    result = await work();
  } finally {
    trace = await browser.stopTracing();
  }
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const threads = new Set(
    traceEvents.filter(({ args }) => args?.name === 'CrRendererMain').map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const tasks = traceEvents
    .filter(
      ({ name, ph, pid, tid }) => ph === 'X' && name.endsWith('RunTask') && threads.has(`${pid} ${tid}`),
    )
    .map(({ tdur = 0 }) => tdur / 1_000);
  return { result, tasks };
}

/** The page's long tasks since the last call, in milliseconds by the clock. */
export const longTasksOf = (page: Page): Promise<number[]> => page.evaluate(() => window.longTasks.splice(0));
