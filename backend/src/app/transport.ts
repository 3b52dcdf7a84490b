import { createServer, type Server } from 'node:http';
import express, { type Express } from 'express';
import type { Config } from '../config.js';
import type { Metrics } from '../metrics/metrics.js';
import type { Clock } from '../realtime/clock.js';
import { createEmitter, createEmitToSockets, type Emitter, type EmitToSockets } from '../realtime/emitter.js';
import { createSocketServer, type SocketServer } from '../realtime/server.js';
import { createWhereabouts, type Whereabouts } from '../realtime/whereabouts.js';

/** One server for REST, sockets and the page, without any rules yet: the doors bring those. */
export interface Transport {
  express: Express;
  httpServer: Server;
  io: SocketServer;
  /** What services know of it: how to reach people, and where they are. */
  emit: Emitter;
  emitToSockets: EmitToSockets;
  whereabouts: Whereabouts;
}

/**
 * So long a connection may lie idle between two requests, in milliseconds: longer than at the other end, where it is 60 s
 * in nginx and in the balancers of the clouds. Whoever sends just when it is closed here does not know what became of it.
 */
const idleConnectionMs = 65_000;

/**
 * So long a whole request may take to come in, in milliseconds: 100 MB over a phone's connection. Whoever sends nothing for a
 * while is closed sooner by what reads the bytes.
 */
const wholeRequestMs = 60 * 60 * 1_000;

export interface TransportDeps {
  metrics: Pick<Metrics, 'delivered'>;
  clock: Clock;
  report: (bug: unknown) => void;
}

export function createTransport(
  { trustProxyHops }: Pick<Config, 'trustProxyHops'>,
  { metrics, clock, report }: TransportDeps,
): Transport {
  const app = express();
  // What names no host is answered by us, in our form.
  const httpServer = createServer(
    { requireHostHeader: false, keepAliveTimeout: idleConnectionMs, requestTimeout: wholeRequestMs },
    app,
  );
  const io = createSocketServer(httpServer);
  const deps = { clock, delivered: metrics.delivered, report };
  return {
    express: app,
    httpServer,
    io,
    emit: createEmitter(io, deps),
    emitToSockets: createEmitToSockets(io, deps),
    whereabouts: createWhereabouts(io, trustProxyHops),
  };
}
