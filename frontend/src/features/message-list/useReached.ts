import { useState, type FocusEvent } from 'react';
import type { ThreadRow } from '../messages/threadRow';

export type ReachedRow = {
  /** Whether the Tab key comes to this one: where the keyboard was, else the last row that is shown. */
  isStop: (key: string, index: number) => boolean;
  /** Whether the keyboard is in it. */
  isReached: (key: string) => boolean;
  onReached: (key: string | null) => void;
  /** For the list, whose rows may lose the focus to something outside of it. */
  onBlur: (event: FocusEvent) => void;
};

/** Which of the messages the keyboard is in. */
export function useReached(rows: readonly ThreadRow[], shown: { first: number; last: number }): ReachedRow {
  const [reached, setReached] = useState<string | null>(null);
  const isThere = rows.slice(shown.first, shown.last + 1).some(({ key }) => key === reached);
  const stop = isThere ? reached : null;
  return {
    isStop: (key, index) => (stop === null ? index === shown.last : key === stop),
    isReached: (key) => key === stop,
    onReached: setReached,
    onBlur: ({ currentTarget, relatedTarget }) => {
      if (!currentTarget.contains(relatedTarget)) setReached(null);
    },
  };
}
