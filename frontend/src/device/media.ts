const listFor = (query: string): MediaQueryList | null => {
  try {
    return window.matchMedia(query);
  } catch {
    // Some browsers inside of other apps have none.
    return null;
  }
};

/** Whether the media query holds now; where the browser cannot say, it does not. */
export const mediaMatches = (query: string): boolean => listFor(query)?.matches ?? false;

/** Calls whenever it begins or ceases to hold. What is returned ends that. */
export const onMediaChange = (query: string, changed: () => void): (() => void) => {
  const list = listFor(query);
  list?.addEventListener('change', changed);
  return () => list?.removeEventListener('change', changed);
};

export const wantsLessMotion = (): boolean => mediaMatches('(prefers-reduced-motion: reduce)');
