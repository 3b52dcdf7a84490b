import type { SoriSocket } from '@sori/client';
import { type Ask, runLoad } from '../load.js';
import { at, createDeliveries, nextClientId, partnerOf, text } from '../send/case.js';
import { openSocket, type Person } from '../sori.js';

/** A way in which people are spread over servers, and to whom each of them writes. */
export interface Way {
  name: string;
  sockets: readonly SoriSocket[];
  /** To whom the person of this number writes. */
  to: (index: number) => string;
  /** At which server the person of this number is. */
  serverOf: (index: number) => number;
  /** False where not one other person is written to, but a group. */
  isPaired: boolean;
}

/** What was measured of one, a value for each time. */
export interface Measured {
  name: string;
  perSecond: number[];
  deliveryMs: number[];
  /** For each server, how many of its sends were answered. */
  byServer: number[];
  failures: string[];
}

const deliveries = createDeliveries();

/** Everybody in pairs, or all writing to one group. */
export async function spread(
  name: string,
  addresses: readonly string[],
  people: readonly Person[],
  { serverOf, group }: { serverOf: (index: number) => number; group?: string },
): Promise<Way> {
  const sockets = await Promise.all(
    people.map((person, index) => openSocket({ address: at(addresses, serverOf(index)) }, person)),
  );
  sockets.forEach((socket, index) => {
    const other = at(people, partnerOf(index))._id;
    socket.on('newMessage', ({ senderId, clientId }) => {
      if (group === undefined && senderId === other && clientId !== undefined) deliveries.arrived(clientId);
    });
  });
  const to = (index: number): string => group ?? at(people, partnerOf(index))._id;
  return { name, sockets, to, serverOf, isPaired: group === undefined };
}

export const nothingMeasured = ({ name }: Way): Measured => ({
  name,
  perSecond: [],
  deliveryMs: [],
  byServer: [],
  failures: [],
});

/** Sends for so long, and adds what came of it. @returns acknowledged sends a second */
export async function measure(
  { sockets, to, serverOf, isPaired }: Way,
  measured: Measured,
  inFlight: number,
  seconds: number,
): Promise<number> {
  const ask: Ask = (worker, done) => {
    const index = worker % sockets.length;
    const clientId = nextClientId();
    if (isPaired) deliveries.sent(clientId);
    at(sockets, index).emit('message:send', { to: to(index), message: text, clientId }, (reply) => {
      const failure = 'code' in reply ? reply.code : null;
      const server = serverOf(index);
      if (failure === null) measured.byServer[server] = (measured.byServer[server] ?? 0) + 1;
      else deliveries.failed(clientId);
      done(failure);
    });
  };
  const { measuring } = deliveries;
  const { perSecond, failures } = await runLoad({ inFlight, seconds, measuring }, ask);
  const { deliveryMs, undelivered } = await deliveries.take();
  measured.perSecond.push(perSecond);
  measured.deliveryMs.push(...deliveryMs);
  for (const [code, count] of Object.entries(failures))
    measured.failures.push(`${measured.name}: ${count} ${code}`);
  if (undelivered > 0) measured.failures.push(`${measured.name}: ${undelivered} not delivered`);
  return perSecond;
}
