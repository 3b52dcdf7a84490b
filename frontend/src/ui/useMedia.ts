import { useSyncExternalStore } from 'react';

/** Whether the media query holds now. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = window.matchMedia(query);
      list.addEventListener('change', changed);
      return () => list.removeEventListener('change', changed);
    },
    () => window.matchMedia(query).matches,
  );
}

/** Room for the list and a conversation side by side. The same 45rem as `--breakpoint-wide`. */
export const useWide = () => useMedia('(min-width: 45rem)');

/** Fingers and an on-screen keyboard, as far as a browser tells. */
export const useTouch = () => useMedia('(hover: none) and (pointer: coarse)');
