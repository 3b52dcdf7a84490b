import type { Id } from '@sori/contract';

/** Where one writes to: a conversation, or a person with whom there may be none yet (`/c/:id` and `/u/:id`). */
export type Target = { conversationId: Id } | { userId: Id };
