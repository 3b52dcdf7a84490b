import { unavailable } from '../core/errors.js';
import { alice, bob, type Live, startLive } from '../testing/live.js';

describe('the heads', () => {
  let live: Live;
  let headSeq: number;
  let reads: string[];
  let away: boolean;
  beforeEach(async () => {
    [headSeq, reads, away] = [1, [], false];
    live = await startLive({
      headsOf: (userId) => {
        reads.push(userId);
        if (away) return Promise.reject(unavailable());
        return Promise.resolve({ epoch: 'first', heads: [{ conversationId: 'e'.repeat(24), headSeq }] });
      },
    });
  });
  afterEach(async () => {
    await live.close();
    expect(live.bugs).toEqual([]);
    expect(live.clock.waiting()).toBe(0);
  });
  const heads = (seq: number) => ({
    epoch: 'first',
    heads: [{ conversationId: 'e'.repeat(24), headSeq: seq }],
  });

  it('are told on connecting and hinted again every 30 s, read once for all tabs of a person', async () => {
    const tab = live.open({ auth: { token: live.signIn(alice), protocol: 1 } });
    expect(await tab.next('heads')).toEqual(heads(1));
    const otherTab = await live.sori(alice);
    reads.length = 0;
    headSeq = 2;
    live.clock.advance(30_000);
    expect(await tab.next('heads')).toEqual(heads(2));
    expect(await otherTab.next('heads')).toEqual(heads(2));
    expect(reads).toEqual([alice]);
    headSeq = 3;
    live.clock.advance(31_000);
    expect(await tab.next('heads')).toEqual(heads(3));
  });

  it('are hinted again after the clock was set back', async () => {
    const tab = await live.sori(alice);
    live.clock.step(-3_600_000);
    headSeq = 2;
    live.clock.advance(31_000);
    expect(await tab.next('heads')).toEqual(heads(2));
  });

  it('are not told to tutorial clients', async () => {
    const tutorial = await live.tutorial(bob);
    await tutorial.next('getOnlineUsers');
    live.clock.advance(61_000);
    await tutorial.settled();
    expect(tutorial.all('heads')).toEqual([]);
    expect(reads).toEqual([]);
  });

  it('are told a little later where the database is away', async () => {
    away = true;
    const tab = live.open({ auth: { token: live.signIn(alice), protocol: 1 } });
    await tab.next('getOnlineUsers');
    await tab.settled();
    expect(tab.all('heads')).toEqual([]);
    away = false;
    live.clock.advance(3_000);
    expect(await tab.next('heads')).toEqual(heads(1));
  });

  it('are read no more for somebody who left', async () => {
    const tab = await live.sori(alice);
    const server = [...live.io.sockets.sockets.values()][0];
    const noticed = new Promise((resolve) => server?.once('disconnect', resolve));
    tab.socket.disconnect();
    await noticed;
    reads.length = 0;
    live.clock.advance(61_000);
    expect(reads).toEqual([]);
  });
});
