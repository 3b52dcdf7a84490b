import { ApiError } from '@sori/client';
import { alice, between, conversationId } from '@sori/client/testing';
import { codePoints, limits, type Conversation } from '@sori/contract';
import { keepDrafts } from './draftsStorage';
import { createAppStore } from '../../session/appStore';
import { createFakeClock, settle } from '../../testing/clock';
import { writeInOtherTab } from '../../testing/otherTab';
import { createDrafts } from './drafts';

type Saved = { text: string; replyTo?: string; rev: number };

/** The server's rule: a higher rev counts, an empty text takes the draft away and keeps its rev. */
const createServer = () => {
  let kept: Saved | null = null;
  const saves: Saved[] = [];
  const described = (): Conversation => {
    if (kept === null) return between();
    return between(kept.text === '' ? { draftRev: kept.rev } : { draft: { text: kept.text, rev: kept.rev } });
  };
  return {
    saves,
    described,
    text: () => kept?.text ?? '',
    /** What it had is gone: another membership began, or an older copy of the database was put in place. */
    forgets: () => {
      kept = null;
    },
    save: (draft: Saved) => {
      saves.push(draft);
      if (codePoints(draft.text) > limits.messageMax) throw new ApiError('TOO_LARGE', 'Too long');
      if (draft.text.includes('\0')) throw new ApiError('INVALID', 'Cannot be stored');
      if (draft.rev > (kept?.rev ?? 0)) kept = draft;
      return described();
    },
  };
};

const openDevice = (
  server: ReturnType<typeof createServer>,
  { clock = createFakeClock(), isReloaded = false } = {},
) => {
  if (!isReloaded) localStorage.clear();
  const store = createAppStore();
  store.getState().signedIn(alice);
  let online = true;
  const drafts = createDrafts({
    store,
    clock,
    account: alice._id,
    isConnected: () => online,
    api: {
      saveDraft: (_id, draft) =>
        online
          ? Promise.resolve(draft).then(server.save)
          : Promise.reject(new ApiError('NO_ANSWER', 'no connection')),
    },
  });
  const stop = keepDrafts(store, alice._id, drafts.changed);
  store.getState().conversationsReceived([between()]);
  const text = () => store.getState().drafts[conversationId]?.text ?? '';
  return {
    store,
    clock,
    drafts,
    text,
    type: (typed: string) => store.getState().draftChanged(conversationId, { text: typed, replyTo: null }),
    pass: async (ms: number) => {
      clock.pass(ms);
      for (let turn = 0; turn < 4; turn += 1) {
        await settle();
        clock.pass(0);
      }
    },
    typeAndSave: async (typed: string) => {
      store.getState().draftChanged(conversationId, { text: typed, replyTo: null });
      clock.pass(1_000);
      await settle();
    },
    send: () =>
      store.getState().messageWritten({
        clientId: 'sent',
        to: conversationId,
        lane: conversationId,
        text: text(),
        queuedAt: new Date(clock.now()).toISOString(),
      }),
    connection: (there: boolean) => {
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

  it('that was sent without a connection is gone everywhere once there is one', async () => {
    const server = createServer();
    const device = openDevice(server);
    device.type('hello');
    device.clock.pass(1_000);
    await settle();
    device.connection(false);
    device.send();
    device.clock.pass(60_000);
    await settle();
    // What the server still has must not come back into the composer.
    device.drafts.received(server.described());
    expect(device.text()).toBe('');
    device.connection(true);
    device.clock.pass(0);
    await settle();
    expect(server.text()).toBe('');
    device.stop();
  });

  it('of another device is shown, and does not go back to it', async () => {
    const server = createServer();
    const device = openDevice(server);
    server.save({ text: 'from the phone', rev: device.clock.now() + 5 });
    device.drafts.received(server.described());
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
    device.drafts.received(server.described());
    device.type('no, this');
    device.drafts.received(server.described());
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
    otherTab.isReceived(1);
    expect(device.text()).toBe('he');
    device.drafts.received(between());
    device.clock.pass(1_000);
    await settle();
    expect(server.text()).toBe('h');
    // It hears the rest; the other tab was closed before it had told the server.
    otherTab.isReceived(1);
    device.drafts.received(server.described());
    device.clock.pass(0);
    await settle();
    expect(server.text()).toBe('hello');
    device.stop();
  });

  it('that was sent from another device goes here too', async () => {
    const server = createServer();
    const device = openDevice(server);
    await device.typeAndSave('hello');
    server.save({ text: '', rev: (server.saves.at(-1)?.rev ?? 0) + 1 });
    device.drafts.received(server.described());
    expect(device.text()).toBe('');
    device.stop();
  });
});

/** Whatever makes the server describe a conversation: somebody joins, a mute changes, the connection is back. */
describe('what somebody is writing stays in front of them', () => {
  it.each([
    ['is too long for the server', 'x'.repeat(8_500)],
    ['cannot be stored', 'a\0b'],
  ])('when it %s, however often that tells of its conversation', async (_why, text) => {
    const server = createServer();
    const device = openDevice(server);
    await device.typeAndSave('a beginning');
    const before = server.described();
    await device.typeAndSave(text);
    const asked = server.saves.length;
    for (const received of [between(), between(), before, server.described(), between(), between()]) {
      device.drafts.received(received);
      await device.pass(5_000);
      device.connection(false);
      device.connection(true);
      await device.pass(5_000);
      expect(device.text()).toBe(text);
    }
    expect(server.saves).toHaveLength(asked);
    expect(server.text()).toBe('a beginning');
    // Made shorter, it is the account’s again.
    await device.typeAndSave('shorter');
    expect(server.text()).toBe('shorter');
    device.stop();
  });

  it('over a reload, too', async () => {
    const server = createServer();
    const text = 'x'.repeat(8_500);
    const device = openDevice(server);
    await device.typeAndSave(text);
    device.stop();
    const again = openDevice(server, { isReloaded: true });
    expect(again.text()).toBe(text);
    for (let times = 0; times < 3; times += 1) {
      again.drafts.received(between());
      await again.pass(5_000);
    }
    expect(again.text()).toBe(text);
    expect(server.saves).toEqual([]);
    again.stop();
  });

  it('when the server has lost it, which then is told it again', async () => {
    const server = createServer();
    const device = openDevice(server);
    await device.typeAndSave('hello');
    server.forgets();
    for (let times = 0; times < 3; times += 1) {
      device.drafts.received(server.described());
      await device.pass(5_000);
    }
    expect(device.text()).toBe('hello');
    expect(server.text()).toBe('hello');
    expect(server.saves).toHaveLength(2);
    device.stop();
  });

  it('when news of what was before comes late', async () => {
    const server = createServer();
    const device = openDevice(server);
    await device.typeAndSave('hel');
    const early = server.described();
    device.send();
    await device.pass(0);
    const sent = server.described();
    await device.typeAndSave('the next one');
    for (const received of [early, sent, early]) device.drafts.received(received);
    await device.pass(5_000);
    expect(device.text()).toBe('the next one');
    expect(server.text()).toBe('the next one');
    device.stop();
  });

  it('when another device has written meanwhile: that one’s stays there, until something is changed here', async () => {
    const server = createServer();
    const device = openDevice(server);
    device.connection(false);
    await device.typeAndSave('on the train');
    server.save({ text: 'at the desk', rev: device.clock.now() + 5_000 });
    device.connection(true);
    device.drafts.received(server.described());
    await device.pass(1_000);
    device.drafts.received(server.described());
    await device.pass(1_000);
    expect(device.text()).toBe('on the train');
    expect(server.text()).toBe('at the desk');
    await device.typeAndSave('on the train, later');
    expect(server.text()).toBe('on the train, later');
    device.stop();
  });

  it('when this device has no room, or no storage at all', async () => {
    const full = jest.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    const none = jest.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
      throw new DOMException('forbidden', 'SecurityError');
    });
    const server = createServer();
    const device = openDevice(server);
    try {
      await device.typeAndSave('hello');
      expect(server.text()).toBe('hello');
      for (let times = 0; times < 3; times += 1) {
        device.drafts.received(server.described());
        device.drafts.received(between());
        await device.pass(5_000);
      }
      expect(device.text()).toBe('hello');
      await device.typeAndSave('x'.repeat(8_500));
      device.drafts.received(server.described());
      await device.pass(5_000);
      expect(device.text()).toHaveLength(8_500);
      device.send();
      await device.pass(0);
      expect(server.text()).toBe('');
      // One for each thing that the server was told, and one where it seemed to have lost it.
      expect(server.saves.length).toBeLessThan(10);
    } finally {
      device.stop();
      full.mockRestore();
      none.mockRestore();
    }
  });
});
