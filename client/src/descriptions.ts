import { Conversation, type Id } from '@sori/contract';
import { needsSignIn, passes, toApiError, type ApiError } from './api-error.js';
import { backOff } from './back-off.js';
import type { Clock } from './clock.js';
import type { Http } from './http.js';

type Deps = {
  clock: Pick<Clock, 'after' | 'random'>;
  http: Http;
  described: (conversation: Conversation) => void;
  /** There is no such conversation for this person. */
  gone: (conversationId: Id, error: ApiError) => void;
};

type Asked = { isAsking: boolean; cancelRetry: () => void };

export type Descriptions = {
  /** Asks what the conversation is like, at once, unless that is being asked already. */
  ask: (conversationId: Id) => void;
  /** An answer to what was asked means nothing any more. */
  forget: (conversationId: Id) => void;
};

/** Asks the server to describe conversations, each until there is an answer. */
export const createDescriptions = ({ clock, http, described, gone }: Deps): Descriptions => {
  /** What is being asked, or waits to be asked again. */
  const all = new Map<Id, Asked>();

  const ask = async (conversationId: Id, attempt = 0): Promise<void> => {
    const before = all.get(conversationId);
    if (before?.isAsking === true) return;
    before?.cancelRetry();
    const asked: Asked = { isAsking: true, cancelRetry: () => undefined };
    all.set(conversationId, asked);
    const isWanted = () => all.get(conversationId) === asked;
    let conversation: Conversation;
    try {
      const path = `/api/conversations/${conversationId}`;
      conversation = (await http({ path, answer: Conversation })).data;
    } catch (thrown) {
      if (!isWanted()) return;
      const error = toApiError(thrown);
      if (passes(error) || needsSignIn(error)) {
        asked.isAsking = false;
        asked.cancelRetry = clock.after(
          Math.max(error.retryAfterMs ?? 0, backOff(attempt, clock.random)),
          () => void ask(conversationId, attempt + 1),
        );
        return;
      }
      all.delete(conversationId);
      gone(conversationId, error);
      return;
    }
    if (!isWanted()) return;
    all.delete(conversationId);
    described(conversation);
  };

  return {
    ask: (conversationId) => void ask(conversationId),
    forget: (conversationId) => {
      all.get(conversationId)?.cancelRetry();
      all.delete(conversationId);
    },
  };
};
