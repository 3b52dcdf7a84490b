import '@testing-library/jest-dom';
import { act, fireEvent, render, screen } from '@testing-library/react';
import { MemoryRouter, Route, Routes, useLocation } from 'react-router';
import { ApiError, type ApiErrorCode } from '@sori/client';
import { alice, conversationId } from '@sori/client/testing';
import type { Api } from '../../api/api';
import { startTranslations } from '../../i18n';
import { createClient, type Client } from '../../session/client';
import { SocketContext } from '../../session/SocketContext';
import { isAt } from '../../session/visits';
import { createAppStore } from '../../session/appStore';
import type { Store } from '../../store/state';
import { createFakeClock, settle } from '../../testing/clock';
import { SignedIn } from './doors';

jest.mock('../thread/Thread', () => ({ Thread: () => <p>the talk</p> }));
jest.mock('../../ui/useVisibleHeight', () => ({ useVisibleHeight: () => undefined }));

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

const withoutServer = (store: Store) => ({ store, account: () => null, api: {} }) as unknown as Client;

const open = (address: string, client: Client) => {
  render(
    <SocketContext value={client}>
      <MemoryRouter initialEntries={[address]}>
        <Address />
        <Routes>
          <Route element={<SignedIn />}>
            <Route path="/open/:slug" element={<p>beside the list</p>} />
            <Route index element={<p>the list</p>} />
          </Route>
          <Route path="/login" element={<p>the log-in page</p>} />
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
    open(address, withoutServer(store));
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
    open('/open/Lobby', withoutServer(store));
    expect(screen.getByText('beside the list')).toBeInTheDocument();
    expect(screen.getByTestId('address')).toHaveTextContent('/open/lobby');
  });
});

describe('whoever opens the page while the server does not answer', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('is told so after a while, and that more tries are made, and may try at once', async () => {
    let code: ApiErrorCode = 'NO_ANSWER';
    const bootstrap = jest.fn(() => Promise.reject(new ApiError(code, code)));
    const clock = createFakeClock();
    const client = createClient({ clock, api: { bootstrap } as unknown as Api });
    const stop = client.start();
    open('/', client);
    await act(settle);
    expect(screen.queryByText(/does not answer/)).not.toBeInTheDocument();
    act(() => jest.advanceTimersByTime(4_000));
    expect(screen.getByText(/The server does not answer yet. Sori keeps trying/)).toBeVisible();
    code = 'UNAUTHENTICATED';
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await act(settle);
    expect(bootstrap).toHaveBeenCalledTimes(2);
    expect(screen.getByText('the log-in page')).toBeInTheDocument();
    // The try that was to come by itself is not made any more.
    clock.pass(60_000);
    expect(bootstrap).toHaveBeenCalledTimes(2);
    stop();
  });
});
