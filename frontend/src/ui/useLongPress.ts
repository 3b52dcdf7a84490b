import { useEffect, useRef, type PointerEvent, type SyntheticEvent, type TouchEvent } from 'react';

/** So long a finger has to rest, in milliseconds; so far it may tremble, in pixels. */
const restMs = 420;
const trembles = 8;

/**
 * Calls back for a finger that rests on the element. Timed by ourselves, since Safari tells nothing of it; elsewhere the
 * browser's own menu for it is kept away. The click that follows the lifting of the finger is not one.
 */
export function useLongPress(onLongPress: () => void) {
  const press = useRef<{ x: number; y: number; timer: ReturnType<typeof setTimeout> } | null>(null);
  const happened = useRef(false);
  const end = () => {
    clearTimeout(press.current?.timer);
    press.current = null;
  };
  useEffect(() => end, []);
  return {
    onPointerDown: ({ pointerType, isPrimary, clientX: x, clientY: y }: PointerEvent) => {
      end();
      happened.current = false;
      if (pointerType !== 'touch' || !isPrimary) return;
      const timer = setTimeout(() => {
        press.current = null;
        happened.current = true;
        onLongPress();
      }, restMs);
      press.current = { x, y, timer };
    },
    onPointerMove: ({ clientX, clientY }: PointerEvent) => {
      const { current } = press;
      if (current !== null && Math.hypot(clientX - current.x, clientY - current.y) > trembles) end();
    },
    onPointerUp: end,
    onPointerCancel: end,
    // Else lifting the finger would press whatever has opened under it.
    onTouchEnd: (event: TouchEvent) => {
      if (happened.current && event.cancelable) event.preventDefault();
    },
    onContextMenu: (event: SyntheticEvent) => {
      if (press.current !== null || happened.current) event.preventDefault();
    },
    onClickCapture: (event: SyntheticEvent) => {
      if (!happened.current) return;
      happened.current = false;
      event.preventDefault();
      event.stopPropagation();
    },
  };
}
