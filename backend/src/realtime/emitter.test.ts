import { alice, bob, type Live, message, startLive } from '../testing/live.js';

describe('an emission', () => {
  let live: Live;
  beforeEach(async () => {
    live = await startLive();
  });
  afterEach(async () => {
    await live.close();
    expect(live.clock.waiting()).toBe(0);
  });

  it("reaches alice's other tab too, once each, and not bob", async () => {
    const [tab, otherTab, bobs] = [await live.sori(alice), await live.sori(alice), await live.sori(bob)];
    live.emit.toPeople([alice, alice], 'newMessage', message(bob, 1));
    await Promise.all([tab.next('newMessage'), otherTab.next('newMessage')]);
    await Promise.all([tab, otherTab, bobs].map((client) => client.settled()));
    for (const client of [tab, otherTab, bobs]) expect(client.all('newMessage')).toEqual([]);
  });

  it('keeps tutorial clients and those that speak Sori apart', async () => {
    const [sori, tutorial] = [await live.sori(alice), await live.tutorial(alice)];
    live.emit.toPeople([alice], 'newMessage', message(bob, 1));
    live.emit.toPeopleAndTutorials({ people: [], tutorial: [alice] }, 'newMessage', message(bob, 2));
    expect(await sori.next('newMessage')).toMatchObject({ seq: 1 });
    expect(await tutorial.next('newMessage')).toMatchObject({ seq: 2 });
    await Promise.all([sori.settled(), tutorial.settled()]);
    expect([...sori.all('newMessage'), ...tutorial.all('newMessage')]).toEqual([]);
  });

  it('reaches both kinds of client at once, each with its own recipients', async () => {
    const clients = await Promise.all([
      live.sori(alice),
      live.tutorial(alice),
      live.sori(bob),
      live.tutorial(bob),
    ]);
    live.emit.toPeopleAndTutorials(
      { people: [alice, bob], tutorial: [bob] },
      'newMessage',
      message(alice, 1),
    );
    await Promise.all(clients.map((client) => client.settled()));
    expect(clients.map((client) => client.all('newMessage').length)).toEqual([1, 0, 1, 1]);
  });

  it('reaches nobody where there are no recipients', async () => {
    const [sori, tutorial] = [await live.sori(alice), await live.tutorial(alice)];
    live.emit.toPeople([], 'newMessage', message(bob, 1));
    live.emit.toPeopleAndTutorials({ people: [], tutorial: new Set() }, 'newMessage', message(bob, 1));
    live.emit.toPeopleAndTutorials({ people: [alice], tutorial: [alice] }, 'newMessage', message(bob, 2));
    await Promise.all([sori.settled(), tutorial.settled()]);
    for (const client of [sori, tutorial])
      expect(client.all('newMessage')).toEqual([expect.objectContaining({ seq: 2 })]);
  });

  it('that cannot be written as JSON is logged as a bug, and does not throw', async () => {
    await live.sori(alice);
    const broken = { ...message(bob, 1), seq: 1n as unknown as number };
    expect(() => live.emit.toPeople([alice], 'newMessage', broken)).not.toThrow();
    expect(live.bugs).toHaveLength(1);
  });
});

describe('the end of a session', () => {
  let live: Live;
  beforeEach(async () => {
    live = await startLive();
  });
  afterEach(async () => {
    await live.close();
    expect(live.bugs).toEqual([]);
    expect(live.clock.waiting()).toBe(0);
  });

  it('is emitted to all tabs of that session, which are closed and do not come back, and to no other', async () => {
    const token = live.signIn(alice);
    const tabs = [await live.sori(token), await live.sori(token)];
    const tutorial = live.open({ extraHeaders: { cookie: `jwt=${token}` } });
    await tutorial.next('getOnlineUsers');
    const phone = await live.sori(alice);
    live.signOut(token);
    for (const tab of [...tabs, tutorial]) {
      expect(await tab.next('session')).toEqual({ reason: 'logout' });
      expect(await tab.gone()).toBe('io server disconnect');
      expect(tab.socket.active).toBe(false);
    }
    live.emit.toPeople([alice], 'newMessage', message(bob, 1));
    await phone.next('newMessage');
    expect(phone.all('session')).toEqual([]);
    expect(tabs.flatMap((tab) => tab.all('newMessage'))).toEqual([]);
  });

  it('comes when the session expires, and not a moment before', async () => {
    const client = await live.sori(live.signIn(alice, 60_000));
    const longer = await live.sori(live.signIn(alice, 61_000));
    live.clock.advance(59_999);
    await client.settled();
    expect(client.all('session')).toEqual([]);
    live.clock.advance(1);
    expect(await client.next('session')).toEqual({ reason: 'expired' });
    expect(await client.gone()).toBe('io server disconnect');
    await longer.settled();
    expect(longer.all('session')).toEqual([]);
  });

  it('comes at once for somebody whose session ran out on the way in', async () => {
    const client = live.open({ auth: { token: live.signIn(alice, 0), protocol: 1 } });
    expect(await client.next('session')).toEqual({ reason: 'expired' });
    await client.gone();
    expect(live.presence.onlineAmong([alice])).toEqual([]);
  });

  it('leaves later requests unanswered', async () => {
    const token = live.signIn(alice);
    const client = await live.sori(token);
    live.signOut(token);
    let answered = false;
    client.socket.emit('presence:watch', { userIds: [] }, () => (answered = true));
    await client.gone();
    expect(answered).toBe(false);
  });
});
