import type { HistoryQuery, Message } from '@sori/contract';
import type { Caller } from '../../core/caller.js';
import { createGiveWay } from '../../core/give-way.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { ConversationRow } from '../../conversation-log/conversations.model.js';
import type { EntryRow } from '../../conversation-log/entries.model.js';
import { toMessage } from '../../conversation-log/to-contract.js';

export interface HistoryDeps {
  log: Pick<ConversationLog, 'history'>;
  /** What may be read under `:id`, and from where on; null where there is nothing yet; throws NOT_FOUND. */
  readable: (caller: Caller, id: string) => Promise<{ row: ConversationRow; firstSeq: number } | null>;
  /** True where what was read is newer than what the right to read it was checked against: look for it again. */
  isOvertaken: (
    own: { row: ConversationRow; firstSeq: number },
    read: readonly EntryRow[],
  ) => Promise<boolean>;
}

/** `of` is the other person's id or a conversation's. */
export interface HistoryAsked extends HistoryQuery {
  of: string;
}

export interface HistoryPage {
  messages: Message[];
  older: boolean;
  newer: boolean;
}

/** Pages of a conversation's messages. */
export function createHistory({ log, readable, isOvertaken }: HistoryDeps) {
  /** A page of a conversation's messages. With a person to whom nothing was written yet it is empty. */
  return async function history(
    caller: Caller,
    { of, limit, before, after, around }: HistoryAsked,
  ): Promise<HistoryPage> {
    const own = await readable(caller, of);
    if (!own) return { messages: [], older: false, newer: false };
    const viewed = { limit, before, after, around, viewerId: caller.userId };
    const page = await log.history(own.row, viewed, own.firstSeq);
    if (await isOvertaken(own, page.messages)) {
      return history(caller, { of, limit, before, after, around });
    }
    const messages: Message[] = [];
    const giveWay = createGiveWay();
    for (const row of page.messages) {
      messages.push(toMessage(row, own.firstSeq, caller.userId));
      await giveWay();
    }
    return { ...page, messages };
  };
}
