import { backOff, type Clock, createOutbox, itemsOf, nextToSend } from '@sori/client';
import type { Message } from '@sori/contract';
import type { Intent } from './evidence.js';
import { type Failure, failureOf } from './failure.js';
import type { Recorder } from './recorder.js';
import { createRequests, type RequestsDeps } from './requests.js';

export interface OutboxDeps extends RequestsDeps {
  device: string;
  userId: string;
  clock: Clock;
  isConnected: () => boolean;
  recorder: Recorder;
}

/** What is to be done: an intent without what the outbox adds. `to` is the conversation or the other person. */
export type Wish = Pick<
  Intent,
  'conversationId' | 'kind' | 'text' | 'fileBytes' | 'targetId' | 'targetSeq' | 'emojis' | 'single' | 'pinned'
> & {
  to: string;
  /** Over the connection and no other way: the server of that is known. */
  bySocket?: boolean;
};

/** Those who live through a whole outage have so much waiting at most; then they wait, too. */
const mostWaiting = 40;

export type DeviceOutbox = ReturnType<typeof createDeviceOutbox>;

/**
 * The outbox of a device, by the client's rules: written before the first try, the same clientId for ever, per
 * conversation one in flight and in order, again after what passes, past what is refused for good.
 */
export function createDeviceOutbox(deps: OutboxDeps) {
  const { device, userId, clock, isConnected, recorder } = deps;
  const request = createRequests(deps);
  const outbox = createOutbox();
  const waiting = (): number => itemsOf(outbox.current()).length;
  const intents = new Map<string, Intent & Pick<Wish, 'to' | 'bySocket'>>();
  let inFlight = new Set<string>();
  const delays = createDelays(clock, look);
  let order = 0;
  let life = 0;
  let stopped = false;

  function write(wish: Wish): void {
    if (waiting() >= mostWaiting) return;
    order += 1;
    const intent = {
      ...wish,
      clientId: `${device}-${order}`,
      userId,
      device,
      order,
      state: 'waiting' as const,
    };
    intents.set(intent.clientId, intent);
    recorder.intents.push(intent);
    recorder.count(`${wish.kind}: asked`);
    // Only its place in the order is needed: what is to be done lies in the intent.
    outbox.written({
      clientId: intent.clientId,
      lane: wish.conversationId,
      to: wish.to,
      text: '',
      queuedAt: '',
    });
    look();
  }

  function look(): void {
    if (stopped || !isConnected()) return;
    for (const { clientId } of nextToSend(outbox.current(), inFlight)) {
      if (!delays.has(clientId)) void attempt(clientId);
    }
  }

  async function attempt(clientId: string): Promise<void> {
    const intent = intents.get(clientId);
    if (!intent) return;
    // What a page asked before it was closed is nobody's any more, whatever comes of it.
    const asking = inFlight;
    const current = life;
    asking.add(clientId);
    recorder.count('tries');
    try {
      const message = await request(intent);
      if (current === life) acknowledged(intent, message);
    } catch (thrown) {
      if (current === life) failed(intent, thrown);
    } finally {
      asking.delete(clientId);
      if (current === life) look();
    }
  }

  function acknowledged(intent: Intent, message: Message): void {
    noteAnswer(deps, intent, message);
    close(intent.clientId);
  }

  function failed(intent: Intent, thrown: unknown): void {
    const { clientId } = intent;
    const failure = failureOf(thrown);
    noteFailure(deps, intent, failure);
    if (failure.then === 'give up') {
      close(clientId);
      return;
    }
    delays.begin(clientId, failure.retryAfterMs ?? 0);
  }

  function close(clientId: string): void {
    outbox.settled(new Set([clientId]));
    delays.forget(clientId);
    intents.delete(clientId);
  }

  return {
    write,
    look,
    waiting,
    /** The connection is there again: nobody waits out a delay that was meant for its absence. */
    resume(): void {
      delays.end();
      look();
    },
    /** The page is closed: what was in flight is asked again by the next one. */
    reload(): void {
      life += 1;
      inFlight = new Set();
      delays.end();
    },
    stop(): void {
      stopped = true;
      life += 1;
      delays.end();
    },
  };
}

/** What failed is tried again after a delay, which grows with every try. */
function createDelays(clock: Clock, over: () => void) {
  const attempts = new Map<string, number>();
  const running = new Map<string, () => void>();
  return {
    has: (clientId: string): boolean => running.has(clientId),
    begin(clientId: string, atLeastMs: number): void {
      const before = attempts.get(clientId) ?? 0;
      attempts.set(clientId, before + 1);
      const cancel = clock.after(Math.max(atLeastMs, backOff(before, clock.random)), () => {
        running.delete(clientId);
        over();
      });
      running.set(clientId, cancel);
    },
    forget: (clientId: string): void => void attempts.delete(clientId),
    end(): void {
      for (const cancel of running.values()) cancel();
      running.clear();
      attempts.clear();
    },
  };
}

type NoteDeps = Pick<OutboxDeps, 'device' | 'userId' | 'recorder'>;

/** It was stored: as what was asked, and where it was asked for. */
function noteAnswer({ userId, recorder }: NoteDeps, intent: Intent, message: Message): void {
  recorder.messageCame(userId, message);
  if (message.conversationId !== intent.conversationId)
    recorder.notice({ rule: 'I3', what: `${intent.clientId} was stored in ${message.conversationId}` });
  intent.state = 'acknowledged';
  if (intent.kind === 'message') {
    intent.answer = { _id: message._id, seq: message.seq };
    recorder.answered(intent.conversationId, message.seq);
    if (message.clientId !== intent.clientId)
      recorder.notice({ rule: 'I3', what: `${intent.clientId} was answered with another message` });
  } else if (message._id !== intent.targetId) {
    recorder.notice({ rule: 'I3', what: `${intent.clientId} was answered with another target` });
  }
  recorder.count(`${intent.kind}: acknowledged`);
}

/** It was not stored by this try. Some reasons are nobody's fault; the others are findings. */
function noteFailure({ device, recorder }: NoteDeps, intent: Intent, failure: Failure): void {
  const { clientId, kind } = intent;
  const { code, message } = failure;
  recorder.count(`answers: ${code}`);
  if (code === 'INTERNAL') recorder.notice({ rule: 'server', what: `${clientId} (${kind}): ${message}` });
  if (failure.then === 'hold')
    recorder.notice({ rule: 'server', what: `${device} is signed out: ${message}` });
  if (failure.then !== 'give up') return;
  intent.state = 'refused';
  intent.code = code;
  recorder.count(`${kind}: refused (${code})`);
  // A change may come too late for a message that was deleted, anything for who was taken out of a group.
  const tooLate = kind !== 'message' && code === 'CONFLICT';
  const isOut = code === 'NOT_FOUND' && recorder.isGroup(intent.conversationId);
  if (!tooLate && !isOut)
    recorder.notice({
      rule: 'refused',
      what: `${kind} ${clientId} was refused for good: ${code} ${message}`,
    });
}
