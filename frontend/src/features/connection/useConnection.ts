import { useAppStore } from '../../session/useAppStore';

export type ConnectionState = 'online' | 'connecting' | 'offline';

/**
 * How the connection to the server is. `connecting`: a first try, or the first moments after the connection broke;
 * `offline`: a try has failed, and more are made.
 */
export function useConnection(): ConnectionState {
  return useAppStore((state) => state.connection);
}
