import type { BrowserContext, Route } from '@playwright/test';
import { versions } from '@sori/contract';

type Builds = { build: number; oldestBuild: number };

const built = /\{protocol:\d+,build:\d+,oldestBuild:\d+\}/g;
const announced = /"build":\d+,"oldestBuild":\d+/g;

const changed = (change: (text: string) => string) => async (route: Route) => {
  try {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: change(await answer.text()) });
  } catch {
    // The page that asked is gone, as on a reload: nobody waits for it.
    await route.abort().catch(() => undefined);
  }
};

/**
 * The same page and the same server as builds of themselves with other numbers: what is built says one, what the server
 * tells the other. What the server tells can also be changed otherwise (`words`), as by one that knows more.
 */
export class Versions {
  /** The page that is served from now on. */
  page = versions.build as number;
  /** What the server says from now on. */
  server: Builds = versions;
  words: (text: string) => string = (text) => text;
  private readonly cuts = new Set<() => void>();

  static async of(context: BrowserContext): Promise<Versions> {
    const all = new Versions();
    await context.route(
      /\/assets\/[^/]+\.js$/,
      changed((text) => text.replace(built, () => `{protocol:1,build:${all.page},oldestBuild:${all.page}}`)),
    );
    await context.route(
      /\/api\/(?:bootstrap|conversations|messages|users)/,
      changed((text) => all.said(text)),
    );
    await context.routeWebSocket(/\/socket\.io\//, (page) => {
      const server = page.connectToServer();
      all.cuts.add(() => void page.close({ code: 4_000 }));
      server.onMessage((frame) => page.send(all.said(String(frame))));
    });
    return all;
  }

  /** The server is another one now: all connections break, and are made anew. */
  restart(server: Builds): void {
    this.server = server;
    for (const cut of this.cuts) cut();
    this.cuts.clear();
  }

  private said(text: string): string {
    const { build, oldestBuild } = this.server;
    return this.words(text.replace(announced, `"build":${build},"oldestBuild":${oldestBuild}`));
  }
}
