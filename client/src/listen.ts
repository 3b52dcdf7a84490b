import { notices, type NoticeName, type ServerToClientEvents } from '@sori/contract';
import type { SoriSocket } from './connection.js';

/**
 * Hears what the server tells, as the contract has it. Where a newer server says it in other words it is not heard: what the
 * log has is missed then, and asked for.
 * @returns what ends it.
 */
export const listenTo = (socket: SoriSocket, handlers: Partial<ServerToClientEvents>): (() => void) => {
  const on = socket.on.bind(socket) as (name: string, handler: (notice: unknown) => void) => void;
  const off = socket.off.bind(socket) as typeof on;
  const listeners = (Object.keys(handlers) as NoticeName[]).map((name) => {
    const handle = handlers[name] as ((notice: unknown) => void) | undefined;
    const listener = (notice: unknown) => {
      const parsed = notices[name].payload.safeParse(notice);
      if (parsed.success) handle?.(parsed.data);
    };
    on(name, listener);
    return [name, listener] as const;
  });
  return () => {
    for (const [name, listener] of listeners) off(name, listener);
  };
};
