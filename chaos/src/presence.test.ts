import type { LogRow } from './evidence.js';
import type { Person } from './person.js';
import { maySeeBy, wrongNow } from './presence.js';
import { place } from './testing.js';

const person = (name: string, others: readonly string[]): Person => ({
  name,
  _id: name,
  cookie: '',
  places: others.map((otherId) => ({
    conversationId: [name, otherId].sort().join(' '),
    otherId,
    isGroup: false,
    owns: false,
    founders: [],
  })),
});
/** Alice and Bob have written to each other; Carol knows Bob, and has never written to him. */
const people = [person('alice', ['bob']), person('bob', ['alice', 'carol']), person('carol', ['bob'])];
const row = (kind: string, more: Partial<LogRow> = {}): LogRow => ({
  ...{
    _id: 'id',
    seq: 1,
    kind,
    senderId: 'alice',
    clientId: 'one',
    at: 0,
    messageCount: 1,
    membersVersion: 0,
  },
  ...more,
});
const maySee = maySeeBy(people, new Map([['alice bob', [row('message')]]]));
const recorder = { notice: () => undefined, count: () => undefined };
const device = (name: string, userId: string, seen: readonly string[] | null, connected = true) => ({
  name,
  userId,
  isConnected: () => connected,
  seenOnline: () => (seen ? new Set(seen) : null),
});
const wrong = (devices: ReturnType<typeof device>[], newLists: readonly string[] = []): string[] =>
  wrongNow({ devices, people, maySee, recorder }, new Set(newLists));

describe('who may see whom', () => {
  it('is who has written to each other, and nobody else', () => {
    expect([maySee('alice', 'bob'), maySee('bob', 'alice')]).toEqual([true, true]);
    expect([maySee('bob', 'carol'), maySee('alice', 'carol'), maySee('alice', 'alice')]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('is who is in a group together now, and not who has left it', () => {
    const inGroup = people.map((one) => ({
      ...one,
      places: [{ conversationId: place, otherId: place, isGroup: true, owns: false, founders: [] }],
    }));
    const rows = [
      row('member', { change: 'joined', userIds: ['alice'] }),
      row('member', { seq: 2, change: 'added', userIds: ['bob', 'carol'] }),
      row('member', { seq: 3, change: 'left', userIds: ['carol'] }),
    ];
    const may = maySeeBy(inGroup, new Map([[place, rows]]));
    expect([may('alice', 'bob'), may('alice', 'carol'), may('carol', 'bob')]).toEqual([true, false, false]);
  });
});

describe('what devices show of who is online', () => {
  it('is right where everybody connected is shown to those who may see them', () => {
    expect(wrong([device('a', 'alice', ['bob']), device('b', 'bob', ['alice'])])).toEqual([]);
  });

  it('is wrong where somebody connected is not shown, or somebody who has gone is', () => {
    expect(wrong([device('a', 'alice', []), device('b', 'bob', ['alice'])])).toEqual([
      'a is shown bob offline',
    ]);
    expect(wrong([device('a', 'alice', ['bob']), device('b', 'bob', [], false)])).toEqual([
      'a is shown bob online',
    ]);
  });

  it('is wrong where a device was told nothing', () => {
    expect(wrong([device('a', 'alice', null)])).toEqual(['a was not told who is online']);
  });

  it('may name somebody with whom nothing is shared any more, but not in a new list', () => {
    const devices = [device('a', 'alice', ['carol']), device('c', 'carol', [])];
    expect(wrong(devices)).toEqual([]);
    expect(wrong(devices, ['a'])).toEqual(['a is shown carol online']);
  });
});
