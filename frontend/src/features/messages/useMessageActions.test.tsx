import { renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { alice, between, conversationId, said } from '@sori/client/testing';
import { createChanges } from '../../account/changes/changes';
import type { Client } from '../../session/client';
import { SocketContext } from '../../session/SocketContext';
import { createAppStore } from '../../session/appStore';
import { createFakeClock } from '../../testing/clock';
import { useMessageActions } from './useMessageActions';

/** What Alice can do where nothing is answered: what they ask for stays on its way. */
const withoutAnswers = () => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  store.getState().conversationsReceived([between({ headSeq: 0 })]);
  const ask = () => new Promise<never>(() => undefined);
  const changes = createChanges({
    store,
    ask,
    clock: createFakeClock(),
    isConnected: () => false,
    storage: null,
  });
  const client = { store, account: () => ({ changes }) } as unknown as Client;
  const wrapper = ({ children }: { children: ReactNode }) => (
    <SocketContext value={client}>{children}</SocketContext>
  );
  const asked = () => (store.getState().changes[said(1)._id] ?? []).map(({ change }) => change);
  return { actions: renderHook(useMessageActions, { wrapper }).result.current, asked };
};

describe('somebody who changes a message', () => {
  const hello = said(1, alice, { conversationId, message: 'hello' });

  it('can take that back while it is still on its way', () => {
    const { actions, asked } = withoutAnswers();
    void actions.edit(hello, 'hello!');
    void actions.edit(hello, 'hello');
    expect(asked()).toEqual([
      { kind: 'edit', text: 'hello!' },
      { kind: 'edit', text: 'hello' },
    ]);
  });

  it('asks for nothing where it says that already, or will once all is stored', () => {
    const { actions, asked } = withoutAnswers();
    void actions.edit(hello, ' hello ');
    expect(asked()).toEqual([]);
    void actions.edit(hello, 'hello!');
    void actions.edit(hello, 'hello!');
    expect(asked()).toEqual([{ kind: 'edit', text: 'hello!' }]);
  });
});
