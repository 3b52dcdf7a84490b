import { useCallback, useLayoutEffect, useRef, type RefObject } from 'react';
import type { FlatIndexLocationWithAlign } from 'react-virtuoso';
import type { Thread } from './useThread';

const end: FlatIndexLocationWithAlign = { index: 'LAST', align: 'end' };

type Deps = {
  scrollTo: (location: FlatIndexLocationWithAlign) => void;
  /** The very end is wanted: see `useHoldEnd`. */
  wantEnd: () => void;
  /** Whether the reader stays at the end. */
  staysRef: RefObject<boolean | null>;
  readAll: () => void;
};

/** Gives what brings the reader to the newest message, at once or as soon as it is loaded. */
export function useWayToEnd(thread: Thread, { scrollTo, wantEnd, staysRef, readAll }: Deps): () => void {
  const { goesToEnd, hasNewer, newer, goToNewest } = thread;
  const scrollToEnd = useCallback(() => {
    staysRef.current = true;
    wantEnd();
    scrollTo(end);
  }, [scrollTo, wantEnd, staysRef]);
  const wentToEnd = useRef(false);
  useLayoutEffect(() => {
    if (wentToEnd.current && !goesToEnd && !hasNewer) scrollToEnd();
    wentToEnd.current = goesToEnd;
  }, [goesToEnd, hasNewer, scrollToEnd]);
  // It does not come now: so far as there is something, there they see why, and what they have sent.
  const isStuck = goesToEnd && newer === 'failed';
  useLayoutEffect(() => {
    if (isStuck) scrollTo(end);
  }, [isStuck, scrollTo]);
  return () => {
    if (hasNewer || goesToEnd) goToNewest();
    else {
      readAll();
      scrollToEnd();
    }
  };
}
