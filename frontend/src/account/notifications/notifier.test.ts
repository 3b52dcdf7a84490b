import { alice, between, bob, conversationId, said } from '@sori/client/testing';
import type { Message } from '@sori/contract';
import { createAppStore } from '../../session/appStore';
import { createFakeClock } from '../../testing/clock';
import { showBadge, titleFor, unreadTotal } from './badge';
import { createBurst } from './burst';
import { startNotifier } from './notifier';
import { createSound } from './sound';

const setUp = ({ wantsLessMotion = false } = {}) => {
  localStorage.clear();
  const store = createAppStore();
  store.getState().signedIn(alice);
  store.getState().conversationsReceived([between()]);
  const clock = createFakeClock();
  const played: number[] = [];
  const start = () =>
    startNotifier({
      store,
      clock,
      sound: { play: () => played.push(clock.now()), unlock: () => undefined },
      wantsLessMotion: () => wantsLessMotion,
    });
  return { store, clock, played, start, notifier: start() };
};
const receive = (notifier: { received: (message: Message) => void }, ...messages: Message[]) =>
  messages.forEach((message) => notifier.received(message));

describe('the sound of a message', () => {
  it('is heard when Bob writes while Alice does something else', () => {
    const { notifier, played } = setUp();
    receive(notifier, said(1, bob));
    expect(played).toHaveLength(1);
  });

  it('is not heard for what Alice herself wrote in another tab', () => {
    const { notifier, played } = setUp();
    receive(notifier, said(1, alice));
    expect(played).toEqual([]);
  });

  it('is not heard for the conversation that Alice looks at, but is when she looks away', () => {
    const { notifier, played, store } = setUp();
    store.getState().attentionChanged(true);
    store.getState().conversationOpened(conversationId);
    receive(notifier, said(1));
    expect(played).toEqual([]);
    store.getState().attentionChanged(false);
    receive(notifier, said(2));
    expect(played).toHaveLength(1);
  });

  it('is not heard for the first words of the person whose page Alice looks at, but is for those of others', () => {
    const { notifier, played, store } = setUp();
    store.getState().attentionChanged(true);
    store.getState().faced(bob._id);
    receive(notifier, said(1, bob));
    expect(played).toEqual([]);
    store.getState().faced(null);
    receive(notifier, said(2, bob));
    expect(played).toHaveLength(1);
  });

  it('is heard once for a burst, and again after a pause', () => {
    const { notifier, played, clock } = setUp();
    for (let seq = 1; seq <= 30; seq += 1) {
      receive(notifier, said(seq));
      clock.pass(100);
    }
    expect(played).toHaveLength(1);
    clock.pass(2_000);
    receive(notifier, said(31));
    expect(played).toHaveLength(2);
  });

  it('is heard again at once when a clock that was hours ahead is set right', () => {
    const burst = createBurst();
    const hour = 3_600_000;
    expect(burst(5 * hour)).toBe(true);
    expect(burst(5 * hour + 100)).toBe(false);
    expect(burst(10_000)).toBe(true);
    expect(burst(10_100)).toBe(false);
  });

  it('is not heard in a muted conversation, until the mute ends by itself', () => {
    const { notifier, played, store, clock } = setUp();
    const until = new Date(clock.now() + 60_000).toISOString();
    store.getState().conversationsReceived([between({ mutedUntil: until })]);
    receive(notifier, said(1));
    expect(played).toEqual([]);
    clock.pass(60_001);
    receive(notifier, said(2));
    expect(played).toHaveLength(1);
  });

  it('is left to the server’s clock where it is muted: a device that is off neither rings nor keeps silent', () => {
    const { notifier, played, store, clock } = setUp();
    const muteUntil = (ms: number) => {
      const mutedUntil = new Date(clock.server.now() + ms).toISOString();
      store.getState().conversationsReceived([between({ mutedUntil })]);
    };
    clock.serverIsAhead(-5 * 3_600_000);
    muteUntil(60_000);
    receive(notifier, said(1));
    expect(played).toEqual([]);
    clock.serverIsAhead(5 * 3_600_000);
    muteUntil(-60_000);
    receive(notifier, said(2));
    expect(played).toHaveLength(1);
  });

  it('comes from one tab only, the one that was touched', () => {
    const { notifier, start, played, clock } = setUp();
    const other = start();
    receive(notifier, said(1));
    receive(other, said(1));
    expect(played).toHaveLength(1);
    notifier.stop();
    other.gesture();
    clock.pass(2_000);
    receive(other, said(2));
    expect(played).toHaveLength(2);
  });

  it('is left out in silence where the browser refuses it, and unlocked by the next gesture', async () => {
    let allowed = false;
    const plays: boolean[] = [];
    const audio = {
      currentTime: 0,
      muted: false,
      preload: '',
      pause: () => undefined,
      play: () => {
        plays.push(audio.muted);
        return allowed ? Promise.resolve() : Promise.reject(new DOMException('no', 'NotAllowedError'));
      },
    };
    const sound = createSound(() => audio as unknown as HTMLAudioElement);
    sound.unlock();
    expect(plays).toEqual([]);
    sound.play();
    await Promise.resolve();
    await Promise.resolve();
    allowed = true;
    sound.unlock();
    expect(plays).toEqual([false, true]);
  });
});

describe('a browser with a bad loudspeaker', () => {
  const nextTurn = () => new Promise<void>((resolve) => process.nextTick(resolve));
  const broken: [string, () => HTMLAudioElement][] = [
    [
      'has none',
      () => {
        throw new ReferenceError('Audio is not defined');
      },
    ],
    [
      'throws',
      () =>
        ({
          play: () => {
            throw new DOMException('no', 'InvalidStateError');
          },
        }) as unknown as HTMLAudioElement,
    ],
    [
      'answers nothing',
      () => ({ play: () => undefined, pause: () => undefined }) as unknown as HTMLAudioElement,
    ],
  ];
  it.each(broken)('that %s plays nothing and disturbs nobody', async (_how, createAudio) => {
    const sound = createSound(createAudio);
    for (let times = 0; times < 2; times += 1) {
      expect(() => sound.play()).not.toThrow();
      await nextTurn();
      expect(() => sound.unlock()).not.toThrow();
      await nextTurn();
    }
  });

  it('that never says whether it unlocked is heard all the same', async () => {
    const plays: boolean[] = [];
    const audio = {
      currentTime: 0,
      muted: false,
      pause: () => undefined,
      play: () => {
        plays.push(audio.muted);
        return plays.length === 1 ? Promise.reject(new Error('no')) : new Promise(() => undefined);
      },
    };
    const sound = createSound(() => audio as unknown as HTMLAudioElement);
    sound.play();
    await nextTurn();
    sound.unlock();
    sound.play();
    expect(plays).toEqual([false, true, false]);
  });
});

describe('the shake of a message', () => {
  it('happens once, for a moment, when Bob writes to Alice', () => {
    const { notifier, store, clock } = setUp();
    receive(notifier, said(1));
    expect(store.getState().shaking).toEqual({ conversationId, seq: 1 });
    clock.pass(3_000);
    expect(store.getState().shaking).toBeNull();
  });

  it('does not happen for own messages, in larger conversations, or to those who want less motion', () => {
    const { notifier, store } = setUp();
    receive(notifier, said(1, alice), said(2, bob, { receiverId: undefined }));
    expect(store.getState().shaking).toBeNull();
    const calm = setUp({ wantsLessMotion: true });
    receive(calm.notifier, said(1));
    expect(calm.store.getState().shaking).toBeNull();
  });
});

describe('the badge', () => {
  it('counts what is unread where nothing is muted', () => {
    const { store, clock } = setUp();
    const other = 'd'.repeat(24);
    const muted = new Date(clock.now() + 1).toISOString();
    store
      .getState()
      .conversationsReceived([
        between({ headSeq: 3, unread: 3 }),
        between({ _id: other, kind: 'group', headSeq: 5, unread: 5, mutedUntil: muted }),
      ]);
    const { conversations } = store.getState();
    expect(unreadTotal(conversations, clock.now())).toEqual({ unread: 3, more: false });
    expect(unreadTotal(conversations, clock.now() + 2)).toEqual({ unread: 8, more: false });
  });

  it('stands in title and favicon, and goes', () => {
    document.head.innerHTML = '<link rel="icon" href="/favicon.svg" />';
    const icon = document.querySelector('link');
    showBadge({ unread: 3, more: false });
    expect([document.title, icon?.getAttribute('href')]).toEqual(['(3) Sori', '/favicon-unread.svg']);
    showBadge({ unread: 0, more: false });
    expect([document.title, icon?.getAttribute('href')]).toEqual(['Sori', '/favicon.svg']);
  });

  it('says that there is more where one conversation has more than is counted, unless that is muted', () => {
    const { store, clock } = setUp();
    const muted = new Date(clock.now() + 1).toISOString();
    const more = { headSeq: 5_000, unread: 1_000, unreadMore: true };
    store
      .getState()
      .conversationsReceived([
        between({ headSeq: 3, unread: 3 }),
        between({ _id: 'd'.repeat(24), kind: 'group', mutedUntil: muted, ...more }),
      ]);
    const { conversations } = store.getState();
    expect(titleFor(unreadTotal(conversations, clock.now()))).toBe('(3) Sori');
    expect(titleFor(unreadTotal(conversations, clock.now() + 2))).toBe('(1003+) Sori');
  });
});
