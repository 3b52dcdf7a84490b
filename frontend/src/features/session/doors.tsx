import { useState } from 'react';
import { Navigate, Outlet, useLocation, useMatch } from 'react-router';
import { GuestRoom } from '../rooms/GuestRoom';
import { cameFrom, type CameFrom } from './cameFrom';
import { isLeaving } from './leaving';
import { Splash } from './Splash';
import { useSession } from './useSession';

/**
 * Leads signed-out people to the log-in page, which then knows where they wanted to go; or to the door of an open room,
 * if that is where they stand.
 */
export function SignedIn() {
  const { status } = useSession();
  const { pathname } = useLocation();
  const slug = useMatch('/open/:slug')?.params.slug;
  const [wasSignedIn, setWasSignedIn] = useState(false);
  if (status === 'signedIn' && !wasSignedIn) setWasSignedIn(true);

  if (status === 'unknown') return <Splash />;
  if (status === 'signedIn') return <Outlet />;
  if (slug !== undefined) return <GuestRoom key={slug} slug={slug} />;
  // Who logs out has finished here; whose session ended wants to go on where they were.
  const state: CameFrom = isLeaving()
    ? { from: '/', sessionEnded: false }
    : { from: pathname, sessionEnded: wasSignedIn };
  return <Navigate to="/login" replace state={state} />;
}

/** Leads those who are signed in to where they wanted to go. */
export function SignedOut() {
  const { status } = useSession();
  const { state } = useLocation() as { state: unknown };
  if (status === 'unknown') return <Splash />;
  if (status === 'signedIn') return <Navigate to={cameFrom(state).from} replace />;
  return <Outlet />;
}
