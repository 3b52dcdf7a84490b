import { useEffect, useLayoutEffect, useState, type RefObject } from 'react';
import { aboveDivider } from './listStart';
import { useHoldEnd, type HeldEnd } from './useHoldEnd';
import type { Opening } from './useOpening';
import type { Thread } from './useThread';

/**
 * Keeps who is at the end of the thread there when something new comes, as far as they can have read what is above it.
 * @param staysRef null until the list is placed; then whether the reader stays at its end
 */
export function useListEnd(
  scroller: HTMLElement | null,
  { rows, hasNewer, newAfter, firstUnread, atEndChanged }: Thread,
  opening: Opening,
  staysRef: RefObject<boolean | null>,
): Pick<HeldEnd, 'atEnd' | 'wantEnd'> {
  /** The edge of what is loaded is the end of all: not while there is more, nor until the last of it has its heights. */
  const [edgeIsEnd, setEdgeIsEnd] = useState(!hasNewer);
  if (hasNewer && edgeIsEnd) setEdgeIsEnd(false);
  const { atEnd, wantEnd, isNear } = useHoldEnd(scroller, {
    staysRef,
    edgeIsEnd,
    // What came while nobody looked, or was missed, is not scrolled past: its beginning stays on the screen.
    follows: (list) =>
      newAfter === null || firstUnread === null || newAfter >= firstUnread
        ? Infinity
        : roomAboveDivider(list),
    stopped: () => {
      const seq = rows.find((row) => row.unreadDivider)?.seq;
      if (typeof seq === 'number') opening.hold({ seq, top: aboveDivider / 2, of: 'itsRow' });
    },
    changed: atEndChanged,
  });
  useEffect(() => {
    if (hasNewer || edgeIsEnd) return undefined;
    return afterFrames(2, () => {
      // Nothing came, or no more than fits.
      if (staysRef.current === false) staysRef.current = isNear();
      setEdgeIsEnd(true);
    });
  }, [hasNewer, edgeIsEnd, isNear, staysRef]);
  const lastKey = rows.at(-1)?.key;
  useLayoutEffect(() => {
    if (staysRef.current === true) wantEnd();
  }, [lastKey, wantEnd, staysRef]);
  return { atEnd, wantEnd };
}

/** How far the list can move up until the divider comes to the upper edge. */
const roomAboveDivider = (list: HTMLElement): number => {
  const divider = list.querySelector('[data-testid=unread-divider]')?.getBoundingClientRect().top;
  return divider === undefined
    ? 0
    : Math.max(0, divider - list.getBoundingClientRect().top - aboveDivider / 2);
};

/** Does it that many frames later, unless the returned function is called. */
const afterFrames = (frames: number, work: () => void): (() => void) => {
  let id = 0;
  const next = (left: number) => {
    id = requestAnimationFrame(() => (left > 1 ? next(left - 1) : work()));
  };
  next(frames);
  return () => cancelAnimationFrame(id);
};
