import {
  type Bootstrap,
  type BootstrapQuery,
  type Conversation,
  type Person,
  type Settings,
  versions,
} from '@sori/contract';
import type { Caller } from '../../core/caller.js';

export interface BootstrapDeps {
  me: (caller: Caller) => Promise<Person>;
  settings: (userId: string) => Promise<Settings>;
  /** Whom the caller blocks. */
  blocks: (caller: Caller) => Promise<Person[]>;
  isAdmin: (userId: string) => Promise<boolean>;
  conversations: (
    caller: Caller,
    query: { limit: number },
  ) => Promise<{ conversations: Conversation[]; next: string | null }>;
  /** Where anything of the person's own was changed since then; undefined where that is in more than `most`. */
  changedSince: (userId: string, since: Date, most: number) => Promise<string[] | undefined>;
  /** By the clock that stamps what is changed. */
  now: () => Promise<Date>;
  people: (ids: readonly string[]) => Promise<Map<string, Person>>;
}

export type BootstrapService = ReturnType<typeof createBootstrap>;

/** What is stamped may be seen a moment later. */
const seenWithinMs = 10_000;
/** So many a page asks for one by one, beside those that come with this answer; where it is more, it reads the whole list. */
const changedAtMost = 100;
/** Beyond that, people come when they are shown. */
export const peopleAtMost = 500;

/**
 * What a page needs to begin: what the separate calls say, in one answer. Nothing is remembered here, so that no part of
 * it is older than its own call's answer would be.
 */
export function createBootstrap(deps: BootstrapDeps) {
  return async function bootstrap(caller: Caller, { limit, since }: BootstrapQuery): Promise<Bootstrap> {
    // First of all: what happens while the rest is read is asked for again.
    const asOf = await deps.now();
    const [me, settings, blocked, admin, page, changed] = await Promise.all([
      deps.me(caller),
      deps.settings(caller.userId),
      deps.blocks(caller),
      deps.isAdmin(caller.userId),
      deps.conversations(caller, { limit }),
      since === undefined
        ? undefined
        : deps.changedSince(caller.userId, new Date(Date.parse(since) - seenWithinMs), changedAtMost + limit),
    ]);
    const people = new Map<string, Person>();
    for (const { participants } of page.conversations)
      for (const one of participants) people.set(one._id, one);
    const senders = page.conversations.flatMap(({ lastMessage }) => lastMessage?.senderId ?? []);
    const unknown = senders.filter((id) => !people.has(id));
    return {
      me,
      settings,
      blocks: blocked.map(({ _id }) => _id),
      admin,
      ...page,
      people: toEmit(me, [...(await deps.people(unknown)).values()], [...people.values()], blocked),
      versions,
      asOf: asOf.toISOString(),
      ...(changed === undefined ? {} : { changed }),
    };
  };
}

/** Each of them once, the first ones first, up to `peopleAtMost`. Who asks is left out. */
export function toEmit(me: Person, ...groups: readonly Person[][]): Person[] {
  const people = new Map(groups.flat().map((person) => [person._id, person]));
  people.delete(me._id);
  return [...people.values()].slice(0, peopleAtMost);
}
