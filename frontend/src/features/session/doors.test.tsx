import '@testing-library/jest-dom';
import { render, screen } from '@testing-library/react';
import { MemoryRouter, Route, Routes, useLocation } from 'react-router';
import { startTranslations } from '../../i18n';
import type { Client } from '../../socket/client';
import { SocketContext } from '../../socket/SocketContext';
import { isAt } from '../../socket/visits';
import { createAppStore, type Store } from '../../store/store';
import { alice, conversationId } from '../../testing/people';
import { SignedIn } from './doors';

jest.mock('../messages/Thread', () => ({ Thread: () => <p>the talk</p> }));
jest.mock('../layout/useVisibleHeight', () => ({ useVisibleHeight: () => undefined }));

beforeAll(() => {
  startTranslations('en');
  window.matchMedia = (() => ({
    matches: false,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  })) as unknown as typeof window.matchMedia;
});

function Address() {
  const { pathname, search } = useLocation();
  return <p data-testid="address">{decodeURIComponent(pathname) + search}</p>;
}

const open = (address: string, store: Store) => {
  const client = { store, account: () => null, api: {} } as unknown as Client;
  render(
    <SocketContext value={client}>
      <MemoryRouter initialEntries={[address]}>
        <Address />
        <Routes>
          <Route element={<SignedIn />}>
            <Route path="/open/:slug" element={<p>beside the list</p>} />
          </Route>
        </Routes>
      </MemoryRouter>
    </SocketContext>,
  );
};

describe('whoever opens a room by an address that is written in another form', () => {
  const cottage = '우리-집';
  it.each([
    ['/open/Lobby?lang=en', 'lobby', '/open/lobby?lang=en'],
    ['/open/%20lobby', 'lobby', '/open/lobby'],
    [`/open/${encodeURIComponent('ＬＯＢＢＹ')}`, 'lobby', '/open/lobby'],
    [`/open/${encodeURIComponent(cottage.normalize('NFD'))}`, cottage, `/open/${cottage}`],
  ])('is in it as a guest: %s', (address, slug, normal) => {
    const store = createAppStore();
    store.getState().guestEntered(alice, { slug, conversationId });
    open(address, store);
    expect(screen.getByText('the talk')).toBeInTheDocument();
    expect(screen.getByTestId('address')).toHaveTextContent(normal);
    // Opened again, the page shows the room at once.
    window.history.replaceState(null, '', address);
    expect(isAt({ slug, conversationId })).toBe(true);
    expect(isAt({ slug: 'another', conversationId })).toBe(false);
  });

  it('has it open at its own address who is signed in: it is marked in the list by that', () => {
    const store = createAppStore();
    store.getState().signedIn(alice);
    open('/open/Lobby', store);
    expect(screen.getByText('beside the list')).toBeInTheDocument();
    expect(screen.getByTestId('address')).toHaveTextContent('/open/lobby');
  });
});
