import type { Connection } from './connection.js';
import { namespaceOf } from './packet.js';

/** Each refusal is an answer, and a client that is refused this often does not listen to them. */
const mostRefusals = 100;

const textOf = (packet: unknown): string | undefined =>
  typeof packet === 'object' && packet !== null && 'data' in packet && typeof packet.data === 'string'
    ? packet.data
    : undefined;

export interface NamespaceEvents {
  /** It came into its first namespace, or left its last one. */
  joined: (somewhere: boolean) => void;
  refusedTooOften: () => void;
}

export type Namespaces = ReturnType<typeof watchNamespaces>;

/**
 * Knows which namespaces a connection is in, and into which it asks to come, from the packets that go in and out. Socket.IO
 * only knows the first; it begins another handshake for each CONNECT until one has succeeded, and makes a socket of each.
 */
export function watchNamespaces(connection: Connection, { joined, refusedTooOften }: NamespaceEvents) {
  const asked = new Set<string>();
  const inside = new Set<string>();
  let refusals = 0;
  let answering = false;

  function leave(namespace: string): void {
    asked.delete(namespace);
    if (inside.delete(namespace) && inside.size === 0) joined(false);
  }

  function refused(): void {
    refusals += 1;
    if (refusals > mostRefusals) refusedTooOften();
  }

  connection.on('packetCreate', (packet: unknown) => {
    const text = textOf(packet);
    // Nearly all are events (2) and acknowledgements (3).
    if (answering || text === undefined || text.startsWith('2') || text.startsWith('3')) return;
    if (text.startsWith('0')) {
      inside.add(namespaceOf(text));
      if (inside.size === 1) joined(true);
    } else if (text.startsWith('1')) leave(namespaceOf(text));
    else if (text.startsWith('4')) {
      leave(namespaceOf(text));
      refused();
    }
  });

  return {
    /** Whether it is in there, or asked and was not answered yet. */
    holds: (namespace: string): boolean => asked.has(namespace),
    isIn: (namespace: string): boolean => inside.has(namespace),
    /** Bounded by how many namespaces there are: one that does not exist is refused in the same moment. */
    ask: (namespace: string): void => void asked.add(namespace),
    leave,
    /** Refuses a CONNECT that Socket.IO does not get to see. */
    refuse(text: string): void {
      answering = true;
      connection.write(text);
      answering = false;
      refused();
    },
  };
}
