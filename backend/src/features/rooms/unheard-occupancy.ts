import type { RoomPerson } from '@sori/contract';
import type { Emitter } from '../../realtime/emitter.js';
import type { ConnectedOccupants } from './connected-occupants.js';
import type { Occupancy, OccupantRow } from './occupancy.js';
import type { OccupancyChange } from './occupancy-changes.js';

export interface UnheardOccupancyDeps {
  /** False while what other servers publish is not heard; undefined where there are none. */
  hearsOthers: (() => boolean) | undefined;
  occupancy: Pick<Occupancy, 'isMine' | 'allIn'>;
  connectedOccupants: Pick<ConnectedOccupants, 'all'>;
  /** To the sockets of this server. */
  emitHere: Pick<Emitter, 'toPeople'>;
  /** To whoever else listens to comings and goings. */
  tell: (change: OccupancyChange) => void;
}

/** Where more people are in the rooms of this server's people, nobody is told: they see it when they ask next. */
const watchedMax = 5_000;
/** More than this at once are told as a crowd. */
const crowd = 10;

interface Watched {
  people: Map<string, RoomPerson>;
  /** Those who were not found any more at the last look: they may be on their way out by this server. */
  missing: Set<string>;
}

/**
 * While nothing is heard of other servers: who comes into the rooms of this one's people by them, and who goes, as the database
 * has it. What happens by this server itself is told by itself.
 */
export function createUnheardOccupancy(deps: UnheardOccupancyDeps) {
  const { hearsOthers, occupancy, connectedOccupants, emitHere, tell } = deps;
  /** Undefined while others are heard. */
  let watched: Map<string, Watched> | undefined;

  function roomsHere(): Map<string, string[]> {
    const here = new Map<string, string[]>();
    for (const [userId, { rooms }] of connectedOccupants.all())
      for (const id of rooms) {
        const those = here.get(id);
        if (those) those.push(userId);
        else here.set(id, [userId]);
      }
    return here;
  }

  function changeOf(conversationId: string, before: Watched, rows: readonly OccupantRow[]): OccupancyChange {
    const ofOthers = rows.filter((row) => !occupancy.isMine(row)).map(({ person }) => person);
    const found = new Set(rows.map(({ person }) => person._id));
    const missing = [...before.people.values()].filter(({ _id }) => !found.has(_id));
    const left = missing.filter(({ _id }) => before.missing.has(_id));
    before.missing = new Set(missing.map(({ _id }) => _id));
    const joined = ofOthers.filter(({ _id }) => !before.people.has(_id));
    const renamed = ofOthers.filter(({ _id, name }) => (before.people.get(_id)?.name ?? name) !== name);
    const isCrowd = joined.length + left.length > crowd;
    return { conversationId, joined, renamed, left, ...(isCrowd && { passed: [] }) };
  }

  /** Something was told to those in a room. */
  function told({ conversationId, joined, renamed, left }: OccupancyChange): void {
    const people = watched?.get(conversationId)?.people;
    for (const person of [...joined, ...renamed]) people?.set(person._id, person);
    for (const { _id } of left) people?.delete(_id);
  }

  function emit(change: OccupancyChange, userIds: readonly string[]): void {
    const { conversationId, joined, renamed, left } = change;
    if (joined.length + renamed.length + left.length === 0) return;
    told(change);
    const ids = left.map(({ _id }) => _id);
    emitHere.toPeople(userIds, 'room:here', { conversationId, joined: [...joined, ...renamed], left: ids });
    tell(change);
  }

  return {
    told,

    /** To be called every other second, and at once when others are heard again. */
    async look(): Promise<void> {
      if (!hearsOthers || hearsOthers()) {
        watched = undefined;
        return;
      }
      const before = (watched ??= new Map<string, Watched>());
      const here = roomsHere();
      const rows = await occupancy.allIn([...here.keys()], watchedMax);
      // Heard again meanwhile, or too many.
      if (watched !== before || !rows) return;
      for (const [id, userIds] of here) {
        const those = rows.get(id) ?? [];
        const known = before.get(id);
        if (known) emit(changeOf(id, known, those), userIds);
        else {
          const people = new Map(those.map(({ person }) => [person._id, person]));
          before.set(id, { people, missing: new Set() });
        }
      }
      for (const id of before.keys()) if (!here.has(id)) before.delete(id);
    },
  };
}
