import type { Place } from '../../store/window';
import { goings } from './useMarked';

/** Where a message is to stay, or its row with what stands above it (a day, the divider). */
export type HeldPlace = Place & { of: 'message' | 'itsRow' };

/** After so many without a change everything is in its place. Frames, because a busy page takes its time for each. */
const quietFrames = 10;

/** Scrolls there. Virtuoso hears of it now and not with the next frame, and draws what belongs there within this one. */
export const scrollNow = (scroller: HTMLElement, top: number): void => {
  scroller.scrollTop = top;
  scroller.dispatchEvent(new Event('scroll'));
};

/**
 * Keeps a message in its place while the rows of a list that was just opened turn out higher or lower than guessed, those
 * above it, too, until nothing changes any more or the reader goes elsewhere.
 * @returns lets go of it
 */
export const holdPlace = (scroller: HTMLElement, { seq, top, of }: HeldPlace): (() => void) => {
  let frame = 0;
  let left = quietFrames;
  const letGo = () => {
    cancelAnimationFrame(frame);
    resized.disconnect();
    for (const name of goings) scroller.removeEventListener(name, letGo);
  };
  const hold = () => {
    const message = scroller.querySelector(`[data-seq="${seq}"]`);
    const held = of === 'message' ? message : message?.closest('[data-item-index]');
    if (!held) return;
    const wrong = held.getBoundingClientRect().top - scroller.getBoundingClientRect().top - top;
    // Virtuoso hears of it with the next frame: what it drew now would move this once more, before it is measured.
    if (Math.abs(wrong) < 1) return;
    const before = scroller.scrollTop;
    scroller.scrollTop += wrong;
    // Where there is no room to go on, nothing changes any more.
    if (scroller.scrollTop !== before) left = quietFrames;
  };
  const next = () => {
    left -= 1;
    if (left <= 0) {
      letGo();
      return;
    }
    // Virtuoso also moves a list when it has come to rest, and changes no size by it.
    hold();
    frame = requestAnimationFrame(next);
  };
  // After Virtuoso's own, which measures what it has drawn.
  const resized = new ResizeObserver(() => {
    left = quietFrames;
    hold();
  });
  for (const part of scroller.firstElementChild?.children ?? []) resized.observe(part, { box: 'border-box' });
  for (const name of goings) scroller.addEventListener(name, letGo, { passive: true });
  frame = requestAnimationFrame(next);
  hold();
  return letGo;
};
