import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** The connection of one device to the server, which can be cut, held or narrowed. */
export interface DeviceConnection {
  address: string;
  /** How many connections the device has opened so far. */
  opened(): number;
  /** Ends every connection, as a router that restarts does. @returns how many there were. */
  cut(): number;
  /** Half-open: nothing passes either way and nobody is told, not even of an end. */
  hold(): void;
  /** What was held goes on, or, where `lost`, turns out to be gone. */
  release(lost: boolean): void;
  /** The device stops reading; what it says still passes. */
  stopReading(): void;
  readAgain(): void;
  /** New connections are refused, and old ones cut, or no longer. */
  unplug(out: boolean): void;
  close(): void;
}

interface Pair {
  device: Socket;
  server: Socket;
  ended: boolean;
}

/**
 * A TCP proxy on 127.0.0.1 for one device.
 * @param serverPort where the server listens now: after a restart it is another one; null while there is none.
 */
export async function createDeviceConnection(serverPort: () => number | null): Promise<DeviceConnection> {
  const pairs = new Set<Pair>();
  let held = false;
  let deaf = false;
  let unplugged = false;
  let opened = 0;

  const end = (pair: Pair): void => {
    pair.ended = true;
    // A connection that is held keeps its secret until it is released.
    if (held) return;
    pairs.delete(pair);
    pair.device.destroy();
    pair.server.destroy();
  };
  const flow = (pair: Pair): void => {
    if (held) {
      pair.device.pause();
      pair.server.pause();
      return;
    }
    pair.device.resume();
    if (deaf) pair.server.pause();
    else pair.server.resume();
  };
  const cut = (): number => {
    const count = pairs.size;
    for (const pair of pairs) {
      pairs.delete(pair);
      pair.device.destroy();
      pair.server.destroy();
    }
    return count;
  };

  const listener = createServer((device) => {
    opened += 1;
    const port = serverPort();
    if (port === null || unplugged) {
      device.destroy();
      return;
    }
    const server = connect({ port, host: '127.0.0.1', noDelay: true });
    device.setNoDelay(true);
    const pair: Pair = { device, server, ended: false };
    pairs.add(pair);
    for (const [from, to] of [
      [device, server],
      [server, device],
    ] as const) {
      from.on('data', (chunk) => {
        if (!to.destroyed && !to.write(chunk)) from.pause();
      });
      to.on('drain', () => flow(pair));
      from.on('end', () => end(pair));
      from.on('error', () => end(pair));
      from.on('close', () => end(pair));
    }
    flow(pair);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;

  return {
    address: `http://127.0.0.1:${port}`,
    opened: () => opened,
    cut,
    hold() {
      held = true;
      for (const pair of pairs) flow(pair);
    },
    release(lost) {
      held = false;
      if (lost) cut();
      for (const pair of pairs) {
        if (pair.ended) end(pair);
        else flow(pair);
      }
    },
    stopReading() {
      deaf = true;
      for (const pair of pairs) flow(pair);
    },
    readAgain() {
      deaf = false;
      for (const pair of pairs) flow(pair);
    },
    unplug(out) {
      unplugged = out;
      if (out) cut();
    },
    close() {
      held = false;
      listener.close();
      cut();
    },
  };
}
