import type { Heads } from '@sori/contract';
import { toAppError } from '../core/errors.js';
import type { Clock } from './clock.js';
import { createHeadsReader, type HeadsOf } from './heads-reader.js';
import type { Emitter, EmitToSockets } from './emitter.js';

export interface HeadsDeps {
  headsOf: HeadsOf;
  severalServers: boolean;
  emit: Pick<Emitter, 'toPeople'>;
  emitToSockets: EmitToSockets;
  clock: Clock;
  report: (bug: unknown) => void;
}

/** A lost push is noticed after this long, by a head that is ahead of what the client holds. */
const repeatMs = 30_000;
/** A head that another server stores is at most this far behind, in milliseconds. */
const againAfterMs = 500;
const retryMs = 2_000;
const tickMs = 1_000;

export interface HeadsHints {
  /** Sends the heads to this socket, and from then on to its person every 30 s. Never rejects. */
  begin(socketId: string, userId: string): Promise<void>;
  end(socketId: string, userId: string): void;
  close(): void;
}

/** Tells each person's sockets now and then how far their conversations go. */
export function createHeadsHints({
  headsOf,
  severalServers,
  emit,
  emitToSockets,
  clock,
  report,
}: HeadsDeps): HeadsHints {
  const people = new Map<string, { sockets: Set<string>; dueAt: number; isAsked: boolean }>();
  const read = createHeadsReader(headsOf);
  let cancelTick: (() => void) | undefined;

  async function hint(userId: string, waits: boolean, to: (heads: Heads) => void): Promise<boolean> {
    try {
      to(await read(userId, waits));
      return true;
    } catch (error) {
      toAppError(error, report);
      return false;
    }
  }

  async function hintAgain(userId: string, person: { dueAt: number; isAsked: boolean }): Promise<void> {
    person.isAsked = true;
    person.dueAt = clock.elapsed() + repeatMs;
    const done = await hint(userId, false, (heads) => emit.toPeople([userId], 'heads', heads));
    if (!done) person.dueAt = clock.elapsed() + retryMs;
    person.isAsked = false;
  }

  function hintThoseDue(): void {
    for (const [userId, person] of people)
      if (!person.isAsked && person.dueAt <= clock.elapsed()) void hintAgain(userId, person);
  }

  function tick(): void {
    cancelTick = people.size === 0 ? undefined : clock.after(tickMs, tick);
    hintThoseDue();
  }

  return {
    async begin(socketId, userId) {
      let person = people.get(userId);
      if (!person) {
        // Somewhere in the second half of the first period: those who all came back after a restart spread out.
        person = {
          sockets: new Set(),
          dueAt: clock.elapsed() + repeatMs * (1 - Math.random() / 2),
          isAsked: false,
        };
        people.set(userId, person);
      }
      person.sockets.add(socketId);
      cancelTick ??= clock.after(tickMs, tick);
      const done = await hint(userId, true, (heads) => emitToSockets([socketId], 'heads', heads));
      if (severalServers) person.dueAt = Math.min(person.dueAt, clock.elapsed() + againAfterMs);
      if (!done) person.dueAt = Math.min(person.dueAt, clock.elapsed() + retryMs);
    },
    end(socketId, userId) {
      const person = people.get(userId);
      if (person?.sockets.delete(socketId) && person.sockets.size === 0) people.delete(userId);
    },
    close() {
      people.clear();
      cancelTick?.();
      cancelTick = undefined;
    },
  };
}
