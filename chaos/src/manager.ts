import type { Conversation } from '@sori/contract';
import type { Comings } from './comings.js';
import type { Person, Place } from './person.js';
import type { Recorder } from './recorder.js';
import type { Rest } from './rest.js';

export interface ManagerDeps {
  person: Person;
  /** All who may come into a group. */
  everybody: readonly Person[];
  comings: Pick<Comings, 'ask'>;
  rest: Rest;
  recorder: Recorder;
}

/**
 * Takes people into the groups that this person owns, and out of them, each until it is answered for good. Of one person in one
 * group one thing at a time, so that it is known who is in; of several people at the same moment. Who left by themselves may also
 * come back by themselves.
 */
export function createManager({ person, everybody, comings, rest, recorder }: ManagerDeps) {
  const own = person.places.filter(({ owns }) => owns);
  const others = everybody.filter((one) => one !== person);
  /** As far as it is known here. Who went or came by themselves is found out when they are taken out or in. */
  const members = new Map(own.map(({ conversationId, founders }) => [conversationId, new Set(founders)]));
  const acting = new Set<string>();

  async function takeIn({ conversationId }: Place, whom: string): Promise<void> {
    const answered = recorder.mayComeBack(conversationId, whom);
    const group = await comings.ask({ conversationId, change: 'added', whom });
    answered();
    if (group?.members.some(({ userId }) => userId === whom)) members.get(conversationId)?.add(whom);
  }

  async function takeOut({ conversationId }: Place, whom: string): Promise<void> {
    const turn = recorder.turnOf(conversationId, whom);
    const answer = await comings.ask({ conversationId, change: 'removed', whom });
    members.get(conversationId)?.delete(whom);
    const known = answer ?? (await look(conversationId));
    if (known && !known.members.some(({ userId }) => userId === whom))
      recorder.isOut(conversationId, whom, known.headSeq, turn);
  }

  /** They had left by themselves: nobody was told where the log was then, and it ends here now. */
  async function look(conversationId: string): Promise<Conversation | null> {
    try {
      return (await rest('GET', `/api/conversations/${conversationId}`)).body as Conversation;
    } catch {
      // Then only the log tells, at the end.
      return null;
    }
  }

  return {
    /** @param which @param how from 0 to below 1 */
    async act(which: number, how: number): Promise<void> {
      const place = own[Math.floor(which * own.length)];
      const other = others[Math.floor(how * others.length)];
      if (!place || !other) return;
      const key = `${place.conversationId} ${other._id}`;
      if (acting.has(key)) return;
      acting.add(key);
      const isIn = members.get(place.conversationId)?.has(other._id) === true;
      await (isIn ? takeOut(place, other._id) : takeIn(place, other._id));
      acting.delete(key);
    },
  };
}
