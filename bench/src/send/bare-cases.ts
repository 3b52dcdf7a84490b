import { lineOf, type Program } from '@sori/testkit';
import { io, type Socket } from 'socket.io-client';
import type { BareInserts } from '../bare/insert-many.js';
import type { HttpConnection } from '../http-client.js';
import type { Ask } from '../load.js';
import {
  at,
  type Case,
  closeAll,
  connectMany,
  createDeliveries,
  nextClientId,
  partnerOf,
  peopleCount,
  sample,
  targetInFlight,
  text,
} from './case.js';

export async function portOf(program: Program): Promise<number> {
  return Number((await lineOf(program, 'port ')).slice('port '.length));
}

/** @param name what the socket receives is sent to: several may have the same */
export async function connectBare(port: number, name: string): Promise<Socket> {
  const socket = io(`http://127.0.0.1:${port}`, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    auth: { name },
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return socket;
}

export async function socketEchoCase(program: Program): Promise<{ one: Case; close: () => void }> {
  const port = await portOf(program);
  const deliveries = createDeliveries();
  const names = Array.from({ length: peopleCount }, (_, index) => `person-${index}`);
  const sockets: Socket[] = await Promise.all(
    names.map(async (name) => {
      const socket = await connectBare(port, name);
      socket.on('newMessage', ({ clientId }: { clientId: string }) => deliveries.arrived(clientId));
      return socket;
    }),
  );
  const ask: Ask = (worker, done) => {
    const clientId = nextClientId();
    deliveries.sent(clientId);
    const to = at(names, partnerOf(worker % peopleCount));
    at(sockets, worker).emit('send', { to, message: text, clientId }, () => done(null));
  };
  return {
    one: {
      name: 'bare Socket.IO echo and emit',
      inFlight: targetInFlight,
      samples: [],
      run: (seconds) =>
        sample({ inFlight: targetInFlight, seconds, server: program.pid, database: null }, ask, deliveries),
    },
    close: () => sockets.forEach((socket) => socket.disconnect()),
  };
}

export async function expressEchoCase(program: Program): Promise<Case> {
  const port = await portOf(program);
  let connections: HttpConnection[] = [];
  const ask: Ask = (worker, done) => {
    const body = JSON.stringify({ message: text, clientId: nextClientId() });
    at(connections, worker).ask({ method: 'POST', path: '/echo', body }, (error, { status }) =>
      done(error ? error.message : status === 201 ? null : `HTTP ${status}`),
    );
  };
  return {
    name: 'bare Express JSON echo',
    inFlight: targetInFlight,
    samples: [],
    async run(seconds) {
      connections = await connectMany(port, targetInFlight);
      const options = { inFlight: targetInFlight, seconds, server: program.pid, database: null };
      return sample(options, ask).finally(() => closeAll(connections));
    },
  };
}

export const insertsCase = (inserts: BareInserts): Case => ({
  name: 'bare insertMany, batches of 100',
  inFlight: 1,
  samples: [],
  run: async (seconds) => ({
    perSecond: await inserts.run(seconds),
    deliveryMs: [],
    cpuUs: { server: NaN, database: NaN, generator: NaN },
    failures: {},
    undelivered: 0,
  }),
});

/** One of the same rows at a time: what a single send costs the database alone. */
export const singleInsertsCase = (inserts: BareInserts): Case => ({
  name: 'bare insert, one at a time',
  inFlight: 1,
  samples: [],
  async run(seconds) {
    const ms = await inserts.runSingly(seconds);
    return {
      perSecond: ms.length / seconds,
      deliveryMs: ms,
      cpuUs: { server: NaN, database: NaN, generator: NaN },
      failures: {},
      undelivered: 0,
    };
  },
});
