import { createBytes } from '../features/files/bytes.js';
import { createClaims } from '../features/files/claims.js';
import { filesOn } from '../features/files/file.model.js';
import { createMessageOf } from '../features/files/message-of.js';
import { createSharedList } from '../features/files/shared.js';
import { createSweeping } from '../features/files/sweeping.js';
import { createFindMessage } from '../features/messages/find-message.js';
import { createGridfsStore } from '../files/gridfs.js';
import type { Base } from './base.js';
import type { ConversationServices } from './conversation-services.js';

export type FileServices = ReturnType<typeof createFileServices>;

/** What people send besides words: where its bytes are, whose message it is in, and when it is deleted. */
export function createFileServices(
  { store, clock, report }: Base,
  { conversationLog, conversations }: Pick<ConversationServices, 'conversationLog' | 'conversations'>,
) {
  const rows = filesOn(store.connection);
  const now = (): number => clock.now();
  const gridfs = createGridfsStore(store);
  const findMessage = createFindMessage({ log: conversationLog, memberOf: conversations.memberOf });
  const messageOf = createMessageOf(conversationLog);
  const bytes = createBytes({ rows: rows.bytes, storeOf: () => gridfs, now });
  const claims = createClaims({ files: rows.files, bytes, messageOf, findMessage: findMessage.byId, now });
  const sweeping = createSweeping({
    rows,
    bytes,
    conversations: conversationLog.conversations,
    messageOf,
    clock,
    report,
  });
  sweeping.begin();
  const shared = createSharedList({ log: conversationLog, ...conversations });
  return {
    findMessage,
    files: {
      claims,
      shared,
      removed: sweeping.removed,
      sweep: sweeping.sweep,
      close: (): Promise<void> => sweeping.close(),
    },
  };
}
