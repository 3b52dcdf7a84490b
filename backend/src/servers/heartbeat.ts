import type { Clock } from '../realtime/clock.js';
import { liveMs } from './registry.js';
import type { Link } from './link.js';
import { channels } from './publications.js';

export interface HeartbeatDeps {
  serverId: string;
  link: Pick<Link, 'publish' | 'subscribe' | 'on' | 'isUp' | 'onUp'>;
  /** How many changes of who is connected here were published. */
  number: () => number;
  /** The other servers that live, as the database knows. */
  peers: () => readonly string[];
  /** That server has stopped, or vanished: the database does not know it any more, and nothing is heard of it. */
  gone: (serverId: string) => void;
  /** This process was stopped for so long that the others took it for dead: whoever it has is somewhere else by now. */
  woke: () => void;
  clock: Clock;
}

const everyMs = 500;
/** A server that has just started is heard before it is found in the database; in milliseconds, more than twice as late. */
const goneAfterMs = 12_000;
/** Two may be late, in milliseconds. */
const silentAfterMs = 1_250;

export type Heartbeat = ReturnType<typeof createHeartbeat>;

/** Each server says that it is there, so that the others notice when they no longer hear it. */
export function createHeartbeat({ serverId, link, number, peers, gone, woke, clock }: HeartbeatDeps) {
  const heardAt = new Map<string, number>();
  let cancel = (): void => undefined;

  link.on('alive', ({ serverId: id }) => heardAt.set(id, clock.elapsed()));
  void link.subscribe(channels.servers);

  let beatAt = clock.elapsed();

  function beat(): void {
    if (clock.elapsed() - beatAt > liveMs) woke();
    beatAt = clock.elapsed();
    cancel = clock.after(everyMs, beat);
    link.publish(channels.servers, 'alive', { serverId, number: number() });
    const live = peers();
    for (const [id, at] of heardAt) {
      if (live.includes(id) || clock.elapsed() - at < goneAfterMs) continue;
      heardAt.delete(id);
      gone(id);
    }
  }
  beat();

  return {
    /** False where a server that lives has not been heard of for longer than a moment. */
    hearsAll: (): boolean =>
      peers().every((id) => clock.elapsed() - (heardAt.get(id) ?? -Infinity) < silentAfterMs),

    close: (): void => cancel(),
  };
}
