import { useLayoutEffect, useRef, type RefObject } from 'react';
import { wantsLessMotion } from '../device/media';

/**
 * Rows that change places glide there, so that one sees which one moved. Children are told apart by `data-key`.
 * Nothing glides for people who asked their system for less motion, nor over more than a screen.
 */
export function useGlide(list: RefObject<HTMLElement | null>): void {
  const places = useRef(new Map<string, number>());
  useLayoutEffect(() => {
    const before = places.current;
    const after = new Map<string, number>();
    const still = wantsLessMotion();
    for (const child of list.current?.children ?? []) {
      if (!(child instanceof HTMLElement)) continue;
      const key = child.dataset.key ?? '';
      after.set(key, child.offsetTop);
      const moved = (before.get(key) ?? child.offsetTop) - child.offsetTop;
      if (still || moved === 0 || Math.abs(moved) > window.innerHeight) continue;
      child.animate([{ transform: `translateY(${moved}px)` }, { transform: 'none' }], {
        duration: 180,
        easing: 'cubic-bezier(0.2, 0.7, 0.3, 1)',
      });
    }
    places.current = after;
  });
}
