import { useState } from 'react';
import { Navigate, Outlet, useLocation, type Location } from 'react-router';
import { roomAt } from '../../navigation/roomAddress';
import { GuestRoom } from '../rooms/GuestRoom';
import { cameFrom, type CameFrom } from '../session/cameFrom';
import { isLeaving } from '../session/leaving';
import { Splash } from '../session/Splash';
import { useSession } from '../session/useSession';

/**
 * Leads signed-out people to the log-in page, which then knows where they wanted to go; or to the door of an open room,
 * if that is where they stand. Behind these doors a room's address is in its normal form.
 */
export function SignedIn() {
  const { status } = useSession();
  const { pathname, search, hash, state: carried } = useLocation() as Location<unknown>;
  const room = roomAt(pathname);
  const [wasSignedIn, setWasSignedIn] = useState(false);
  if (status === 'signedIn' && !wasSignedIn) setWasSignedIn(true);

  if (room?.isVariant === true)
    return <Navigate to={{ pathname: `/open/${room.slug}`, search, hash }} replace state={carried} />;
  if (status === 'unknown') return <Splash />;
  if (status === 'signedIn') return <Outlet />;
  if (room !== null) return <GuestRoom key={room.slug} slug={room.slug} />;
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
