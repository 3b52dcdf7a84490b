import { createContext, useContext } from 'react';
import type { Client } from './client';

/** Holds the one socket of the page, with what goes through it. Made in `main.tsx`: `<SocketContext value={client}>`. */
export const SocketContext = createContext<Client | null>(null);

export const useClient = (): Client => {
  const client = useContext(SocketContext);
  if (client === null) throw new Error('SocketContext is missing above this component');
  return client;
};
