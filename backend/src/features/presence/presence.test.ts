import { unavailable } from '../../core/errors.js';
import { alice, bob, carol, dave, type Client, type Live, startLive } from '../../testing/live.js';

const tickMs = 100;
const graceMs = 5_000;
const gapMs = 2_000;

/** The client leaves, and the server has noticed. */
async function leave(live: Live, client: Client): Promise<void> {
  const { id } = client.socket;
  const server = [...live.io.sockets.sockets.values()].find((socket) => socket.id === id);
  const noticed = new Promise((resolve) => server?.once('disconnect', resolve));
  client.socket.disconnect();
  await noticed;
}

describe('who is online', () => {
  let live: Live;
  beforeEach(async () => {
    live = await startLive();
    live.knowEachOther(alice, bob);
    live.knowEachOther(alice, dave);
  });
  afterEach(async () => {
    await live.close();
    expect(live.bugs).toEqual([]);
    expect(live.clock.waiting()).toBe(0);
  });

  it('is sent once on connecting, for people with whom one shares a conversation', async () => {
    await live.sori(bob);
    await live.sori(carol);
    const client = await live.sori(alice);
    expect(await client.next('getOnlineUsers')).toEqual([bob]);
    live.clock.advance(10_000);
    await client.settled();
    expect(client.all('getOnlineUsers')).toEqual([]);
  });

  it('is sent before the heads', async () => {
    const order: string[] = [];
    const client = live.open({ auth: { token: live.signIn(alice), protocol: 1 } });
    client.socket.onAny((name: string) => order.push(name));
    await client.next('heads');
    expect(order).toEqual(['versions', 'getOnlineUsers', 'heads']);
  });

  it('changes for those who share a conversation with the newcomer, all their tabs, and for nobody else', async () => {
    const [tab, otherTab, carols] = [await live.sori(alice), await live.sori(alice), await live.sori(carol)];
    live.clock.advance(tickMs);
    await live.sori(bob);
    live.clock.advance(tickMs);
    for (const client of [tab, otherTab]) {
      expect(await client.next('presence')).toEqual({ online: [bob], offline: [] });
    }
    await carols.settled();
    expect(carols.all('presence')).toEqual([]);
  });

  it('is still emitted after the clock was set back', async () => {
    const [tab, tutorial] = [await live.sori(alice), await live.tutorial(alice)];
    const bobs = await live.sori(bob);
    live.clock.advance(gapMs);
    expect(await tab.next('presence')).toEqual({ online: [bob], offline: [] });
    await tutorial.settled();
    tutorial.all('getOnlineUsers');
    live.clock.step(-3_600_000);
    await leave(live, bobs);
    live.clock.advance(graceMs + tickMs);
    expect(await tab.next('presence')).toEqual({ online: [], offline: [bob] });
    live.clock.advance(gapMs);
    await tutorial.settled();
    expect(tutorial.all('getOnlineUsers').at(-1)).toEqual([alice]);
  });

  it('is sent in one notice for several people', async () => {
    const client = await live.sori(alice);
    await live.sori(bob);
    await live.sori(dave);
    live.clock.advance(tickMs);
    expect(await client.next('presence')).toEqual({ online: [bob, dave], offline: [] });
  });

  it('does not flicker when somebody reloads the page', async () => {
    const client = await live.sori(alice);
    const bobs = await live.sori(bob);
    live.clock.advance(tickMs);
    await client.next('presence');
    await leave(live, bobs);
    live.clock.advance(graceMs - 1);
    expect(live.presence.onlineAmong([bob])).toEqual([bob]);
    await live.sori(bob);
    live.clock.advance(60_000);
    await client.settled();
    expect(client.all('presence')).toEqual([]);
  });

  it('shows who left after five seconds', async () => {
    const client = await live.sori(alice);
    const bobs = await live.sori(bob);
    live.clock.advance(tickMs);
    await client.next('presence');
    await leave(live, bobs);
    live.clock.advance(graceMs + tickMs);
    expect(await client.next('presence')).toEqual({ online: [], offline: [bob] });
    expect(live.presence.onlineAmong([alice, bob])).toEqual([alice]);
  });

  it.each([0, 1])(
    'keeps bob online while one of their two tabs is open, whichever closes',
    async (closing) => {
      const client = await live.sori(alice);
      const tabs = [await live.sori(bob), await live.sori(bob)];
      live.clock.advance(tickMs);
      await client.next('presence');
      const [closed, left] = closing === 0 ? tabs : tabs.reverse();
      if (!closed || !left) throw new Error('two tabs');
      await leave(live, closed);
      live.clock.advance(60_000);
      await client.settled();
      expect(client.all('presence')).toEqual([]);
      live.emit.toPeople([bob], 'conversation:gone', { conversationId: alice });
      await left.next('conversation:gone');
    },
  );

  it('changes at most once in two seconds per person', async () => {
    const client = await live.sori(alice);
    let bobs = await live.sori(bob);
    live.clock.advance(tickMs);
    await client.next('presence');
    await leave(live, bobs);
    live.clock.advance(graceMs + tickMs);
    await client.next('presence');
    bobs = await live.sori(bob);
    live.clock.advance(gapMs - 2 * tickMs);
    await client.settled();
    expect(client.all('presence')).toEqual([]);
    live.clock.advance(2 * tickMs);
    expect(await client.next('presence')).toEqual({ online: [bob], offline: [] });
    // A list and the changes after it add up, also for who comes in between.
    await leave(live, bobs);
  });

  it('adds up for somebody who connects while a change waits to be emitted', async () => {
    const bobs = await live.sori(bob);
    live.clock.advance(tickMs);
    await leave(live, bobs);
    live.clock.advance(graceMs + tickMs);
    await live.sori(bob);
    const client = await live.sori(alice);
    expect(await client.next('getOnlineUsers')).toEqual([]);
    live.clock.advance(gapMs + tickMs);
    expect(await client.next('presence')).toEqual({ online: [bob], offline: [] });
  });

  it('never counts somebody who was refused', async () => {
    const client = await live.sori(alice);
    const refused = live.open({ auth: { token: 'nobody', protocol: 1 }, query: { userId: bob } });
    await new Promise((resolve) => refused.socket.once('connect_error', resolve));
    expect(live.presence.onlineAmong([bob])).toEqual([]);
    live.clock.advance(tickMs);
    await client.settled();
    expect(client.all('presence')).toEqual([]);
  });

  it('is mutual as soon as two people come to share a conversation', async () => {
    const [alices, carols] = [await live.sori(alice), await live.sori(carol)];
    live.clock.advance(tickMs);
    live.presence.sharesConversation(alice, carol);
    live.presence.sharesConversation(carol, alice);
    expect(await alices.next('presence')).toEqual({ online: [carol], offline: [] });
    expect(await carols.next('presence')).toEqual({ online: [alice], offline: [] });
    await leave(live, carols);
    live.clock.advance(graceMs + tickMs);
    expect(await alices.next('presence')).toEqual({ online: [], offline: [carol] });
    await alices.settled();
    expect(alices.all('presence')).toEqual([]);
  });

  it('is not emitted about oneself, nor after a note to self', async () => {
    const client = await live.sori(alice);
    expect(await client.next('getOnlineUsers')).toEqual([]);
    live.presence.sharesConversation(alice, alice);
    await live.sori(alice);
    live.clock.advance(tickMs);
    await client.settled();
    expect(client.all('presence')).toEqual([]);
  });
});

describe('watching presence', () => {
  let live: Live;
  beforeEach(async () => {
    live = await startLive();
  });
  afterEach(async () => {
    await live.close();
    expect(live.bugs).toEqual([]);
    expect(live.clock.waiting()).toBe(0);
  });

  it('answers who is online now, and emits later changes to that tab alone', async () => {
    await live.sori(bob);
    const [tab, otherTab] = [await live.sori(alice), await live.sori(alice)];
    const reply = await tab.ask('presence:watch', { userIds: [bob, carol, bob.toUpperCase()] });
    expect(reply).toEqual({ ok: true, online: [bob] });
    live.clock.advance(tickMs);
    await live.sori(carol);
    live.clock.advance(tickMs);
    await tab.settled();
    expect(tab.all('presence')).toContainEqual({ online: [carol], offline: [] });
    await otherTab.settled();
    expect(otherTab.all('presence')).toEqual([]);
  });

  it('replaces the list before', async () => {
    const tab = await live.sori(alice);
    await tab.ask('presence:watch', { userIds: [bob] });
    await tab.ask('presence:watch', { userIds: [carol] });
    await live.sori(bob);
    await live.sori(carol);
    live.clock.advance(tickMs);
    expect(await tab.next('presence')).toEqual({ online: [carol], offline: [] });
  });

  it('emits one notice about somebody who is watched and shares a conversation', async () => {
    live.knowEachOther(alice, bob);
    const tab = await live.sori(alice);
    await tab.ask('presence:watch', { userIds: [bob] });
    await live.sori(bob);
    live.clock.advance(tickMs);
    await tab.next('presence');
    await tab.settled();
    expect(tab.all('presence')).toEqual([]);
  });

  it('is answered to a tutorial client, which receives nothing afterwards', async () => {
    const tutorial = await live.tutorial(alice);
    const reply = await tutorial.ask('presence:watch', { userIds: [bob] });
    expect(reply).toEqual({ ok: true, online: [] });
    await live.sori(bob);
    live.clock.advance(tickMs);
    await tutorial.settled();
    expect(tutorial.all('presence')).toEqual([]);
  });
});

describe('somebody who blocks and unblocks again and again', () => {
  let live: Live;
  beforeEach(async () => {
    live = await startLive();
    live.knowEachOther(alice, bob);
  });
  afterEach(async () => {
    await live.close();
    expect(live.bugs).toEqual([]);
    expect(live.clock.waiting()).toBe(0);
  });
  const online = { online: [alice], offline: [] };
  const offline = { online: [], offline: [alice] };
  const flip = (times: number): void => {
    for (let n = 0; n < times; n += 1) live.presence.blockChanged(alice, bob, n % 2 === 0);
  };
  /** Both are there, and long enough for any change to be emitted at once. */
  const settled = async (): Promise<Client> => {
    const bobsTab = await live.sori(bob);
    await live.sori(alice);
    live.clock.advance(gapMs);
    expect(await bobsTab.next('presence')).toEqual(online);
    return bobsTab;
  };
  const received = async (client: Client): Promise<unknown[]> => {
    await client.settled();
    return client.all('presence');
  };

  it('is emitted at most once in a gap, and the last notice is true', async () => {
    const bobsTab = await settled();
    flip(321);
    expect(await received(bobsTab)).toEqual([offline]);
    live.clock.advance(gapMs);
    expect(await received(bobsTab)).toEqual([offline, offline]);
    flip(320);
    for (let n = 0; n < 3; n += 1) live.clock.advance(gapMs);
    expect(await received(bobsTab)).toEqual([offline, offline, online]);
  });

  it('is emitted at once where nothing was emitted lately, both ways', async () => {
    const bobsTab = await settled();
    live.presence.blockChanged(alice, bob, true);
    expect(await received(bobsTab)).toEqual([offline]);
    live.clock.advance(gapMs);
    live.presence.blockChanged(alice, bob, false);
    expect(await received(bobsTab)).toEqual([offline, online]);
    live.clock.advance(gapMs);
  });

  it('is emitted no sooner than any other change of theirs, but whoever asks is answered as it is', async () => {
    const bobsTab = await live.sori(bob);
    await live.sori(alice);
    live.clock.advance(tickMs);
    expect(await bobsTab.next('presence')).toEqual(online);
    live.presence.blockChanged(alice, bob, true);
    expect(await bobsTab.ask('presence:watch', { userIds: [alice] })).toEqual({ ok: true, online: [] });
    expect(await (await live.sori(bob)).next('getOnlineUsers')).toEqual([]);
    expect(await received(bobsTab)).toEqual([]);
    live.clock.advance(gapMs);
    expect(await received(bobsTab)).toEqual([offline]);
    live.clock.advance(gapMs);
  });

  it('is put right also in a tab that received in between that they are offline', async () => {
    const bobsTab = await settled();
    flip(1);
    const late = await live.sori(bob);
    expect(await late.next('getOnlineUsers')).toEqual([]);
    live.presence.blockChanged(alice, bob, false);
    live.clock.advance(gapMs);
    expect(await received(late)).toEqual([online]);
    expect(await received(bobsTab)).toEqual([offline, online]);
    live.clock.advance(gapMs);
  });

  it('does not show somebody as online once they have gone', async () => {
    const bobsTab = await live.sori(bob);
    const alicesTab = await live.sori(alice);
    live.clock.advance(gapMs);
    await bobsTab.next('presence');
    flip(1);
    await leave(live, alicesTab);
    live.clock.advance(graceMs - tickMs);
    flip(4);
    expect(await received(bobsTab)).toEqual([offline, online]);
    live.clock.advance(graceMs + gapMs);
    expect(await received(bobsTab)).toEqual([offline, online, offline, offline]);
  });

  it('is emitted likewise to a tab that only watches them', async () => {
    const carols = await live.sori(carol);
    await live.sori(alice);
    live.clock.advance(gapMs);
    await carols.ask('presence:watch', { userIds: [alice] });
    for (let n = 0; n < 40; n += 1) live.presence.blockChanged(alice, carol, n % 2 === 0);
    live.clock.advance(gapMs);
    expect(await received(carols)).toEqual([offline, online]);
    live.clock.advance(gapMs);
  });
});

describe('when the contacts cannot be read', () => {
  it('the list is sent once they can be, and others are notified of the newcomer then', async () => {
    let away = true;
    const live = await startLive({
      contactsOf: (userId) =>
        away && userId === bob
          ? Promise.reject(unavailable())
          : Promise.resolve(userId === carol ? [] : [alice, bob]),
    });
    const alices = await live.sori(alice);
    const bobs = await live.sori(bob);
    live.clock.advance(tickMs);
    await bobs.settled();
    expect(bobs.all('getOnlineUsers')).toEqual([]);
    away = false;
    live.clock.advance(2_000);
    expect(await bobs.next('getOnlineUsers')).toEqual([alice]);
    live.clock.advance(tickMs);
    expect(await alices.next('presence')).toEqual({ online: [bob], offline: [] });
    expect(live.bugs).toEqual([]);
    await live.close();
    expect(live.clock.waiting()).toBe(0);
  });
});

describe("the tutorial's list", () => {
  let live: Live;
  beforeEach(async () => {
    live = await startLive();
  });
  afterEach(async () => {
    await live.close();
    expect(live.bugs).toEqual([]);
    expect(live.clock.waiting()).toBe(0);
  });

  it('has everybody who is online, the receiver included, on connecting and on change', async () => {
    const alices = await live.tutorial(alice);
    expect(await alices.next('getOnlineUsers')).toEqual([alice]);
    await live.sori(bob);
    const carols = await live.tutorial(carol);
    expect(await carols.next('getOnlineUsers')).toEqual([carol, alice, bob]);
    live.clock.advance(1_000);
    expect(await alices.next('getOnlineUsers')).toEqual(expect.arrayContaining([alice, bob, carol]));
    await leave(live, carols);
    live.clock.advance(graceMs + tickMs);
    expect(await alices.next('getOnlineUsers')).toEqual([alice, bob]);
  });

  it('comes at most once a second, and the last state always comes', async () => {
    const alices = await live.tutorial(alice);
    await alices.next('getOnlineUsers');
    for (const person of [bob, carol, dave]) {
      live.clock.advance(300);
      await live.sori(person);
    }
    await alices.settled();
    expect(alices.all('getOnlineUsers')).toEqual([]);
    live.clock.advance(100);
    await alices.settled();
    const [list, ...more] = alices.all('getOnlineUsers');
    expect(list).toEqual([alice, bob, carol, dave]);
    expect(more).toEqual([]);
    live.clock.advance(10_000);
    await alices.settled();
    expect(alices.all('getOnlineUsers')).toHaveLength(1);
  });

  it('is the only thing that a tutorial client receives unasked', async () => {
    const names: string[] = [];
    const alices = await live.tutorial(alice);
    alices.socket.onAny((name: string) => names.push(name));
    live.knowEachOther(alice, bob);
    await live.sori(bob);
    live.clock.advance(60_000);
    await alices.settled();
    expect(new Set(names)).toEqual(new Set(['getOnlineUsers']));
  });
});
