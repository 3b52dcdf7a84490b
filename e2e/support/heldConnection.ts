import type { BrowserContext, WebSocketRoute } from '@playwright/test';

/** A Socket.IO event in a frame: Engine.IO's 4 (message), Socket.IO's 2 (event), the number of the answer it asks for. */
const event = /^42(\d*)(\[.*)$/s;
/** An answer: 3 (acknowledgement), and the number of what was asked. */
const answer = /^43(\d+)/;

type Sent = { clientId: string; message: string };
type Way = 'asked' | 'answered' | 'received';

/**
 * The connection between one person's windows and the server, in our hands: the frames are real, and so are both ends. We
 * only decide when one goes on, or that it is lost.
 */
export class HeldConnection {
  /** What the page sent as `message:send`, repeats included. */
  readonly sends: Sent[] = [];
  private readonly held: Record<Way, (() => void)[]> = { asked: [], answered: [], received: [] };
  private readonly holding = new Set<Way>();
  /** The page's end of each connection, and the server's. */
  private readonly open = new Map<WebSocketRoute, WebSocketRoute>();
  private readonly asks = new Set<string>();
  private isCut = false;
  private readonly refusals: { of: string | null; code: string; times: number }[] = [];
  private toLose = 0;

  static async of(context: BrowserContext): Promise<HeldConnection> {
    const connection = new HeldConnection();
    await context.routeWebSocket(/\/socket\.io\//, (page) => connection.opened(page));
    // Where no websocket comes through, or not soon enough, the page tries polling, which would pass the connection by.
    await context.route(/\/socket\.io\/.*transport=polling/, (route) => route.abort('connectionfailed'));
    return connection;
  }

  /** `asked`: what is sent does not reach the server. `answered`: the answer does not come. `received`: the news does not. */
  hold(way: Way): void {
    this.holding.add(way);
  }

  release(way: Way): void {
    this.holding.delete(way);
    for (const goOn of this.held[way].splice(0)) goOn();
  }

  /** How many frames wait. */
  waiting(way: Way): number {
    return this.held[way].length;
  }

  /** The next messages are refused for good, as by a server that does not take them. */
  refuse(times: number): void {
    this.refusals.push({ of: null, code: 'REFUSED', times });
  }

  /** Whenever this text is sent, as often as that, the answer is this code. */
  answer(of: string, code: string, times = 1): void {
    this.refusals.push({ of, code, times });
  }

  /** So many of the next messages told live never arrive. */
  lose(count: number): void {
    this.toLose = count;
  }

  async cut(): Promise<void> {
    this.isCut = true;
    await Promise.all([...this.open.keys()].map((page) => page.close({ code: 4_000 })));
    this.open.clear();
  }

  /** As where a lid is closed: the server is gone from the page's connection, and nothing tells the page so. */
  async goDead(): Promise<void> {
    const servers = [...this.open.values()];
    this.open.clear();
    await Promise.all(servers.map((server) => server.close({ code: 4_000 })));
  }

  mend(): void {
    this.isCut = false;
  }

  private opened(page: WebSocketRoute): void {
    const server = page.connectToServer();
    if (this.isCut) {
      // Not before the first frame: Engine.IO sits out its whole time limit where a connection opens and closes without a
      // word.
      server.onMessage((frame) => {
        page.send(frame);
        void page.close({ code: 4_000 });
        void server.close();
      });
      return;
    }
    this.open.set(page, server);
    // Only a connection that is still ours tells its page of its end: see `goDead`.
    server.onClose((code, reason) => {
      if (this.open.delete(page)) void page.close({ code, reason });
    });
    page.onMessage((frame) => this.fromPage(String(frame), page, server));
    server.onMessage((frame) => this.fromServer(String(frame), page));
  }

  private pass(way: Way, goOn: () => void): void {
    if (this.holding.has(way)) this.held[way].push(goOn);
    else goOn();
  }

  private fromPage(frame: string, page: WebSocketRoute, server: WebSocketRoute): void {
    const [, number = '', json = '[]'] = event.exec(frame) ?? [];
    const [name, payload] = JSON.parse(json) as [string?, Sent?];
    if (name !== 'message:send' || payload === undefined) {
      server.send(frame);
      return;
    }
    this.sends.push(payload);
    const refusal = this.refusals.find(
      ({ of, times }) => times > 0 && (of === null || of === payload.message),
    );
    if (refusal !== undefined) {
      refusal.times -= 1;
      page.send(`43${number}${JSON.stringify([{ ok: false, error: 'Not here', code: refusal.code }])}`);
      return;
    }
    this.asks.add(number);
    this.pass('asked', () => server.send(frame));
  }

  private fromServer(frame: string, page: WebSocketRoute): void {
    const number = answer.exec(frame)?.[1];
    if (number !== undefined && this.asks.delete(number)) this.pass('answered', () => page.send(frame));
    else if (!frame.startsWith('42["newMessage"')) page.send(frame);
    else if (this.toLose > 0) this.toLose -= 1;
    else this.pass('received', () => page.send(frame));
  }
}
