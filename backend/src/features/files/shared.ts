import {
  type SharedItem,
  type SharedKind,
  sharedKindOf,
  type SharedPage,
  type SharedQuery,
} from '@sori/contract';
import { Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { notFound } from '../../core/errors.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { ConversationRow } from '../../conversation-log/conversations.model.js';
import type { EntryRow, MessageRow } from '../../conversation-log/entries.model.js';
import { linksIn } from '../../conversation-log/shared-content.js';

interface Own {
  row: ConversationRow;
  firstSeq: number;
}

export interface SharedListDeps {
  log: Pick<ConversationLog, 'reads'>;
  /** What may be read under an id, and from where on; throws NOT_FOUND. */
  readable: (caller: Caller, id: string) => Promise<Own | null>;
  /** True where what was read is newer than what the right to read it was checked against. */
  isOvertaken: (own: Own, read: readonly EntryRow[]) => Promise<boolean>;
}

export type SharedList = ReturnType<typeof createSharedList>;

export interface SharedAsked extends SharedQuery {
  conversationId: string;
}

const found = (kind: SharedKind) => (kind === 'link' ? { hasLink: true } : { shared: kind });

/** What of a message is in that list. */
function itemsOf({ _id, seq, at, message, attachments }: MessageRow, kind: SharedKind): SharedItem[] {
  const of = { messageId: _id.toHexString(), seq, at: at.toISOString() };
  return kind === 'link'
    ? linksIn(message).map((url) => ({ ...of, url }))
    : attachments
        .filter((attachment) => sharedKindOf(attachment) === kind)
        .map((attachment) => ({ ...of, attachment }));
}

/** The pictures, files, voice messages or links of a conversation, as its details show them. */
export function createSharedList({ log, readable, isOvertaken }: SharedListDeps) {
  /** Newest first. @throws AppError NOT_FOUND */
  return async function list(caller: Caller, asked: SharedAsked): Promise<SharedPage> {
    const { conversationId, kind, before, limit } = asked;
    const own = await readable(caller, conversationId);
    if (own?.row._id.toHexString() !== conversationId) throw notFound();
    const rows = await log.reads.entries.model
      .find(
        {
          conversationId: own.row._id,
          kind: 'message',
          ...found(kind),
          seq: { $gte: own.firstSeq, ...(before !== undefined && { $lt: before }) },
          hiddenFor: { $ne: new Types.ObjectId(caller.userId) },
        },
        { reactions: 0 },
      )
      .sort({ seq: -1 })
      // Each has at least one.
      .limit(limit + 1)
      .lean<MessageRow[]>();
    if (await isOvertaken(own, rows)) return list(caller, asked);
    return pageOf(rows, kind, limit);
  };
}

/** Whole messages, as many as fit; the last row only says that there are more. */
function pageOf(rows: readonly MessageRow[], kind: SharedKind, limit: number): SharedPage {
  const items: SharedItem[] = [];
  for (const [index, row] of rows.entries()) {
    const more = itemsOf(row, kind);
    const isFull = index === limit || (index > 0 && items.length + more.length > limit);
    if (isFull) return { items, next: rows[index - 1]?.seq };
    items.push(...more);
  }
  return { items };
}
