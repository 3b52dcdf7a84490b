/**
 * @jest-environment jsdom
 * @jest-environment-options {"customExportConditions": ["node", "node-addons"]}
 */
// The options: the socket and its WebSocket are Node's here, since there is no browser below the page.
import { itemsOf } from '@sori/client';
import { type Sori, startSori } from '@sori/testkit';
import { deviceTexts } from '../device/keptTexts';
import { createMemoryCache } from '../account/cache/cacheStorage';
import type { State } from '../store/state';
import { settle } from '../testing/clock';
import { directWith, openBrowser, openTab, type Tab } from '../testing/tab';

let server: Sori;
const tabs: Tab[] = [];
let names = 0;

beforeAll(async () => {
  server = await startSori();
}, 60_000);
afterAll(() => server.stop());
afterEach(() => {
  for (const tab of tabs.splice(0)) tab.close();
  localStorage.clear();
});

const open = (browser = openBrowser()) => {
  const tab = openTab(server.url, browser);
  tabs.push(tab);
  return tab;
};

const password = 'correct horse battery';
const room = { name: 'Open', language: 'en', slowModeSeconds: 0, retentionHours: 24 } as const;
const signUp = async (fullName: string, browser = openBrowser()) => {
  const tab = open(browser);
  names += 1;
  const username = `${fullName.toLowerCase()}${names}`;
  await tab.signUp({ fullName, username, password, confirmPassword: password });
  await tab.until(({ connection }) => connection === 'online', 'the connection');
  return tab;
};
const isSent = ({ outbox }: State) => itemsOf(outbox).every(({ state }) => state === 'stored');
const texts = (tab: Tab, other: Tab) => tab.rows(other.me()._id).map(({ text }) => text);
const unreadFrom = (tab: Tab, other: Tab, unread: number) =>
  tab.until((state) => directWith(state, other.me()._id)?.unread === unread, `${unread} unread`);

describe('two people, on the real server', () => {
  it('hear each other: the first message makes the conversation, rings, and is one bubble here', async () => {
    const [alice, bob] = [await signUp('Alice'), await signUp('Bob')];
    alice.write(bob.me()._id, '안녕하세요');
    expect(alice.rows(bob.me()._id)).toMatchObject([{ text: '안녕하세요', status: 'sending' }]);
    const key = alice.rows(bob.me()._id)[0]?.key;
    await unreadFrom(bob, alice, 1);
    await alice.until(isSent, 'it is sent');
    await alice.until((state) => directWith(state, bob.me()._id) !== undefined, 'the conversation');
    expect(alice.rows(bob.me()._id)).toMatchObject([{ text: '안녕하세요', status: 'sent', key }]);
    expect(directWith(bob.store.getState(), alice.me()._id)?.lastMessage?.message).toBe('안녕하세요');
    await bob.until(() => bob.sounds() === 1, 'the sound');
    expect(alice.sounds()).toBe(0);
  });

  it('stay in order and lose nothing when both write at once and the connection breaks in between', async () => {
    const [alice, bob] = [await signUp('Alice'), await signUp('Bob')];
    for (let count = 1; count <= 20; count += 1) {
      alice.write(bob.me()._id, `a${count}`);
      bob.write(alice.me()._id, `b${count}`);
      if (count === 10) alice.socket.io.engine.close();
    }
    const all = (tab: Tab, other: Tab) =>
      tab.until((state) => isSent(state) && directWith(state, other.me()._id)?.headSeq === 40, 'all forty');
    await Promise.all([all(alice, bob), all(bob, alice)]);
    for (const [tab, other] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      const id = directWith(tab.store.getState(), other.me()._id)?._id ?? '';
      tab.account()?.history.open(id);
      await tab.until(({ windows }) => windows[id]?.loaded === true, 'what was said');
      // What this device keeps of it may begin where it was first heard of.
      tab.account()?.history.loadOlder(id);
      await tab.until(({ windows }) => windows[id]?.messages.length === 40, 'forty messages');
      expect(tab.store.getState().outbox).toEqual({});
    }
    expect(texts(alice, bob)).toEqual(texts(bob, alice));
    const byAlice = texts(alice, bob).filter((text) => text.startsWith('a'));
    expect(byAlice).toEqual(Array.from({ length: 20 }, (_, index) => `a${index + 1}`));
  });

  it('see what was written while they were away, without a sound, and who has read it', async () => {
    const browser = openBrowser();
    const [alice, bob] = [await signUp('Alice'), await signUp('Bob', browser)];
    alice.write(bob.me()._id, 'before');
    await unreadFrom(bob, alice, 1);
    const received = bob.sounds();
    bob.socket.disconnect();
    alice.write(bob.me()._id, 'while away');
    await alice.until((state) => isSent(state) && directWith(state, bob.me()._id)?.headSeq === 2, 'sent');
    bob.socket.connect();
    await unreadFrom(bob, alice, 2);
    expect(bob.sounds()).toBe(received);

    const otherTab = open(browser);
    await unreadFrom(await signedIn(otherTab), alice, 2);
    const id = directWith(bob.store.getState(), alice.me()._id)?._id ?? '';
    bob.account()?.readings.readAll(id);
    expect(directWith(bob.store.getState(), alice.me()._id)?.unread).toBe(0);
    await unreadFrom(otherTab, alice, 0);
    await alice.until(
      (state) =>
        directWith(state, bob.me()._id)?.members.some(
          ({ userId, readSeq }) => userId === bob.me()._id && readSeq === 2,
        ) === true,
      'Bob has read it',
    );
  });

  it('have read what they read without a connection also where the page was loaded anew before it was back', async () => {
    const browser = openBrowser();
    const [alice, bob] = [await signUp('Alice'), await signUp('Bob', browser)];
    alice.write(bob.me()._id, 'one');
    await unreadFrom(bob, alice, 1);
    const id = directWith(bob.store.getState(), alice.me()._id)?._id ?? '';
    const bobId = bob.me()._id;
    bob.socket.disconnect();
    bob.account()?.readings.readAll(id);
    bob.close();
    // What is kept is written.
    await settle();
    await signedIn(open(browser));
    await alice.until(
      (state) =>
        directWith(state, bobId)?.members.some(({ userId, readSeq }) => userId === bobId && readSeq === 1) ===
        true,
      'Bob has read it',
    );
  });

  it('read what is unread from its beginning, page by page, each message once', async () => {
    const browser = openBrowser();
    const [alice, first] = [await signUp('Alice'), await signUp('Bob', browser)];
    for (let count = 1; count <= 120; count += 1) alice.write(first.me()._id, `${count}`);
    await unreadFrom(first, alice, 120);
    const bob = await signedIn(open({ ...browser, cache: createMemoryCache() }));
    await unreadFrom(bob, alice, 120);
    const id = directWith(bob.store.getState(), alice.me()._id)?._id ?? '';
    bob.account()?.history.open(id);
    const held = (count: number) =>
      bob.until(({ windows }) => windows[id]?.messages.length === count, `${count} messages`);
    await held(50);
    expect(texts(bob, alice)[0]).toBe('1');
    bob.account()?.readings.seen(id, [1, 2, 3, 5]);
    await unreadFrom(first, alice, 117);
    expect(directWith(bob.store.getState(), alice.me()._id)?.unread).toBe(117);
    for (const count of [100, 120]) {
      bob.account()?.history.loadNewer(id);
      await held(count);
    }
    expect(bob.store.getState().windows[id]).toMatchObject({ hasOlder: false, hasNewer: false });
    expect(texts(bob, alice)).toEqual(Array.from({ length: 120 }, (_, index) => `${index + 1}`));
  });

  it('have a second tick as soon as it is on a device of the other, read or not', async () => {
    const [alice, bob] = [await signUp('Alice'), await signUp('Bob')];
    alice.write(bob.me()._id, 'are you there?');
    const bobs = (state: State) =>
      directWith(state, bob.me()._id)?.members.find(({ userId }) => userId === bob.me()._id);
    await alice.until((state) => bobs(state)?.deliveredSeq === 1, 'delivered');
    expect(bobs(alice.store.getState())?.readSeq).toBe(0);
    await alice.until(() => alice.rows(bob.me()._id)[0]?.status === 'delivered', 'the tick');
  });

  it('read what this device keeps before the server answers, and go on from there', async () => {
    const browser = openBrowser();
    const [alice, bob] = [await signUp('Alice'), await signUp('Bob', browser)];
    const [alicesId, bobsId] = [alice.me()._id, bob.me()._id];
    for (let count = 1; count <= 3; count += 1) alice.write(bobsId, `${count}`);
    const isDelivered = (state: State, seq: number) =>
      directWith(state, bobsId)?.members.some(
        ({ userId, deliveredSeq }) => userId === bobsId && deliveredSeq === seq,
      ) === true;
    await alice.until((state) => isDelivered(state, 3), 'on the device');
    bob.close();
    alice.write(bobsId, '4');
    await alice.until(isSent, 'sent');
    const first = alice.rows(bobsId)[0]?.message ?? null;
    if (first !== null) await alice.account()?.changes.make(first, { kind: 'edit', text: 'one' });

    const later = openTab(server.url, browser);
    tabs.push(later);
    later.socket.disconnect();
    const id = directWith(alice.store.getState(), bobsId)?._id ?? '';
    await later.until(({ conversations }) => conversations[id] !== undefined, 'the list');
    expect(later.store.getState().connection).not.toBe('online');
    later.account()?.history.open(id);
    await later.until(({ windows }) => windows[id]?.loaded === true, 'the messages');
    expect(texts(later, alice)).toEqual(['1', '2', '3']);
    await later.until(
      ({ windows }) =>
        windows[id]?.messages.map(({ message }) => message).join() === 'one,2,3,4' &&
        windows[id].messages[0]?.editedAt !== undefined,
      'what was missed, on older messages too',
    );
    expect(directWith(later.store.getState(), alicesId)?.unread).toBe(4);
  });

  it('see each other come and go', async () => {
    const [alice, bob] = [await signUp('Alice'), await signUp('Bob')];
    const watch = alice.account()?.watching.people([bob.me()._id]);
    await alice.until(({ online }) => online.has(bob.me()._id), 'Bob is online');
    const bobsId = bob.me()._id;
    await bob.logOut();
    await alice.until(({ online }) => !online.has(bobsId), 'Bob is offline');
    watch?.();
  });

  it('show nothing of one account to the next one on the same device', async () => {
    const browser = openBrowser();
    const [alice, bob] = [await signUp('Alice'), await signUp('Bob', browser)];
    alice.write(bob.me()._id, 'for Bob only');
    await unreadFrom(bob, alice, 1);
    const between = directWith(bob.store.getState(), alice.me()._id)?._id ?? '';
    bob.store.getState().draftChanged(between, { text: 'half a thought', replyTo: null });
    const otherTab = await signedIn(open(browser));
    await bob.logOut();
    await otherTab.until(({ status }) => status === 'signedOut', 'signed out in the other tab too');
    expect(bob.store.getState()).toMatchObject({
      me: null,
      conversations: {},
      windows: {},
      drafts: {},
      people: {},
    });
    names += 1;
    await bob.signUp({ fullName: 'Carol', username: `carol${names}`, password, confirmPassword: password });
    const state = await bob.until(
      ({ list, connection }) => list.state === 'ready' && connection === 'online',
      'list',
    );
    expect(Object.keys(state.conversations)).toEqual([]);
    expect(Object.keys(localStorage).filter((key) => key.startsWith('sori:draft'))).toEqual([]);
  });

  it('know of a block that another device made while an answer without it was on its way', async () => {
    const browser = openBrowser();
    const [alice, bob] = [await signUp('Alice', browser), await signUp('Bob')];
    const isBlocked = ({ blocked }: State) => blocked.has(bob.me()._id);
    const held = browser.hold('/api/bootstrap?limit=1');
    const tablet = open(browser);
    await tablet.until(({ connection }) => connection === 'online', 'the connection');
    await held.answered;
    await alice.api.block(bob.me()._id);
    await tablet.until(isBlocked, 'the notice');
    await held.release();
    expect(isBlocked(tablet.store.getState())).toBe(true);
  });

  it('go on as guests under another name where theirs is not free to be had any more', async () => {
    const alice = await signUp('Alice');
    const { slug } = await alice.api.createRoom(room);
    const guest = open();
    await guest.enterRoom(slug, 'Carol');
    await guest.until(({ connection }) => connection === 'online', 'the connection');
    const before = guest.store.getState();
    if (before.me === null || before.visit === null) throw new Error('Nobody is in');
    // As somebody is called whose name was reserved since.
    before.guestEntered({ ...before.me, fullName: 'Admin' }, before.visit);
    guest.socket.io.engine.close();
    await guest.until(({ connection }) => connection !== 'online', 'the connection is cut');
    await guest.until(
      ({ connection, status }) => connection === 'online' || status !== 'guest',
      'it is back',
    );
    expect(guest.store.getState()).toMatchObject({
      status: 'guest',
      connection: 'online',
      me: { _id: before.me._id, fullName: 'Carol' },
    });
  });

  it('are sent away as guests who were banned, and told so', async () => {
    const alice = await signUp('Alice');
    const { slug } = await alice.api.createRoom(room);
    const guest = open();
    await guest.enterRoom(slug, 'Carol');
    await guest.until(({ connection }) => connection === 'online', 'the connection');
    guest.socket.disconnect();
    await alice.api.banFromRoom(slug, guest.me()._id);
    guest.socket.connect();
    const { visitEnd } = await guest.until(({ status }) => status !== 'guest', 'the end of the visit');
    expect(visitEnd).toMatchObject({ slug, reason: 'kicked' });
  });

  it('go on with what they were writing as guests once they have signed up, and nothing of the guest stays', async () => {
    const alice = await signUp('Alice');
    const { slug } = await alice.api.createRoom(room);
    const guest = open();
    const { _id } = await guest.enterRoom(slug, 'Carol');
    await guest.until(({ connection }) => connection === 'online', 'the connection');
    const visitor = guest.me()._id;
    guest.store.getState().draftChanged(_id, { text: 'half a', replyTo: null });
    guest.store.getState().editBegan(_id, { messageId: _id, text: 'other words', before: null });
    const kept = () => deviceTexts.keys().filter((key) => key.includes(visitor));
    expect(kept()).not.toEqual([]);
    await guest.signUp({ fullName: 'Carol', username: 'carol', password, confirmPassword: password });
    expect(guest.store.getState()).toMatchObject({
      status: 'signedIn',
      drafts: { [_id]: { text: 'half a' } },
    });
    expect(kept()).toEqual([]);
    await guest.enterRoom(slug);
    await guest.until(({ conversations }) => conversations[_id] !== undefined, 'the room as a member');
    expect(guest.store.getState().drafts[_id]?.text).toBe('half a');
  });

  it('are told what is wrong by its code', async () => {
    const tab = open();
    await tab.until(({ status }) => status === 'signedOut', 'nobody is signed in');
    await expect(tab.logIn({ username: 'nobody', password })).rejects.toMatchObject({
      name: 'ApiError',
      code: 'INVALID_CREDENTIALS',
    });
  });
});

const signedIn = async (tab: Tab) => {
  await tab.until(({ status, connection }) => status === 'signedIn' && connection === 'online', 'signed in');
  return tab;
};
