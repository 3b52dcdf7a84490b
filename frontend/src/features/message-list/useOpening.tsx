import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import { flushSync } from 'react-dom';
import { holdPlace, scrollNow, type HeldPlace } from './holdPlace';

/** Where a list begins: with a message so far below the upper edge, in pixels, or at the end of what is there. */
export type Start = (HeldPlace & { index: number; atEnd: false }) | { atEnd: true };

/** A message of one line, in pixels: what Virtuoso takes for the height of what it has not measured yet. */
export const guessedHeight = 42;
/** So much is drawn above and below what is on screen, in pixels, as soon as there is time for it. */
export const beyondTheEdges = { top: 800, bottom: 400 };

export type Opening = {
  /** The list is where the reader is to begin. Until then rows are only as high as they are guessed to be. */
  isPlaced: boolean;
  /** For the first of those, when it is in the page. */
  place: () => void;
  /** What is drawn was measured and moved where it belongs: now it may be seen. */
  isSettled: boolean;
  /** The reader has seen something: now there is time for more. */
  isPainted: boolean;
  /** This is what stays in its place now. */
  hold: (place: HeldPlace) => void;
  /** The list goes elsewhere now. */
  leave: () => void;
};

/**
 * Brings a list that was just opened to where the reader is to begin, in the frame in which it appears. Virtuoso's own
 * `initialTopMostItemIndex` hides it for four frames and 150 ms more, and draws it from the top first; its
 * `scrollToIndex` goes there again whenever a row comes within 150 ms, past the first unread one, too.
 * @param staysAtEndRef null until the list is placed; then whether that is at the end
 */
export function useOpening(
  scroller: HTMLElement | null,
  begin: () => Start,
  staysAtEndRef: RefObject<boolean | null>,
): Opening {
  const [start] = useState(begin);
  const [isPlaced, setPlaced] = useState(false);
  const [isSettled, setSettled] = useState(false);
  const [isPainted, setPainted] = useState(false);
  const letGo = useRef<(() => void) | null>(null);
  const place = useCallback(() => {
    // Every one of the first rows asks for it.
    if (scroller === null || staysAtEndRef.current !== null) return;
    staysAtEndRef.current = start.atEnd;
    const top = start.atEnd
      ? scroller.scrollHeight
      : topOfRows(scroller) + start.index * guessedHeight - start.top;
    scrollNow(scroller, top);
    flushSync(() => setPlaced(true));
  }, [scroller, staysAtEndRef, start]);

  // Who begins at the end stays there by `useHoldEnd`.
  useLayoutEffect(() => {
    if (isPlaced && scroller !== null && !start.atEnd) letGo.current = holdPlace(scroller, start);
    return () => letGo.current?.();
  }, [isPlaced, scroller, start]);
  const hold = (place: HeldPlace) => {
    letGo.current?.();
    if (scroller !== null) letGo.current = holdPlace(scroller, place);
  };
  const leave = useCallback(() => letGo.current?.(), []);

  useEffect(() => {
    if (!isPlaced) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    // Rows of another height than guessed are moved by the next frame, and this is drawn with it.
    const frame = requestAnimationFrame(() => {
      flushSync(() => setSettled(true));
      // A task after that frame: by then it was painted.
      timer = setTimeout(() => setPainted(true));
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, [isPlaced]);
  return { isPlaced, place, isSettled, isPainted, hold, leave };
}

/** How far down the first row begins in what is scrolled, in pixels. */
const topOfRows = (scroller: HTMLElement): number => {
  const rows = scroller.querySelector('[data-testid=virtuoso-item-list]');
  return rows === null
    ? 0
    : rows.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;
};

/** Stands for a row until the list is placed. */
export function Unplaced({ onHere }: { onHere: () => void }) {
  useLayoutEffect(() => {
    // Not in the middle of a render: Virtuoso renders at once what it is told.
    queueMicrotask(onHere);
  }, [onHere]);
  return <div style={{ height: guessedHeight }} />;
}
