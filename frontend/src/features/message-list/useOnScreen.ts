import { useEffect, useEffectEvent } from 'react';
import type { Place } from '../../store/window';

/** So much of a message, in pixels, has to show before it counts as seen. */
const enough = 24;

export type OnScreen = {
  /** The messages of which enough shows, from the top. */
  readonly seqs: readonly number[];
  /** Where the reader is: the first message of which anything shows. */
  readonly place: Place | null;
};

/**
 * Tells which messages are really on screen. Virtuoso's own range also counts what it renders beyond the edges, and that
 * nobody has read.
 */
export function useOnScreen(scroller: HTMLElement | null, notify: (shown: OnScreen) => void): void {
  const look = useEffectEvent(() => {
    if (scroller === null) return;
    const frame = scroller.getBoundingClientRect();
    const seqs: number[] = [];
    let place: Place | null = null;
    for (const element of scroller.querySelectorAll<HTMLElement>('[data-seq]')) {
      const { top, bottom, height } = element.getBoundingClientRect();
      if (bottom <= frame.top || top >= frame.bottom) continue;
      const seq = Number(element.dataset.seq);
      place ??= { seq, top: top - frame.top };
      const shows = Math.min(bottom, frame.bottom) - Math.max(top, frame.top);
      if (shows >= Math.min(enough, height)) seqs.push(seq);
    }
    notify({ seqs, place });
  });

  useEffect(() => {
    if (scroller === null) return;
    let frame = 0;
    const soon = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => look());
    };
    const resized = new ResizeObserver(soon);
    resized.observe(scroller);
    // Virtuoso renders in several steps, and the rows of a short history come in none that scrolls or resizes.
    const changed = new MutationObserver(soon);
    changed.observe(scroller, { subtree: true, childList: true, attributes: true });
    scroller.addEventListener('scroll', soon, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      resized.disconnect();
      changed.disconnect();
      scroller.removeEventListener('scroll', soon);
    };
  }, [scroller]);
}
