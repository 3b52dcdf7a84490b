import type { Id } from '@sori/contract';
import { useEffect } from 'react';
import { useClient } from '../../session/SocketContext';
import { useAppStore } from '../../session/useAppStore';

/** Has these people looked up of whom only the id is known. They come into the store. */
export function useAcquaintances(userIds: readonly Id[]): void {
  const { account } = useClient();
  const connection = useAppStore((state) => state.connection);
  const unknown = useAppStore(({ people }) => userIds.filter((id) => people[id] === undefined).join());
  useEffect(() => {
    // Asked again when the connection comes back.
    if (unknown !== '' && connection === 'online') account()?.acquaintances.meet(unknown.split(','));
  }, [account, unknown, connection]);
}
