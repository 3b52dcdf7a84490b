import type { Random } from './random.js';
import type { ServerUnderTest } from './server.js';

type Server = Pick<ServerUnderTest, 'name' | 'port' | 'isReady'>;

export type Route = ReturnType<typeof createRoute>;

/**
 * Which server a device is sent to, as by a balancer: to the same one as before while that is ready, and to any of those that
 * are where its connection was lost.
 */
export function createRoute(servers: readonly Server[], random: Random, first: number) {
  const home = servers[first % servers.length];
  let current = home;

  function moveOn(): void {
    const ready = servers.filter((server) => server.isReady());
    if (ready.length > 0) current = random.pick(ready);
  }

  return {
    /** For the next connection; null while no server runs. */
    port(): number | null {
      if (!current?.isReady()) moveOn();
      return current?.port() ?? null;
    },
    moveOn,
    /** Whether it is at its first server. */
    isHome: (): boolean => current === home,
    goHome: (): void => void (current = home),
    /** The name of the server of now. */
    server: (): string => current?.name ?? '',
  };
}
