import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Base } from './base.js';
import type { Doors } from './doors.js';
import type { Services } from './services.js';

/**
 * How long requests that were on their way when the stop began are still answered (503), in milliseconds. Closing an idle
 * connection breaks the request that its client has just written to it.
 */
const lastRequestsMs = 300;

/** So long files are still processed at the end, in milliseconds. */
const filesWithinMs = 2_000;

/** Nothing new comes in, what was taken is stored before anybody is sent away, and then everybody goes. */
export async function closeAll(
  { redis, transport: { httpServer } }: Base,
  { sockets, lobby }: Doors,
  { schema, servers, conversationLog, presence, rooms, files, pictures, fileDoors, accounts }: Services,
): Promise<void> {
  const lastRequests = delay(lastRequestsMs);
  sockets.refuseNew();
  await schema.close();
  await conversationLog.close();
  await sockets.closeSockets();
  presence.close();
  await lobby.close();
  await rooms.close();
  await files.close();
  pictures.close();
  await lastRequests;
  await closeServer(httpServer);
  // What is not processed by then is left for the next server that is asked for it.
  await Promise.race([fileDoors.uploads.ended(), delay(filesWithinMs)]);
  redis?.close();
  // What was taken is stored, and nobody is left here: there is nothing that the others have to look after.
  await servers.close();
  await accounts.close();
}

/** Every answer that is under way may end: none takes longer than 3 s. Connections go as soon as they are idle. */
async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), 3_000);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}
