import { backOff, type Clock } from '@sori/client';
import type { Conversation } from '@sori/contract';
import type { Coming } from './evidence.js';
import { type Failure, failureOf } from './failure.js';
import type { Recorder } from './recorder.js';
import type { Rest } from './rest.js';

export interface ComingsDeps {
  device: string;
  userId: string;
  clock: Clock;
  rest: Rest;
  isConnected: () => boolean;
  recorder: Pick<Recorder, 'comings' | 'count' | 'notice'>;
}

export type Comings = ReturnType<typeof createComings>;

/**
 * Who comes into groups and goes, asked by the outbox's rules: the same clientId for ever, and again until it is answered for
 * good. So the crowd knows who is in, and a try that arrives late must not undo what was decided since.
 */
export function createComings(deps: ComingsDeps) {
  const { device, userId, clock, rest, isConnected, recorder } = deps;
  const sleepers = new Set<() => void>();
  let order = 0;
  let waiting = 0;

  /** Until then, or until the connection is there again. */
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        sleepers.delete(wake);
        resolve();
      };
      const cancel = ms === Infinity ? (): void => undefined : clock.after(ms, wake);
      sleepers.add(wake);
    });

  function perform({ change, conversationId, whom, clientId }: Coming): ReturnType<Rest> {
    const path = `/api/conversations/${conversationId}`;
    switch (change) {
      case 'added':
        return rest('POST', `${path}/members`, { userIds: [whom], clientId });
      case 'removed':
        return rest('DELETE', `${path}/members/${whom}`, { clientId });
      case 'left':
        return rest('POST', `${path}/leave`, { clientId });
      case 'joined':
        return rest('POST', `${path}/members/me`, { clientId });
    }
  }

  /** @returns whether it was answered for good; false where it passes. */
  function failed(coming: Coming, failure: Failure): boolean {
    const { change, clientId } = coming;
    const what = `${change} ${clientId}: ${failure.code} ${failure.message}`;
    recorder.count(`answers: ${failure.code}`);
    if (failure.code === 'INTERNAL' || failure.then === 'hold') recorder.notice({ rule: 'server', what });
    if (failure.then !== 'give up') return false;
    coming.state = 'refused';
    coming.code = failure.code;
    recorder.count(`${change}: refused (${failure.code})`);
    // They went by themselves, or were taken out, before their turn came.
    if (change === 'added' || failure.code !== 'NOT_FOUND') recorder.notice({ rule: 'refused', what });
    return true;
  }

  return {
    /** @returns the group as it was answered; null where it was refused for good. */
    async ask(wish: Pick<Coming, 'conversationId' | 'change' | 'whom'>): Promise<Conversation | null> {
      order += 1;
      const coming: Coming = { ...wish, clientId: `${device}-group-${order}`, userId, state: 'waiting' };
      recorder.comings.push(coming);
      recorder.count(`${coming.change}: asked`);
      waiting += 1;
      for (let attempt = 0; ; attempt += 1) {
        while (!isConnected()) await pause(Infinity);
        recorder.count('tries');
        try {
          const { body } = await perform(coming);
          waiting -= 1;
          coming.state = 'acknowledged';
          recorder.count(`${coming.change}: acknowledged`);
          return body as Conversation;
        } catch (thrown) {
          const failure = failureOf(thrown);
          if (failed(coming, failure)) {
            waiting -= 1;
            return null;
          }
          await pause(Math.max(failure.retryAfterMs ?? 0, backOff(attempt, clock.random)));
        }
      }
    },
    waiting: (): number => waiting,
    /** The connection is there again. */
    resume(): void {
      for (const wake of [...sleepers]) wake();
    },
  };
}
