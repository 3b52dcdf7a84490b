import { ApiError, backOff, passes, toApiError } from '@sori/client';
import type { Bootstrap, Id, Person } from '@sori/contract';
import type { Api } from '../api/api';
import type { State, Store } from '../store/state';
import type { Clock } from '../device/clock';
import type { AskForPage } from './conversations/listPages';

/** What is only this person's. */
type Own = Pick<State, 'settings' | 'blocked' | 'admin'>;

type Deps = {
  store: Store;
  api: Pick<Api, 'bootstrap' | 'conversations'>;
  clock: Clock;
  account: Id;
  /** What the server has just said, where it was asked before anybody knew who is signed in. */
  begun: Bootstrap | null;
  /** Which pages the server still serves. */
  versionsReceived: (versions: Bootstrap['versions']) => void;
  /** It answers as to somebody else: they signed in beside this tab. */
  isSomebodyElse: (me: Person) => void;
  /** It answers as to this person. */
  said: () => void;
};

export type Beginning = {
  /** A page of the list. With the first one comes all else that a page begins with. */
  conversations: AskForPage;
  /** Questions for what a page begins with, so far. */
  asked: () => number;
  /** Whom the server takes this device for, where the answer is on its way. Throws an ApiError. */
  whose: () => Promise<Person> | null;
  /** Asks for what is only this person's: soon again where there is no answer, as long as that can help. */
  refresh: () => void;
  stop: () => void;
};

/** A server that does not know the question yet is about to be replaced by one that does. */
const bootstrap = (
  api: Deps['api'],
  query: { limit: number | undefined; since?: string | undefined },
  signal?: AbortSignal,
): Promise<Bootstrap> =>
  api.bootstrap(query, signal).catch((thrown: unknown) => {
    const error = toApiError(thrown);
    throw error.code === 'NOT_FOUND' ? new ApiError('UNAVAILABLE', error.message) : error;
  });

/**
 * Who is signed in, their settings, blocks and conversations come in one answer, at the beginning and with each new
 * connection.
 */
export const createBeginning = (deps: Deps): Beginning => {
  const { store, api, clock, account } = deps;
  const given = new AbortController();
  let { begun } = deps;
  let asked = 0;
  /** The latest question whose answer was taken, and what it put there. */
  let taken = 0;
  let put: Partial<Own> = {};
  let cancelRetry: () => void = () => undefined;
  let answering: Promise<Bootstrap> | null = null;

  const held = (): Own => {
    const { settings, blocked, admin } = store.getState();
    return { settings, blocked, admin };
  };

  /** What was told or done here meanwhile counts for more: the answer may be from before that, and is asked for anew. */
  const take = (number: number, before: Own, { settings, blocks, admin, people }: Bootstrap) => {
    const { people: known, peopleReceived, settingsReceived, blocksListed, adminReceived } = store.getState();
    const isOld = number < taken;
    peopleReceived(isOld ? people.filter(({ _id }) => known[_id] === undefined) : people);
    if (isOld) return;
    taken = number;
    const now = held();
    const isLate = (part: keyof Own) => now[part] !== before[part] && now[part] !== put[part];
    const late = new Set((['settings', 'blocked', 'admin'] as const).filter(isLate));
    if (!late.has('settings')) settingsReceived(settings);
    if (!late.has('blocked')) blocksListed(blocks);
    if (!late.has('admin')) adminReceived(admin);
    const after = held();
    put = {
      ...(late.has('settings') ? {} : { settings: after.settings }),
      ...(late.has('blocked') ? {} : { blocked: after.blocked }),
      ...(late.has('admin') ? {} : { admin: after.admin }),
    };
    if (late.size > 0) refresh();
  };

  // What is done between that answer and its use counts for more, too.
  const atStart = held();

  const answered = async (answer: Promise<Bootstrap>): Promise<Bootstrap> => {
    answering = answer;
    try {
      return await answer;
    } finally {
      if (answering === answer) answering = null;
    }
  };

  const ask = async (query: Parameters<typeof bootstrap>[1], signal?: AbortSignal): Promise<Bootstrap> => {
    const number = (asked += 1);
    const before = begun === null ? held() : atStart;
    const answer = begun ?? (await answered(bootstrap(api, query, signal)));
    begun = null;
    deps.versionsReceived(answer.versions);
    if (given.signal.aborted) throw new ApiError('ABORTED', 'No longer wanted');
    if (answer.me._id !== account) {
      deps.isSomebodyElse(answer.me);
      throw new ApiError('ABORTED', 'Somebody else is signed in');
    }
    deps.said();
    take(number, before, answer);
    return answer;
  };

  const refresh = (attempt = 0) => {
    cancelRetry();
    // Of the list no more than has to be: it is not what is asked for.
    ask({ limit: 1 }, given.signal).catch((thrown: unknown) => {
      const error = toApiError(thrown);
      if (given.signal.aborted || !passes(error)) return;
      cancelRetry();
      cancelRetry = clock.after(Math.max(error.retryAfterMs ?? 0, backOff(attempt, clock.random)), () =>
        refresh(attempt + 1),
      );
    });
  };

  return {
    conversations: async ({ limit, before, since }, signal) => {
      if (before !== undefined) return api.conversations({ limit, before }, signal);
      const { conversations, next, asOf, changed } = await ask({ limit, since }, signal);
      return { conversations, next, asOf, changed };
    },
    asked: () => asked,
    whose: () => answering?.then(({ me }) => me) ?? null,
    refresh: () => refresh(),
    stop: () => {
      given.abort();
      cancelRetry();
    },
  };
};
