import type { Conversation, DraftBody, MuteBody, SetPosition } from '@sori/contract';
import { firstSeqOf } from '../../core/audience.js';
import type { Caller } from '../../core/caller.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { Audiences } from '../members/audiences.js';
import type { Memberships } from '../members/memberships.js';
import type { OwnState } from '../read-state/own-state.js';
import type { Marks } from '../read-state/unread-marks.js';

export interface OwnChangesDeps {
  log: Pick<ConversationLog, 'newestSeq'>;
  audiences: Pick<Audiences, 'forMember'>;
  memberships: Pick<Memberships, 'get'>;
  marks: Pick<Marks, 'set'>;
  own: Pick<OwnState, 'setDraft' | 'setMute'>;
  get: (caller: Caller, id: string) => Promise<Conversation>;
  /** Emits to all devices of a person how a conversation now looks to them. */
  emitToOwn: (userId: string, conversationId: string) => Promise<Conversation>;
  now: () => number;
}

export type SetDraft = DraftBody & { conversationId: string };
export type SetMute = MuteBody & { conversationId: string };

/** What people change of a conversation for themselves alone; all their devices see it. */
export function createOwnChanges(deps: OwnChangesDeps) {
  const { log, audiences, memberships, marks, own, get, emitToOwn, now } = deps;
  return {
    /**
     * Marks as unread from this seq on, until the caller reads or writes there: it changes what they are shown, and
     * neither their read position nor anything that others see.
     */
    async setUnread(caller: Caller, { conversationId, seq }: SetPosition): Promise<Conversation> {
      // The log itself is asked: a message of the caller's that is not known of here yet would take the mark back at once.
      const { row } = await memberships.get(caller, conversationId);
      const headSeq = await log.newestSeq(row);
      if (headSeq === 0) return get(caller, conversationId);
      const whose = { kind: row.kind, conversationId, userId: caller.userId };
      await marks.set(whose, Math.min(seq, headSeq), headSeq);
      return emitToOwn(caller.userId, conversationId);
    },

    /** Keeps what the caller has begun to write; one with a lower `rev` than the stored one's changes nothing. */
    async setDraft(caller: Caller, { conversationId, ...draft }: SetDraft): Promise<Conversation> {
      const audience = await audiences.forMember(caller.userId, conversationId);
      const firstSeq = firstSeqOf(audience, caller.userId);
      const whose = { kind: audience.kind, conversationId, userId: caller.userId };
      const saved = await own.setDraft(whose, draft, firstSeq);
      return saved ? emitToOwn(caller.userId, conversationId) : get(caller, conversationId);
    },

    async setMute(caller: Caller, { conversationId, until, forSeconds }: SetMute): Promise<Conversation> {
      const { kind } = await audiences.forMember(caller.userId, conversationId);
      const end = forSeconds === undefined ? (until ?? null) : now() + forSeconds * 1_000;
      await own.setMute({ kind, conversationId, userId: caller.userId }, end === null ? null : new Date(end));
      return emitToOwn(caller.userId, conversationId);
    },
  };
}
