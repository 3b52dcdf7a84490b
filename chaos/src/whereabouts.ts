import type { SoriSocket } from '@sori/client';
import type { Route } from './route.js';
import type { SeenOnline } from './seen-online.js';

export interface WhereaboutsDeps {
  socket: () => SoriSocket;
  route: Route;
  seenOnline: Pick<SeenOnline, 'forget' | 'now'>;
}

/** Whether the person is at this device, on which server, and whom it shows online. */
export function createWhereabouts({ socket, route, seenOnline }: WhereaboutsDeps) {
  let away = false;

  return {
    isAway: (): boolean => away,
    /** The person goes; what waits stays. */
    leave(): void {
      away = true;
      seenOnline.forget();
      socket().disconnect();
    },
    /** @param toFirstServer where nothing is broken; otherwise to any, as behind a balancer */
    comeBack(toFirstServer = false): void {
      away = false;
      if (toFirstServer) route.goHome();
      else route.moveOn();
      socket().connect();
    },
    isAtFirstServer: route.isHome,
    /** The name of the server that it is connected to. */
    server: route.server,
    /** Null before the first list of a connection. */
    seenOnline: seenOnline.now,
  };
}
