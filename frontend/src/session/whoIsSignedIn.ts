import { backOff, needsSignIn, toApiError } from '@sori/client';
import type { Api } from '../api/api';
import type { Clock } from '../device/clock';
import type { Store } from '../store/state';
import { pageSize } from '../account/conversations/listPages';
import type { Session } from './session';

export type WhoIsSignedIn = {
  /** Asks the server, again until it says so. */
  ask: (attempt?: number) => Promise<void>;
  /** It is known, or does not matter any more: no further try. */
  cancel: () => void;
};

type Deps = { api: Api; clock: Clock; store: Store; session: Session };

/** The question that a page begins with. */
export const createWhoIsSignedIn = ({ api, clock, store, session }: Deps): WhoIsSignedIn => {
  let cancelRetry: () => void = () => undefined;
  /** How often it was asked: only the latest answer counts. */
  let questions = 0;

  const ask = async (attempt = 0): Promise<void> => {
    cancelRetry();
    const mine = (questions += 1);
    try {
      const begun = await api.bootstrap({ limit: pageSize });
      if (mine === questions) session.signedIn(begun.me, true, begun);
    } catch (thrown) {
      if (mine !== questions) return;
      const error = toApiError(thrown);
      if (needsSignIn(error)) {
        session.signedOut();
        return;
      }
      // With an account the socket goes on trying, and its handshake says what this question would.
      if (session.account() === null || store.getState().status === 'guest')
        cancelRetry = clock.after(
          Math.max(error.retryAfterMs ?? 0, backOff(attempt, clock.random)),
          () => void ask(attempt + 1),
        );
    }
  };

  return { ask, cancel: () => cancelRetry() };
};
