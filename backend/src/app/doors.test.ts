import { methodAndPath, openRequests, requests, routeNames } from '@sori/contract';
import type { Express } from 'express';
import type { SocketServer } from '../realtime/server.js';
import type { Someone } from '../testing/server.js';
import { useServer } from '../testing/use-server.js';
import type { Transport } from './transport.js';

/** The transport that the app makes for itself: nobody outside needs to see it but this test. */
const made: Transport[] = [];
jest.mock('./transport.js', () => {
  const real: typeof import('./transport.js') = jest.requireActual('./transport.js');
  return {
    ...real,
    createTransport(...given: Parameters<typeof real.createTransport>) {
      const transport = real.createTransport(...given);
      made.push(transport);
      return transport;
    },
  };
});

const server = useServer();
let alice: Someone;
let express: Express;
let io: SocketServer;
beforeAll(async () => {
  alice = await server.person('alice');
  const [transport] = made;
  if (!transport) throw new Error('The app made no transport');
  ({ express, io } = transport);
});

type Stack = Express['router']['stack'];
/** Every route, also of routers within routers: what a layer is mounted under is no longer said by it. */
const routesIn = (stack: Stack): string[] =>
  stack.flatMap(({ route, handle }) => {
    if (route) return route.stack.map(({ method }) => `${method.toUpperCase()} ${route.path}`);
    return 'stack' in handle && Array.isArray(handle.stack) ? routesIn(handle.stack as Stack) : [];
  });

describe('the routes of the app', () => {
  it('are those of the contract’s table, besides the page', () => {
    const table = routeNames.map((name) => {
      const { method, path } = methodAndPath(name);
      return `${method} ${path}`;
    });
    const page = 'GET {/*path}';
    expect(routesIn(express.router.stack).toSorted()).toEqual([...table, page].toSorted());
  });
});

describe('the events of a socket', () => {
  const answered = async (ask: (event: string) => Promise<Record<string, unknown>>, events: string[]) => {
    const replies = await Promise.all(
      events.map(async (event) => ({ event, error: (await ask(event))['error'] })),
    );
    return replies.filter(({ error }) => error !== 'There is no such event').map(({ event }) => event);
  };
  const madeUp = ['message', 'no:such', 'toString', '__proto__'];

  it('are answered where the contract’s table has them, and nowhere else', async () => {
    const tab = await alice.sori();
    const events = [...Object.keys(requests), ...madeUp];
    expect(await answered((event) => tab.ask(event, 'nonsense'), events)).toEqual(Object.keys(requests));
  });

  it('are answered in /open where its table has them, and nowhere else', async () => {
    const plain = server.connect({}, '/open');
    const events = [...Object.keys(openRequests), 'message:send', 'toString'];
    expect(await answered((event) => plain.ask(event, []), events)).toEqual(Object.keys(openRequests));
  });

  it('are handled by what answers from the tables, and by nothing else', async () => {
    await alice.sori();
    expect([...io._nsps.keys()].toSorted()).toEqual(['/', '/open']);
    const sockets = [...io._nsps.values()].flatMap((namespace) => [...namespace.sockets.values()]);
    expect(sockets.length).toBeGreaterThan(1);
    // What Socket.IO itself says of a socket; no client can.
    const own = new Set<unknown>(['disconnect', 'error']);
    for (const socket of sockets) {
      expect(socket.eventNames().filter((event) => !own.has(event))).toEqual([]);
      expect(socket.listenersAny()).toHaveLength(1);
    }
  });
});
