import type { SoriSocket } from '@sori/client';
import type { HttpConnection } from '../http-client.js';
import type { Ask } from '../load.js';
import { openSocket, type Person, signUp, type Sori } from '../sori.js';
import {
  at,
  type Case,
  closeAll,
  connectMany,
  createDeliveries,
  nextClientId,
  partnerOf,
  peopleCount,
  type Sample,
  sample,
  targetInFlight,
  text,
} from './case.js';

const inFlightCounts = [1, 32, targetInFlight, 256] as const;

/** Sori's own: over the socket and over REST, with few and with many in flight. */
export async function soriCases(sori: Sori): Promise<{ cases: Case[]; close: () => void }> {
  const people: Person[] = await signUp(sori, peopleCount);
  const sockets: SoriSocket[] = await Promise.all(people.map((person) => openSocket(sori, person)));
  const deliveries = createDeliveries();
  sockets.forEach((socket, index) => {
    const me = at(people, index)._id;
    socket.on('newMessage', ({ senderId, clientId }) => {
      // The sender's own devices hear it, too; what counts is the other person.
      if (senderId !== me && clientId !== undefined) deliveries.arrived(clientId);
    });
  });
  let connections: HttpConnection[] = [];
  const requests = people.map(({ token }, index) => ({
    method: 'POST' as const,
    path: `/api/messages/send/${at(people, partnerOf(index))._id}`,
    headers: `Cookie: jwt=${token}\r\n`,
  }));
  const inputs = people.map((_, index) => ({ to: at(people, partnerOf(index))._id, message: text }));

  const overSocket: Ask = (worker, done) => {
    const clientId = nextClientId();
    deliveries.sent(clientId);
    at(sockets, worker).emit('message:send', { ...at(inputs, worker), clientId }, (reply) => {
      if (!reply.ok) deliveries.failed(clientId);
      done(reply.ok ? null : reply.code);
    });
  };
  const overRest: Ask = (worker, done) => {
    const clientId = nextClientId();
    deliveries.sent(clientId);
    const body = JSON.stringify({ message: text, clientId });
    at(connections, worker).ask({ ...at(requests, worker), body }, (error, { status }) => {
      const failure = error ? error.message : status === 201 ? null : `HTTP ${status}`;
      if (failure !== null) deliveries.failed(clientId);
      done(failure);
    });
  };
  const run = (ask: Ask, inFlight: number, seconds: number): Promise<Sample> =>
    sample({ inFlight, seconds, server: sori.pid, database: sori.databasePid }, ask, deliveries);
  const socketCase = (inFlight: number): Case => ({
    name: 'Sori socket',
    inFlight,
    samples: [],
    run: (seconds) => run(overSocket, inFlight, seconds),
  });
  const restCase = (inFlight: number): Case => ({
    name: 'Sori REST',
    inFlight,
    samples: [],
    async run(seconds) {
      connections = await connectMany(sori.port, inFlight);
      return run(overRest, inFlight, seconds).finally(() => closeAll(connections));
    },
  });
  return {
    cases: inFlightCounts.flatMap((inFlight) => [socketCase(inFlight), restCase(inFlight)]),
    close: () => sockets.forEach((socket) => socket.disconnect()),
  };
}
