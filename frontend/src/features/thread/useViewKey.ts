import { useState } from 'react';
import type { Target } from '../conversations/target';

const sameTarget = (one: Target, other: Target): boolean =>
  'conversationId' in one
    ? 'conversationId' in other && one.conversationId === other.conversationId
    : 'userId' in other && one.userId === other.userId;

/**
 * A key that is another for each conversation one opens, and stays the same when the address of the open one changes
 * from `/u/:id` to `/c/:id`: else composer and list would begin anew while somebody types.
 */
export function useViewKey(target: Target, conversationId: string | null): number {
  const [view, setView] = useState({ key: 0, target, conversationId });
  if (!sameTarget(view.target, target)) {
    const goesOn = 'conversationId' in target && target.conversationId === view.conversationId;
    const next = { key: goesOn ? view.key : view.key + 1, target, conversationId };
    setView(next);
    return next.key;
  }
  if (conversationId !== null && view.conversationId !== conversationId) setView({ ...view, conversationId });
  return view.key;
}
