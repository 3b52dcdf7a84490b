import { toAppError } from '../../core/errors.js';
import type { Clock } from '../../realtime/clock.js';
import type { EmitToSockets } from '../../realtime/emitter.js';
import type { Circle, Circles, FoundOut } from './circles.js';
import type { Present } from './present.js';

export interface ListsDeps {
  circleOf: (userId: string) => Promise<Circle>;
  blockedBy: (userId: string) => Promise<Iterable<string>>;
  circles: Circles;
  block: (userId: string, person: Present, viewerId: string) => void;
  isClosed: () => boolean;
  /** False where they went, or even came back since. */
  isStillHere: (userId: string, person: Present) => boolean;
  /** Those of these people who are online, as this person is shown them. */
  among: (userIds: Iterable<string>, viewerId: string) => string[];
  emitToSockets: EmitToSockets;
  /**
   * It is known who is around this person, and whom they block; `before` also from another server, but for what was `found`.
   */
  loaded: (userId: string, before: boolean, found: FoundOut) => void;
  clock: Clock;
  report: (bug: unknown) => void;
}

const retryMs = 2_000;

/** The list of who is online that each page of a person begins with. */
export function createLists(deps: ListsDeps) {
  const { circleOf, blockedBy, circles, block, isClosed, isStillHere } = deps;
  const { among, emitToSockets, clock, report } = deps;

  /** Reads who is around somebody once; then those sockets that wait for it get their list. */
  function load(userId: string, person: Present): Promise<void> {
    if (person.loading) return person.loading;
    circles.isRead(userId);
    const loading = Promise.all([circleOf(userId), blockedBy(userId)]).then(
      ([circle, blocked]) => {
        if (isClosed() || !isStillHere(userId, person)) return;
        // They went meanwhile; of who is connected to another server it may still be all that is known.
        const isCurrent = person.loading === loading;
        if (!isCurrent && (person.loaded || person.loading)) return;
        const found = circles.know(userId, circle);
        // What changed meanwhile is newer than what was read.
        for (const id of blocked) if (!person.blocks.has(id)) block(userId, person, id);
        const wasLoaded = person.loaded;
        person.loaded = true;
        person.listed = isCurrent;
        deps.loaded(userId, wasLoaded, found);
        if (isCurrent) emitList(userId, person);
      },
      (error: unknown) => {
        toAppError(error, report);
        if (person.loading === loading) person.loading = undefined;
        if (isClosed() || person.sockets.size === 0) return;
        person.cancelRetry = clock.after(retryMs, () => void load(userId, person));
      },
    );
    person.loading = loading;
    return loading;
  }

  function emitList(userId: string, person: Present): void {
    if (person.unlisted.size === 0) return;
    emitToSockets(person.unlisted, 'getOnlineUsers', among(circles.around(userId), userId));
    person.unlisted.clear();
  }

  /** Tells this person's pages who is online, or where that cannot be read now, later. Never rejects. */
  return async function list(userId: string, person: Present): Promise<void> {
    if (person.listed) emitList(userId, person);
    else await load(userId, person);
  };
}
