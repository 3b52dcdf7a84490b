import { useEffect, useEffectEvent, type RefObject } from 'react';

const isWriting = (element: Element): boolean =>
  element.closest('input, textarea, select, [contenteditable]') !== null;

/** An empty box has no end of its own to go to. */
const isEmptyBox = (element: Element): boolean =>
  element instanceof HTMLTextAreaElement && element.dataset.testid === 'composer' && element.value === '';

/**
 * The End key goes to the newest message: from the list, from the empty composer, and from nowhere in particular. The
 * browser alone would go to the end of what is loaded, and from most places nowhere.
 */
export function useEndKey(list: RefObject<HTMLElement | null>, toEnd: () => void): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    const { key, target, shiftKey, altKey } = event;
    if (key !== 'End' || shiftKey || altKey || event.defaultPrevented || event.isComposing) return;
    if (!(target instanceof Element)) return;
    const isHere = target === document.body || list.current?.contains(target) === true;
    if (!(isHere && !isWriting(target)) && !isEmptyBox(target)) return;
    event.preventDefault();
    toEnd();
  });
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => press(event);
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, []);
}
