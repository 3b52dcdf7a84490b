import { createClientId } from '@sori/client';
import type { Id, Message } from '@sori/contract';
import type { Leadership } from '../../device/leadership';
import { openChannel, lead, type Channel } from '../../device/tabs';
import type { Clock } from '../../device/clock';
import { myId, type Store } from '../../store/state';
import { createBurst } from './burst';
import { mayRing, mayShake } from './notificationRules';
import type { Sound } from './sound';

/** So long a slow page has to draw the message. The end of the animation (300 ms) takes it back sooner. */
const shakeMs = 3_000;

type FocusChange = { tab: string; inFocus: Id | null } | { ask: true };

export type Notifier = {
  /** A message was told live, and is news. */
  received: (message: Message) => void;
  /** The person touched this page. */
  gesture: () => void;
  stop: () => void;
};

type Deps = { store: Store; clock: Clock; sound: Sound; wantsLessMotion: () => boolean };

/**
 * Sound and shake for one signed-in account. Of all its tabs one makes the sound, the one that the person touched last
 * for the first time: a tab that was never touched may not play at all.
 */
export const startNotifier = ({ store, clock, sound, wantsLessMotion }: Deps): Notifier => {
  const account = myId(store.getState());
  const tab = createClientId();
  const burst = createBurst();
  let elsewhere: { tab: string; inFocus: Id | null } = { tab: '', inFocus: null };
  let touched = false;
  let endShake: () => void = () => undefined;

  const inFocusHere = (): Id | null => {
    const { attention, open, facing } = store.getState();
    return attention ? (open?.conversationId ?? facing) : null;
  };

  const leadership: Leadership = lead({ name: `sori-sound-${account}`, clock, changed: () => undefined });
  const channel: Channel<FocusChange> = openChannel(`sori-focus-${account}`, (change) => {
    if ('ask' in change) {
      if (inFocusHere() !== null) channel.post({ tab, inFocus: inFocusHere() });
      // Only one window has the focus: the last to say that it has it counts, and only it can say that it lost it.
    } else if (change.inFocus !== null || change.tab === elsewhere.tab) elsewhere = change;
  });
  channel.post({ ask: true });

  let announcedFocus = inFocusHere();
  const unsubscribe = store.subscribe(() => {
    const inFocus = inFocusHere();
    if (inFocus === announcedFocus) return;
    announcedFocus = inFocus;
    if (inFocus !== null) elsewhere = { tab: '', inFocus: null };
    channel.post({ tab, inFocus });
  });

  const shake = (conversationId: Id, seq: number) => {
    endShake();
    store.getState().shakeBegan(conversationId, seq);
    endShake = clock.after(shakeMs, () => store.getState().shakeEnded());
  };

  return {
    received: (message) => {
      const state = store.getState();
      const { conversationId } = message;
      const about = {
        message,
        conversation: state.conversations[conversationId]?.conversation,
        me: account,
        now: clock.server.now(),
      };
      if (mayShake(about) && !wantsLessMotion()) shake(conversationId, message.seq);
      const audible = [inFocusHere(), elsewhere.inFocus].every((inFocus) => mayRing({ ...about, inFocus }));
      // Every tab counts the burst, so that whoever leads next does not begin it again.
      if (audible && burst(clock.now()) && leadership.leads()) sound.play();
    },
    gesture: () => {
      sound.unlock();
      if (touched) return;
      touched = true;
      leadership.take();
    },
    stop: () => {
      endShake();
      unsubscribe();
      if (inFocusHere() !== null) channel.post({ tab, inFocus: null });
      channel.stop();
      leadership.stop();
    },
  };
};
