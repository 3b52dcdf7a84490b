import type { Message } from '@sori/contract';
import { createGiveWay } from '../../core/give-way.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import {
  entryIndexes,
  type EntryRow,
  isUndeleted,
  type MessageRow,
} from '../../conversation-log/entries.model.js';
import { type Before, shownTo } from '../../conversation-log/head.js';
import { toMessage } from '../../conversation-log/to-contract.js';
import { messagesSeenBy } from '../../conversation-log/visibility.js';
import type { Own } from '../members/memberships.js';

/** The newest undeleted message of each conversation that a person sees, as it now is. */
export function createPreviews(log: Pick<ConversationLog, 'messagesAt' | 'reads'>) {
  const { model } = log.reads.entries;

  // The pointer lags for a moment behind a deletion.
  async function newestBelow(
    userId: string,
    { row: conversation, firstSeq }: Own,
    seq: number,
  ): Promise<MessageRow | undefined> {
    const row: EntryRow | null = await model
      .findOne({
        ...messagesSeenBy(userId, conversation),
        ...isUndeleted,
        seq: { $gte: firstSeq, $lt: seq },
      })
      .sort({ seq: -1 })
      .hint(entryIndexes.undeleted)
      .lean();
    return row?.kind === 'message' ? row : undefined;
  }

  return async function previewsOf(
    userId: string,
    own: readonly Own[],
    heads: ReadonlyMap<string, Before>,
  ): Promise<Map<string, Message>> {
    const places = own.flatMap(({ row: { _id }, firstSeq }) => {
      const head = heads.get(_id.toHexString());
      const seq = (head && shownTo(userId, head).lastMessageSeq) ?? 0;
      return seq < firstSeq ? [] : [{ conversationId: _id, seq }];
    });
    const owns = new Map(own.map((one) => [one.row._id.toHexString(), one]));
    const previews = new Map<string, Message>();
    const giveWay = createGiveWay();
    for (const message of await log.messagesAt(places)) {
      const id = message.conversationId.toHexString();
      const one = owns.get(id);
      const shown = one && message.deletedAt ? await newestBelow(userId, one, message.seq) : message;
      if (shown) previews.set(id, toMessage(shown, one?.firstSeq, userId));
      await giveWay();
    }
    return previews;
  };
}
