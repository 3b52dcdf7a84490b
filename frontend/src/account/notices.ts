import { asEntry } from '@sori/client';
import type { Conversation, Entry, Heads, Id, Message, ReadNotice, Versions } from '@sori/contract';
import type { Store } from '../store/state';
import type { Effects } from './effects';
import type { Workers } from './workers';

/** One that is told of, was not known and has no more than this, is new: all of it is followed, and rings. */
const newAtMost = 10;

/** What the server tells an account over the connection. */
export type Notices = {
  versionsTold: (versions: Versions) => void;
  messageTold: (message: Message) => void;
  entryTold: (entry: Entry) => void;
  headsTold: (heads: Heads) => void;
  positionsTold: (notice: ReadNotice) => void;
  conversationTold: (conversation: Conversation) => void;
  conversationGone: (conversationId: Id) => void;
};

export const createNotices = (store: Store, workers: Workers, effects: Effects): Notices => {
  const { list, log, turns, readings, drafts, history, notifier, versionsTold } = workers;
  return {
    versionsTold,
    messageTold: (message) => {
      turns.hurry(message.conversationId);
      const isNews = log.heard(asEntry(message));
      // In a group what blocked people say comes too, folded; it calls nobody.
      if (isNews && !store.getState().blocked.has(message.senderId)) notifier.heard(message);
    },
    entryTold: (entry) => {
      turns.hurry(entry.conversationId);
      if (entry.kind !== 'member') log.heard(entry);
      else {
        const { people = [], ...own } = entry;
        if (people.length > 0) store.getState().peopleTold(people);
        log.heard(own);
      }
    },
    headsTold: (heads) => {
      log.hinted(heads);
      list.headsTold(heads);
    },
    positionsTold: (notice) => {
      store.getState().positionsTold(notice);
      effects.refreshIfStale(notice.conversationId);
    },
    conversationTold: (conversation) => {
      const { _id, headSeq, firstSeq } = conversation;
      const isBack = store.getState().gone[_id] !== undefined;
      if (isBack) store.getState().windowForgotten(_id);
      store.getState().conversationsTold([conversation]);
      log.described(_id, headSeq, firstSeq === 1 && headSeq <= newAtMost);
      readings.described(conversation);
      drafts.told(conversation);
      effects.refreshIfStale(_id);
      if (isBack) history.reopen(_id);
    },
    conversationGone: (conversationId) => {
      log.forget(conversationId);
      effects.gone(conversationId);
    },
  };
};
