import { useEffect, useState, type RefObject } from 'react';

/**
 * Whether the mouse is over something, or the keyboard in it: then its tools are there. Fingers have their own way.
 *
 * The browser's own events, not React's: to React a menu that hangs elsewhere in the page is a part of what opened it, and
 * since nothing is told to leave a menu that is taken away under the mouse, the tools would stay for ever.
 */
export function useHot(place: RefObject<HTMLElement | null>): boolean {
  const [hovered, setHovered] = useState(false);
  const [focused, setFocused] = useState(false);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const enter = ({ pointerType }: PointerEvent) => setHovered(pointerType === 'mouse');
    const leave = () => setHovered(false);
    const focus = ({ target }: FocusEvent) =>
      setFocused(target instanceof Element && target.matches(':focus-visible'));
    const blur = ({ relatedTarget }: FocusEvent) => {
      if (!(relatedTarget instanceof Node && element.contains(relatedTarget))) setFocused(false);
    };
    element.addEventListener('pointerenter', enter);
    element.addEventListener('pointerleave', leave);
    element.addEventListener('focusin', focus);
    element.addEventListener('focusout', blur);
    return () => {
      element.removeEventListener('pointerenter', enter);
      element.removeEventListener('pointerleave', leave);
      element.removeEventListener('focusin', focus);
      element.removeEventListener('focusout', blur);
    };
  }, [place]);
  return hovered || focused;
}
