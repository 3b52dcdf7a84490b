import type { Conversation, ConversationsQuery } from '@sori/contract';
import type { Caller } from '../../core/caller.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { View } from './conversation-view.js';
import type { Memberships } from '../members/memberships.js';
import { createPlaces, readCursor, writeCursor } from './list-order.js';

export interface ListDeps {
  log: Pick<ConversationLog, 'conversations' | 'reads' | 'heads'>;
  memberships: Pick<Memberships, 'among' | 'joinedOf'>;
  view: View;
  /** Whether this conversation may be this person's, as far as this process knows. */
  concerns: (conversationId: string, userId: string) => boolean;
}

export interface ConversationsPage {
  conversations: Conversation[];
  /** The `before` of the next page; null behind the last one. */
  next: string | null;
}

/** A person's conversations, all of them, as pages to look at. */
export function createList({ log, memberships, view, concerns }: ListDeps) {
  const places = createPlaces({ log, memberships });
  return {
    /** Latest activity first; the `_id` breaks ties. A conversation without entries is in nobody's list. */
    async list(caller: Caller, { limit, before }: ConversationsQuery): Promise<ConversationsPage> {
      // What this process has emitted, its list must show.
      await log.heads.flushAll((id) => concerns(id, caller.userId));
      const from = before === undefined ? undefined : readCursor(before);
      const listed = await places.behind(caller.userId, from, limit + 1);
      const page = listed.slice(0, limit);
      const last = page.at(-1);
      const rows = await places.rowsAt(page);
      return {
        conversations: await view(caller.userId, await memberships.among(caller, rows)),
        next: listed.length > limit && last ? writeCursor(last) : null,
      };
    },
  };
}
