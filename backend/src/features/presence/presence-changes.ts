import type { Clock } from '../../realtime/clock.js';
import type { Emitter, EmitToSockets } from '../../realtime/emitter.js';
import { createAlike } from './alike.js';
import type { Circles } from './circles.js';
import type { Online } from './online.js';
import type { Watching } from './watching.js';

export interface PresenceChangesDeps {
  online: Pick<Online, 'isShownTo' | 'isListening' | 'shownAs' | 'hides'>;
  circles: Circles;
  watching: Watching;
  emit: Pick<Emitter, 'toPeople'>;
  emitToSockets: EmitToSockets;
  clock: Clock;
}

/** Changes are collected for so long before they are emitted. */
const tickMs = 100;

/** Tells who came and who went to those who know them, and to those who watch them. */
export function createPresenceChanges(deps: PresenceChangesDeps) {
  const { online, circles, watching, emit, emitToSockets, clock } = deps;
  const changed = new Set<string>();
  let cancelTick: (() => void) | undefined;

  function emitChanges(): void {
    cancelTick = undefined;
    circles.meetNewcomers();
    const [toPeople, toSockets] = [createAlike(), createAlike()];
    for (const userId of changed) {
      const shown = online.shownAs(userId);
      // Who is still being read is queued again when that is done.
      if (shown === undefined) continue;
      const around = circles.around(userId);
      toPeople.add(
        [...around].filter((id) => online.isListening(id) && !online.hides(userId, id)),
        userId,
        shown,
      );
      const others = watching.of(userId).filter((socketId) => {
        const owner = watching.ownerOf(socketId);
        const isEmitted = owner === undefined || owner === userId || around.has(owner);
        return !isEmitted && !online.hides(userId, owner);
      });
      toSockets.add(others, userId, shown);
    }
    changed.clear();
    toPeople.each((userIds, change) => emit.toPeople(userIds, 'presence', change));
    toSockets.each((socketIds, change) => emitToSockets(socketIds, 'presence', change));
  }

  return {
    queue(userId: string): void {
      changed.add(userId);
      cancelTick ??= clock.after(tickMs, emitChanges);
    },

    /** To who knows that person or watches them, and as it is now: they may have gone meanwhile. */
    emitState(userId: string, viewerId: string): void {
      const change = online.isShownTo(viewerId, userId)
        ? { online: [userId], offline: [] }
        : { online: [], offline: [userId] };
      if (circles.share(viewerId, userId)) emit.toPeople([viewerId], 'presence', change);
      else {
        emitToSockets(
          watching.of(userId).filter((socketId) => watching.ownerOf(socketId) === viewerId),
          'presence',
          change,
        );
      }
    },

    close(): void {
      cancelTick?.();
      changed.clear();
    },
  };
}
