import { EntriesPage, type Id } from '@sori/contract';
import type { Ask } from './connection.js';
import type { Http } from './http.js';

type Asked = {
  conversationId: Id;
  after: number;
  limit: number;
  epoch?: string | undefined;
  targets: 'once';
};

/** Where a conversation's entries come from. */
export type EntriesOf = {
  fetch: (asked: Asked) => Promise<EntriesPage>;
  forget: (conversationId: Id) => void;
};

/** Over the socket, which leaves out what is more than 5,000 entries behind. A program wants all: that way is gone over REST. */
export const createEntriesOf = (ask: Ask, http: Http): EntriesOf => {
  const longWays = new Set<Id>();

  const overRest = async ({ conversationId, ...query }: Asked): Promise<EntriesPage> => {
    const path = `/api/conversations/${conversationId}/entries`;
    const { data } = await http({ path, query, answer: EntriesPage });
    if (!data.more) longWays.delete(conversationId);
    return data;
  };

  return {
    fetch: async (asked) => {
      if (longWays.has(asked.conversationId)) return overRest(asked);
      const page = await ask('entries:after', asked);
      if (page.tooLong !== true) return page;
      longWays.add(asked.conversationId);
      return overRest(asked);
    },
    forget: (conversationId) => {
      longWays.delete(conversationId);
    },
  };
};
