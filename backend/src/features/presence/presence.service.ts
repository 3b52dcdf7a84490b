import type { Clock } from '../../realtime/clock.js';
import type { Emitter, EmitToSockets } from '../../realtime/emitter.js';
import { createAcquaintances } from './acquaintances.js';
import { createBlockAnnouncements } from './block-announcements.js';
import { type Circle, createCircles } from './circles.js';
import { createOnline, type OtherServers } from './online.js';
import { createPresenceChanges } from './presence-changes.js';
import { gapMs, type PresentSocket } from './present.js';
import { createTutorialList } from './tutorial-list.js';
import { createWatching } from './watching.js';

export interface PresenceDeps {
  /** With whom this person shares a direct conversation that has entries, and which groups they are in; rooms do not count. */
  circleOf: (userId: string) => Promise<Circle>;
  /** Those whom this person blocks: they are not shown that this person is here. */
  blockedBy: (userId: string) => Promise<Iterable<string>>;
  emit: Pick<Emitter, 'toPeople'>;
  emitToSockets: EmitToSockets;
  /** Where there are several servers. */
  others?: OtherServers | undefined;
  clock: Clock;
  report: (bug: unknown) => void;
}

const noOthers: OtherServers = { arrived: () => undefined, left: () => undefined };

export type Presence = ReturnType<typeof createPresence>;

/**
 * Who is online, here and on other servers, and who of those here is notified of it. What anybody receives (lists and changes alike) is `shown`, so
 * a list and the changes after it always add up.
 */
export function createPresence(deps: PresenceDeps) {
  const { circleOf, blockedBy, emit, emitToSockets, others = noOthers, clock, report } = deps;
  const circles = createCircles();
  const watching = createWatching();
  const online = createOnline({
    circleOf,
    blockedBy,
    circles,
    emitToSockets,
    changed(userId) {
      changes.queue(userId);
      tutorial.changed();
    },
    foundOut: (userId, found) => acquaintances.foundOut(userId, found),
    others,
    clock,
    report,
  });
  const changes = createPresenceChanges({ online, circles, watching, emit, emitToSockets, clock });
  const tutorial = createTutorialList({
    online: online.shown,
    isOnline: online.isShown,
    hidersOf: online.hidersOf,
    emitToSockets,
    clock,
  });
  const blockAnnouncements = createBlockAnnouncements({
    emitState: (userId, viewerId) => changes.emitState(userId, viewerId),
    gapMs,
    clock,
  });
  const acquaintances = createAcquaintances({ online, circles, emit, others });
  let closed = false;

  function blockChanged(userId: string, viewerId: string, blocked: boolean): void {
    const inMs = online.setBlock(userId, viewerId, blocked);
    if (inMs === undefined) return;
    blockAnnouncements.changed(userId, viewerId, inMs);
    tutorial.changed();
  }

  return {
    ...acquaintances,
    arrivedElsewhere: online.arrivedElsewhere,
    leftElsewhere: online.leftElsewhere,
    namedElsewhere: online.namedElsewhere,
    serverGone: online.serverGone,
    describe: online.describe,
    connectedHere: online.connectedHere,

    /** Those of a circle who are here. */
    here: ({ people, groups }: Circle): Set<string> =>
      new Set([...people, ...[...groups].flatMap((groupId) => [...circles.in(groupId)])]),

    /**
     * Counts this socket, which is connected and has joined its rooms. Resolved once it has been sent who is online
     * (of those around them; a tutorial client: everybody), or that could not be read: then it is sent later. Never
     * rejects.
     */
    async connected({ socketId, userId, speaksSori }: PresentSocket): Promise<void> {
      if (closed) return;
      watching.connected({ socketId, userId, speaksSori });
      online.connected({ socketId, userId, speaksSori });
      if (!speaksSori) tutorial.connected(socketId, userId);
      await online.list(userId);
    },

    /** Twice, or for a socket that was never counted: nothing. */
    disconnected(socketId: string): void {
      const userId = watching.disconnected(socketId);
      if (userId === undefined) return;
      tutorial.disconnected(socketId);
      online.disconnected({ socketId, userId });
    },

    /** Those of these people who are online and show it to the viewer, each once. Who left less than 5 s ago still is. */
    onlineAmong: online.among,

    /**
     * From now on this socket receives the presence of these, and of no others that it watched before. Gives those
     * online.
     */
    watch(socketId: string, userIds: readonly string[]): string[] {
      watching.watch(socketId, userIds);
      return online.among(userIds, watching.ownerOf(socketId));
    },

    /**
     * To be called when one person begins to block another, or ends it, once that is stored: the one goes out for the other, or comes.
     * Who asks is answered so at once; what is emitted keeps to the gap.
     */
    blockChanged,

    /** Those whom this person blocks, and nobody else: where it was not heard what changed. */
    blocksAre(userId: string, blocks: ReadonlySet<string>): void {
      for (const viewerId of online.blockedBy(userId))
        if (!blocks.has(viewerId)) blockChanged(userId, viewerId, false);
      for (const viewerId of blocks) blockChanged(userId, viewerId, true);
    },

    /** Forgets everybody and ends every timer. */
    close(): void {
      closed = true;
      changes.close();
      tutorial.close();
      blockAnnouncements.close();
      online.close();
      circles.clear();
      watching.clear();
    },
  };
}
