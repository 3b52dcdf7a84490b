import type { Id, RoomHere, RoomPerson } from '@sori/contract';
import type { Coming, OpenRoom } from '../../store/openRoom';

export const emptyRoom: OpenRoom = { here: null, guests: new Set(), comings: [] };

/** More would be a log, and nobody keeps one of these. */
const comingsKept = 30;

let comings = 0;

const withComing = (
  before: readonly Coming[],
  change: Coming['change'],
  names: readonly string[],
  afterSeq: number,
): readonly Coming[] => {
  if (names.length === 0) return before;
  const last = before.at(-1);
  // A crowd comes as one line and not as twenty.
  if (last?.change === change && last.afterSeq === afterSeq)
    return [...before.slice(0, -1), { ...last, names: [...last.names, ...names] }];
  comings += 1;
  return [...before, { key: `coming ${comings}`, change, names, afterSeq }].slice(-comingsKept);
};

const withGuests = (guests: ReadonlySet<Id>, people: readonly RoomPerson[]): ReadonlySet<Id> => {
  const added = people.filter(({ _id, guest }) => guest && !guests.has(_id));
  return added.length === 0 ? guests : new Set([...guests, ...added.map(({ _id }) => _id)]);
};

/**
 * Who is there, as the server lists it: no news, whoever came or went since the last list.
 * @param coming told live as coming while the list was on its way. It may have them already; news they are when they are told.
 */
export const hereListed = (
  room: OpenRoom,
  here: readonly RoomPerson[],
  coming: ReadonlySet<Id> = new Set(),
): OpenRoom => {
  const known = new Set(room.here?.map(({ _id }) => _id));
  return {
    ...room,
    here: here.filter(({ _id }) => known.has(_id) || !coming.has(_id)),
    guests: withGuests(room.guests, here),
  };
};

/** Somebody came or went, told live. Each is news once, a new name is none, and nobody is news to themselves. */
export const occupancyReceived = (
  room: OpenRoom,
  { joined, left }: Pick<RoomHere, 'joined' | 'left'>,
  me: Id,
  afterSeq: number,
): OpenRoom => {
  // Not listed yet: the list will say who is here, and of whom nothing is known nothing can be said.
  if (room.here === null) return room;
  const known = new Set(room.here.map(({ _id }) => _id));
  const joinedNow = new Map(joined.map((person) => [person._id, person]));
  const gone = new Set(left.filter((id) => !joinedNow.has(id)));
  const came = joined.filter(({ _id }) => !known.has(_id));
  const went = room.here.filter(({ _id }) => gone.has(_id));
  const namesOf = (people: readonly RoomPerson[]) =>
    people.filter(({ _id }) => _id !== me).map(({ name }) => name);
  const stayed = room.here.filter(({ _id }) => !gone.has(_id));
  return {
    here: [...stayed.map((person) => joinedNow.get(person._id) ?? person), ...came],
    guests: withGuests(room.guests, joined),
    comings: withComing(
      withComing(room.comings, 'joined', namesOf(came), afterSeq),
      'left',
      namesOf(went),
      afterSeq,
    ),
  };
};
