import { createContext, useContext, useEffect, useEffectEvent } from 'react';
import type { PageHistory } from './pageHistory';

/** Null where there is no history to go back in. */
export const BackContext = createContext<PageHistory['opened'] | null>(null);

/** While something lies open above the page, Back closes it and leads nowhere else. */
export function useBackCloses(open: boolean, close: () => void): void {
  const opened = useContext(BackContext);
  const closeNow = useEffectEvent(close);
  useEffect(
    () => (open && opened !== null ? opened({ close: () => closeNow() }) : undefined),
    [open, opened],
  );
}
