import type { RoomPerson } from '@sori/contract';
import { emptyRoom, hereListed, occupancyReceived } from './occupancy';

const person = (letter: string, name: string, guest = true): RoomPerson => ({
  _id: letter.repeat(24),
  name,
  guest,
});
const me = person('a', 'Me', false);
const otter = person('b', 'Otter');
const heron = person('c', 'Heron');
const open = hereListed(emptyRoom, [me]);
const came = (...joined: RoomPerson[]) => ({ joined, left: [] });
const went = (...left: RoomPerson[]) => ({ joined: [], left: left.map(({ _id }) => _id) });
const lines = ({ comings }: typeof open) => comings.map(({ change, names }) => [change, ...names]);

describe('who comes and goes in an open room', () => {
  it('is news once, with a name also when somebody leaves', () => {
    let room = occupancyReceived(open, came(otter), me._id, 3);
    room = occupancyReceived(room, came(otter), me._id, 3);
    room = occupancyReceived(room, went(otter), me._id, 4);
    room = occupancyReceived(room, went(otter), me._id, 4);
    expect(lines(room)).toEqual([
      ['joined', 'Otter'],
      ['left', 'Otter'],
    ]);
    expect(room.here).toEqual([me]);
    expect(room.comings.map(({ afterSeq }) => afterSeq)).toEqual([3, 4]);
  });

  it('is one line for a crowd between two messages, and another after the next', () => {
    let room = occupancyReceived(open, came(otter), me._id, 3);
    room = occupancyReceived(room, came(heron), me._id, 3);
    room = occupancyReceived(room, came(person('d', 'Wren')), me._id, 4);
    expect(lines(room)).toEqual([
      ['joined', 'Otter', 'Heron'],
      ['joined', 'Wren'],
    ]);
  });

  it('is no news about oneself, about a new name, or about what the list says', () => {
    let room = occupancyReceived(emptyRoom, came(me), me._id, 1);
    room = hereListed(room, [me, otter]);
    room = occupancyReceived(room, came(person('b', 'Badger')), me._id, 1);
    room = occupancyReceived(room, came(me), me._id, 1);
    expect(lines(room)).toEqual([]);
    expect(room.here?.map(({ name }) => name)).toEqual(['Me', 'Badger']);
  });

  it('is news also of somebody who came while the list was on its way, and is in it', () => {
    let room = hereListed(emptyRoom, [me, otter], new Set([otter._id]));
    room = occupancyReceived(room, came(otter), me._id, 1);
    expect(lines(room)).toEqual([['joined', 'Otter']]);
    expect(room.here).toEqual([me, otter]);
    // A new name, told while the list is asked for once more.
    room = hereListed(room, [me, person('b', 'Badger')], new Set([otter._id]));
    room = occupancyReceived(room, came(person('b', 'Badger')), me._id, 1);
    expect(lines(room)).toEqual([['joined', 'Otter']]);
    expect(room.here?.map(({ name }) => name)).toEqual(['Me', 'Badger']);
  });

  it('is forgotten after a while, and guests are known as such also when they are gone', () => {
    let room = open;
    for (let seq = 1; seq <= 100; seq += 1) {
      room = occupancyReceived(room, came(otter), me._id, seq);
      room = occupancyReceived(room, went(otter), me._id, seq);
    }
    expect(room.comings.length).toBeLessThanOrEqual(30);
    expect(room.guests.has(otter._id)).toBe(true);
    expect(room.guests.has(me._id)).toBe(false);
  });
});
