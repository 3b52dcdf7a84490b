import type { HeldConversation } from '@sori/client';
import type { Id, Person } from '@sori/contract';
import type { PeopleSlice, Slice } from '../../store/state';

export const peopleStart: Pick<PeopleSlice, 'people' | 'online'> = { people: {}, online: new Set() };

const samePerson = (one: Person | undefined, other: Person): boolean =>
  one?.fullName === other.fullName && one.username === other.username && one.profilePic === other.profilePic;

/** The same object where nobody new or changed is among them: then nothing renders again. */
export const withPeople = (
  known: Readonly<Record<Id, Person>>,
  received: readonly Person[],
): Readonly<Record<Id, Person>> => {
  const changed = received.filter((person) => !samePerson(known[person._id], person));
  return changed.length === 0
    ? known
    : { ...known, ...Object.fromEntries(changed.map((person) => [person._id, person])) };
};

/** The same object where they are not among those who are shown with it. */
function withPerson(held: HeldConversation, person: Person): HeldConversation {
  const { participants } = held.conversation;
  if (!participants.some(({ _id }) => _id === person._id)) return held;
  const changed = participants.map((one) => (one._id === person._id ? person : one));
  return { ...held, conversation: { ...held.conversation, participants: changed } };
}

export const peopleSlice: Slice<PeopleSlice> = (set) => ({
  ...peopleStart,
  peopleReceived: (received) => set(({ people }) => ({ people: withPeople(people, received) })),
  personChanged: (person) =>
    set(({ me, people, conversations }) => ({
      ...(me?._id === person._id && { me: person }),
      people: withPeople(people, [person]),
      conversations: Object.fromEntries(
        Object.entries(conversations).map(([id, held]) => [id, withPerson(held, person)]),
      ),
    })),
  onlineReceived: (userIds) => set({ online: new Set(userIds) }),
  presenceChanged: (change) =>
    set((state) => {
      const online = new Set(state.online);
      for (const userId of change.online) online.add(userId);
      for (const userId of change.offline) online.delete(userId);
      return { online };
    }),
});
