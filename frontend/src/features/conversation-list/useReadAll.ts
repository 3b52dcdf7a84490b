import { useCallback } from 'react';
import { useClient } from '../../session/SocketContext';

/** Marks everything as read, everywhere. Throws an `ApiError`; then nothing has changed here. */
export function useReadAll(): () => Promise<void> {
  const { store, api } = useClient();
  return useCallback(async () => {
    const before = Object.values(store.getState().conversations);
    await api.readAll();
    // What came meanwhile stays unread.
    for (const { conversation, countedSeq } of before)
      if (conversation.unread > 0) store.getState().wasRead(conversation._id, countedSeq);
  }, [store, api]);
}
