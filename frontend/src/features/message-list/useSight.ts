import { useEffectEvent, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import { useOnScreen, type OnScreen } from './useOnScreen';
import type { Reading } from './useReading';
import type { Thread } from './useThread';

/**
 * What the reader sees is read, and where they were when they left is where they begin the next time.
 * @param staysRef null until the list is placed; then whether the reader stays at its end
 * @returns the first message that is on screen
 */
export function useSight(
  scroller: HTMLElement | null,
  thread: Thread,
  onScreen: Reading['onScreen'],
  staysRef: RefObject<boolean | null>,
): number {
  const sight = useRef<OnScreen | null>(null);
  const [firstSeen, setFirstSeen] = useState(0);
  useOnScreen(scroller, (shows) => {
    if (staysRef.current === null) return;
    sight.current = shows;
    setFirstSeen(shows.seqs[0] ?? 0);
    onScreen(shows.seqs, staysRef.current);
  });
  const leave = useEffectEvent(() => {
    if (sight.current !== null) thread.leaveAt(staysRef.current === true ? null : sight.current.place);
  });
  useLayoutEffect(() => () => leave(), []);
  return firstSeen;
}
