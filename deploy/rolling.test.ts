import type { Client } from '@sori/client';
import { protocolVersion } from '@sori/contract';
import {
  type OneOfSeveral,
  type SeveralServers,
  startNginx,
  startServers,
  type TestNginx,
} from '@sori/testkit';
import { io } from 'socket.io-client';
import { createCrowd, type Crowd, join, type Onlooker } from './testing/crowd.js';

/** Three real servers behind nginx, while people write: stopped and started one after the other, and killed. */

let several: SeveralServers;
let nginx: TestNginx;
beforeAll(async () => {
  several = await startServers();
  nginx = await startNginx({ ports: several.servers.map(({ port }) => port) });
}, 240_000);
afterAll(async () => {
  await nginx.stop();
  await several.close();
});

let crowd: Crowd | undefined;
let onlooker: Onlooker | undefined;
const newcomers: Client[] = [];
// Six starts of a server: a machine that does much else takes its time for them.
jest.setTimeout(240_000);

afterEach(() => {
  for (const client of newcomers.splice(0)) client.close();
  onlooker?.leave();
  crowd?.leave();
  crowd = undefined;
});

const sockets = (): Promise<number[]> =>
  Promise.all(several.servers.map((server) => server.metric('sori_sockets{kind="account"}')));
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** Requests over REST, of which two are made at a time, count as connections too while they last. */
function expectSpread(counts: readonly number[]): void {
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
}

/** For 3 s after a failure nginx passes over a server; then it is the first to be given requests, as it has the fewest sockets. */
async function givenWork(server: OneOfSeveral): Promise<void> {
  while ((await server.metric('sori_sends_total{door="rest"}')) === 0)
    await new Promise((resolve) => setTimeout(resolve, 100));
}

/** What nobody may lose: each acknowledged message is in the log where it was said to be, once, and nothing else is. */
async function expectAllThere({ log: read, writers }: Crowd): Promise<void> {
  const log = await read();
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
  const messages = log.flatMap((entry) => (entry.kind === 'message' ? [entry] : []));
  const stored = messages.map(({ clientId, _id, seq, message }) => ({ clientId, _id, seq, message }));
  const acknowledged = writers
    .flatMap((writer) => [...writer.acknowledged])
    .map(([clientId, { _id, seq, message }]) => ({ clientId, _id, seq, message }))
    .sort((one, other) => one.seq - other.seq);
  expect(stored).toEqual(acknowledged);
  expect(stored.length).toBeGreaterThan(0);
}

/** Nobody comes again here: a request that reaches the wrong server is the end. */
describe('somebody whose network lets no WebSocket through', () => {
  const ways: [string, string[]][] = [
    ['stays on one server while they poll', ['polling']],
    ['is led on to a WebSocket on the same server where it does after all', ['polling', 'websocket']],
  ];
  it.each(ways)('%s', async (_way, transports) => {
    const { me, cookie } = await join(nginx.url, `polling${transports.length}`);
    // One without a cookie of nginx, as programs are, and one with it, as browsers are.
    for (const route of ['', '; sori_route=somebody']) {
      const auth = { protocol: protocolVersion };
      const options = { transports, auth, extraHeaders: { Cookie: cookie + route }, forceNew: true };
      const socket = io(nginx.url, { ...options, reconnection: false });
      await new Promise<void>((resolve, reject) =>
        socket.once('connect', resolve).once('connect_error', reject),
      );
      const { engine } = socket.io;
      const wanted = transports.at(-1);
      if (engine.transport.name !== wanted) await new Promise((resolve) => engine.once('upgrade', resolve));
      for (let number = 1; number <= 5; number += 1) {
        const sent: unknown = await socket.emitWithAck('message:send', {
          to: me._id,
          message: `note ${number}`,
          clientId: `${socket.id ?? ''}-${number}`,
        });
        expect(sent).toMatchObject({ ok: true });
      }
      socket.disconnect();
    }
  });
});

it('restarts every server under load: no send fails, nothing is lost or doubled, and nobody storms in', async () => {
  crowd = await createCrowd(nginx.url, [...Array<'socket'>(6).fill('socket'), 'rest', 'rest']);
  // With so many a server takes its 3 s to send them away, and is asked for newcomers all that time.
  onlooker = await crowd.onlooker('onlooker', 60);
  await crowd.write(5);
  expectSpread(await sockets());
  for (const server of several.servers) {
    const { code, took } = await server.stop();
    expect(code).toBe(0);
    expect(took).toBeLessThan(20_000);
    await crowd.write(5);
    await server.start();
    await givenWork(server);
    await crowd.write(5);
    await onlooker.complete();
  }
  await crowd.finish();
  await expectAllThere(crowd);

  const senders = crowd.writers.filter(({ door }) => door === 'socket');
  expect(senders.filter((writer) => !writer.isConnected())).toEqual([]);
  expect(onlooker.tabs()).toBe(60);
  for (const one of [...senders, onlooker]) {
    // Once at first, and once more for each server that went; and never in vain, as nginx finds one that takes them in.
    expect(one.connected()).toBeLessThanOrEqual((1 + 3) * (one === onlooker ? 60 : 1));
    expect(one.opened()).toBe(one.connected());
  }
  // The two that came back first share everybody; the last one is the first to be given who comes now.
  const [first = 0, second = 0, last] = await sockets();
  expect(first + second).toBe(6 + 60);
  expectSpread([first, second]);
  expect(last).toBe(0);
  for (let number = 1; number <= 3; number += 1) newcomers.push(await crowd.newcomer(`newcomer${number}`));
  expect(await sockets()).toEqual([first, second, 3]);
});

it('loses no acknowledged message where a server is killed, and its people are taken in by the others', async () => {
  crowd = await createCrowd(nginx.url, [...Array<'socket'>(6).fill('socket'), 'rest', 'rest']);
  await crowd.write(5);
  const [killed, ...others] = [...several.servers].sort(() => Math.random() - 0.5);
  expect((await killed?.kill())?.code).toBeNull();
  await crowd.write(10);
  await crowd.finish();
  const elsewhere = await Promise.all(others.map((one) => one.metric('sori_sockets{kind="account"}')));
  expect(sum(elsewhere)).toBe(6);
  await expectAllThere(crowd);
});
