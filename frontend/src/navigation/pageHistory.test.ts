import { createPageHistory, type PageHistory } from './pageHistory';

let page: PageHistory;
/** What was closed by Back, in order. */
let closed: string[];

beforeEach(() => {
  closed = [];
  // Whatever an earlier test left in this window lies below.
  window.history.pushState({ key: 'start' }, '', '/start');
  page = createPageHistory(window);
  page.push('/list');
});
afterEach(() => page.end());

const opens = (name: string): (() => void) => page.opened({ close: () => closed.push(name) });
const here = (): string => window.location.pathname;

/** Until the browser has gone where it was sent, and the page has followed. */
const arrives = (): Promise<void> =>
  new Promise((done) => window.addEventListener('popstate', () => done(), { once: true }));
const back = async (): Promise<void> => {
  window.history.back();
  await arrives();
};
/** The browser does one thing after the other: behind this, all that was asked before is done. */
const isSettled = async (holds: () => boolean): Promise<void> => {
  const tooLate = Date.now() + 5_000;
  while (!holds()) {
    if (Date.now() > tooLate) throw new Error(`Waited in vain at ${here()}`);
    await new Promise((done) => setTimeout(done, 5));
  }
};
const depth = (): number => (window.history.state as { layers?: number } | null)?.layers ?? 0;

test('Back closes the top layer and nothing else, one at a time, and then leads where it led before', async () => {
  const changed = jest.fn();
  page.subscribe(changed);
  opens('sheet');
  opens('menu');
  await back();
  expect(closed).toEqual(['menu']);
  await back();
  expect(closed).toEqual(['menu', 'sheet']);
  expect(here()).toBe('/list');
  expect(changed).not.toHaveBeenCalled();
  await back();
  expect(here()).toBe('/start');
  expect(changed).toHaveBeenCalledTimes(1);
});

test('a layer that was closed otherwise takes its entry along', async () => {
  opens('dialog')();
  await isSettled(() => depth() === 0);
  await back();
  expect(here()).toBe('/start');
  expect(closed).toEqual([]);
});

test('Back right behind Escape leads on from the page, not only from what has closed', async () => {
  opens('dialog')();
  await back();
  await isSettled(() => here() === '/start');
});

test('Back right behind the end of a menu closes the sheet below it', async () => {
  opens('sheet');
  opens('menu')();
  await back();
  await isSettled(() => closed.length > 0);
  expect(closed).toEqual(['sheet']);
  expect(here()).toBe('/list');
});

test('a dialog that a menu hands over to takes the place of the menu', async () => {
  const length = () => window.history.length;
  const close = opens('menu');
  const before = length();
  close();
  opens('dialog');
  expect(length()).toBe(before);
  await back();
  expect(closed).toEqual(['dialog']);
  expect(here()).toBe('/list');
});

test('who goes elsewhere from within layers comes back to the page, with none of them', async () => {
  const closers = [opens('sheet'), opens('menu')];
  page.push('/elsewhere', { fromList: true });
  for (const close of closers) close();
  await isSettled(() => here() === '/elsewhere');
  expect(page.location()).toMatchObject({ pathname: '/elsewhere', state: { fromList: true } });
  await back();
  expect(page.location().pathname).toBe('/list');
  expect(depth()).toBe(0);
  await back();
  expect(here()).toBe('/start');
});

test('Forward does not lead from elsewhere to layers that were left for it', async () => {
  const closers = [opens('sheet'), opens('menu')];
  page.push('/elsewhere');
  for (const close of closers) close();
  await isSettled(() => here() === '/elsewhere');
  const changed = jest.fn();
  page.subscribe(changed);
  window.history.forward();
  await arrives();
  await isSettled(() => here() === '/elsewhere');
  expect(page.location().pathname).toBe('/elsewhere');
  expect(changed).not.toHaveBeenCalled();
  await back();
  expect(here()).toBe('/list');
});

test('another address in place of the page leaves what is open above it open', async () => {
  opens('dialog');
  page.replace('/list-by-its-true-name');
  await isSettled(() => here() === '/list-by-its-true-name' && depth() === 1);
  await back();
  expect(closed).toEqual(['dialog']);
  expect(here()).toBe('/list-by-its-true-name');
  await back();
  expect(here()).toBe('/start');
});

test("the page's own way back leaves with all that lies open", async () => {
  opens('menu');
  page.go(-1);
  await isSettled(() => here() === '/start');
  expect(closed).toEqual(['menu']);
});

test('Forward does not lead to a layer that is no longer there', async () => {
  opens('dialog');
  await back();
  window.history.forward();
  await arrives();
  await isSettled(() => depth() === 0);
  expect(here()).toBe('/list');
  await back();
  expect(here()).toBe('/start');
});

test('loaded again with something open, the page is the page', async () => {
  opens('dialog');
  page.end();
  page = createPageHistory(window);
  await isSettled(() => depth() === 0);
  expect(page.location().pathname).toBe('/list');
  await back();
  expect(here()).toBe('/start');
});

test('what is opened on the way back from something else is there when it has arrived', async () => {
  opens('sheet');
  opens('menu');
  page.push('/elsewhere');
  opens('dialog');
  await isSettled(() => here() === '/elsewhere' && depth() === 3);
  expect(closed).toEqual([]);
});

describe('in a browser that has had enough of it', () => {
  afterEach(() => jest.restoreAllMocks());

  test.each([
    ['passes over new entries', () => undefined],
    [
      'refuses new entries',
      () => {
        throw new DOMException('Too many calls', 'SecurityError');
      },
    ],
  ])('and %s, what is opened is open, and Back leads on from the page', async (_how, pushState) => {
    jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const asked = jest.spyOn(window.history, 'pushState').mockImplementation(pushState);
    const close = opens('dialog');
    expect(asked).toHaveBeenCalledTimes(1);
    expect(closed).toEqual([]);
    close();
    await back();
    expect(here()).toBe('/start');
  });

  test('and does not travel, the page goes elsewhere all the same, and does not ask for ever', async () => {
    opens('sheet');
    opens('menu');
    const asked = jest.spyOn(window.history, 'go').mockImplementation(() => undefined);
    page.push('/elsewhere');
    await isSettled(() => here() === '/elsewhere');
    expect(page.location().pathname).toBe('/elsewhere');
    expect(asked).toHaveBeenCalledTimes(1);
  });

  test('and does not travel, an entry that is left over is asked away once', () => {
    jest.useFakeTimers();
    const close = opens('dialog');
    const asked = jest.spyOn(window.history, 'go').mockImplementation(() => undefined);
    close();
    jest.advanceTimersByTime(60_000);
    jest.useRealTimers();
    expect(asked).toHaveBeenCalledTimes(1);
  });
});
