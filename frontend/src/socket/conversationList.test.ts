import type { Conversation } from '@sori/contract';
import { ApiError } from '../api/ApiError';
import { createAppStore } from '../store/store';
import { createFakeClock, settle } from '../testing/clock';
import { alice, between, conversationId } from '../testing/people';
import { createConversationList } from './conversationList';

/** The list of somebody whose page knows one conversation, and has asked for it as it is now. */
const open = () => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  store.getState().conversationsTold([between()]);
  const clock = createFakeClock();
  const asked: { answer: (conversation: Conversation) => void; refuse: () => void }[] = [];
  const gone: string[] = [];
  const list = createConversationList({
    store,
    clock,
    api: {
      conversations: () => Promise.reject(new Error('Nobody asks for the list')),
      conversation: () =>
        new Promise((answer, reject) =>
          asked.push({ answer, refuse: () => reject(new ApiError('NOT_FOUND', 'Not found')) }),
        ),
    },
    told: () => undefined,
    gone: (id) => gone.push(id),
  });
  list.refresh(conversationId, 0);
  clock.pass(0);
  return { store, asked, gone };
};

describe('a conversation that the server does not know', () => {
  it('is let go of', async () => {
    const { asked, gone } = open();
    asked[0]?.refuse();
    await settle();
    expect(gone).toEqual([conversationId]);
    expect(asked).toHaveLength(1);
  });

  it('is asked for once more where it was told of since: somebody is taken in again', async () => {
    const { store, asked, gone } = open();
    store.getState().conversationsTold([between({ headSeq: 7 })]);
    asked[0]?.refuse();
    await settle();
    expect(gone).toEqual([]);
    asked[1]?.answer(between({ headSeq: 8 }));
    await settle();
    expect(store.getState().conversations[conversationId]?.conversation.headSeq).toBe(8);
    expect(gone).toEqual([]);
  });
});
