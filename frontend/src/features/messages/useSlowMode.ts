import { useEffect, useState } from 'react';
import { useClient } from '../../session/SocketContext';
import { conversationIdOf, myId, type State } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import type { Target } from '../conversations/target';

export type SlowMode = {
  /** Whole seconds until one may write again; 0 for now. */
  waitSeconds: number;
  /** One wrote just now. */
  wrote: () => void;
};

/** When one last wrote there, by this device's clock; the server's decides, and says so where it is asked too early. */
const wroteAt = new Map<string, number>();

/** How many seconds somebody in that conversation waits between two messages; 0 where nobody waits. */
export const slowModeOf = (state: State, target: Target): number =>
  state.conversations[conversationIdOf(state, target) ?? '']?.conversation.slowModeSeconds ?? 0;

/** How long a room has its people wait between two messages. Its owner waits for nobody. */
export function useSlowMode(target: Target): SlowMode {
  const { clock } = useClient();
  const key = useAppStore((state) => {
    const id = conversationIdOf(state, target);
    return id === null ? null : `${id}:${myId(state)}`;
  });
  const seconds = useAppStore((state) => {
    const conversation = state.conversations[conversationIdOf(state, target) ?? '']?.conversation;
    const isOwner = conversation?.members.some(
      ({ userId, role }) => userId === myId(state) && role === 'owner',
    );
    return isOwner === true ? 0 : slowModeOf(state, target);
  });
  const isOnItsWay = useAppStore((state) =>
    (state.outbox[conversationIdOf(state, target) ?? ''] ?? []).some((item) => item.state === 'waiting'),
  );
  const [now, setNow] = useState(() => clock.now());
  const before = key === null ? undefined : wroteAt.get(key);
  // Never longer than one waits from now on: the clock may have been set back since.
  const leftMs =
    before === undefined ? 0 : Math.min(seconds * 1_000, Math.max(0, before + seconds * 1_000 - now));

  useEffect(() => {
    if (key === null || seconds === 0 || !isOnItsWay) return undefined;
    // The server counts from when the message came to it: from the answer on, it is never asked too early.
    return () => {
      wroteAt.set(key, clock.now());
      setNow(clock.now());
    };
  }, [clock, key, seconds, isOnItsWay]);

  useEffect(() => {
    if (leftMs === 0) return undefined;
    // To the next whole second of what is left.
    return clock.after(leftMs % 1_000 || 1_000, () => setNow(clock.now()));
  }, [clock, leftMs]);

  return {
    waitSeconds: isOnItsWay ? seconds : Math.ceil(leftMs / 1_000),
    wrote: () => {
      if (key === null || seconds === 0) return;
      wroteAt.set(key, clock.now());
      setNow(clock.now());
    },
  };
}
