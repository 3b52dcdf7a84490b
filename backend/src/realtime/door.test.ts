import { once } from 'node:events';
import { WebSocket } from 'ws';
import { AppError } from '../core/errors.js';
import { alice, bob, type Client, type Live, startLive } from '../testing/live.js';
import { rawClient } from '../testing/raw-client.js';
import { frames, rawPolling, rawWebSocket } from '../testing/raw-connections.js';

const times = <Item>(count: number, item: Item): Item[] => Array.from({ length: count }, () => item);

let live: Live;
let bystander: Client;
let authenticated: string[];
let counted: string[];
let isOverLimit: (name: string) => boolean;

beforeAll(async () => {
  const expiresAt = new Date(2 ** 42);
  live = await startLive({
    authenticate: (token) => {
      authenticated.push(token);
      const userId = token === 'bobs' ? bob : /^(alices|token-.*)$/.test(token) ? alice : undefined;
      return Promise.resolve(userId === undefined ? null : { userId, sessionId: token, expiresAt });
    },
    eventLimit: {
      take(name) {
        counted.push(name);
        return isOverLimit(name)
          ? Promise.reject(new AppError('RATE_LIMITED', 'Too often'))
          : Promise.resolve();
      },
    },
  });
  // As the lobby of the plain clients: anybody may come, and it takes a moment.
  live.io.of('/open').use((_socket, next) => void setImmediate(next));
});
beforeEach(async () => {
  authenticated = [];
  counted = [];
  isOverLimit = () => false;
  bystander = await live.sori('bobs', { auth: { token: 'bobs', protocol: 1 } });
});
afterEach(async () => {
  await bystander.settled();
  bystander.socket.disconnect();
  expect(live.bugs).toEqual([]);
});
afterAll(() => live.close());

const connect = `40${JSON.stringify({ token: 'alices', protocol: 1 })}`;
const polling = async () => {
  const connection = await rawPolling(live.url);
  await connection.say(connect);
  await connection.next('40');
  return connection;
};
const webSocket = async () => {
  const connection = await rawWebSocket(live.url);
  connection.say(connect);
  await connection.next('40');
  return connection;
};
const plainClients = (): number => live.io.of('/open').sockets.size;

describe('many packets at once', () => {
  it.each([
    ['349,000 packets', [`42${'\x1e42'.repeat(349_000)}`]],
    ['a thousand CONNECTs', times(1_000, '40/open,')],
    ['101 events', times(101, '42["nonsense"]')],
  ])(
    'cut a connection that brings %s in one request, before any of them is looked at',
    async (_what, packets) => {
      const attacker = await polling();
      const began = performance.now();
      const answer = await attacker.say(packets);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toEqual({ code: 'INVALID', error: expect.any(String) as string });
      await bystander.settled();
      expect(performance.now() - began).toBeLessThan(5_000);
      expect(await attacker.isOpen()).toBe(false);
      // The bystander's own question, and what brought the attacker in.
      expect(counted.length).toBeLessThanOrEqual(4);
      expect(plainClients()).toBe(0);
    },
  );

  it('are answered where they are a hundred in one request', async () => {
    const page = await polling();
    await page.say(times(100, 0).map((_zero, n) => `42${n}["nonsense"]`));
    expect(await page.next('43', 100)).toHaveLength(100);
    await page.say('1');
  });

  it('cut a WebSocket that brings more than a thousand in one turn', async () => {
    const raw = await rawClient(live, alice);
    raw.write(frames(times(1_001, '42["nonsense"]')));
    raw.resume();
    await once(raw, 'close');
    // The first thousand were on their way to Socket.IO, and nobody was there any more to answer.
    expect(counted.length).toBeLessThan(10);
  });

  it('are answered where a page has sixty questions, or a program nine hundred', async () => {
    const page = await live.sori('alices', { auth: { token: 'alices', protocol: 1 } });
    const answers = await Promise.all(times(60, 'nonsense').map((name) => page.ask(name)));
    expect(answers).toHaveLength(60);
    for (let n = 0; n < 900; n += 1) page.socket.emit('nonsense');
    await page.settled();
    page.socket.disconnect();
  });

  it('are bounded over ten seconds too, since being refused stops nobody', async () => {
    const other = await startLive({ mostPackets10s: 50 });
    const [patient, attacker] = [await other.sori(alice), await other.sori(alice)];
    const asked = async (client: Client, count: number): Promise<void> => {
      for (let n = 0; n < count; n += 1) client.socket.emit('nonsense');
      await client.settled();
    };
    for (let n = 0; n < 3; n += 1) {
      await asked(patient, 45);
      other.clock.advance(10_000);
    }
    void asked(attacker, 60);
    expect(await attacker.gone()).toBe('transport close');
    await patient.settled();
    // Long ones count by their length, so the fourth of these is too much.
    for (let n = 0; n < 4; n += 1) patient.socket.emit('nonsense', 'x'.repeat(60_000));
    expect(await patient.gone()).toBe('transport close');
    await other.close();
  });
});

describe('a CONNECT', () => {
  it('makes one plain client of a connection, however often it is sent', async () => {
    const attacker = await rawPolling(live.url);
    await attacker.say(times(50, '40/open,'));
    const refusals = await attacker.next('44/open,', 49);
    expect(JSON.parse(refusals[0]?.slice(8) ?? '')).toMatchObject({ data: { code: 'INVALID' } });
    expect(await attacker.next('40/open,')).toHaveLength(1);
    expect(plainClients()).toBe(1);
    // Once it is in, it says no such thing.
    await attacker.say('40/open,');
    expect(await attacker.isOpen()).toBe(false);
    expect(plainClients()).toBe(0);
  });

  it('may be said again after one has left, on the same connection', async () => {
    const client = await webSocket();
    for (let n = 0; n < 3; n += 1) {
      client.say('40/open,');
      await client.next('40/open,');
      expect(plainClients()).toBe(1);
      client.say('41/open,');
      // Answers come in order: when this one is here, it has left.
      client.say('427["nonsense"]');
      await client.next('437');
      expect(plainClients()).toBe(0);
    }
    client.webSocket.close();
  });

  it('may be said again by somebody who was refused', async () => {
    const client = await rawWebSocket(live.url);
    client.say('40{"token":"nobodys","protocol":1}');
    expect(await client.next('44')).toMatch('UNAUTHENTICATED');
    client.say(connect);
    await client.next('40');
    client.webSocket.close();
  });

  it('for what does not exist is refused, and the hundred-and-first such one cuts the connection', async () => {
    const attacker = await webSocket();
    for (let n = 0; n <= 100; n += 1) attacker.say(`40/nowhere${n},`);
    await attacker.gone();
    expect(attacker.all('44/nowhere').length).toBeLessThanOrEqual(101);
  });

  it.each([
    ['a token of a million characters', { token: 'x'.repeat(1_000_000), protocol: 1 }],
    ['a token of 5,000 characters', { token: 'x'.repeat(5_000), protocol: 1 }],
    ['a lot besides', { token: 'alices', protocol: 1, more: times(5_000, 'more') }],
  ])('with %s is refused without being parsed', async (_what, auth) => {
    const attacker = await rawWebSocket(live.url);
    authenticated = [];
    attacker.say(`40${JSON.stringify(auth)}`);
    const refused = JSON.parse((await attacker.next('44')).slice(2)) as unknown;
    expect(refused).toEqual({
      message: 'Please sign in',
      data: { error: 'Please sign in', code: 'UNAUTHENTICATED' },
    });
    expect(authenticated).toEqual([]);
    attacker.webSocket.close();
  });

  it('counts like an event but for the first, and so does leaving, whatever the sockets are called', async () => {
    const client = await rawPolling(live.url);
    await client.say(connect);
    await client.next('40');
    await client.say('40/open,', '421["nonsense"]');
    await client.next('40/open');
    await client.say('41/open,');
    expect(counted.filter((name) => name === client.sid)).toHaveLength(3);
    isOverLimit = (name) => name === client.sid;
    await client.say('40/open,');
    expect(await client.isOpen()).toBe(false);
    expect(plainClients()).toBe(0);
  });
});

describe('a packet that none of our clients sends', () => {
  it.each([
    ['bytes', Buffer.from('hello')],
    ['an event with attachments', '451-["message:send",{"_placeholder":true,"num":0}]'],
    ['an acknowledgement with attachments', '461-1[{"_placeholder":true,"num":0}]'],
    ['an event with ten million attachments', '4510000000-["message:send"]'],
    ['a refusal', '44{"message":"no"}'],
    ['nothing', '4'],
    ['an unknown type', '49[]'],
    ['an unknown type of the transport', 'x'],
    ['a ping', '2'],
    ['a number of a million digits', `42${'9'.repeat(1_000_000)}["message:send"]`],
    ['a namespace of a million characters', `40/${'x'.repeat(1_000_000)},`],
    ['no JSON', '42["message:send",{]'],
    ['an event without a name', '42[{}]'],
    ['an event for where it is not', '42/open,["message",{}]'],
  ])('cuts the connection: %s', async (_what, packet) => {
    const attacker = await webSocket();
    attacker.say(packet);
    await attacker.gone();
  });

  it('ends reading from somebody who does not answer the close', async () => {
    const raw = await rawClient(live, alice);
    raw.write(frames(['42/open,["message",{}]']));
    // The goodbye is a frame that begins with this.
    for await (const data of raw.iterator({ destroyOnReturn: false })) {
      if ((data as Buffer).includes(0x88)) break;
    }
    live.clock.advance(500);
    raw.resume();
    await once(raw, 'close');
    // The library below would wait for half a minute.
  }, 20_000);

  it('cuts a connection over polling: bytes as text', async () => {
    const attacker = await polling();
    await attacker.say('451-["message:send",{"_placeholder":true,"num":0}]');
    expect(await attacker.isOpen()).toBe(false);
    const other = await polling();
    await other.say(`b${Buffer.from('hello').toString('base64')}`);
    expect(await other.isOpen()).toBe(false);
  });

  it('is ignored where it acknowledges what was never asked', async () => {
    const client = await webSocket();
    client.say('431[1,2,3]');
    client.say(`432[${times(300_000, '1').join(',')}]`);
    client.say('421["nonsense"]');
    await client.next('431');
    client.webSocket.close();
  });

  it.each([
    ['with more arguments than the stack holds', `["nonsense"${',1'.repeat(400_000)}]`],
    ['with 100,000 keys', `["nonsense",{"a":[${times(50_000, '{}').join(',')}]}]`],
    ['nested half a million times', `["nonsense",${'['.repeat(250_000)}${']'.repeat(250_000)}]`],
    ['nested 21 times', `["nonsense",${'['.repeat(20)}${']'.repeat(20)}]`],
  ])('is answered: an event %s', async (_what, payload) => {
    const attacker = await webSocket();
    attacker.say('40/open,');
    await attacker.next('40/open,');
    for (const place of ['', '/open,']) {
      // And without anybody waiting for the answer.
      attacker.say(`42${place}${payload}`);
      attacker.say(`42${place}77${payload}`);
      const reply = JSON.parse((await attacker.next(`43${place}77`)).slice(4 + place.length)) as unknown;
      expect(reply).toEqual([{ ok: false, code: 'INVALID', error: expect.any(String) as string }]);
    }
    attacker.webSocket.close();
  });

  it('is not mistaken for one where a text looks like it', async () => {
    const client = await webSocket();
    const text = `${'[{'.repeat(50)}\\"${','.repeat(30_000)}\\\\`;
    client.say(`421["nonsense","${text}",${'['.repeat(18)}${']'.repeat(18)}]`);
    expect(await client.next('431')).toMatch('There is no such event');
    client.webSocket.close();
  });
});

describe('a raw WebSocket', () => {
  it('is answered its pings, but not a flood of them', async () => {
    const client = await webSocket();
    client.webSocket.ping('here?');
    expect(String((await once(client.webSocket, 'pong'))[0])).toBe('here?');
    const raw = await rawClient(live, alice);
    raw.write(Buffer.concat(times(1_001, Buffer.from([0x89, 0x80, 0, 0, 0, 0]))));
    raw.resume();
    await once(raw, 'close');
    client.webSocket.close();
  });

  it('may come in pieces, but not in thousands of them', async () => {
    const client = await webSocket();
    for (const piece of ['42', '1["non', 'sense']) client.webSocket.send(piece, { fin: false });
    client.webSocket.send('"]');
    await client.next('431');
    for (let n = 0; n < 300; n += 1) client.webSocket.send('4', { fin: false });
    await client.gone();
  });

  it('can be tried for a few times only', async () => {
    const client = await polling();
    const probe = new WebSocket(
      `${live.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket&sid=${client.sid}`,
    );
    await once(probe, 'open');
    probe.send('2probe');
    await once(probe, 'message');
    expect(await client.isOpen()).toBe(true);
    for (let n = 0; n < 10; n += 1) probe.send('2probe');
    await once(probe, 'close');
    expect(await client.isOpen()).toBe(false);
  });
});

describe('a connection without a namespace', () => {
  it('takes one of the places that their address has, until they are in one or gone', async () => {
    const other = await startLive({ mostPending: 2 });
    const handshake = () => fetch(`${other.url}/socket.io/?EIO=4&transport=polling`);
    const [first] = [await rawPolling(other.url), await rawPolling(other.url)];
    const refused = await handshake();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toMatchObject({ code: 'RATE_LIMITED' });
    await first.say(`40${JSON.stringify({ token: other.signIn(alice), protocol: 1 })}`);
    await first.next('40');
    const third = await rawPolling(other.url);
    expect((await handshake()).status).toBe(429);
    await third.say('1');
    await rawPolling(other.url);
    // Whoever leaves all namespaces is pending again.
    await first.say('41');
    expect((await handshake()).status).toBe(429);
    await other.close();
  });

  it('is closed ten seconds after leaving the last one', async () => {
    const client = await webSocket();
    client.say('40/open,');
    await client.next('40/open,');
    client.say('41/open,');
    client.say('421["nonsense"]');
    await client.next('431');
    live.clock.advance(10_000);
    client.say('422["nonsense"]');
    await client.next('432');
    client.say('41');
    client.say('40/nowhere,');
    await client.next('44/nowhere,');
    live.clock.advance(9_999);
    expect(client.webSocket.readyState).toBe(WebSocket.OPEN);
    live.clock.advance(1);
    await client.gone();
  });
});
