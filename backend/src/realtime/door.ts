import { AppError, toAppError, toRefusal, toWireError, unauthenticated } from '../core/errors.js';
import type { Limit } from '../limits/limit.js';
import { createBudget } from './budget.js';
import type { Clock } from './clock.js';
import { type Connection, cut, webSocketOf } from './connection.js';
import { type Namespaces, watchNamespaces } from './namespaces.js';
import type { PendingConnections } from './pending-connections.js';
import { isWithin, type JsonBounds, type Packet, packetOf } from './packet.js';
import { boundBodies } from './polling-body.js';

export interface DoorDeps {
  /** Counts what each connection brings, by its id. */
  eventLimit: Pick<Limit, 'take' | 'forget'>;
  /** Packets in ten seconds after which a connection is cut, since being refused does not stop it; 0 is no bound. */
  mostPackets10s: number;
  pending: PendingConnections;
  clock: Clock;
  report: (bug: unknown) => void;
}

/** A name, what is said, and what a careless client adds to it: Socket.IO hands each member over as an argument of its own. */
const eventBounds: JsonBounds = { depth: 20, width: 16, items: 20_000 };
/** Who one is needs no more, and it is kept for as long as the connection lasts. */
const connectBounds: JsonBounds = { depth: 5, width: 50, items: 100 };
const longestConnect = 16 * 1024;

/** In no namespace: as long as Socket.IO lets somebody stay who was in none yet. */
const patienceMs = 10_000;
/** For answering a goodbye. */
const goodbyeMs = 500;
/** A client makes one attempt at a WebSocket. */
const mostProbes = 10;
// Pongs are not counted as what waits for a slow reader; so much may wait in front of them.
const mostBeforePong = 64 * 1024;

interface EnginePacket {
  type: string;
  data?: unknown;
}

function problemOf({ type, payload }: Packet): AppError | undefined {
  if (type === 'event' && !isWithin(payload, eventBounds)) {
    return new AppError('INVALID', 'This says too much, or is nested too deeply');
  }
  // Whatever says who somebody is, this is too large to be it.
  const isProof = payload.length <= longestConnect && isWithin(payload, connectBounds);
  return type === 'connect' && !isProof ? unauthenticated() : undefined;
}

/** What answers this packet in Socket.IO's stead; undefined where nobody waits for an answer. */
function refusalOf({ type, namespace, id }: Packet, error: AppError): string | undefined {
  const place = namespace === '/' ? '' : `${namespace},`;
  if (type === 'connect') {
    return `4${place}${JSON.stringify({ message: error.message, data: toWireError(error) })}`;
  }
  return id === '' ? undefined : `3${place}${id}${JSON.stringify([toRefusal(error)])}`;
}

/** Sends a connection away that is in no namespace for long, and counts it until then. */
function watchPending(connection: Connection, { pending, clock }: DoorDeps) {
  let forget = pending.add(connection.request);
  let cancel = (): void => undefined;
  connection.once('close', () => {
    forget();
    cancel();
  });
  return (joined: boolean): void => {
    forget();
    cancel();
    if (joined) return;
    forget = pending.add(connection.request);
    cancel = clock.after(patienceMs, () => cut(connection));
  };
}

/** Cuts what is below a connection that Socket.IO closed: it asks politely, and whoever does not answer has half a minute. */
function endWebSocket(connection: Connection, clock: Clock): void {
  const webSocket = webSocketOf(connection);
  if (!webSocket || webSocket.readyState === webSocket.CLOSED) return;
  webSocket.once(
    'close',
    clock.after(goodbyeMs, () => webSocket.terminate()),
  );
}

/** Bounds what comes in besides packets: pings of the WebSocket itself, and attempts to become one. */
function watchWebSockets(connection: Connection, isOverspent: () => boolean): void {
  const answerPings = (): void => {
    const webSocket = webSocketOf(connection);
    webSocket?.on('ping', (data: Buffer) => {
      if (isOverspent()) cut(connection);
      else if (webSocket.bufferedAmount <= mostBeforePong) webSocket.pong(data);
    });
  };
  let probes = 0;
  answerPings();
  connection.on('upgrade', answerPings);
  connection.on('upgrading', () => {
    probes += 1;
    // Not now: Engine.IO is about to set a timer for this attempt, which nobody would clear.
    if (probes > mostProbes) queueMicrotask(() => cut(connection));
  });
}

/**
 * Looks at everything that a connection brings before Socket.IO does, which takes whatever it is given: any number of
 * packets at once, any number of handshakes, attachments that never come, arguments until the stack is full.
 * @returns the name under which the connection is counted.
 */
export function guard(connection: Connection, deps: DoorDeps): string {
  const { eventLimit, mostPackets10s, clock, report } = deps;
  const { sid } = connection.transport;
  const budget = createBudget(mostPackets10s, clock);
  const namespaces = watchNamespaces(connection, {
    joined: watchPending(connection, deps),
    refusedTooOften: () => cut(connection),
  });

  let hasAsked = false;

  function count(): void {
    eventLimit.take(sid).catch((error: unknown) => {
      if (toAppError(error, report).code === 'RATE_LIMITED') cut(connection);
    });
  }

  /** @returns whether Socket.IO gets to see it. */
  function passes(packet: Packet): boolean {
    // Nothing is ever asked of a client that it could acknowledge.
    if (packet.type === 'acknowledgement') return false;
    // Events are counted where they are answered; the first CONNECT is what a connection is for, others are comings.
    if (packet.type === 'connect' && !hasAsked) hasAsked = true;
    else if (packet.type !== 'event') count();
    if (packet.type === 'connect' && namespaces.isIn(packet.namespace)) {
      // Refused, a client would take itself for one that is not in.
      cut(connection);
      return false;
    }
    const error = problemOf(packet) ?? second(namespaces, packet);
    if (error) refuse(packet, error);
    else if (packet.type === 'connect') namespaces.ask(packet.namespace);
    else if (packet.type === 'disconnect') namespaces.leave(packet.namespace);
    return !error;
  }

  function refuse(packet: Packet, error: AppError): void {
    if (packet.type === 'event') count();
    const answer = refusalOf(packet, error);
    if (answer === undefined) return;
    if (packet.type === 'connect') namespaces.refuse(answer);
    else if (namespaces.isIn(packet.namespace)) connection.write(answer);
  }

  connection.on('packet', (packet: EnginePacket) => {
    const { type, data = '' } = packet;
    if (typeof data !== 'string' || budget.isOverspentBy(data.length)) {
      cut(connection);
      return;
    }
    if (type !== 'message') return;
    const said = packetOf(data);
    if (!said) cut(connection);
    // Engine.IO passes nothing on that is of this type.
    else if (!passes(said)) packet.type = 'noop';
  });
  boundBodies(connection, report);
  watchWebSockets(connection, () => budget.isOverspentBy(0));
  connection.once('close', () => {
    endWebSocket(connection, clock);
    eventLimit.forget(sid).catch(report);
  });
  return sid;
}

const second = (namespaces: Namespaces, { type, namespace }: Packet): AppError | undefined =>
  type === 'connect' && namespaces.holds(namespace)
    ? new AppError('INVALID', 'One CONNECT at a time')
    : undefined;
