import { alice, between, bob, conversationId, said, entryOf } from '@sori/client/testing';
import type { Message } from '@sori/contract';
import type { HistoryBound, HistoryPage } from '../../api/conversations';
import { createAppStore } from '../../session/appStore';
import { createQuotes } from './quotes';

const log = Array.from({ length: 50 }, (_, index) => said(index + 1));

const open = (quoting: Partial<Message>) => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  store.getState().conversationsReceived([between({ headSeq: 50 })]);
  store.getState().conversationBegun(conversationId);
  store.getState().entriesApplied(conversationId, [entryOf(said(51, bob, quoting))]);
  const asked: HistoryBound[] = [];
  const history = (
    _id: string,
    bound: HistoryBound,
    _signal?: AbortSignal,
    limit = 50,
  ): Promise<HistoryPage> => {
    asked.push(bound);
    const from = 'around' in bound ? Math.max(0, bound.around - 1 - Math.floor((limit - 1) / 2)) : 0;
    return Promise.resolve({ messages: log.slice(from, from + limit), hasOlder: true, hasNewer: true });
  };
  return { store, asked, quotes: createQuotes({ store, api: { history } }) };
};

describe('a quoted message that is not held', () => {
  it('is asked for where it stands, and nowhere else', async () => {
    const { quotes, asked, store } = open({ replyTo: said(7)._id, replyToSeq: 7 });
    expect(await quotes.find(conversationId, said(7)._id)).toEqual(said(7));
    expect(asked).toEqual([{ around: 7 }]);
    expect(store.getState().quoted[said(7)._id]).toEqual(said(7));
  });

  it('is missing where another message is found there', async () => {
    const { quotes, asked } = open({ replyTo: said(99)._id, replyToSeq: 7 });
    expect(await quotes.find(conversationId, said(99)._id)).toBeNull();
    expect(asked).toHaveLength(1);
  });

  it('is looked for all the same where its place was not told', async () => {
    const { quotes } = open({ replyTo: said(7)._id });
    expect(await quotes.find(conversationId, said(7)._id)).toEqual(said(7));
  });
});
