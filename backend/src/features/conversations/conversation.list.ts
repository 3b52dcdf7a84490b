import type { Conversation, ConversationsQuery } from '@sori/contract';
import { Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { AppError } from '../../core/errors.js';
import type { ConversationRow } from '../../log/conversations.model.js';
import { headOf, shownTo } from '../../log/head.js';
import type { ConversationLog } from '../../log/log.js';
import type { View } from './conversation.view.js';
import type { Memberships } from './memberships.js';

export interface ListDeps {
  log: Pick<ConversationLog, 'conversations' | 'reads' | 'heads'>;
  memberships: Pick<Memberships, 'among' | 'groupIdsOf'>;
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
  return {
    /** Latest activity first; the `_id` breaks ties. A conversation without entries is in nobody's list. */
    async list(caller: Caller, { limit, before }: ConversationsQuery): Promise<ConversationsPage> {
      // What this process has told, its list must show.
      await log.heads.flushAll((id) => concerns(id, caller.userId));
      const from = before === undefined ? undefined : readCursor(before);
      const find = (which: { participants: string } | { _id: { $in: Types.ObjectId[] } }) =>
        log.reads.conversations
          .find({
            ...which,
            'shown.userId': { $ne: caller.userId },
            lastActivityAt: { $exists: true, ...(from ? { $lte: from.at } : {}) },
            ...(from ? { $or: [{ lastActivityAt: { $lt: from.at } }, { _id: { $lt: from._id } }] } : {}),
          })
          .sort({ lastActivityAt: -1, _id: -1 })
          .limit(limit + 1)
          .lean();
      const [own, groups, halfHidden] = await Promise.all([
        find({ participants: caller.userId }),
        memberships
          .groupIdsOf(caller.userId)
          .then((ids) => (ids.length === 0 ? [] : find({ _id: { $in: ids } }))),
        // As few as the people whom he ever blocked: they have a place of their own among the others.
        log.conversations.find({ participants: caller.userId, 'shown.userId': caller.userId }).lean(),
      ]);
      const listed = placed(caller.userId, [...own, ...groups, ...halfHidden], from);
      const page = listed.slice(0, limit);
      const last = page.at(-1);
      const rows = page.map(({ row }) => row);
      return {
        conversations: await view(caller.userId, await memberships.among(caller, rows)),
        next: listed.length > limit && last ? writeCursor(last) : null,
      };
    },
  };
}

/** Where a conversation stands in a list: the latest activity first, the `_id` breaks ties. */
interface Place {
  at: Date;
  _id: Types.ObjectId;
}
interface Listed extends Place {
  row: ConversationRow;
}

/** These as they stand in a person's list, from behind `from` on. */
function placed(userId: string, rows: readonly ConversationRow[], from: Place | undefined): Listed[] {
  const listed = rows.flatMap((row): Listed[] => {
    const { lastActivityAt: at } = shownTo(userId, headOf(row));
    return at ? [{ at, _id: row._id, row }] : [];
  });
  return listed.filter((one) => !from || isBehind(one, from)).sort((a, b) => (isBehind(a, b) ? 1 : -1));
}

const isBehind = (one: Place, other: Place): boolean =>
  one.at < other.at ||
  (one.at.getTime() === other.at.getTime() && one._id.toHexString() < other._id.toHexString());

const writeCursor = ({ at, _id }: Place): string =>
  Buffer.from(`${at.getTime()}.${_id.toHexString()}`).toString('base64url');

function readCursor(text: string): Place {
  const [, at, id] = /^(\d{1,15})\.([0-9a-f]{24})$/.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  if (at === undefined || id === undefined)
    throw new AppError('INVALID', 'before comes from the Link of a page');
  return { at: new Date(Number(at)), _id: new Types.ObjectId(id) };
}
