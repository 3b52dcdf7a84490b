import { LRUCache } from 'lru-cache';
import { type Audience, isIn } from '../../core/audience.js';
import type { Caller } from '../../core/caller.js';
import { notFound } from '../../core/errors.js';
import type { ConversationLog } from '../../conversation-log/conversation-log.js';
import type { Audiences } from '../members/audiences.js';
import { findDirect, makeDirect } from './direct.js';
import type { Memberships, Own } from '../members/memberships.js';

export interface TargetsDeps {
  log: Pick<ConversationLog, 'conversations' | 'firstSeq'>;
  memberships: Pick<Memberships, 'find'>;
  audiences: Pick<Audiences, 'known' | 'forMember' | 'remember'>;
  personExists: (id: string) => Promise<boolean>;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** What an `:id` stands for: a conversation of the caller's, or a person, with whom there is a direct one or will be. */
export function createTargets({ log, memberships, audiences, personExists, now }: TargetsDeps) {
  /** `caller:id` → conversation, for both meanings. */
  const targets = new LRUCache<string, string>({ max: 100_000 });

  /**
   * Where a send to `to` goes; the conversation with that person is made if need be.
   * @param mayBegin throws where it is not to be made: what is refused leaves none behind
   * @throws AppError NOT_FOUND for an id that is neither.
   */
  async function audienceFor(
    caller: Caller,
    { to: id, mayBegin }: { to: string; mayBegin: (otherId: string) => Promise<void> },
  ): Promise<Audience> {
    requireOwnRoom(caller, id);
    const key = `${caller.userId}:${id}`;
    const known = audiences.known(targets.get(key) ?? '');
    if (known && isIn(known, caller.userId)) return known;
    let row = (await memberships.find(caller, id))?.row;
    if (!row) {
      if (caller.guest || !(await personExists(id))) throw notFound();
      row = (await findDirect(log.conversations, caller.userId, id)) ?? undefined;
    }
    if (!row) {
      await mayBegin(id);
      row = await makeDirect(log.conversations, caller.userId, id, { now: new Date(now()) });
    }
    const audience =
      row.kind === 'direct'
        ? audiences.remember(row)
        : await audiences.forMember(caller.userId, row._id.toHexString());
    targets.set(key, audience.conversationId);
    return audience;
  }

  /** The same for reading, which makes nothing: null for a person with whom there is no conversation yet. */
  async function readable(caller: Caller, id: string): Promise<Own | null> {
    const own = await memberships.find(caller, id);
    if (own) return own;
    if (caller.guest || !(await personExists(id))) throw notFound();
    const row = await findDirect(log.conversations, caller.userId, id);
    return row && { row, firstSeq: await log.firstSeq(row) };
  }

  return { audienceFor, readable };
}

/** For a guest, every other id is that of nothing: neither a person nor a conversation. @throws AppError NOT_FOUND */
function requireOwnRoom({ guest }: Pick<Caller, 'guest'>, id: string): void {
  if (guest && guest.conversationId !== id) throw notFound();
}
