import '@testing-library/jest-dom';
import { act, render, screen } from '@testing-library/react';
import { MemoryRouter, Route, Routes } from 'react-router';
import { ApiError } from '@sori/client';
import { alice, between, conversationId } from '@sori/client/testing';
import { startTranslations } from '../../i18n';
import type { Client } from '../../session/client';
import { SocketContext } from '../../session/SocketContext';
import { createAppStore } from '../../session/appStore';
import { RoomPane } from './RoomPane';

jest.mock('../thread/Thread', () => ({ Thread: () => <p>the talk</p> }));

beforeAll(() => {
  startTranslations('en');
  window.matchMedia = (() => ({
    matches: false,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  })) as unknown as typeof window.matchMedia;
});

test('who opened a room without a connection, and hears that it was deleted, still sees what they were writing', async () => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  store.getState().conversationsReceived([between({ kind: 'room', name: 'Tea', slug: 'tea' })]);
  store.getState().draftChanged(conversationId, { text: 'half a', replyTo: null });
  const client = {
    store,
    account: () => null,
    enterRoom: () => new Promise(() => undefined),
    api: { room: () => Promise.reject(new ApiError('NOT_FOUND', 'no such room')) },
  } as unknown as Client;
  render(
    <SocketContext value={client}>
      <MemoryRouter initialEntries={['/open/tea']}>
        <Routes>
          <Route path="/open/:slug" element={<RoomPane />} />
        </Routes>
      </MemoryRouter>
    </SocketContext>,
  );
  expect(screen.getByText('the talk')).toBeInTheDocument();
  act(() => store.getState().conversationGone(conversationId));
  expect(await screen.findByText('This room was deleted')).toBeInTheDocument();
  expect(screen.getByText('half a')).toBeInTheDocument();
});
