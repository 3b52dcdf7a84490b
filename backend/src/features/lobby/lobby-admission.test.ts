import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { io as connectTo, type Socket } from 'socket.io-client';
import { AppError } from '../../core/errors.js';
import { createSocketServer } from '../../realtime/server.js';
import { createFakeClock } from '../../testing/fake-clock.js';
import { attachLobby } from './lobby.socket.js';
import type { Rooms } from '../rooms/room.service.js';

/** Who is let into the lobby's namespace at all: before it connects, and before it is anybody. */

const most = 3;
let http: Server;
let url: string;
let clients: Socket[];
let bugs: unknown[];
/** What the look for a ban waits for. */
let look: () => Promise<void>;
let looks: number;
/** Counts those who come from one address. */
let count: () => Promise<void>;
/** What becomes of somebody who says who they are. */
let comeIn: (client: Parameters<Rooms['enterPlain']>[1]) => ReturnType<Rooms['enterPlain']>;

beforeEach(async () => {
  clients = [];
  bugs = [];
  looks = 0;
  look = () => Promise.resolve();
  count = () => Promise.resolve();
  comeIn = () => Promise.reject(new Error('nobody comes in here'));
  http = createServer((_request, response) => response.writeHead(404).end());
  const io = createSocketServer(http);
  const nothing = () => undefined;
  attachLobby(io, {
    rooms: {
      enterPlain: (_room, client) => comeIn(client),
      leavePlain: () => Promise.resolve(),
      refuseBanned: () => {
        looks += 1;
        return look();
      },
      onOccupancyChange: nothing,
      onEvicted: nothing,
      onBanned: nothing,
    },
    listening: { attended: nothing, left: nothing },
    send: () => Promise.resolve(),
    countConnect: () => count(),
    eventLimit: { take: () => Promise.resolve() },
    config: { openLobby: true, trustProxyHops: 0, limits: { openSocketsPerAddress: most } },
    clock: createFakeClock(),
    report: (bug) => void bugs.push(bug),
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const client of clients) client.disconnect();
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
  expect(bugs).toEqual([]);
});

const knock = (): Socket => {
  const client = connectTo(`${url}/open`, { transports: ['websocket'], reconnection: false, forceNew: true });
  clients.push(client);
  return client;
};
/** What became of it: let in, or why not. */
const outcome = (client: Socket): Promise<string> =>
  new Promise((resolve) => {
    client.once('connect', () => resolve('in'));
    client.once('connect_error', (error: Error & { data?: { code?: string } }) =>
      resolve(error.data?.code ?? error.message),
    );
  });
const knockAll = (number: number): Promise<string[]> =>
  Promise.all(Array.from({ length: number }, () => outcome(knock())));
const untilFree = async (): Promise<void> => {
  while ((await outcome(knock())) !== 'in');
};
const countOf = (outcomes: readonly string[], wanted: string): number =>
  outcomes.filter((one) => one === wanted).length;

describe('admission to the lobby', () => {
  it('lets no more in than it has places, even if many come at once and each waits to be checked', async () => {
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    look = () => held;
    const knocking = knockAll(most * 4);
    // Those that find it full are answered so without being looked at.
    while (looks < most) await new Promise((resolve) => setImmediate(resolve));
    letGo();
    const outcomes = await knocking;
    expect(countOf(outcomes, 'in')).toBe(most);
    expect(countOf(outcomes, 'RATE_LIMITED')).toBe(most * 3);
    expect(looks).toBe(most);
  });

  it('lets no more in even if all come in one request on one connection', async () => {
    const at = `${url}/socket.io/?EIO=4&transport=polling`;
    const { sid } = JSON.parse((await (await fetch(at)).text()).slice(1)) as { sid: string };
    const body = Array.from({ length: 20 }, () => '40/open,').join('\u001e');
    await fetch(`${at}&sid=${sid}`, { method: 'POST', body });
    let received = '';
    // The others are answered why not, or lose the connection.
    while (received.split('44/open').length - 1 < 20 - most) {
      const answer = await fetch(`${at}&sid=${sid}`);
      if (!answer.ok) break;
      received += await answer.text();
    }
    expect(received.split('"sid"').length - 1).toBeLessThanOrEqual(most);
  });

  it('looks nothing up for somebody whose address has come too often', async () => {
    count = () => Promise.reject(new AppError('RATE_LIMITED', 'That was too often'));
    expect(await outcome(knock())).toBe('RATE_LIMITED');
    expect(looks).toBe(0);
  });

  it('lets somebody write as soon as others were notified of their arrival', async () => {
    comeIn = ({ named }) => {
      named('길동');
      return new Promise(() => undefined);
    };
    const client = knock();
    await outcome(client);
    client.emit('newUser', '길동');
    const message = { type: 'message', message: '들려요?' };
    expect(await client.timeout(10_000).emitWithAck('message', message)).toMatchObject({ ok: true });
  });

  it('keeps no place for a connection that closes in the turn in which it came', async () => {
    const at = `${url}/socket.io/?EIO=4&transport=polling`;
    for (let times = 0; times < most * 2; times += 1) {
      const { sid } = JSON.parse((await (await fetch(at)).text()).slice(1)) as { sid: string };
      await fetch(`${at}&sid=${sid}`, { method: 'POST', body: '40/open,\u001e1' });
    }
    expect(await outcome(knock())).toBe('in');
  });

  it('frees the place of somebody who left, was refused, or never finished connecting', async () => {
    const inside = [knock(), knock(), knock()];
    await Promise.all(inside.map(outcome));
    for (const client of inside) client.disconnect();
    await untilFree();
    for (const client of clients) client.disconnect();
    await untilFree();
    for (const client of clients.splice(0)) client.disconnect();

    // Refused, again and again.
    look = () => Promise.reject(new AppError('REFUSED', 'You have been banned from this room'));
    for (let turn = 0; turn < most * 2; turn += 1) {
      const became = await outcome(knock());
      // The last of those above may be on their way out still.
      if (became === 'RATE_LIMITED') turn -= 1;
      else expect(became).toBe('REFUSED');
    }

    // Gone while they were looked at.
    const before = looks;
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    look = () => held;
    const impatient = [knock(), knock(), knock()];
    while (looks < before + most) await new Promise((resolve) => setImmediate(resolve));
    for (const client of impatient) client.io.engine.close();
    look = () => Promise.resolve();
    await untilFree();
    letGo();
    clients.at(-1)?.disconnect();
    await untilFree();
    expect(countOf(await knockAll(most * 2), 'in')).toBeGreaterThanOrEqual(most - 2);
  });
});
