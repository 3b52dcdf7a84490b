import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { mongo } from 'mongoose';

/** The part of the driver's own connection that is looked at here. */
interface DriverConnection extends EventEmitter {
  closed: boolean;
  error: Error | null;
  socket: Socket;
  onError(error: Error): void;
  writeCommand(command: object, options: object): Promise<void>;
  readMany(options: object): AsyncGenerator;
}

/** While it waits for a socket to drain, the driver passes on the system's error (EPIPE), which is not known as its own. */
const asDriverError = (error: unknown): unknown =>
  error instanceof Error && 'syscall' in error
    ? new mongo.MongoNetworkError(error.message, { cause: error })
    : error;

const fixed = Symbol('ends calls on closed connections');

/**
 * Puts right what the driver (7.8.0) gets wrong when a database is killed: a call that has its connection, and whose
 * socket closes before or while it writes, waits for a `drain` that never comes; no time-out ends it, because the closed
 * socket has none. Of the calls made in the moment of a kill, one in two hung for ever; in the appender a single one is the
 * end of all sending. Such a call now ends with what closed the connection.
 * @throws where the driver has changed so much that this does not fit any more: better at the start than in an outage.
 */
export function endCallsOnClosedConnections(): void {
  const fromHere = createRequire(import.meta.url);
  const fromMongoose = createRequire(fromHere.resolve('mongoose'));
  const { Connection } = fromMongoose('mongodb/lib/cmap/connection.js') as {
    Connection: { prototype: DriverConnection & { [fixed]?: true } };
  };
  const { prototype } = Connection;
  if (prototype[fixed]) return;
  // They are called with the connection they belong to, below.
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const { writeCommand, readMany } = prototype;
  if (typeof writeCommand !== 'function' || typeof readMany !== 'function') {
    throw new Error(
      'This MongoDB driver is not the one that was tried: see backend/src/database/driver-fix.ts',
    );
  }
  prototype[fixed] = true;
  const closedBy = (connection: DriverConnection): Error =>
    connection.error ?? new mongo.MongoNetworkError('The connection to the database is closed');

  prototype.writeCommand = async function (this: DriverConnection, command, options) {
    if (this.closed) throw closedBy(this);
    if (this.socket.destroyed || this.socket.writableEnded) {
      // The driver will learn of it in a moment, by an event; to go on meanwhile is what hangs.
      this.onError(closedBy(this));
      throw closedBy(this);
    }
    let onClose: () => void = () => undefined;
    const closed = new Promise<never>((_, reject) => {
      onClose = () => reject(closedBy(this));
      this.once('close', onClose);
    });
    try {
      await Promise.race([writeCommand.call(this, command, options), closed]);
    } catch (error) {
      throw asDriverError(error);
    } finally {
      this.off('close', onClose);
    }
  };
  prototype.readMany = async function* (this: DriverConnection, options) {
    if (this.closed) throw closedBy(this);
    yield* readMany.call(this, options);
  };
}
