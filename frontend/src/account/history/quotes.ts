import { toApiError } from '@sori/client';
import type { Id, Message } from '@sori/contract';
import type { Api } from '../../api/api';
import type { Store } from '../../store/state';

export type Quotes = {
  /** Brings the quoted message into the store, unless it is there. Throws an ApiError. */
  find: (conversationId: Id, messageId: Id) => Promise<Message | null>;
  stop: () => void;
};

/** Ids begin with the second in which they were made, on the server's clock. */
const madeAt = (id: Id): number => Number.parseInt(id.slice(0, 8), 16) * 1_000;
/** Clocks of several servers, the second itself, and the time that storing takes. */
const slackMs = 60_000;
const pageSize = 100;

/** Messages are found by seq and quoted by id. Where no seq is told, the id tells when, and the log runs with time. */
export const createQuotes = (deps: { store: Store; api: Pick<Api, 'history'> }): Quotes => {
  const { store, api } = deps;
  const given = new AbortController();
  const asking = new Map<Id, Promise<Message | null>>();

  const held = (conversationId: Id, messageId: Id): Message | undefined => {
    const { windows, quoted } = store.getState();
    return (
      windows[conversationId]?.messages.find(({ _id }) => _id === messageId) ?? quoted[messageId] ?? undefined
    );
  };

  /** Whoever quotes it says where it stands, unless it was written by an older server. */
  const placeOf = (conversationId: Id, messageId: Id): number | undefined =>
    store.getState().windows[conversationId]?.messages.find(({ replyTo }) => replyTo === messageId)
      ?.replyToSeq;

  const at = async (conversationId: Id, messageId: Id, seq: number): Promise<Message | null> => {
    const { messages } = await api.history(conversationId, { around: seq }, given.signal, 1);
    return messages.find(({ _id }) => _id === messageId) ?? null;
  };

  /** Halves the log between `low` and `high` until the page around the middle holds it, or must have held it. */
  const search = async (conversationId: Id, messageId: Id): Promise<Message | null> => {
    const conversation = store.getState().conversations[conversationId]?.conversation;
    let low = conversation?.firstSeq ?? 1;
    let high = conversation?.headSeq ?? low;
    const wanted = madeAt(messageId);
    while (low <= high) {
      const middle = Math.floor((low + high) / 2);
      const { messages } = await api.history(conversationId, { around: middle }, given.signal, pageSize);
      const found = messages.find(({ _id }) => _id === messageId);
      const [first, last] = [messages[0], messages.at(-1)];
      if (found !== undefined || first === undefined || last === undefined) return found ?? null;
      if (wanted < Date.parse(first.createdAt)) high = Math.min(high, first.seq) - 1;
      else if (wanted > Date.parse(last.createdAt)) low = Math.max(low, last.seq) + 1;
      else return near(conversationId, messageId, first, last);
    }
    return null;
  };

  /** Times say it is here, and it is not: the clocks that made id and log were not the same. */
  const near = async (conversationId: Id, messageId: Id, first: Message, last: Message) => {
    const wanted = madeAt(messageId);
    let [before, after]: [number | null, number | null] = [first.seq, last.seq];
    while (before !== null || after !== null) {
      for (const bound of [before === null ? null : { before }, after === null ? null : { after }]) {
        if (bound === null) continue;
        const page = await api.history(conversationId, bound, given.signal, pageSize);
        const found = page.messages.find(({ _id }) => _id === messageId);
        if (found !== undefined) return found;
        const [oldest, newest] = [page.messages[0], page.messages.at(-1)];
        if ('before' in bound) {
          const goesOn = oldest !== undefined && Date.parse(oldest.createdAt) > wanted - slackMs;
          before = goesOn && page.hasOlder ? oldest.seq : null;
        } else {
          const goesOn = newest !== undefined && Date.parse(newest.createdAt) < wanted + slackMs;
          after = goesOn && page.hasNewer ? newest.seq : null;
        }
      }
    }
    return null;
  };

  return {
    find: (conversationId, messageId) => {
      const known = held(conversationId, messageId);
      if (known !== undefined) return Promise.resolve(known);
      const running = asking.get(messageId);
      if (running !== undefined) return running;
      const seq = placeOf(conversationId, messageId);
      const asked = (
        seq === undefined ? search(conversationId, messageId) : at(conversationId, messageId, seq)
      )
        .then(
          (found) => {
            if (!given.signal.aborted) store.getState().quoteFound(messageId, found);
            return found;
          },
          (thrown: unknown) => {
            throw toApiError(thrown);
          },
        )
        .finally(() => asking.delete(messageId));
      asking.set(messageId, asked);
      return asked;
    },
    stop: () => given.abort(),
  };
};
