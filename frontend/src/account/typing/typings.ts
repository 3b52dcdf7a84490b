import type { Ask, Outbox } from '@sori/client';
import { limits, type Id, type Typing } from '@sori/contract';
import { myId, type Store } from '../../store/state';
import type { Clock } from '../../device/clock';

export type Typings = {
  received: (notice: Typing) => void;
  /** This person presses keys there. Told to the others at most once per `limits.typingEveryMs`, and after each message. */
  iAmTyping: (conversationId: Id) => void;
  /** The person left, or took back what was written. Nothing is told where nothing had been. */
  iStopped: (conversationId: Id) => void;
  /** The connection broke: who was writing may have ended meanwhile, and nobody would say so. */
  forget: () => void;
  stop: () => void;
};

type Others = Pick<Typings, 'received' | 'stop'> & {
  /** Nobody is writing any more, as far as this page knows. */
  forget: () => void;
};

/** Others who are writing, until they are not or nothing more is heard of it. */
const createOthers = ({ store, clock }: { store: Store; clock: Clock }): Others => {
  const timers = new Map<string, () => void>();
  const end = (key: string) => {
    timers.get(key)?.();
    timers.delete(key);
  };
  const stop = () => {
    for (const cancel of timers.values()) cancel();
    timers.clear();
  };
  return {
    received: (notice) => {
      const { conversationId, userId, typing } = notice;
      if (userId === myId(store.getState())) return;
      const key = `${conversationId}:${userId}`;
      end(key);
      store.getState().typingReceived(notice);
      if (!typing) return;
      timers.set(
        key,
        clock.after(limits.typingForgottenMs, () => {
          timers.delete(key);
          store.getState().typingReceived({ ...notice, typing: false });
        }),
      );
    },
    forget: () => {
      stop();
      store.getState().typingForgotten();
    },
    stop,
  };
};

/** Who is writing now. It is a live thing: never stored, never repeated later, and gone where in doubt. */
export const createTypings = (deps: { store: Store; ask: Ask; clock: Clock }): Typings => {
  const { store, ask, clock } = deps;
  const others = createOthers(deps);
  /** When others were last told, and whether they still believe it. */
  const mine = new Map<Id, { at: number; typing: boolean }>();
  /** Where it is told again as soon as it may be. */
  const later = new Map<Id, () => void>();

  /** Where this person writes while what they sent is on its way: that would take the news of it away again. */
  const behind = new Set<Id>();
  const isSending = (outbox: Outbox, lane: Id): boolean =>
    outbox[lane]?.some(({ state }) => state === 'waiting') === true;
  // What is sent ends its writer's writing for all who hear it: from then on it may be told anew.
  const unsubscribe = store.subscribe(({ outbox }, { outbox: before }) => {
    if (outbox === before) return;
    for (const lane of Object.keys(before)) {
      if (outbox[lane] === before[lane] || !isSending(before, lane) || isSending(outbox, lane)) continue;
      calm(lane);
      mine.delete(lane);
      if (behind.delete(lane)) announceIfWritten(lane);
    }
  });

  const announce = (conversationId: Id, typing: boolean) => {
    // Whoever is told nothing forgets it by themselves, and what is told late would be wrong.
    ask('typing:set', { conversationId, typing }).catch(() => undefined);
  };
  const calm = (conversationId: Id) => {
    later.get(conversationId)?.();
    later.delete(conversationId);
  };
  /** Short words soon after others would be over before a next key could tell of them. What was sent meanwhile is not there. */
  const announceAfter = (ms: number, conversationId: Id) => {
    calm(conversationId);
    const cancel = clock.after(ms, () => {
      later.delete(conversationId);
      announceIfWritten(conversationId);
    });
    later.set(conversationId, cancel);
  };
  const announceIfWritten = (conversationId: Id) => {
    if ((store.getState().drafts[conversationId]?.text ?? '') !== '') typings.iAmTyping(conversationId);
  };
  const calmAll = () => {
    behind.clear();
    for (const conversationId of [...later.keys()]) calm(conversationId);
  };

  const typings: Typings = {
    received: others.received,
    iAmTyping: (conversationId) => {
      const { settings, connection, outbox } = store.getState();
      if (settings?.typing === false || connection !== 'online') return;
      if (isSending(outbox, conversationId)) {
        behind.add(conversationId);
        return;
      }
      const last = mine.get(conversationId);
      const wait = last === undefined ? 0 : last.at + limits.typingEveryMs - clock.now();
      // Longer than that it never is: then the clock was set back.
      if (wait > 0 && wait <= limits.typingEveryMs) {
        announceAfter(wait, conversationId);
        return;
      }
      mine.set(conversationId, { at: clock.now(), typing: true });
      announce(conversationId, true);
    },
    iStopped: (conversationId) => {
      calm(conversationId);
      behind.delete(conversationId);
      const last = mine.get(conversationId);
      if (last?.typing !== true) return;
      mine.set(conversationId, { ...last, typing: false });
      // After that long the others have forgotten it anyway.
      if (clock.now() - last.at < limits.typingForgottenMs) announce(conversationId, false);
    },
    forget: () => {
      calmAll();
      mine.clear();
      others.forget();
    },
    stop: () => {
      unsubscribe();
      others.stop();
      calmAll();
    },
  };
  return typings;
};
