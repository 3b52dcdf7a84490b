import { once } from 'node:events';
import { alice, bob, type Live, message, startLive } from '../testing/live.js';
import { rawClient } from '../testing/raw-client.js';

/** Fills what the kernel takes, in pieces that each stay under the limit in bytes, until it has taken nothing for a while. */
const fill = async (live: Live, isWritable: () => boolean | undefined) => {
  for (let full = 0; full < 20;) {
    if (isWritable()) {
      full = 0;
      live.emit.toPeople([alice], 'newMessage', message(bob, 1, 'x'.repeat(500_000)));
      await turn();
    } else {
      full += 1;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
};
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a reader who stops reading', () => {
  let live: Live;
  let cuts: number;
  beforeEach(async () => {
    cuts = 0;
    live = await startLive({ onSlowReader: () => (cuts += 1) });
  });
  afterEach(async () => {
    await live.close();
    expect(live.bugs).toEqual([]);
  });

  const serverSide = (userId: string) =>
    [...live.io.sockets.sockets.values()].find(({ data }) => data.session.userId === userId);

  it('loses the connection before what waits for it fills the memory; nobody else notices', async () => {
    const raw = await rawClient(live, alice);
    const reader = await live.sori(bob);
    raw.pause();
    const server = serverSide(alice);
    let emitted = 0;
    // Far more than any kernel's buffers hold, in case nobody stops it.
    while (server?.connected && emitted < 10_000) {
      emitted += 1;
      live.emit.toPeople([alice, bob], 'newMessage', message(bob, emitted, 'x'.repeat(20_000)));
      await turn();
    }
    expect(cuts).toBe(1);
    expect(emitted).toBeLessThan(5_000);
    expect(live.presence.onlineAmong([alice])).toEqual([alice]);
    await reader.settled();
    expect(reader.all('newMessage')).toHaveLength(emitted);
    // Cut for good: after what the kernel still had, the connection ends, though this end never said goodbye.
    raw.resume();
    await once(raw, 'close');
  }, 60_000);

  it('with small messages loses it too, at 256', async () => {
    const raw = await rawClient(live, alice);
    raw.pause();
    const server = serverSide(alice);
    await fill(live, () => server?.conn.transport.writable);
    for (let n = 0; n < 256; n += 1) live.emit.toPeople([alice], 'newMessage', message(bob, n + 1));
    await turn();
    expect(server?.connected).toBe(true);
    live.emit.toPeople([alice], 'newMessage', message(bob, 257));
    await turn();
    expect(server?.connected).toBe(false);
    expect(cuts).toBe(1);
    raw.destroy();
  });

  it('is disconnected within a second of the end of the session, though the close cannot be delivered', async () => {
    const raw = await rawClient(live, alice);
    raw.pause();
    const server = serverSide(alice);
    await fill(live, () => server?.conn.transport.writable);
    live.emit.endSession(server?.data.session.sessionId ?? '', 'logout');
    expect(server?.connected).toBe(false);
    expect(server?.conn.readyState).toBe('closing');
    live.clock.advance(500);
    expect(server?.conn.readyState).toBe('closed');
    raw.destroy();
  });
});

describe('a reader whose network was pulled', () => {
  it('is offline for others after the missed ping and the grace', async () => {
    const live = await startLive({ pingIntervalMs: 100, pingTimeoutMs: 4_000 });
    live.knowEachOther(alice, bob);
    const bobs = await live.sori(bob);
    // Answers no ping, and never closes.
    const raw = await rawClient(live, alice);
    const server = [...live.io.sockets.sockets.values()].find(({ data }) => data.session.userId === alice);
    const why = new Promise((resolve) => server?.once('disconnect', resolve));
    live.clock.advance(100);
    expect(await bobs.next('presence')).toEqual({ online: [alice], offline: [] });
    expect(await why).toBe('ping timeout');
    live.clock.advance(5_100);
    expect(await bobs.next('presence')).toEqual({ online: [], offline: [alice] });
    raw.destroy();
    await live.close();
  });
});

describe('a reader who reads', () => {
  let live: Live;
  let cuts: number;
  const pages = 3;
  beforeEach(async () => {
    cuts = 0;
    live = await startLive({
      onSlowReader: () => (cuts += 1),
      answers: {
        'entries:after': () =>
          Promise.resolve({
            entries: Array.from({ length: 500 }, (_, n) => ({
              ...message(bob, n + 1, '가'.repeat(2_000)),
              kind: 'message' as const,
              at: '2025-01-01T00:00:00.000Z',
            })),
            next: 500,
            headSeq: 500,
            epoch: 'first',
            more: false,
          }),
      },
    });
  });
  afterEach(() => live.close());

  it('may be sent a thousand notices in one go', async () => {
    const client = await live.sori(alice);
    for (let n = 1; n <= 1_000; n += 1) live.emit.toPeople([alice], 'newMessage', message(bob, n));
    await client.settled();
    expect(client.all('newMessage')).toHaveLength(1_000);
    expect(cuts).toBe(0);
  });

  it('may be sent a thousand notices in one go over long polling', async () => {
    const client = await live.sori(alice, { transports: ['polling'] });
    for (let n = 1; n <= 1_000; n += 1) live.emit.toPeople([alice], 'newMessage', message(bob, n));
    await client.settled();
    expect(client.all('newMessage')).toHaveLength(1_000);
    live.clock.advance(1_000);
    await client.settled();
    expect(cuts).toBe(0);
  });

  it('may ask for several long pages at once', async () => {
    const client = await live.sori(alice);
    const ask = () => client.ask('entries:after', { conversationId: 'e'.repeat(24), after: 0 });
    const answers = await Promise.all(Array.from({ length: pages }, ask));
    expect(answers.map(({ entries }) => (entries as unknown[]).length)).toEqual([500, 500, 500]);
    expect(cuts).toBe(0);
  });
});
