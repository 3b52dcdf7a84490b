import type { Audience } from '../../core/audience.js';
import type { Limits } from '../../limits/limits.js';
import type { Clock } from '../../realtime/clock.js';
import type { Emitter } from '../../realtime/emitter.js';
import type { OccupancyChange } from './occupancy-changes.js';
import { createOccupancyBatching } from './occupancy-batching.js';

export interface RoomAnnouncementsDeps {
  /** Everybody in the room: the recipients. */
  audienceOf: (conversationId: string) => Audience | null | Promise<Audience | null>;
  /** How many changes are emitted to a room one by one. */
  budget: Limits['comingsPerRoom'];
  emit: Pick<Emitter, 'toOthersIn'>;
  clock: Clock;
  report: (error: unknown) => void;
}

/** @param isOfOthers another server did that, and this one found it in the database */
export type OccupancyListener = (change: OccupancyChange, isOfOthers: boolean) => void;

/** Tells those in a room who comes and who goes. */
export function createRoomAnnouncements({ audienceOf, budget, emit, clock, report }: RoomAnnouncementsDeps) {
  const listeners = new Set<OccupancyListener>();
  const batching = createOccupancyBatching({ budget, clock, emit: emitToRoom, report });

  /** Emits it once to everybody in the room, and to whoever listens here (the plain clients). */
  async function emitToRoom(change: OccupancyChange): Promise<void> {
    const { conversationId, joined, renamed, left, passed = [] } = change;
    const audience = await audienceOf(conversationId);
    if (audience) {
      emit.toOthersIn(audience, [], 'room:here', {
        conversationId,
        joined: [...joined, ...renamed],
        left: [...left, ...passed].map(({ _id }) => _id),
      });
    }
    tell(change, false);
  }

  function tell(change: OccupancyChange, isOfOthers: boolean): void {
    for (const listener of listeners) listener(change, isOfOthers);
  }

  return {
    notify: (change: OccupancyChange | undefined): Promise<void> =>
      change ? batching.changed(change) : Promise.resolve(),

    /** Calls `listener` with whoever comes and goes in any room. */
    onOccupancyChange: (listener: OccupancyListener): void => void listeners.add(listener),

    /** Calls them with what another server did. */
    tellOfOthers: (change: OccupancyChange): void => tell(change, true),

    close: (): void => batching.close(),
  };
}
