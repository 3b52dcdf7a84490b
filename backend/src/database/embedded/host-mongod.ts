/**
 * The fallback host: a real `mongod` (installed, or fetched by mongodb-memory-server) on a lasting directory.
 * Arguments: the data directory, the port, and the path of an installed `mongod` (empty: fetch one).
 */
import { mkdirSync } from 'node:fs';

import type { HostMessage } from './host-messages.js';

const [dataDirectory, port, binary] = process.argv.slice(2);
if (dataDirectory === undefined || port === undefined || process.send === undefined) {
  throw new Error('This program is started by the server (see launch.ts), not by hand');
}

const emit = (message: HostMessage): void => {
  if (process.connected) process.send?.(message);
};

let endAsked = false;
let end = (): void => {
  endAsked = true;
};
process.on('disconnect', () => end());
process.on('SIGTERM', () => end());
process.on('SIGINT', () => undefined);

mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
try {
  const { MongoMemoryServer } = await import('mongodb-memory-server-core');
  const server = await MongoMemoryServer.create({
    instance: {
      dbPath: dataDirectory,
      storageEngine: 'wiredTiger',
      ip: '127.0.0.1',
      port: Number(port),
      portGeneration: false,
    },
    binary: binary ? { systemBinary: binary, checkMD5: false } : {},
  });
  end = () => {
    end = () => undefined;
    // `doCleanup: false`: this directory is somebody's messages, not a test's.
    void server.stop({ doCleanup: false }).then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  // This process only stands for mongod: when that ends, the server must learn of it and start both again.
  server.instanceInfo?.instance.mongodProcess?.once('exit', () => process.exit(1));
  emit({ type: 'ready' });
  if ((endAsked as boolean) || !process.connected) end();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  emit({
    type: 'failed',
    reason: /DBPathInUse|lock file|already running/i.test(message) ? 'in-use' : 'cannot-load',
    message,
  });
  process.exit(1);
}
