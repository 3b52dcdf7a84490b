import { useSyncExternalStore } from 'react';
import { mediaMatches, onMediaChange } from '../device/media';

/** Whether the media query holds now. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => onMediaChange(query, changed),
    () => mediaMatches(query),
  );
}

/** Room for the list and a conversation side by side. The same 45rem as `--breakpoint-wide`. */
export const useWide = () => useMedia('(min-width: 45rem)');

/** Fingers and an on-screen keyboard, as far as a browser tells. */
export const useTouch = () => useMedia('(hover: none) and (pointer: coarse)');
