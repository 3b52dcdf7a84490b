import { useEffect, useEffectEvent } from 'react';
import { filesOf, hasFiles } from './chosenFiles';

/** What else on the page takes what is pasted: the search, a dialog. */
const isElsewhere = (target: EventTarget | null): boolean =>
  target instanceof Element &&
  target.closest('[role=dialog], input, textarea:not([data-testid=composer])') !== null;

/** Files that are pasted while a conversation is open, wherever the focus is. */
export function usePastedFiles(onFiles: (files: readonly File[]) => void): void {
  const take = useEffectEvent(onFiles);
  useEffect(() => {
    const pasted = (event: ClipboardEvent) => {
      const { clipboardData: data } = event;
      if (event.defaultPrevented || data === null || !hasFiles(data) || isElsewhere(event.target)) return;
      // Text beside a picture (from an office program, say) is pasted as ever.
      if (data.types.includes('text/plain')) return;
      event.preventDefault();
      take(filesOf(data));
    };
    window.addEventListener('paste', pasted);
    return () => window.removeEventListener('paste', pasted);
  }, []);
}
