import { Types } from 'mongoose';
import { toAppError } from '../core/errors.js';
import type { Logger } from '../logger.js';
import type { Store } from '../database/connect.js';
import type { MemberRow } from '../features/members/members.model.js';
import type { Clock } from '../realtime/clock.js';
import type { Emitter } from '../realtime/emitter.js';
import { createLink, type Link, noLink } from '../servers/link.js';
import type { Redis } from '../servers/redis.js';
import { createEmitterHere, createRelayEmitter } from '../servers/relay-emitter.js';
import { createSubscriptions, type Subscriptions } from '../servers/subscriptions.js';

/** How this server speaks to the others, where there are any. */
export interface Relay {
  link: Link;
  /** Undefined where there are no others. */
  subscriptions: Subscriptions | undefined;
  /** To people's sockets on all servers. */
  emit: Emitter;
  /** To those of this server: for what each server emits by itself. */
  emitHere: Emitter;
}

export interface RelayDeps {
  redis: Redis | undefined;
  store: Pick<Store, 'reads'>;
  /** The transport's. */
  emit: Emitter;
  clock: Clock;
  log: Logger;
  report: (error: unknown) => void;
}

export function createRelay({ redis, store, emit, clock, log, report }: RelayDeps): Relay {
  if (!redis) return { link: noLink, subscriptions: undefined, emit, emitHere: emit };
  const link = createLink({ redis, clock, log });
  // Before any service is made that knows members.
  const members = store.reads.collection<Pick<MemberRow, 'userId' | 'conversationId' | 'leftSeq'>>('members');
  async function conversationsOf(userId: string): Promise<string[]> {
    const filter = { userId: new Types.ObjectId(userId), leftSeq: 0 };
    const rows = await members.find(filter, { projection: { conversationId: 1 } }).toArray();
    return rows.map(({ conversationId }) => conversationId.toHexString());
  }
  const subscriptions = createSubscriptions({
    link,
    conversationsOf,
    clock,
    report: (error) => void toAppError(error, report),
  });
  const emitHere = createEmitterHere(emit, subscriptions);
  return {
    link,
    subscriptions,
    emit: createRelayEmitter({ here: emitHere, link, subscriptions }),
    emitHere,
  };
}
