import type { Id, Message } from '@sori/contract';
import { versions } from '@sori/contract';
import { isOutgrown } from './keptConversations';
import type { CacheStorage } from './cacheStorage';
import type { Store } from '../../store/state';
import type { WindowPage } from '../../store/window';

/** What was found for a conversation that may be opened in a moment, and how far its log was followed then. */
type Expected = {
  conversationId: Id;
  cursor: number | null;
  epoch: string | null;
  page: Promise<WindowPage | null>;
};

type Deps = {
  store: Store;
  storage: Promise<CacheStorage>;
  cursorOf: (conversationId: Id) => number | null;
  epoch: () => string | null;
  /** All that this tab knows of that conversation is in storage. */
  written: (conversationId: Id) => Promise<void>;
  /** These are shown as they lie in storage. */
  shown: (conversationId: Id, messages: readonly Message[]) => void;
};

export type KeptPages = {
  /** What is kept of its newest messages, as far as this tab followed it; null where there is nothing to show. */
  newest: (conversationId: Id) => Promise<WindowPage | null>;
  /** `newest` is about to be asked for: begins to look, and answers it with what was found unless the log went on. */
  expect: (conversationId: Id) => void;
  /** What was expected counts no more. */
  forget: () => void;
};

/** The newest messages of a conversation, as this device keeps them. */
export const createKeptPages = (deps: Deps): KeptPages => {
  const { store, storage } = deps;
  let expected: Expected | null = null;

  const lookUp = async (conversationId: Id): Promise<WindowPage | null> => {
    // What this tab knows of others is not waited for.
    await deps.written(conversationId);
    try {
      const found = await (await storage).messages(conversationId);
      if (found === null || found.messages.length === 0) return null;
      const { kept, messages } = found;
      if (isOutgrown(kept, versions.build)) return null;
      deps.shown(conversationId, messages);
      // Another tab's, which is not as far as this one: between the two there would be a hole.
      if (kept.epoch !== deps.epoch() || kept.cursor < (deps.cursorOf(conversationId) ?? 0)) return null;
      const { people, peopleReceived } = store.getState();
      peopleReceived((kept.people ?? []).filter(({ _id }) => people[_id] === undefined));
      const firstSeq = store.getState().conversations[conversationId]?.conversation.firstSeq ?? 1;
      return { messages, notices: kept.notices, hasOlder: kept.from > firstSeq, hasNewer: false };
    } catch {
      // What the browser cannot give back the server can.
      return null;
    }
  };

  return {
    newest: (conversationId) => {
      if (expected?.conversationId !== conversationId) return lookUp(conversationId);
      const { cursor, epoch, page } = expected;
      expected = null;
      const isAsItWas = cursor === deps.cursorOf(conversationId) && epoch === deps.epoch();
      return isAsItWas ? page : lookUp(conversationId);
    },
    expect: (conversationId) => {
      const cursor = deps.cursorOf(conversationId);
      expected = { conversationId, cursor, epoch: deps.epoch(), page: lookUp(conversationId) };
    },
    forget: () => {
      expected = null;
    },
  };
};
