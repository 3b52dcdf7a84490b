import type { Entry, Id } from '@sori/contract';
import { bufferMax } from './follower.js';

type Early = { entries: Map<number, Entry>; headSeq: number };

/** What arrived of conversations that the server has not described yet. Each is asked for once, and waits for that. */
export type Undescribed = {
  /** True where it is news. */
  entryCame: (entry: Entry) => boolean;
  headHinted: (conversationId: Id, headSeq: number) => void;
  /** It is described now: what arrived until then, in the log's order. */
  take: (conversationId: Id) => { entries: readonly Entry[]; headSeq: number };
  forget: (conversationId: Id) => void;
  /** Asks once more for all that are waited for. */
  askAgain: () => void;
  clear: () => void;
};

export const createUndescribed = (describe: (conversationId: Id) => void): Undescribed => {
  const early = new Map<Id, Early>();

  const waitFor = (conversationId: Id, seq: number): Early => {
    const waiting = early.get(conversationId) ?? { entries: new Map<number, Entry>(), headSeq: 0 };
    waiting.headSeq = Math.max(waiting.headSeq, seq);
    if (!early.has(conversationId)) {
      early.set(conversationId, waiting);
      describe(conversationId);
    }
    return waiting;
  };

  return {
    entryCame: (entry) => {
      const { entries } = waitFor(entry.conversationId, entry.seq);
      const isNew = !entries.has(entry.seq);
      if (entries.size < bufferMax) entries.set(entry.seq, entry);
      return isNew;
    },
    headHinted: (conversationId, headSeq) => {
      waitFor(conversationId, headSeq);
    },
    take: (conversationId) => {
      const { entries = new Map<number, Entry>(), headSeq = 0 } = early.get(conversationId) ?? {};
      early.delete(conversationId);
      return { entries: [...entries.values()].sort((one, other) => one.seq - other.seq), headSeq };
    },
    forget: (conversationId) => {
      early.delete(conversationId);
    },
    askAgain: () => {
      for (const conversationId of early.keys()) describe(conversationId);
    },
    clear: () => early.clear(),
  };
};
