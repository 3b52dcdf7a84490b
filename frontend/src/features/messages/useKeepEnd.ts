import { useEffect } from 'react';

/**
 * Who sees the newest message still sees it when the list gets lower: a keyboard comes up, the composer grows. Measured
 * against the height before, since by now the end is out of sight.
 */
export function useKeepEnd(scroller: HTMLElement | null, nearTheEnd: number): void {
  useEffect(() => {
    if (scroller === null) return;
    let before = scroller.clientHeight;
    const resized = new ResizeObserver(() => {
      const { clientHeight, scrollHeight, scrollTop } = scroller;
      const wasAtEnd = scrollHeight - scrollTop - before <= nearTheEnd;
      if (clientHeight < before && wasAtEnd) scroller.scrollTop = scrollHeight;
      before = clientHeight;
    });
    resized.observe(scroller);
    return () => resized.disconnect();
  }, [scroller, nearTheEnd]);
}
