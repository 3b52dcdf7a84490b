import type { Conversation } from '@sori/contract';
import { ApiError } from '../api/ApiError';
import { keepDrafts } from '../store/draftsStorage';
import { createAppStore } from '../store/store';
import { createFakeClock, settle } from '../testing/clock';
import { writeInOtherTab } from '../testing/otherTab';
import { alice, between, conversationId } from '../testing/people';
import { createDrafts } from './drafts';

type Saved = { text: string; replyTo?: string; rev: number };

/** The server's rule: a higher rev counts, an empty text takes the draft away and keeps its rev. */
const createServer = () => {
  let kept: Saved | null = null;
  const saves: Saved[] = [];
  const described = (): Conversation =>
    between(kept === null || kept.text === '' ? {} : { draft: { text: kept.text, rev: kept.rev } });
  return {
    saves,
    described,
    text: () => kept?.text ?? '',
    save: (draft: Saved) => {
      saves.push(draft);
      if (draft.rev > (kept?.rev ?? 0)) kept = draft;
      return described();
    },
  };
};

const openDevice = (server: ReturnType<typeof createServer>, clock = createFakeClock()) => {
  localStorage.clear();
  const store = createAppStore();
  store.getState().signedIn(alice);
  let online = true;
  let asked = 0;
  const drafts = createDrafts({
    store,
    clock,
    account: alice._id,
    isConnected: () => online,
    api: {
      saveDraft: (_id, draft) =>
        online ? Promise.resolve(server.save(draft)) : Promise.reject(new ApiError('NO_ANSWER', 'no line')),
    },
    ask: () => {
      asked += 1;
    },
  });
  const stop = keepDrafts(store, alice._id, drafts.changed);
  store.getState().conversationsTold([between()]);
  const text = () => store.getState().drafts[conversationId]?.text ?? '';
  return {
    store,
    clock,
    drafts,
    text,
    asked: () => asked,
    type: (typed: string) => store.getState().draftChanged(conversationId, { text: typed, replyTo: null }),
    send: () =>
      store.getState().messageWritten({
        clientId: 'sent',
        to: conversationId,
        lane: conversationId,
        text: text(),
        queuedAt: new Date(clock.now()).toISOString(),
      }),
    line: (there: boolean) => {
      online = there;
      if (there) drafts.resume();
    },
    stop: () => {
      stop();
      drafts.stop();
    },
  };
};

describe('a draft that follows the account', () => {
  it('is saved once when the typing pauses, as it then is', async () => {
    const server = createServer();
    const device = openDevice(server);
    for (const typed of ['h', 'he', 'hello']) device.type(typed);
    expect(server.saves).toEqual([]);
    device.clock.pass(1_000);
    await settle();
    expect(server.saves.map(({ text }) => text)).toEqual(['hello']);
    device.stop();
  });

  it('is taken away by sending, and a save that comes late does not bring it back', async () => {
    const server = createServer();
    const device = openDevice(server);
    device.type('hello');
    device.clock.pass(1_000);
    await settle();
    const late = server.saves[0];
    device.send();
    device.clock.pass(0);
    await settle();
    expect(server.text()).toBe('');
    if (late !== undefined) server.save(late);
    expect(server.text()).toBe('');
    expect(device.text()).toBe('');
    device.stop();
  });

  it('that was sent without a line is gone everywhere once there is one', async () => {
    const server = createServer();
    const device = openDevice(server);
    device.type('hello');
    device.clock.pass(1_000);
    await settle();
    device.line(false);
    device.send();
    device.clock.pass(60_000);
    await settle();
    // What the server still has must not come back into the composer.
    device.drafts.told(server.described());
    expect(device.text()).toBe('');
    device.line(true);
    device.clock.pass(0);
    await settle();
    expect(server.text()).toBe('');
    device.stop();
  });

  it('of another device is shown, and does not go back to it', async () => {
    const server = createServer();
    const device = openDevice(server);
    server.save({ text: 'from the phone', rev: device.clock.now() + 5 });
    device.drafts.told(server.described());
    expect(device.text()).toBe('from the phone');
    device.clock.pass(5_000);
    await settle();
    expect(server.saves).toHaveLength(1);
    device.stop();
  });

  it('typed here later wins over what another device, with a clock hours ahead, had saved before', async () => {
    const server = createServer();
    const device = openDevice(server);
    server.save({ text: 'from the phone', rev: device.clock.now() + 5 * 3_600_000 });
    device.drafts.told(server.described());
    device.type('no, this');
    device.drafts.told(server.described());
    expect(device.text()).toBe('no, this');
    device.clock.pass(1_000);
    await settle();
    expect(server.text()).toBe('no, this');
    device.stop();
  });

  it('is saved also where such a device had emptied its own, and nobody tells how far ahead', async () => {
    const server = createServer();
    const device = openDevice(server);
    server.save({ text: '', rev: device.clock.now() + 5 * 3_600_000 });
    device.type('hello');
    device.clock.pass(1_000);
    for (let turn = 0; turn < 20; turn += 1) {
      await settle();
      device.clock.pass(0);
    }
    expect(server.text()).toBe('hello');
    device.stop();
  });

  it('that another tab goes on writing is that tab’s to keep, and to tell the server', async () => {
    const server = createServer();
    const device = openDevice(server);
    device.type('h');
    device.clock.pass(1_000);
    await settle();
    // This tab is late: what it hears of is no longer what the other tab has.
    const otherTab = writeInOtherTab(alice._id, conversationId);
    otherTab.writes('he');
    otherTab.writes('hello');
    otherTab.isHeard(1);
    expect(device.text()).toBe('he');
    device.drafts.told(between());
    device.clock.pass(1_000);
    await settle();
    expect(server.text()).toBe('h');
    // It hears the rest; the other tab was closed before it had told the server.
    otherTab.isHeard(1);
    device.drafts.told(server.described());
    device.clock.pass(0);
    await settle();
    expect(server.text()).toBe('hello');
    device.stop();
  });

  it('that was sent from another device goes here too, after asking twice', async () => {
    const server = createServer();
    const device = openDevice(server);
    device.type('hello');
    device.clock.pass(1_000);
    await settle();
    device.drafts.told(between());
    expect(device.text()).toBe('hello');
    expect(device.asked()).toBe(1);
    device.drafts.told(between());
    expect(device.text()).toBe('');
    device.stop();
  });
});
