import { useEffect, useEffectEvent } from 'react';

/** So much of a message, in pixels, has to show before it counts as seen. */
const enough = 24;

/**
 * Tells the highest `data-seq` that is really on screen. Virtuoso's own range also counts what it renders beyond the
 * edges, and that nobody has read.
 */
export function useOnScreen(scroller: HTMLElement | null, tell: (lastSeq: number) => void): void {
  const look = useEffectEvent(() => {
    if (scroller === null) return;
    const edge = scroller.getBoundingClientRect().bottom;
    let last = 0;
    for (const element of scroller.querySelectorAll<HTMLElement>('[data-seq]')) {
      const { top, height } = element.getBoundingClientRect();
      if (top + Math.min(enough, height) <= edge) last = Math.max(last, Number(element.dataset.seq));
    }
    if (last > 0) tell(last);
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
