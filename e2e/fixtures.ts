import { test as base, expect, type BrowserContextOptions, type Page } from '@playwright/test';
import { Account } from './support/account.js';
import { chromium } from './support/chromium.js';
import { isOnline } from './support/connection.js';
import { HeldConnection } from './support/heldConnection.js';
import { startServer, type Server } from './support/server.js';
import { Visitor } from './support/visitor.js';

export type PersonOptions = BrowserContextOptions & {
  username?: string;
  /** The connection to the server in the test's hands (see HeldConnection). */
  connection?: boolean;
};

/** Somebody with an account, and a browser in which they are signed in. */
export class Person extends Visitor {
  constructor(
    visitor: Visitor,
    readonly account: Account,
    private readonly held: HeldConnection | null,
  ) {
    super(visitor.context, visitor.url);
  }

  get _id(): string {
    return this.account._id;
  }

  get connection(): HeldConnection {
    if (this.held === null) throw new Error('Ask for the person with { connection: true }');
    return this.held;
  }

  /** Opens a window, or another tab beside the one there is, and waits for the connection to the server. */
  override async opens(path = '/'): Promise<Page> {
    const page = await super.opens(path);
    await isOnline(page);
    return page;
  }

  /** The window with the conversation with somebody in it. */
  opensTalkWith(other: Person): Promise<Page> {
    return this.opens(`/u/${other._id}`);
  }
}

type TestFixtures = {
  /** Signs somebody up, and gives them a browser of their own. */
  person: (fullName: string, options?: PersonOptions) => Promise<Person>;
  /** A browser in which nobody is signed in. */
  visitor: (options?: BrowserContextOptions) => Promise<Visitor>;
};
type WorkerFixtures = { server: Server };

let people = 0;

export const test = base.extend<TestFixtures, WorkerFixtures>({
  server: [
    // Playwright finds out from the first parameter which fixtures are needed; none is.
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const server = await startServer();
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],

  visitor: async ({ browser, server, locale, timezoneId, viewport }, use) => {
    const visitors: Visitor[] = [];
    await use(async (options) => {
      const context = await browser.newContext({ locale, timezoneId, viewport, ...options });
      const visitor = new Visitor(context, server.url);
      visitors.push(visitor);
      await visitor.prepare();
      return visitor;
    });
    const complaints = visitors.flatMap((visitor) => visitor.complaints);
    await Promise.all(visitors.map(({ context }) => context.close()));
    expect(complaints, 'errors in the pages').toEqual([]);
  },

  person: async ({ server, visitor }, use) => {
    await use(async (fullName, { username, connection = false, ...options } = {}) => {
      people += 1;
      const account = await Account.signUp(server.url, fullName, username ?? `p${process.pid}-${people}`);
      const { context, url } = await visitor(options);
      const [name = '', value = ''] = account.cookie.split('=', 2);
      await context.addCookies([{ name, value, url, sameSite: 'Strict', httpOnly: true }]);
      return new Person(
        new Visitor(context, url),
        account,
        connection ? await HeldConnection.of(context) : null,
      );
    });
  },
});

export { chromium, expect };
