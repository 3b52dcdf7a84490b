import { useCallback, useEffect, useMemo, useRef } from 'react';
import { useClient } from '../../session/SocketContext';
import { conversationIdOf } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import type { Target } from '../conversations/target';
import { createDwell } from './dwell';

export type Reading = {
  /** Tell the messages that are on screen, and whether the list follows its end, whenever that may have changed. */
  onScreen: (seqs: readonly number[], atEnd: boolean) => void;
  /** The reader went to the end. */
  readAll: () => void;
};

const nothing: readonly number[] = [];
/** No more than that can come past somebody who reads along before it is stored that they did. */
const alongMost = 1_000;

/**
 * Marks as read what a person really can see: the conversation is open (this hook is mounted), the window is focused
 * and visible, and the message stays on screen for long enough.
 */
export function useReading(target: Target): Reading {
  const { store, account, clock } = useClient();
  const conversationId = useAppStore((state) => conversationIdOf(state, target));
  const attention = useAppStore((state) => state.attention);
  const known = useAppStore(
    (state) => conversationId !== null && state.conversations[conversationId] !== undefined,
  );
  const shown = useRef({ seqs: nothing, atEnd: false });
  /** Who has read everything and stays at the end reads along: what comes faster than it can be looked at is read too. */
  const readsAlongFrom = useRef<number | null>(null);

  const dwell = useMemo(
    () =>
      createDwell(clock, (seqs) => {
        if (conversationId !== null) account()?.readings.seen(conversationId, seqs);
      }),
    [clock, account, conversationId],
  );
  useEffect(() => () => dwell.stop(), [dwell]);

  const look = useCallback(() => {
    const state = store.getState();
    const held = conversationId === null ? undefined : state.conversations[conversationId];
    const { seqs, atEnd } = shown.current;
    const last = Math.max(0, ...seqs);
    if (held === undefined || !state.attention || !atEnd) readsAlongFrom.current = null;
    // Where nothing of the log is on screen, nobody knows yet from where on.
    else if (held.conversation.unread === 0 && seqs.length > 0) readsAlongFrom.current = last;
    if (held === undefined || !state.attention) {
      dwell.look(nothing);
      return;
    }
    const from = readsAlongFrom.current ?? last;
    const along = Array.from(
      { length: Math.min(alongMost, Math.max(0, last - from)) },
      (_, index) => from + 1 + index,
    );
    dwell.look(along.length === 0 ? seqs : [...new Set([...seqs, ...along])]);
  }, [store, conversationId, dwell]);

  // Also what is on screen already when the focus comes back, or when the conversation becomes known.
  useEffect(look, [look, attention, known]);

  return useMemo(
    () => ({
      onScreen: (seqs, atEnd) => {
        shown.current = { seqs, atEnd };
        look();
      },
      readAll: () => {
        if (conversationId !== null) account()?.readings.readAll(conversationId);
      },
    }),
    [look, account, conversationId],
  );
}
