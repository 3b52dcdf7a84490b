import type { IncomingMessage } from 'node:http';

/** As many as may come back at once from behind one address when the server was restarted. */
const mostOfAnAddress = 1_000;

export type PendingConnections = ReturnType<typeof createPendingConnections>;

/**
 * Connections that are in no namespace: nobody knows yet whose they are, and they cost what others cost. They are counted by
 * address and sent away after a while, so that they cannot fill the memory.
 */
export function createPendingConnections(
  addressOf: (request: IncomingMessage) => string,
  most: number = mostOfAnAddress,
) {
  const counts = new Map<string, number>();
  return {
    isFull: (request: IncomingMessage): boolean => (counts.get(addressOf(request)) ?? 0) >= most,
    /** @returns what takes it off the list again. Twice is once. */
    add(request: IncomingMessage): () => void {
      const address = addressOf(request);
      counts.set(address, (counts.get(address) ?? 0) + 1);
      let counted = true;
      return () => {
        if (!counted) return;
        counted = false;
        const left = (counts.get(address) ?? 0) - 1;
        if (left > 0) counts.set(address, left);
        else counts.delete(address);
      };
    },
  };
}
