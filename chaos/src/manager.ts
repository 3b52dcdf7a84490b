import type { Conversation } from '@sori/contract';
import type { Page } from './page.js';
import type { Person, Place } from './person.js';
import type { Recorder } from './recorder.js';
import type { Rest } from './rest.js';

export interface ManagerDeps {
  page: Page;
  person: Person;
  /** All who may come into a group. */
  everybody: readonly Person[];
  rest: Rest;
  recorder: Recorder;
}

/** Takes people into the groups that this person owns, and out of them. Asked once: what came of it, the log tells. */
export function createManager({ page, person, everybody, rest, recorder }: ManagerDeps) {
  const own = person.places.filter(({ owns }) => owns);
  const others = everybody.filter((one) => one !== person);
  /** As it was last answered. */
  const members = new Map<string, ReadonlySet<string>>();
  /** Taking them in was not answered, and may happen late: then nobody can say that they are out. */
  const doubtful = new Set<string>();
  let acting = false;

  async function take(place: Place, userId: string, isIn: boolean): Promise<void> {
    const { conversationId } = place;
    const key = `${conversationId} ${userId}`;
    const path = `/api/conversations/${conversationId}/members`;
    if (!isIn) {
      recorder.mayComeBack(conversationId, userId);
      doubtful.add(key);
    }
    recorder.count(isIn ? 'member out: asked' : 'member in: asked');
    const { body } = isIn
      ? await rest('DELETE', `${path}/${userId}`)
      : await rest('POST', path, { userIds: [userId] });
    const told = body as Conversation;
    members.set(conversationId, new Set(told.members.map((member) => member.userId)));
    recorder.count(isIn ? 'member out: acknowledged' : 'member in: acknowledged');
    if (!isIn) doubtful.delete(key);
    else if (!doubtful.has(key)) recorder.isOut(conversationId, userId, told.headSeq);
  }

  return {
    /** @param which @param how from 0 to below 1 */
    async act(which: number, how: number): Promise<void> {
      const place = own[Math.floor(which * own.length)];
      const other = others[Math.floor(how * others.length)];
      if (!place || !other || acting) return;
      acting = true;
      const isIn = members.get(place.conversationId)?.has(other._id) ?? true;
      try {
        await take(place, other._id, isIn);
      } catch (thrown) {
        const { code } = page.failureOf(thrown);
        recorder.count(`answers: ${code}`);
        // He is not in it, as it turns out.
        if (code === 'NOT_FOUND' && isIn) {
          const those = new Set(members.get(place.conversationId));
          those.delete(other._id);
          members.set(place.conversationId, those);
        }
      } finally {
        acting = false;
      }
    },
  };
}
