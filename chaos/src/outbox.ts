import { type Ask, backOff, type Clock, createOutbox, itemsOf, nextToSend } from '@sori/client';
import type { Message } from '@sori/contract';
import type { Intent } from './evidence.js';
import { failureOf } from './failure.js';
import type { Random } from './random.js';
import type { Recorder } from './recorder.js';
import type { Rest } from './rest.js';

export interface OutboxDeps {
  device: string;
  userId: string;
  clock: Clock;
  ask: Ask;
  rest: Rest;
  isConnected: () => boolean;
  recorder: Recorder;
  random: Random;
}

/** What is to be done: an intent without what the outbox adds. `to` is the conversation or the other person. */
export type Wish = Pick<
  Intent,
  'conversationId' | 'kind' | 'text' | 'targetId' | 'targetSeq' | 'emojis' | 'single' | 'pinned'
> & { to: string };

/** Those who live through a whole outage have so much waiting at most; then they wait, too. */
const mostWaiting = 40;

export type DeviceOutbox = ReturnType<typeof createDeviceOutbox>;

/**
 * The outbox of a device, by the client's rules: written before the first try, the same clientId for ever, per
 * conversation one in flight and in order, again after what passes, past what is refused for good.
 */
export function createDeviceOutbox(deps: OutboxDeps) {
  const { device, userId, clock, ask, rest, isConnected, recorder, random } = deps;
  const outbox = createOutbox();
  const waiting = (): number => itemsOf(outbox.current()).length;
  const intents = new Map<string, Intent & { to: string }>();
  let inFlight = new Set<string>();
  const attempts = new Map<string, number>();
  const held = new Map<string, () => void>();
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
      if (!held.has(clientId)) void attempt(clientId);
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
      const message = await perform(intent);
      if (current === life) acknowledged(intent, message);
    } catch (thrown) {
      if (current === life) failed(intent, thrown);
    } finally {
      asking.delete(clientId);
      if (current === life) look();
    }
  }

  function acknowledged(intent: Intent, message: Message): void {
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
    close(intent.clientId);
  }

  function failed(intent: Intent, thrown: unknown): void {
    const { clientId } = intent;
    const failure = failureOf(thrown);
    recorder.count(`answers: ${failure.code}`);
    if (failure.code === 'INTERNAL')
      recorder.notice({ rule: 'server', what: `${clientId} (${intent.kind}): ${failure.message}` });
    if (failure.then === 'hold')
      recorder.notice({ rule: 'server', what: `${device} is signed out: ${failure.message}` });
    if (failure.then === 'give up') {
      intent.state = 'refused';
      intent.code = failure.code;
      recorder.count(`${intent.kind}: refused (${failure.code})`);
      // A change may come too late for a message that was deleted, anything for who was taken out of a group.
      const tooLate = intent.kind !== 'message' && failure.code === 'CONFLICT';
      const isOut = failure.code === 'NOT_FOUND' && recorder.isGroup(intent.conversationId);
      if (!tooLate && !isOut)
        recorder.notice({
          rule: 'refused',
          what: `${intent.kind} ${clientId} was refused for good: ${failure.code} ${failure.message}`,
        });
      close(clientId);
      return;
    }
    const before = attempts.get(clientId) ?? 0;
    attempts.set(clientId, before + 1);
    const cancel = clock.after(Math.max(failure.retryAfterMs ?? 0, backOff(before, clock.random)), () => {
      held.delete(clientId);
      look();
    });
    held.set(clientId, cancel);
  }

  function close(clientId: string): void {
    outbox.settled(new Set([clientId]));
    attempts.delete(clientId);
    intents.delete(clientId);
  }

  function perform(intent: Intent & { to: string }): Promise<Message> {
    const { kind, clientId, to, text = '', targetId = '', emojis = [], single, pinned = false } = intent;
    // Another way on another try is the harder case: the first may have come through.
    const byRest = single !== undefined || random.chance(0.3);
    const viaRest = async (method: string, path: string, body: object): Promise<Message> =>
      (await rest(method, `/api/messages/${path}`, { ...body, clientId })).body as Message;
    const of = (answer: Promise<{ message: Message }>): Promise<Message> =>
      answer.then(({ message }) => message);
    switch (kind) {
      case 'message':
        return byRest
          ? viaRest('POST', `send/${to}`, { message: text })
          : of(ask('message:send', { to, message: text, clientId }));
      case 'edit':
        return byRest
          ? viaRest('PATCH', targetId, { message: text })
          : of(ask('message:edit', { messageId: targetId, message: text, clientId }));
      case 'delete':
        return byRest
          ? viaRest('DELETE', targetId, {})
          : of(ask('message:delete', { messageId: targetId, clientId }));
      case 'react':
        return single
          ? viaRest(
              single.on ? 'PUT' : 'DELETE',
              `${targetId}/reactions/${encodeURIComponent(single.emoji)}`,
              {},
            )
          : of(ask('message:react', { messageId: targetId, emojis: [...emojis], clientId }));
      case 'pin':
        return byRest
          ? viaRest(pinned ? 'PUT' : 'DELETE', `${targetId}/pin`, {})
          : of(ask('message:pin', { messageId: targetId, pinned, clientId }));
    }
  }

  const release = (): void => {
    for (const cancel of held.values()) cancel();
    held.clear();
    attempts.clear();
  };

  return {
    write,
    look,
    waiting,
    /** The connection is there again: nobody waits out a delay that was meant for its absence. */
    resume(): void {
      release();
      look();
    },
    /** The page is closed: what was in flight is asked again by the next one. */
    reload(): void {
      life += 1;
      inFlight = new Set();
      release();
    },
    stop(): void {
      stopped = true;
      life += 1;
      release();
    },
  };
}
