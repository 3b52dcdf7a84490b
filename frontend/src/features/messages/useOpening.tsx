import { useCallback, useEffect, useLayoutEffect, useState, type RefObject } from 'react';
import { flushSync } from 'react-dom';
import type { IndexLocationWithAlign, VirtuosoHandle } from 'react-virtuoso';

/** Where a list begins. `atEnd`: that is the end of what is there, and the reader stays at it. */
export type Start = { location: IndexLocationWithAlign & { index: number }; atEnd: boolean };

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
};

/**
 * Brings a list that was just opened to where the reader is to begin, in the frame in which it appears. Virtuoso's own
 * `initialTopMostItemIndex` hides it for four frames and 150 ms more, and draws it from the top first.
 * @param staysAtEndRef null until the list is placed; then whether that is at the end
 */
export function useOpening(
  virtuoso: RefObject<VirtuosoHandle | null>,
  scroller: HTMLElement | null,
  begin: () => Start,
  staysAtEndRef: RefObject<boolean | null>,
): Opening {
  // An index and not 'LAST': Virtuoso scrolls there again when it has measured, and whatever came meanwhile would be passed.
  const [{ location, atEnd }] = useState(begin);
  const [isPlaced, setPlaced] = useState(false);
  const [isSettled, setSettled] = useState(false);
  const [isPainted, setPainted] = useState(false);
  const place = useCallback(() => {
    // Every one of the first rows asks for it.
    if (scroller === null || staysAtEndRef.current !== null) return;
    staysAtEndRef.current = atEnd;
    virtuoso.current?.scrollToIndex(location);
    // It hears of it now and not with the next frame, and what it draws is measured within this one.
    scroller.dispatchEvent(new Event('scroll'));
    flushSync(() => setPlaced(true));
  }, [virtuoso, scroller, staysAtEndRef, location, atEnd]);

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
  return { isPlaced, place, isSettled, isPainted };
}

/** Stands for a row until the list is placed. */
export function Unplaced({ onHere }: { onHere: () => void }) {
  useLayoutEffect(() => {
    // Not in the middle of a render: Virtuoso renders at once what it is told.
    queueMicrotask(onHere);
  }, [onHere]);
  return <div style={{ height: guessedHeight }} />;
}
