import type { Id } from '@sori/contract';
import type { ComponentType } from 'react';
import type { ConversationRow } from '../conversations/conversationRows';
import type { Target } from '../conversations/target';

/** What a thread shows where it is an open room's. It is handed in, for messages do not know rooms. */
export type RoomParts = {
  Header: ComponentType<{ target: Target; row: ConversationRow }>;
  /** In place of the list, where nothing was said yet. */
  Empty: ComponentType<{ conversationId: Id }>;
  /** In place of the thread, where this person is not in the room any more. */
  Gone: ComponentType<{ slug: string; onEnter: () => void }>;
};
