import { listedAt, type Pace } from '@sori/client';
import type { Id } from '@sori/contract';
import type { Store } from '../../store/state';
import type { Cache } from './cache';
import type { FetchPage } from '../history/pages';

/** The latest conversations are kept whether or not they were ever opened here, and so is whatever is unread. */
const latest = 20;
const most = 100;

export type WarmUp = {
  /** Fetches what is missing, one conversation after the other. Twice at once is once. */
  look: () => void;
  /** What was kept of it is gone. */
  forget: (conversationId: Id) => void;
  stop: () => void;
};

type Deps = {
  store: Store;
  fetchPage: FetchPage;
  cache: Pick<Cache, 'newest' | 'fetching'>;
  pace: Pace;
  isFollowed: (conversationId: Id) => boolean;
};

/** Brings the newest messages of conversations to this device before somebody is without network and wants to read them. */
export const createWarmUp = ({ store, fetchPage, cache, pace, isFollowed }: Deps): WarmUp => {
  const given = new AbortController();
  const here = new Set<Id>();
  let running = false;
  const isStopped = () => given.signal.aborted;
  const isGroup = (id: Id) => store.getState().conversations[id]?.conversation.kind === 'group';

  /** The page has asked for it itself, and the cache keeps what came. */
  const isShown = (id: Id) => {
    const window = store.getState().windows[id];
    return window !== undefined && (window.loading.replace || window.loaded) && !window.hasNewer;
  };

  const missing = (): Id | undefined => {
    const { conversations } = store.getState();
    return Object.values(conversations)
      .map(({ conversation }) => conversation)
      .sort((one, other) => Date.parse(listedAt(other)) - Date.parse(listedAt(one)))
      .filter(({ unread }, index) => index < latest || unread > 0)
      .slice(0, most)
      .find(({ _id }) => !here.has(_id) && isFollowed(_id) && !isShown(_id))?._id;
  };

  const fetchAll = async (): Promise<void> => {
    for (let id = missing(); id !== undefined && !isStopped(); id = missing()) {
      here.add(id);
      try {
        if ((await cache.newest(id)) !== null) continue;
        // A group's page is two questions.
        for (let turns = isGroup(id) ? 2 : 1; turns > 0; turns -= 1) await new Promise<void>(pace);
        if (isStopped()) return;
        // It may have been taken away, or opened, before its turn came.
        if (!isFollowed(id) || isShown(id)) continue;
        const fetched = cache.fetching(id);
        const page = await fetchPage(id, {}, given.signal);
        if (!isStopped()) fetched(page);
      } catch (error) {
        here.delete(id);
        throw error;
      }
    }
  };

  return {
    look: () => {
      if (running) return;
      running = true;
      fetchAll()
        // Opening a conversation fetches what is missing, and says what is wrong.
        .catch(() => undefined)
        .finally(() => {
          running = false;
        });
    },
    forget: (conversationId) => here.delete(conversationId),
    stop: () => given.abort(),
  };
};
