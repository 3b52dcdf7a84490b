import { limits } from '@sori/contract';
import { type Audience, isIn } from '../../core/audience.js';
import { AppError } from '../../core/errors.js';
import type { MemberRow, TitleRow } from '../../conversation-log/entries.model.js';
import type { Emitter } from '../../realtime/emitter.js';

export interface GroupAnnouncementsDeps {
  /** To the sockets of this server: each server notifies its own. */
  emitHere: Pick<Emitter, 'toPeople' | 'hasSocket'>;
  /** Emits to a person's devices here how a conversation now looks to them; NOT_FOUND where they are not in it any more. */
  emitToOwnHere: (userId: string, conversationId: string) => Promise<unknown>;
  onEmitFailed: (error: unknown) => void;
}

/** Views are read from the database for each person: a few at once, so that a large group delays nobody's message. */
const readAtOnce = 8;

export type GroupAnnouncements = ReturnType<typeof createGroupAnnouncements>;

/** What is emitted of a change of a group beside its entry, to its people: how it looks to them now, or that it is gone. */
export function createGroupAnnouncements({ emitHere, emitToOwnHere, onEmitFailed }: GroupAnnouncementsDeps) {
  /** Who is still to be notified, by conversation: once, however often it changes meanwhile, and as it then is. */
  const waiting = new Map<string, Set<string>>();

  async function emitToEach(conversationId: string, userIds: readonly string[]): Promise<void> {
    const here = userIds.filter((id) => emitHere.hasSocket(id));
    const before = waiting.get(conversationId);
    if (before) {
      for (const id of here) before.add(id);
      return;
    }
    const those = new Set(here);
    waiting.set(conversationId, those);
    try {
      for (let some = first(those); some.length > 0; some = first(those)) {
        await Promise.all(
          some.map((userId) =>
            emitToOwnHere(userId, conversationId).catch((error: unknown) => {
              // Went meanwhile.
              if (!(error instanceof AppError && error.code === 'NOT_FOUND')) onEmitFailed(error);
            }),
          ),
        );
      }
    } finally {
      waiting.delete(conversationId);
    }
  }

  return {
    /** What is no entry was changed. */
    changed({ conversationId, participants }: Pick<Audience, 'conversationId' | 'participants'>): void {
      emitToEach(conversationId, participants).catch(onEmitFailed);
    },

    /** This entry was emitted to the audience: those who have gone receive no more than that. */
    membership(entry: MemberRow | TitleRow, audience: Audience): void {
      const { conversationId, participants } = audience;
      const userIds = entry.kind === 'member' ? entry.userIds.map((id) => id.toHexString()) : [];
      if (entry.kind === 'member' && (entry.change === 'left' || entry.change === 'removed')) {
        emitHere.toPeople(userIds, 'conversation:gone', { conversationId });
      }
      // The members of a small group are shown to everybody with what they read; of a large one only the name is.
      const concerned =
        entry.kind === 'title' || participants.length <= limits.membersShown
          ? participants
          : userIds.filter((id) => isIn(audience, id));
      emitToEach(conversationId, concerned).catch(onEmitFailed);
    },
  };
}

/** Takes a few out. */
function first(userIds: Set<string>): string[] {
  const some: string[] = [];
  for (const userId of userIds) {
    if (some.length === readAtOnce) break;
    some.push(userId);
    userIds.delete(userId);
  }
  return some;
}
