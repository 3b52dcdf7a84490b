import type { RoomPerson } from '@sori/contract';
import { AppError } from '../../core/errors.js';
import { createSerializeByKey } from '../../core/serialize-by-key.js';
import type { Limit } from '../../limits/limit.js';
import type { Clock } from '../../realtime/clock.js';
import type { OccupancyChange } from './occupancy-changes.js';

export interface OccupancyBatchingDeps {
  /** What is emitted to a room one by one, by its id; then the rest of the window is emitted at once. */
  budget: Pick<Limit, 'take'>;
  clock: Pick<Clock, 'after'>;
  emit: (change: OccupancyChange) => Promise<void>;
  report: (error: unknown) => void;
}

/** What became of one person since the last emission to the room. */
interface Move {
  person: RoomPerson;
  wasHere: boolean;
  isHere: boolean;
}

interface Gathering {
  moves: Map<string, Move>;
  cancel: () => void;
}

/** Milliseconds until there is something to spend again; undefined where it is not the budget that said no. */
const waitOf = (error: unknown): number | undefined =>
  error instanceof AppError && error.code === 'RATE_LIMITED' ? (error.retryAfterMs ?? 1) : undefined;

/** Keeps a room from being talked over by who comes and goes: beyond its budget they are emitted together. */
export function createOccupancyBatching({ budget, clock, emit, report }: OccupancyBatchingDeps) {
  const gatherings = new Map<string, Gathering>();
  // What is emitted together must not overtake, nor be overtaken by, what is emitted alone.
  const inOrder = createSerializeByKey();

  const note = (moves: Map<string, Move>, person: RoomPerson, wasHere: boolean, isHere: boolean): void => {
    const before = moves.get(person._id);
    moves.set(person._id, { person, isHere, wasHere: before?.wasHere ?? wasHere });
  };

  function gather({ moves }: Gathering, { joined, renamed, left }: OccupancyChange): void {
    for (const person of joined) note(moves, person, false, true);
    for (const person of renamed) note(moves, person, true, true);
    for (const person of left) note(moves, person, true, false);
  }

  async function emitTogether(conversationId: string): Promise<void> {
    const moves = [...(gatherings.get(conversationId)?.moves.values() ?? [])];
    gatherings.delete(conversationId);
    const those = (wasHere: boolean, isHere: boolean): RoomPerson[] =>
      moves.filter((move) => move.wasHere === wasHere && move.isHere === isHere).map(({ person }) => person);
    await emit({
      conversationId,
      joined: those(false, true),
      renamed: those(true, true),
      left: those(true, false),
      passed: those(false, false),
    });
  }

  function begin(conversationId: string, ms: number): Gathering {
    const cancel = clock.after(ms, () => {
      inOrder(conversationId, () => emitTogether(conversationId)).catch(report);
    });
    const gathering = { moves: new Map<string, Move>(), cancel };
    gatherings.set(conversationId, gathering);
    return gathering;
  }

  async function emitOrGather(change: OccupancyChange): Promise<void> {
    const { conversationId, joined, renamed, left } = change;
    let gathering = gatherings.get(conversationId);
    if (!gathering) {
      try {
        await budget.take(conversationId, joined.length + renamed.length + left.length);
      } catch (error) {
        const ms = waitOf(error);
        // Whatever else is wrong with counting, it is emitted to the room.
        if (ms === undefined) report(error);
        else gathering = begin(conversationId, ms);
      }
    }
    if (gathering) gather(gathering, change);
    else await emit(change);
  }

  return {
    /** Resolved once it is emitted, or will be by itself. */
    changed: (change: OccupancyChange): Promise<void> =>
      // Who is in is in, whether or not the others could be notified: they see it when they ask next.
      inOrder(change.conversationId, () => emitOrGather(change).catch(report)),

    close(): void {
      for (const { cancel } of gatherings.values()) cancel();
      gatherings.clear();
    },
  };
}
