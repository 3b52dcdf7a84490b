import { asEntry } from '@sori/client';
import type { Conversation, Entry, Heads, Id, Message, ReadNotice, Versions } from '@sori/contract';
import type { Store } from '../store/state';
import type { Effects, Workers } from './workers';

/** One that is told of, was not known and has no more than this, is new: all of it is followed, and rings. */
const newAtMost = 10;

/** What the server tells an account over the connection. */
export type Notices = {
  versionsReceived: (versions: Versions) => void;
  messageReceived: (message: Message) => void;
  entryReceived: (entry: Entry) => void;
  headsReceived: (heads: Heads) => void;
  positionsReceived: (notice: ReadNotice) => void;
  conversationReceived: (conversation: Conversation) => void;
  conversationGone: (conversationId: Id) => void;
};

export const createNotices = (store: Store, workers: Workers, effects: Effects): Notices => {
  const { list, log, turns, readings, drafts, history, notifier, versionsReceived } = workers;
  return {
    versionsReceived,
    messageReceived: (message) => {
      turns.hurry(message.conversationId);
      const isNew = log.received(asEntry(message));
      // In a group what blocked people say comes too, folded; it calls nobody.
      if (isNew && !store.getState().blocked.has(message.senderId)) notifier.received(message);
    },
    entryReceived: (entry) => {
      turns.hurry(entry.conversationId);
      if (entry.kind !== 'member') log.received(entry);
      else {
        const { people = [], ...own } = entry;
        if (people.length > 0) store.getState().peopleReceived(people);
        log.received(own);
      }
    },
    headsReceived: (heads) => {
      log.hinted(heads);
      list.headsReceived(heads);
    },
    positionsReceived: (notice) => {
      store.getState().positionsReceived(notice);
      effects.refreshIfStale(notice.conversationId);
    },
    conversationReceived: (conversation) => {
      const { _id, headSeq, firstSeq } = conversation;
      const isBack = store.getState().gone[_id] !== undefined;
      if (isBack) store.getState().windowForgotten(_id);
      store.getState().conversationsReceived([conversation]);
      log.described(_id, headSeq, firstSeq === 1 && headSeq <= newAtMost);
      readings.described(conversation);
      drafts.received(conversation);
      effects.refreshIfStale(_id);
      if (isBack) history.reopen(_id);
    },
    conversationGone: (conversationId) => {
      log.forget(conversationId);
      effects.gone(conversationId);
    },
  };
};
