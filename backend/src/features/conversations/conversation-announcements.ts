import type { Conversation } from '@sori/contract';
import { Types } from 'mongoose';
import type { Audience } from '../../core/audience.js';
import type { Caller } from '../../core/caller.js';
import { createSerializeByKey } from '../../core/serialize-by-key.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { ShownHead } from '../../conversation-log/conversations.model.js';
import { entryIndexes } from '../../conversation-log/entries.model.js';
import { messagesSeenAmong } from '../../conversation-log/visibility.js';
import type { Emitter } from '../../realtime/emitter.js';
import type { Audiences } from '../members/audiences.js';
import type { Marks } from '../read-state/unread-marks.js';

export interface ConversationAnnouncementsDeps {
  log: Pick<ConversationLog, 'entries' | 'heads'>;
  audiences: Pick<Audiences, 'forMember'>;
  marks: Pick<Marks, 'isSeen' | 'wrote'>;
  /** A conversation as this person sees it; throws NOT_FOUND. */
  get: (caller: Pick<Caller, 'userId'>, id: string) => Promise<Conversation>;
  /** Two people come to share a conversation in the eyes of both. */
  meet: (a: string, b: string) => void;
  emit: Pick<Emitter, 'toPeople'>;
  /** The same to the sockets of this server alone: for what each server emits by itself. */
  emitHere: Pick<Emitter, 'toPeople' | 'hasSocket'>;
  /** A person's own devices could not be notified of something; they see it when they ask next. */
  onEmitFailed: (error: unknown) => void;
}

/** A message was stored. */
export interface Wrote {
  senderId: string;
  conversationId: string;
  seq: number;
}

/** Notifies people of how a conversation now looks to them. */
export function createConversationAnnouncements(deps: ConversationAnnouncementsDeps) {
  const { log, audiences, marks, get, meet, emit, emitHere, onEmitFailed } = deps;
  const inOrder = createSerializeByKey();

  /**
   * Emits to the devices of a person how a conversation now looks to them. One after the other, so that what is emitted
   * last was also read last.
   */
  const emitBy = (
    emitter: Pick<Emitter, 'toPeople'>,
    userId: string,
    conversationId: string,
  ): Promise<Conversation> =>
    inOrder(`${conversationId}:${userId}`, async () => {
      const conversation = await get({ userId }, conversationId);
      // Somebody may have taken them out while this was being read, and then they were notified that it is gone.
      await audiences.forMember(userId, conversationId);
      emitter.toPeople([userId], 'conversation', conversation);
      return conversation;
    });
  const emitToOwn = (userId: string, conversationId: string): Promise<Conversation> =>
    emitBy(emit, userId, conversationId);
  const emitToOwnHere = (userId: string, conversationId: string): Promise<Conversation> =>
    emitBy(emitHere, userId, conversationId);

  /**
   * A conversation that had nothing in it but what is hidden from somebody begins for them with the first message that
   * they see.
   * @param shown those from whom something is hidden there
   */
  async function beginsLate(
    shown: readonly ShownHead[],
    { senderId, conversationId, seq }: Wrote,
  ): Promise<void> {
    for (const { userId } of shown) {
      // The first that anybody sees of a conversation is a message: what changes one is hidden from whom that is hidden.
      const seen = messagesSeenAmong(new Types.ObjectId(conversationId), shown, userId);
      const first = await log.entries.model
        .findOne({ ...seen, seq: { $lte: seq } }, { seq: 1 })
        .sort({ seq: 1 })
        .hint(entryIndexes.messages)
        .lean();
      if (first?.seq !== seq) continue;
      meet(senderId, userId.toHexString());
      await emitToOwn(userId.toHexString(), conversationId);
    }
  }

  return {
    /** To all devices of a person. */
    emitToOwn,

    /** To those that are connected to this server. */
    emitToOwnHere,

    /** Notifies the people of a conversation that it is there now, each as they see it: those who are connected to this server. */
    async emitNew({ conversationId, participants }: Audience): Promise<void> {
      for (const userId of participants)
        if (emitHere.hasSocket(userId)) await emitToOwnHere(userId, conversationId);
    },

    /** To be called for every message that was stored. Nobody waits for it, and it costs nothing where there is no mark. */
    wrote({ senderId, conversationId, seq }: Wrote): void {
      if (marks.isSeen(senderId, conversationId)) {
        marks
          .wrote(senderId, conversationId, seq)
          .then((cleared) => (cleared ? emitToOwn(senderId, conversationId) : undefined))
          .catch(onEmitFailed);
      }
      const shown = log.heads.known(conversationId)?.shown ?? [];
      if (shown.length > 0) beginsLate(shown, { senderId, conversationId, seq }).catch(onEmitFailed);
    },
  };
}
