import { act, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { alice, between, conversationId, said } from '@sori/client/testing';
import type { Client } from '../../session/client';
import { SocketContext } from '../../session/SocketContext';
import { createAppStore } from '../../session/appStore';
import type { WindowPage } from '../../store/window';
import { createFakeClock } from '../../testing/clock';
import { useRowList } from '../message-list/useRowList';
import { useSend } from './useSend';

const target = { conversationId };

/** Alice has a conversation open, of which that page is there. */
const opened = (page: WindowPage | null) => {
  const store = createAppStore();
  const conversation = between({ headSeq: 400, unread: 200 });
  const state = store.getState();
  state.signedIn(alice);
  state.conversationsReceived([conversation]);
  state.conversationOpened(conversationId);
  state.pageAsked(conversationId, 'replace');
  if (page !== null) state.pageCame(conversationId, 'replace', page);
  let ends = 0;
  const history = { toEnd: () => (ends += 1) };
  const client = { store, clock: createFakeClock(), account: () => ({ history }) } as unknown as Client;
  const wrapper = ({ children }: { children: ReactNode }) => (
    <SocketContext value={client}>{children}</SocketContext>
  );
  const send = renderHook(() => useSend(target), { wrapper }).result;
  const list = renderHook(
    () => useRowList(target, conversation, store.getState().windows[conversationId], true),
    { wrapper },
  );
  return {
    sends: (text: string): void =>
      act(() => {
        send.current.send(text);
      }),
    goesToEnd: (goesToEnd: boolean): void =>
      act(() => store.getState().pageAsked(conversationId, 'replace', { goesToEnd })),
    shows: () => {
      list.rerender();
      return list.result.current.rows.map(({ text }) => text);
    },
    ends: () => ends,
  };
};

describe('somebody who sends a message', () => {
  it('goes to the end from the middle of the history, and where nothing of it is there yet', () => {
    const middle = opened({ messages: [said(7)], hasOlder: true, hasNewer: true });
    middle.sends('hello');
    expect(middle.ends()).toBe(1);
    const loading = opened(null);
    loading.sends('hello');
    expect(loading.ends()).toBe(1);
    const end = opened({ messages: [said(400)], hasOlder: true, hasNewer: false });
    end.sends('hello');
    expect(end.ends()).toBe(0);
  });

  it('sees it wait below what is there for as long as the end does not come, and not in the middle otherwise', () => {
    const { sends, goesToEnd, shows } = opened({ messages: [said(7)], hasOlder: true, hasNewer: true });
    goesToEnd(true);
    sends('hello');
    expect(shows()).toEqual(['said 7', 'hello']);
    goesToEnd(false);
    expect(shows()).toEqual(['said 7']);
  });
});
