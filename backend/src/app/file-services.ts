import { toAppError } from '../core/errors.js';
import { isAlone } from '../config.js';
import { createBytes } from '../features/files/bytes.js';
import { createClaims } from '../features/files/claims.js';
import { createFileDoors } from '../features/files/file-doors.js';
import { filesOn } from '../features/files/file.model.js';
import { createMessageOf } from '../features/files/message-of.js';
import { createSharedList } from '../features/files/shared.js';
import { createSweeping } from '../features/files/sweeping.js';
import { createFindMessage } from '../features/messages/find-message.js';
import { createHomes } from '../files/homes.js';
import type { Base } from './base.js';
import type { ConversationServices } from './conversation-services.js';
import type { PeopleServices } from './people-services.js';
import type { MessageServices, Rooms } from './room-services.js';

export type FileServices = ReturnType<typeof createFileServices>;

/** What people send besides words: where its bytes are, whose message it is in, and when it is deleted. */
export function createFileServices(
  { config, store, clock, report }: Base,
  { conversationLog, conversations }: Pick<ConversationServices, 'conversationLog' | 'conversations'>,
) {
  const rows = filesOn(store.connection);
  const now = (): number => clock.now();
  const homes = createHomes({ ...config.files, store, dataDir: config.dataDir });
  const findMessage = createFindMessage({ log: conversationLog, memberOf: conversations.memberOf });
  const messageOf = createMessageOf(conversationLog);
  const bytes = createBytes({ rows: rows.bytes, storeOf: homes.of, now });
  const claims = createClaims({ files: rows.files, bytes, messageOf, findMessage: findMessage.byId, now });
  const sweeping = createSweeping({
    rows,
    bytes,
    conversations: conversationLog.conversations,
    messageOf,
    clock,
    // The next round comes where the database is away.
    report: (error) => void toAppError(error, report),
  });
  sweeping.begin();
  const shared = createSharedList({ log: conversationLog, ...conversations });
  return {
    findMessage,
    forFileDoors: { rows, homes, bytes, messageOf },
    files: {
      claims,
      shared,
      removed: (message: Parameters<typeof sweeping.removed>[0]) => sweeping.removed(message),
      sweep: sweeping.sweep,
      close: (): Promise<void> => sweeping.close(),
    },
  };
}

/** How files come in, what becomes of them, and who may read them. */
export function createFileDoorServices(
  { config, metrics, clock, report }: Base,
  { accounts }: PeopleServices,
  { findMessage, forFileDoors }: FileServices,
  { rooms }: { rooms: Rooms },
  { reports }: Pick<MessageServices, 'reports'>,
) {
  return createFileDoors({
    ...config.files,
    ...forFileDoors,
    alone: isAlone(config),
    processed: metrics.processed,
    requireMaySend: (caller) => rooms.requireMaySendFiles(caller),
    requireReadable: findMessage.requireReadable,
    isAdmin: accounts.isAdmin,
    isReported: (messageId) => reports.isOpen(messageId),
    now: () => clock.now(),
    elapsed: () => clock.elapsed(),
    report: (error) => void toAppError(error, report),
  });
}
