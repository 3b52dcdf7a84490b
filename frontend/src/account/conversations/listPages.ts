import { backOff, type Pace, passes, toApiError } from '@sori/client';
import type { Conversation, Id } from '@sori/contract';
import type { Clock } from '../../device/clock';
import type { Store } from '../../store/state';
import type { Describing } from './describing';

/** As many as the server gives at once: the unread total needs all of them. */
export const pageSize = 100;
/** So many that changed are asked for one by one; beyond that, page by page. */
const renewedMost = pageSize;

export type ListPage = {
  conversations: Conversation[];
  next: string | null;
  /** When the server knew this. */
  asOf?: string | undefined;
  /** What of the person's own changed since they asked the last time; not said where nobody asked for it. */
  changed?: readonly Id[] | undefined;
};

export type AskForPage = (
  query: { limit: number; before?: string | undefined; since?: string | undefined },
  signal?: AbortSignal,
) => Promise<ListPage>;

type Deps = {
  store: Store;
  conversations: AskForPage;
  clock: Clock;
  pace: Pace;
  /** Nothing is wanted any more. */
  signal: AbortSignal;
  one: Describing;
  /** The server described these, and the store has them. */
  described: (conversations: readonly Conversation[]) => void;
  /** The last page is there. */
  complete: (asOf: string | undefined) => void;
};

export type ListPages = {
  /** From there on to the last one; with `since`, no more than what changed since then, where the server can say that. */
  load: (from: string | null, since?: string) => Promise<void>;
  /** What is under way may be of what is not true any more: it begins again at the first page. */
  beginAgain: () => void;
  /** The next try is not waited for. */
  wake: () => void;
};

/** The list, page by page: the next one when it is its turn, the same one again after a failure that passes. */
export const createListPages = (deps: Deps): ListPages => {
  const { store, clock, pace, signal, one, described, complete } = deps;
  /** How often all of it was wanted, so far: what was asked before the last time does not count. */
  let loads = 0;
  let wake: () => void = () => undefined;
  const isStopped = () => signal.aborted;

  const untilNextTry = (delayMs: number) =>
    new Promise<void>((resolve) => {
      const cancel = clock.after(delayMs, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });

  /** Where that is all that the page lacks: asks for those that changed and did not come with the first page. */
  const takeChanged = ({ conversations, changed }: ListPage): boolean => {
    if (changed === undefined) return false;
    const came = new Set(conversations.map(({ _id }) => _id));
    const held = store.getState().conversations;
    const rest = changed.filter((id) => held[id] !== undefined && !came.has(id));
    if (rest.length > renewedMost) return false;
    for (const conversationId of rest) one.quietly(conversationId);
    return true;
  };

  /** False where it was overtaken: all of it is to be asked for from the beginning. */
  const loadFrom = async (start: string | null, since?: string): Promise<boolean> => {
    const mine = loads;
    const isOvertaken = () => mine !== loads;
    let before = start ?? undefined;
    let asOf: string | undefined;
    /** Held before, and not in the list so far. */
    const missed = new Set(start === null ? Object.keys(store.getState().conversations) : []);
    for (let attempt = 0; !signal.aborted;) {
      if (isOvertaken()) return false;
      store.getState().listAsked();
      try {
        const counts = one.question();
        const query = { limit: pageSize, before, ...(before === undefined ? { since } : {}) };
        const page = await deps.conversations(query, signal);
        // Aborting is heard only by a request on its way, and this account may be gone.
        if (isStopped()) return true;
        if (isOvertaken()) return false;
        const conversations = page.conversations.filter(counts);
        if (before === undefined) asOf = page.asOf;
        const isAll = before === undefined && since !== undefined && takeChanged(page);
        store.getState().listPageCame(conversations, isAll ? null : page.next);
        described(conversations);
        for (const { _id } of page.conversations) missed.delete(_id);
        attempt = 0;
        if (isAll) {
          missed.clear();
          break;
        }
        if (page.next === null) break;
        before = page.next;
        await new Promise<void>(pace);
      } catch (thrown) {
        const error = toApiError(thrown);
        if (isStopped()) return true;
        if (isOvertaken()) return false;
        store.getState().listFailed(error);
        if (!passes(error)) return true;
        const delay = Math.max(error.retryAfterMs ?? 0, backOff(attempt, clock.random));
        attempt += 1;
        await untilNextTry(delay);
      }
    }
    if (isStopped()) return true;
    complete(asOf);
    for (const conversationId of missed) one.quietly(conversationId);
    return true;
  };

  return {
    load: async (from, since) => {
      let isOver = await loadFrom(from, since);
      while (!isOver) isOver = await loadFrom(null);
    },
    beginAgain: () => {
      loads += 1;
      wake();
    },
    wake: () => wake(),
  };
};
