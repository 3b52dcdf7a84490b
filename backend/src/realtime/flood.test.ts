import { rawPolling, rawWebSocket } from '../testing/raw-connections.js';
import { useServer } from '../testing/use-server.js';

const server = useServer({ settings: { LIMIT_EVENTS_PER_SOCKET_10S: '30' } });
afterEach(() => server.leave());

describe('somebody without an account', () => {
  it('who brings hundreds of thousands of packets at a time keeps nobody from writing', async () => {
    const [alice, bob] = await server.people('alice', 'bob');
    const bobs = await bob.sori();
    const body = `40/open,${'\x1e4'.repeat(349_000)}`;
    let flooding = true;
    const flood = async (): Promise<void> => {
      while (flooding) expect((await (await rawPolling(server.url)).say(body)).status).toBe(400);
    };
    const floods = [flood(), flood()];
    const began = performance.now();
    for (let n = 1; n <= 5; n += 1) {
      await alice.say(bob._id, `message ${n}`);
      expect(await bobs.next('newMessage')).toMatchObject({ message: `message ${n}` });
    }
    flooding = false;
    // One such body alone took 25 seconds.
    expect(performance.now() - began).toBeLessThan(15_000);
    await Promise.all(floods);
  });

  it('cannot end the server with an event of more arguments than a function takes', async () => {
    const plain = await rawWebSocket(server.url);
    plain.say('40/open,');
    await plain.next('40/open,');
    plain.say(`42/open,1["newUser"${',1'.repeat(400_000)}]`);
    expect(await plain.next('43/open,1')).toMatch('"code":"INVALID"');
    plain.say('42/open,2["newUser","Gildong"]');
    expect(await plain.next('43/open,2')).toBe('43/open,2[{"ok":true,"name":"Gildong"}]');
    plain.webSocket.close();
  });
});

describe('somebody who is over their limit', () => {
  it('is answered so, and disconnected where they go on twenty times as long', async () => {
    const eve = await (await server.person('eve')).sori();
    const answers = await Promise.all(Array.from({ length: 60 }, () => eve.ask('nonsense')));
    expect(answers.filter(({ code }) => code === 'RATE_LIMITED').length).toBeGreaterThanOrEqual(30);
    expect(eve.socket.connected).toBe(true);
    for (let n = 0; n < 600; n += 1) eve.socket.emit('nonsense');
    expect(await eve.gone()).toBe('transport close');
  });

  it('gets no new limit by leaving and coming back on the same connection', async () => {
    const eve = await server.person('eve');
    const connection = await rawWebSocket(server.url);
    const connect = `40${JSON.stringify({ token: eve.token, protocol: 1 })}`;
    let id = 0;
    const isLimited = async (): Promise<boolean> => {
      connection.say(`42${(id += 1)}["nonsense"]`);
      return (await connection.next(`43${id}`)).includes('RATE_LIMITED');
    };
    connection.say(connect);
    await connection.next('40');
    for (let n = 0; n < 15; n += 1) expect(await isLimited()).toBe(false);
    connection.say('41');
    // Answered in order: by then it has left.
    connection.say('40/nowhere,');
    await connection.next('44/nowhere');
    connection.say(connect);
    await connection.next('40');
    for (let n = 0; n < 12; n += 1) expect(await isLimited()).toBe(false);
    expect(await isLimited()).toBe(true);
    connection.webSocket.close();
  });
});
