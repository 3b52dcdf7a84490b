import type { Clock } from './clock.js';
import { type Connection, cut } from './connection.js';

/**
 * Counted is what Engine.IO holds back because the transport has not yet
 * taken what came before; what the transport already took is bounded by the same numbers, being at most one such buffer.
 */
const limits = {
  packets: 256,
  liveBytes: 1024 * 1024,
  // Acknowledgements are what the client asked for: several long pages at once, after a night offline on a slow connection,
  // must get through, or it would be cut again at each try. But not without end.
  answerBytes: 16 * 1024 * 1024,
} as const;

// Between two polls of a healthy client lies a round trip, in which everything has to wait.
const pollingPatienceMs = 1_000;

/** A Socket.IO packet as text begins with its type: 3 is an acknowledgement, 6 one with attachments. */
const isAnswer = (data: string): boolean => data.startsWith('3') || data.startsWith('6');

const dataOf = (packet: unknown): unknown =>
  typeof packet === 'object' && packet !== null && 'data' in packet ? packet.data : undefined;

/**
 * Cuts a connection whose reader stopped reading, before what waits for it fills the memory: Socket.IO by itself buffers
 * without bound. The client catches up from the log when it comes back.
 * @param onCut is called once, before the connection goes.
 */
export function cutWhenSlow(connection: Connection, clock: Clock, onCut: () => void = () => undefined): void {
  const waiting = { packets: 0, liveBytes: 0, answerBytes: 0 };
  let cancelCheck: (() => void) | undefined;

  const isTooMuch = (): boolean =>
    waiting.packets > limits.packets ||
    waiting.liveBytes > limits.liveBytes ||
    waiting.answerBytes > limits.answerBytes;

  const check = (): void => {
    cancelCheck = undefined;
    if (!isTooMuch() || connection.readyState === 'closed') return;
    onCut();
    cut(connection);
  };

  connection.on('packetCreate', (packet: unknown) => {
    // A free transport takes the packet at once.
    if (connection.transport.writable) return;
    const data = dataOf(packet);
    waiting.packets += 1;
    if (typeof data === 'string') {
      waiting[isAnswer(data) ? 'answerBytes' : 'liveBytes'] += Buffer.byteLength(data);
    } else if (data instanceof Uint8Array) waiting.liveBytes += data.byteLength;
    if (cancelCheck || !isTooMuch()) return;
    // Not at once: a WebSocket is only free again after the present turn of the event loop, so that 300 notices emitted
    // in one go would look like a reader that does not read.
    if (connection.transport.name === 'polling') cancelCheck = clock.after(pollingPatienceMs, check);
    else {
      const immediate = setImmediate(check);
      cancelCheck = () => clearImmediate(immediate);
    }
  });
  connection.on('flush', () => {
    waiting.packets = waiting.liveBytes = waiting.answerBytes = 0;
  });
  connection.once('close', () => cancelCheck?.());
}
