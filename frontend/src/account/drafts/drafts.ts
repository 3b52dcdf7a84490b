import type { Conversation, Id } from '@sori/contract';
import { draftMarks, keepDrafts } from './draftsStorage';
import type { Draft, Store } from '../../store/state';
import { createDraftSaves, type DraftSaveDeps } from './draftSaves';

/** What is being written is saved when the typing pauses; what was sent or thrown away, at once. */
const pauseMs = 800;

export type Drafts = {
  /** The person changed, sent or threw away what is being written there, in this tab. */
  changed: (key: Id) => void;
  /** The server described the conversation, draft included. */
  received: (conversation: Conversation) => void;
  resume: () => void;
  /** Asks for what is not saved yet without waiting for a pause. Settles when all has been answered. */
  saveNow: () => Promise<void>;
  stop: () => void;
};

type Deps = { store: Store } & Pick<DraftSaveDeps, 'api' | 'clock' | 'account' | 'isConnected'>;

type Received = Pick<Conversation, 'draft' | 'draftRev'>;

/** The `rev` of the last that the server heard of a draft; 0 where it never heard of one. */
const revOf = ({ draft, draftRev }: Received): number => draft?.rev ?? draftRev ?? 0;

/**
 * Drafts follow the account. Each change has a `rev` above all that were heard of, and at least this device's time, so
 * that the later one counts wherever it was made: a late save is older than what was sent after it, and changes nothing.
 *
 * Only what the server has can be replaced or taken away from elsewhere, and only by something newer. What it does not
 * have (it was not asked yet, said no, or has another device's that is newer) stays here until the person changes it.
 */
export const createDrafts = ({ store, api, clock, account, isConnected }: Deps): Drafts => {
  const marks = draftMarks(account);
  /** Changed here before the server had described the conversation. */
  const early = new Set<Id>();
  let adopting = false;

  const draftOf = (key: Id): Draft => store.getState().drafts[key] ?? { text: '', replyTo: null };
  const isHere = (key: Id): boolean => store.getState().drafts[key] !== undefined;

  const answered = (key: Id, rev: number, received: Received) => {
    const newest = revOf(received);
    const now = marks.read(key)?.rev ?? 0;
    if (newest <= rev || newest < now) saves.settled(key, rev, 'saved');
    else if (!isHere(key)) adopt(key, received);
    // The person went on writing meanwhile; or it was only emptied, by a device whose clock is ahead.
    else if (now !== rev || received.draft === undefined) {
      marks.write(key, { rev: newest + 1, saved: false });
      saves.later(key, 0);
    } else keepBoth(key, received);
  };

  /** Two devices have written, each without knowing of the other: both keep theirs. What comes next counts for all. */
  const keepBoth = (key: Id, received: Received) => {
    if (received.draft?.text === draftOf(key).text) adopt(key, received);
    else marks.write(key, { rev: revOf(received), saved: false, refused: true });
    saves.leave(key);
  };

  /** Another device's is newer. */
  const adopt = (key: Id, received: Received) => {
    saves.drop(key);
    marks.write(key, { rev: revOf(received), saved: true });
    const { text, replyTo } = draftOf(key);
    const next = { text: received.draft?.text ?? '', replyTo: received.draft?.replyTo ?? null };
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
    saves.later(key, draftOf(key).text === '' ? 0 : pauseMs);
  };

  const saves = createDraftSaves({ api, clock, account, isConnected, marks, draftOf, answered });

  return {
    changed,
    received: (conversation) => {
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
        else saves.soon(key);
      } else if (mark?.saved === false) saves.soon(key);
      else if (isHere(key) && newest === 0) {
        // It never heard of one, or has lost it: with a membership that ended and began again, say.
        if (mark !== null) marks.write(key, { rev: mark.rev, saved: false });
        if (mark === null) changed(key);
        else saves.later(key, 0);
      }
    },
    resume: saves.resume,
    saveNow: saves.saveNow,
    stop: saves.stop,
  };
};

/** The drafts of one account: on this device, and on the server. */
export const startDrafts = ({ isGuest, ...deps }: Deps & { isGuest: boolean }): Omit<Drafts, 'changed'> => {
  const { changed, ...drafts } = createDrafts(deps);
  // A guest has no other devices: what they are writing stays on this one.
  const endKeeping = keepDrafts(deps.store, deps.account, (key) => {
    if (!isGuest) changed(key);
  });
  return {
    ...drafts,
    received: (conversation) => {
      if (!isGuest) drafts.received(conversation);
    },
    stop: () => {
      endKeeping();
      drafts.stop();
    },
  };
};
