import { useCallback, useEffect, useEffectEvent, useRef, useState, type RefObject } from 'react';
import { scrollNow } from './holdPlace';

/** Nearer than this to the end, in pixels, one is at the end: new messages are followed. */
const nearTheEnd = 100;

const toTheEnd = ({ scrollHeight, scrollTop, clientHeight }: HTMLElement): number =>
  scrollHeight - scrollTop - clientHeight;

export type HeldEnd = {
  atEnd: boolean;
  /** The very end is wanted, by whoever is near it: something new is there. */
  wantEnd: () => void;
  isNear: () => boolean;
};

type Deps = {
  /** Null until the list is placed; then whether the reader stays at its end. */
  staysRef: RefObject<boolean | null>;
  /** The edge of what is loaded is the end of all. */
  edgeIsEnd: boolean;
  /** So far the list may follow at the most, in pixels. */
  follows: (scroller: HTMLElement) => number;
  /** It has followed as far as that, and no further: there the reader stays. */
  stopped: () => void;
  changed: (atEnd: boolean) => void;
};

/**
 * Who is at the end stays there, as far from it as they were, whatever changes its height (names, pictures, reactions, a
 * keyboard that comes up) until they scroll away themselves. Virtuoso follows only what takes the end far out of sight.
 */
export function useHoldEnd(scroller: HTMLElement | null, deps: Deps): HeldEnd {
  const { staysRef } = deps;
  const [atEnd, setAtEnd] = useState(true);
  /** How far from the end the reader is; it is kept while they stay there. */
  const distance = useRef(0);
  const follows = useEffectEvent(deps.follows);
  const stopped = useEffectEvent(deps.stopped);
  const isEnd = useEffectEvent(() => deps.edgeIsEnd);
  const notify = useEffectEvent((now: boolean) => {
    if (staysRef.current === null || now === atEnd) return;
    setAtEnd(now);
    deps.changed(now);
  });

  useEffect(() => {
    if (scroller === null) return undefined;
    let before = { top: scroller.scrollTop, height: scroller.scrollHeight, seen: scroller.clientHeight };
    const look = () => {
      before = { top: scroller.scrollTop, height: scroller.scrollHeight, seen: scroller.clientHeight };
      notify(toTheEnd(scroller) <= nearTheEnd);
    };
    const scrolled = () => {
      const { scrollTop, scrollHeight, clientHeight } = scroller;
      const isSame = scrollHeight === before.height && clientHeight === before.seen;
      // By how much the reader went up. A list that got lower takes everybody along, and so does a window that got higher.
      const lower = Math.max(0, before.height - scrollHeight) + Math.max(0, clientHeight - before.seen);
      const up = before.top - scrollTop - lower;
      if (isSame) distance.current = toTheEnd(scroller);
      else if (up > 0) distance.current += up;
      if (staysRef.current !== null) {
        if (distance.current <= nearTheEnd) {
          // What has just grown is on its way to its place.
          if (isSame || up > 0) staysRef.current = isEnd();
        } else if (up > 0) staysRef.current = false;
      }
      look();
    };
    const resized = new ResizeObserver(() => {
      if (staysRef.current === true) {
        const grown = toTheEnd(scroller) - distance.current;
        const followed = Math.min(grown, follows(scroller));
        if (followed < grown) staysRef.current = false;
        // Virtuoso has to know at once that this went down: for who went up, it moves the list by whatever gets higher.
        if (Math.abs(followed) >= 1) scrollNow(scroller, scroller.scrollTop + followed);
        if (followed > 0 && followed < grown) stopped();
      }
      if (staysRef.current === false) distance.current = toTheEnd(scroller);
      look();
    });
    resized.observe(scroller);
    for (const part of scroller.firstElementChild?.children ?? [])
      resized.observe(part, { box: 'border-box' });
    scroller.addEventListener('scroll', scrolled, { passive: true });
    return () => {
      resized.disconnect();
      scroller.removeEventListener('scroll', scrolled);
    };
  }, [scroller, staysRef]);

  const wantEnd = useCallback(() => {
    distance.current = 0;
  }, []);
  const isNear = useCallback(() => scroller !== null && toTheEnd(scroller) <= nearTheEnd, [scroller]);
  return { atEnd, wantEnd, isNear };
}
