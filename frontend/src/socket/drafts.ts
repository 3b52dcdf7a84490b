import type { Conversation, Id } from '@sori/contract';
import { toApiError } from '../api/ApiError';
import type { Api } from '../api/api';
import { draftMarks, sharedDraft } from '../store/draftsStorage';
import type { Store } from '../store/store';
import type { Clock } from './clock';
import { backOff, passes } from './connection';

/** What is being written is saved when the typing pauses; what was sent or thrown away, at once. */
const pauseMs = 800;
/** Before a draft that the server no longer tells is taken away here, it is asked once more. */
const doubtMs = 1_000;

export type Drafts = {
  /** The person changed, sent or threw away what is being written there, in this tab. */
  changed: (key: Id) => void;
  /** The server described the conversation, draft included. */
  told: (conversation: Conversation) => void;
  resume: () => void;
  stop: () => void;
};

type Deps = {
  store: Store;
  api: Pick<Api, 'saveDraft'>;
  clock: Clock;
  account: Id;
  isConnected: () => boolean;
  /** Has the conversation described again, after that long. */
  ask: (conversationId: Id, delayMs: number) => void;
};

/**
 * Drafts follow the account. Each change has a `rev` above all that were heard of, and at least this device's time, so
 * that the later one counts wherever it was made: a late save is older than what was sent after it, and changes nothing.
 */
export const createDrafts = ({ store, api, clock, account, isConnected, ask }: Deps): Drafts => {
  const marks = draftMarks(account);
  const timers = new Map<Id, () => void>();
  const unsaved = new Set<Id>();
  const saving = new Set<Id>();
  const doubted = new Set<Id>();
  /** Changed here before the server had described the conversation. */
  const early = new Set<Id>();
  let adopting = false;
  let stopped = false;

  const draftOf = (key: Id) => store.getState().drafts[key] ?? { text: '', replyTo: null };

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
    if (mark === null || mark.saved) unsaved.delete(key);
    // Without a line there is nothing to try, and one at a time: `resume`, or the end of that save, comes back to it.
    if (mark === null || mark.saved || saving.has(key) || !isConnected()) return;
    // The mark is of what another tab wrote just now, and this one has still to hear: that one saves it.
    if (isStale(key)) {
      unsaved.delete(key);
      return;
    }
    const { text, replyTo } = draftOf(key);
    saving.add(key);
    try {
      const conversation = await api.saveDraft(key, {
        text,
        rev: mark.rev,
        ...(replyTo === null ? {} : { replyTo }),
      });
      saving.delete(key);
      if (!isStopped()) answered(key, mark.rev, text, conversation, attempt);
    } catch (thrown) {
      saving.delete(key);
      if (isStopped()) return;
      const error = toApiError(thrown);
      if (passes(error))
        later(key, Math.max(error.retryAfterMs ?? 0, backOff(attempt, clock.random)), attempt + 1);
      // Too long, or about something that is gone: it stays on this device, and the next change is tried again.
      else settled(key, mark.rev);
    }
  };
  const isStopped = () => stopped;

  const settled = (key: Id, rev: number) => {
    if (marks.read(key)?.rev !== rev) {
      if (!timers.has(key)) later(key, 0);
      return;
    }
    marks.write(key, { rev, saved: true });
    unsaved.delete(key);
  };

  const answered = (key: Id, rev: number, text: string, { draft }: Conversation, attempt: number) => {
    if (draft?.rev === rev || (draft === undefined && text === '')) settled(key, rev);
    else if (draft === undefined) {
      // An emptied draft of a device whose clock is ahead stands above this one, and only it knows how far.
      if (marks.read(key)?.rev === rev) marks.write(key, { rev: rev + 60_000 * 4 ** attempt, saved: false });
      later(key, 0, attempt + 1);
    } else if (draft.rev > (marks.read(key)?.rev ?? 0)) adopt(key, draft);
    else later(key, 0);
  };

  /** Another device's is newer. */
  const adopt = (key: Id, draft: { text: string; replyTo?: Id | undefined; rev: number } | null) => {
    timers.get(key)?.();
    timers.delete(key);
    unsaved.delete(key);
    marks.write(key, { rev: draft?.rev ?? marks.read(key)?.rev ?? 0, saved: true });
    const { text, replyTo } = draftOf(key);
    const next = { text: draft?.text ?? '', replyTo: draft?.replyTo ?? null };
    if (next.text === text && next.replyTo === replyTo) return;
    adopting = true;
    store.getState().draftChanged(key, next);
    adopting = false;
  };

  const changed = (key: Id) => {
    if (adopting) return;
    doubted.delete(key);
    // What is written to a person is saved once there is a conversation for it; elsewhere, once that is described.
    if (store.getState().conversations[key] === undefined) {
      early.add(key);
      return;
    }
    const rev = Math.max(clock.now(), (marks.read(key)?.rev ?? 0) + 1);
    marks.write(key, { rev, saved: false });
    later(key, draftOf(key).text === '' ? 0 : pauseMs);
  };

  return {
    changed,
    told: ({ _id: key, draft }) => {
      const mark = marks.read(key);
      const isHere = draftOf(key).text !== '';
      if (draft !== undefined || !isHere) doubted.delete(key);
      // What somebody has just written here is newer than what was saved anywhere.
      if (early.delete(key)) {
        marks.write(key, { rev: Math.max(mark?.rev ?? 0, draft?.rev ?? 0), saved: false });
        changed(key);
      } else if (draft !== undefined && draft.rev > (mark?.rev ?? 0)) adopt(key, draft);
      else if (mark === null && isHere) changed(key);
      else if (mark?.saved === false) {
        if (!timers.has(key) && !saving.has(key)) later(key, 0);
      } else if (draft === undefined && isHere) {
        // Sent from another device; or that was said before the server had heard of what is here.
        if (doubted.delete(key)) adopt(key, null);
        else {
          doubted.add(key);
          ask(key, doubtMs);
        }
      }
    },
    resume: () => {
      for (const key of unsaved) if (!saving.has(key)) later(key, 0);
    },
    stop: () => {
      stopped = true;
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
};
