import { backOff, needsSignIn, passes, toApiError } from '@sori/client';
import { codePoints, limits, type Conversation, type Id } from '@sori/contract';
import type { Api } from '../api/api';
import { draftMarks, sharedDraft } from '../store/draftsStorage';
import type { Store } from '../store/store';
import type { Clock } from '../device/clock';

/** What is being written is saved when the typing pauses; what was sent or thrown away, at once. */
const pauseMs = 800;

export type Drafts = {
  /** The person changed, sent or threw away what is being written there, in this tab. */
  changed: (key: Id) => void;
  /** The server described the conversation, draft included. */
  told: (conversation: Conversation) => void;
  resume: () => void;
  /** Asks for what is not saved yet without waiting for a pause. Settles when all has been answered. */
  saveNow: () => Promise<void>;
  stop: () => void;
};

type Deps = {
  store: Store;
  api: Pick<Api, 'saveDraft'>;
  clock: Clock;
  account: Id;
  isConnected: () => boolean;
};

type Told = Pick<Conversation, 'draft' | 'draftRev'>;

/** The `rev` of the last that the server heard of a draft; 0 where it never heard of one. */
const revOf = ({ draft, draftRev }: Told): number => draft?.rev ?? draftRev ?? 0;

/**
 * Drafts follow the account. Each change has a `rev` above all that were heard of, and at least this device's time, so
 * that the later one counts wherever it was made: a late save is older than what was sent after it, and changes nothing.
 *
 * Only what the server has can be replaced or taken away from elsewhere, and only by something newer. What it does not
 * have (it was not asked yet, said no, or has another device's that is newer) stays here until the person changes it.
 */
export const createDrafts = ({ store, api, clock, account, isConnected }: Deps): Drafts => {
  const marks = draftMarks(account);
  const timers = new Map<Id, () => void>();
  const unsaved = new Set<Id>();
  const saving = new Set<Id>();
  /** Changed here before the server had described the conversation. */
  const early = new Set<Id>();
  let adopting = false;
  let stopped = false;

  const draftOf = (key: Id) => store.getState().drafts[key] ?? { text: '', replyTo: null };
  const isHere = (key: Id): boolean => store.getState().drafts[key] !== undefined;

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

  const answered = (key: Id, rev: number, told: Told) => {
    const newest = revOf(told);
    const now = marks.read(key)?.rev ?? 0;
    if (newest <= rev || newest < now) settled(key, rev, 'saved');
    else if (!isHere(key)) adopt(key, told);
    // The person went on writing meanwhile; or it was only emptied, by a device whose clock is ahead.
    else if (now !== rev || told.draft === undefined) {
      marks.write(key, { rev: newest + 1, saved: false });
      later(key, 0);
    } else keepBoth(key, told);
  };

  /** Two devices have written, each without knowing of the other: both keep theirs. What comes next counts for all. */
  const keepBoth = (key: Id, told: Told) => {
    if (told.draft?.text === draftOf(key).text) adopt(key, told);
    else marks.write(key, { rev: revOf(told), saved: false, refused: true });
    unsaved.delete(key);
  };

  /** Another device's is newer. */
  const adopt = (key: Id, told: Told) => {
    timers.get(key)?.();
    timers.delete(key);
    unsaved.delete(key);
    marks.write(key, { rev: revOf(told), saved: true });
    const { text, replyTo } = draftOf(key);
    const next = { text: told.draft?.text ?? '', replyTo: told.draft?.replyTo ?? null };
    if (next.text === text && next.replyTo === replyTo) return;
    adopting = true;
    store.getState().draftChanged(key, next);
    adopting = false;
  };

  const changed = (key: Id) => {
    if (adopting) return;
    // What is written to a person is saved once there is a conversation for it; elsewhere, once that is described.
    if (store.getState().conversations[key] === undefined) {
      early.add(key);
      return;
    }
    const rev = Math.max(Math.floor(clock.server.now()), (marks.read(key)?.rev ?? 0) + 1);
    marks.write(key, { rev, saved: false });
    later(key, draftOf(key).text === '' ? 0 : pauseMs);
  };

  const saveSoon = (key: Id) => {
    if (marks.read(key)?.refused !== true && !timers.has(key) && !saving.has(key)) later(key, 0);
  };

  return {
    changed,
    told: (conversation) => {
      const { _id: key } = conversation;
      const newest = revOf(conversation);
      const mark = marks.read(key);
      // What somebody has just written here is newer than what was saved anywhere.
      if (early.delete(key)) {
        marks.write(key, { rev: Math.max(mark?.rev ?? 0, newest), saved: false });
        changed(key);
      } else if (newest > (mark?.rev ?? 0)) {
        if (mark?.saved === true || !isHere(key)) adopt(key, conversation);
        else if (mark === null || mark.refused === true) keepBoth(key, conversation);
        else saveSoon(key);
      } else if (mark?.saved === false) saveSoon(key);
      else if (isHere(key) && newest === 0) {
        // It never heard of one, or has lost it: with a membership that ended and began again, say.
        if (mark !== null) marks.write(key, { rev: mark.rev, saved: false });
        if (mark === null) changed(key);
        else later(key, 0);
      }
    },
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
