import { type Ask, runLoad } from '../load.js';
import { connectBare } from '../send/bare-cases.js';
import { at, nextClientId, text } from '../send/case.js';
import { openSocket, type Person, type Sori } from '../sori.js';

const inFlight = 16;
const lateAfterMs = 5_000;

/** Sockets that all receive what one of them sends. */
export interface Room {
  name: string;
  sockets: number;
  send: (worker: number, done: (failure: string | null) => void) => void;
  /** How many messages the sockets have received so far, all together. */
  received: () => number;
  close: () => void;
}

/** A group of these people, each with so many tabs. */
export async function soriRoom(sori: Sori, people: readonly Person[], tabsEach: number): Promise<Room> {
  const [owner, ...others] = people;
  if (!owner) throw new Error('Somebody is needed');
  const response = await fetch(`${sori.address}/api/conversations`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Cookie: `jwt=${owner.token}` },
    body: JSON.stringify({ kind: 'group', name: 'All', memberIds: others.map(({ _id }) => _id) }),
  });
  const { _id: to } = (await response.json()) as { _id: string };
  let received = 0;
  const tabs = Array.from({ length: tabsEach }, () => people).flat();
  const sockets = await inTurns(tabs, (person) => openSocket(sori, person));
  for (const socket of sockets) socket.on('newMessage', () => void (received += 1));
  return {
    name: 'Sori',
    sockets: sockets.length,
    send: (worker, done) =>
      at(sockets, worker).emit('message:send', { to, message: text, clientId: nextClientId() }, (reply) =>
        done(reply.ok ? null : reply.code),
      ),
    received: () => received,
    close: () => sockets.forEach((socket) => socket.disconnect()),
  };
}

/** As many sockets in one room of the bare server. */
export async function bareRoom(port: number, count: number): Promise<Room> {
  const name = `room of ${count}`;
  let received = 0;
  const sockets = await inTurns(Array.from({ length: count }), () => connectBare(port, name));
  for (const socket of sockets) socket.on('newMessage', () => void (received += 1));
  return {
    name: 'bare Socket.IO room',
    sockets: count,
    send: (worker, done) =>
      at(sockets, worker).emit('send', { to: name, message: text, clientId: nextClientId() }, () =>
        done(null),
      ),
    received: () => received,
    close: () => sockets.forEach((socket) => socket.disconnect()),
  };
}

/** Fifty at a time. */
async function inTurns<Item, Made>(
  items: readonly Item[],
  make: (item: Item) => Promise<Made>,
): Promise<Made[]> {
  const made: Made[] = [];
  for (let start = 0; start < items.length; start += 50)
    made.push(...(await Promise.all(items.slice(start, start + 50).map(make))));
  return made;
}

/** Sends for so long. What counts is what arrived, from the first send to the last message at the last socket. */
export async function measureRoom(
  room: Room,
  seconds: number,
): Promise<{ deliveriesPerSecond: number; failures: string[] }> {
  let sent = 0;
  const before = room.received();
  const ask: Ask = (worker, done) => {
    sent += 1;
    room.send(worker, done);
  };
  const begin = performance.now();
  const { failures } = await runLoad({ inFlight, seconds }, ask);
  const wanted = before + sent * room.sockets;
  for (const until = performance.now() + lateAfterMs; room.received() < wanted && performance.now() < until;)
    await new Promise((resolve) => setTimeout(resolve, 2));
  const deliveries = room.received() - before;
  const missing = wanted - room.received();
  return {
    deliveriesPerSecond: (deliveries / (performance.now() - begin)) * 1_000,
    failures: [
      ...Object.entries(failures).map(([code, count]) => `${room.name}: ${count} ${code}`),
      ...(missing === 0 ? [] : [`${room.name}: ${missing} not delivered`]),
    ],
  };
}
