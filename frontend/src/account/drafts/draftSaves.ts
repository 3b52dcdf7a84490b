import { backOff, needsSignIn, passes, toApiError } from '@sori/client';
import { codePoints, limits, type Conversation, type Id } from '@sori/contract';
import type { Api } from '../../api/api';
import type { Clock } from '../../device/clock';
import { sharedDraft, type draftMarks } from './draftsStorage';
import type { Draft } from '../../store/state';

export type DraftSaveDeps = {
  api: Pick<Api, 'saveDraft'>;
  clock: Clock;
  account: Id;
  isConnected: () => boolean;
  marks: ReturnType<typeof draftMarks>;
  draftOf: (key: Id) => Draft;
  /** The server has answered what it was told as of that `rev`. */
  answered: (key: Id, rev: number, conversation: Conversation) => void;
};

export type DraftSaves = {
  /** Saves it then, instead of when it was to be saved before. */
  later: (key: Id, delayMs: number) => void;
  /** At once, where it is not going to be saved anyway, nor was refused. */
  soon: (key: Id) => void;
  /** The server has it, or will not take it. */
  settled: (key: Id, rev: number, as: 'saved' | 'refused') => void;
  /** It need not be saved any more. */
  drop: (key: Id) => void;
  /** It waits until the person changes it, or for what is on its way. */
  leave: (key: Id) => void;
  resume: () => void;
  /** See `Drafts.saveNow`. */
  saveNow: () => Promise<void>;
  stop: () => void;
};

/** Drafts on their way to the server, one save of each at a time. */
export const createDraftSaves = (deps: DraftSaveDeps): DraftSaves => {
  const { api, clock, account, isConnected, marks, draftOf, answered } = deps;
  const timers = new Map<Id, () => void>();
  const unsaved = new Set<Id>();
  const saving = new Set<Id>();
  let stopped = false;

  const isStale = (key: Id): boolean => (sharedDraft(account, key)?.text ?? '') !== draftOf(key).text;

  const later = (key: Id, delayMs: number, attempt = 0) => {
    timers.get(key)?.();
    unsaved.add(key);
    timers.set(
      key,
      clock.after(delayMs, () => {
        timers.delete(key);
        void save(key, attempt);
      }),
    );
  };

  const save = async (key: Id, attempt: number): Promise<void> => {
    const mark = marks.read(key);
    const isDone = mark === null || mark.saved || mark.refused === true;
    if (isDone) unsaved.delete(key);
    // Without a connection there is nothing to try, and one at a time: `resume`, or the end of that save, comes back to
    // it.
    if (isDone || saving.has(key) || !isConnected()) return;
    // The mark is of what another tab wrote just now, and this one has still to hear: that one saves it.
    if (isStale(key)) {
      unsaved.delete(key);
      return;
    }
    const { text, replyTo } = draftOf(key);
    if (codePoints(text) > limits.messageMax) {
      settled(key, mark.rev, 'refused');
      return;
    }
    saving.add(key);
    try {
      const conversation = await api.saveDraft(key, {
        text,
        rev: mark.rev,
        ...(replyTo === null ? {} : { replyTo }),
      });
      saving.delete(key);
      if (!isStopped()) answered(key, mark.rev, conversation);
    } catch (thrown) {
      saving.delete(key);
      if (isStopped()) return;
      const error = toApiError(thrown);
      if (passes(error))
        later(key, Math.max(error.retryAfterMs ?? 0, backOff(attempt, clock.random)), attempt + 1);
      // About something that is gone, or with characters that cannot be stored.
      else if (!needsSignIn(error)) settled(key, mark.rev, 'refused');
    }
  };
  const isStopped = () => stopped;

  const settled = (key: Id, rev: number, as: 'saved' | 'refused') => {
    if (marks.read(key)?.rev !== rev) {
      if (!timers.has(key)) later(key, 0);
      return;
    }
    marks.write(key, as === 'saved' ? { rev, saved: true } : { rev, saved: false, refused: true });
    unsaved.delete(key);
  };

  return {
    later: (key, delayMs) => later(key, delayMs),
    soon: (key) => {
      if (marks.read(key)?.refused !== true && !timers.has(key) && !saving.has(key)) later(key, 0);
    },
    settled,
    drop: (key) => {
      timers.get(key)?.();
      timers.delete(key);
      unsaved.delete(key);
    },
    leave: (key) => void unsaved.delete(key),
    resume: () => {
      for (const key of unsaved) if (!saving.has(key)) later(key, 0);
    },
    saveNow: async () => {
      await Promise.all(
        [...unsaved].map((key) => {
          timers.get(key)?.();
          timers.delete(key);
          return save(key, 0);
        }),
      );
    },
    stop: () => {
      stopped = true;
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
};
