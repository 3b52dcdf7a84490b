import { useEffect, useEffectEvent, useLayoutEffect, useState } from 'react';
import type { Thread } from './useThread';

/** So long the message that one has jumped to stands out, in milliseconds. */
const markedMs = 2_000;
/** When to look whether it really is on screen, in milliseconds after the jump. */
const looks = [50, 150, 400, 1_000];
/** What a reader does who goes elsewhere: then nobody brings them back. */
export const goings = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const;

export const isInSight = (scroller: HTMLElement | null, seq: number): boolean => {
  const row = scroller?.querySelector(`[data-seq="${seq}"]`)?.getBoundingClientRect();
  const frame = scroller?.getBoundingClientRect();
  return row !== undefined && frame !== undefined && row.top >= frame.top && row.top < frame.bottom - 40;
};

/**
 * Brings the message that was jumped to onto the screen, unless the reader goes elsewhere. Gives its seq for as long as it
 * stands out.
 */
export const useMarked = (
  { marked }: Thread,
  scroller: HTMLElement | null,
  show: (seq: number) => void,
): number | null => {
  /** The jump of which the reader has seen enough. */
  const [seen, setSeen] = useState<Thread['marked']>(null);
  const showSeq = useEffectEvent(show);
  // Before Virtuoso measures the rows that came with the jump: it would go to their end.
  useLayoutEffect(() => {
    if (marked !== null) showSeq(marked.seq);
  }, [marked]);
  useEffect(() => {
    if (marked === null) return;
    // Again where the rows above it turned out higher than Virtuoso had guessed, until it stays.
    const again = looks.map((after) => setTimeout(() => showSeq(marked.seq), after));
    const leave = () => again.forEach(clearTimeout);
    for (const name of goings) scroller?.addEventListener(name, leave, { passive: true, once: true });
    return () => {
      for (const name of goings) scroller?.removeEventListener(name, leave);
      leave();
    };
  }, [marked, scroller]);
  useEffect(() => {
    if (marked === null) return undefined;
    const timer = setTimeout(() => setSeen(marked), markedMs);
    return () => clearTimeout(timer);
  }, [marked]);
  return marked === null || marked === seen ? null : marked.seq;
};
