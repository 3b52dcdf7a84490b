import { limits } from '@sori/contract';
import { createFakeClock } from '../../testing/fake-clock.js';
import { createPresence } from './presence.service.js';

const person = (n: number): string => n.toString(16).padStart(24, '0');

/** How many ids are emitted, to how many, when `n` people come in one after the other. */
function comingIn(n: number, neighbours: number, speaksSori = true) {
  const clock = createFakeClock();
  const sent = { notices: 0, ids: 0, longest: 0 };
  const count = (recipients: number, notice: unknown): void => {
    const lists: unknown[] = Array.isArray(notice) ? [notice] : Object.values(notice as object);
    sent.notices += recipients;
    for (const list of lists as unknown[][]) {
      sent.ids += recipients * list.length;
      sent.longest = Math.max(sent.longest, list.length);
    }
  };
  let reads = 0;
  const presence = createPresence({
    blockedBy: () => Promise.resolve([]),
    circleOf: (userId) => {
      reads += 1;
      const own = Number.parseInt(userId, 16);
      const group = own - (own % neighbours);
      const people = Array.from({ length: neighbours }, (_, k) => person(group + k));
      return Promise.resolve({ people, groups: [] });
    },
    emit: { toPeople: (to, _name, notice) => count([...to].length, notice) },
    emitToSockets: (to, _name, notice) => count([...to].length, notice),
    clock,
    report: (bug) => {
      throw bug;
    },
  });
  const come = async () => {
    for (let k = 0; k < n; k += 1) {
      await presence.connected({ socketId: `socket-${k}`, userId: person(k), speaksSori });
      clock.advance(20);
    }
    clock.advance(1_000);
  };
  return { come, presence, clock, sent, reads: () => reads };
}

describe('what many people coming online cost', () => {
  it.each([
    [500, 10],
    [5_000, 10],
    [1_000, 1],
    [1_000, 100],
    [1_000, 1_000],
  ])('is one read for each of %i people, and each of the %i they know once', async (n, around) => {
    const { come, sent, reads } = comingIn(n, around);
    await come();
    expect(reads()).toBe(n);
    // Of two who know each other, the one who came later has the other in their list, and is news to the other.
    const once = n * (around - 1);
    // Those who come within the same tenth of a second, five here, may be in the list and in the news.
    const twice = n * Math.min(around - 1, 4);
    expect(sent.ids).toBeGreaterThanOrEqual(once);
    expect(sent.ids).toBeLessThanOrEqual(once + twice);
    expect(sent.notices).toBeLessThanOrEqual(n + once);
  });

  it('is bounded for tutorial clients by their list of 2,000, in which they find themselves', async () => {
    const { come, sent, presence, clock } = comingIn(2_500, 1, false);
    await come();
    expect(sent.longest).toBe(limits.tutorialOnlineMax);
    presence.close();
    expect(clock.waiting()).toBe(0);
  });

  it('leaves nothing behind when they have gone', async () => {
    const { come, presence, clock } = comingIn(300, 3);
    await come();
    for (let k = 0; k < 300; k += 1) presence.disconnected(`socket-${k}`);
    presence.disconnected('socket-0');
    presence.disconnected('never-there');
    clock.advance(10_000);
    expect(presence.onlineAmong([person(0), person(299)])).toEqual([]);
    expect(clock.waiting()).toBe(0);
  });
});

/** A group of 5,000 of whom 500 are here; what is counted is what was read, emitted and written. */
describe('what a large group costs', () => {
  const members = Array.from({ length: 5_000 }, (_, n) => person(n));
  const online = members.slice(0, 500);

  function largeGroup() {
    const clock = createFakeClock();
    const sent = { writings: 0, recipients: 0, ids: 0 };
    const read = { calls: 0, rows: 0 };
    const count = (to: Iterable<string>, notice: unknown): void => {
      sent.writings += 1;
      const lists = (Array.isArray(notice) ? [notice] : Object.values(notice as object)) as unknown[][];
      const recipients = [...to].length;
      sent.recipients += recipients;
      sent.ids += recipients * lists.flat().length;
    };
    const presence = createPresence({
      blockedBy: () => Promise.resolve([]),
      circleOf: () => {
        const circle = { people: [], groups: ['the group', 'another with the same people'] };
        read.calls += 1;
        read.rows += circle.groups.length;
        return Promise.resolve(circle);
      },
      emit: { toPeople: (to, _name, notice) => count(to, notice) },
      emitToSockets: (to, _name, notice) => count(to, notice),
      clock,
      report: (bug) => {
        throw bug;
      },
    });
    const come = (userId: string) =>
      presence.connected({ socketId: `socket of ${userId}`, userId, speaksSori: true });
    const reset = (): void => void Object.assign(sent, { writings: 0, recipients: 0, ids: 0 });
    return { presence, clock, sent, read, come, reset };
  }

  it('when everybody comes online at once: each is notified of each other once', async () => {
    const { clock, sent, read, come } = largeGroup();
    await Promise.all(online.map(come));
    clock.advance(10_000);
    expect(read).toEqual({ calls: 500, rows: 1_000 });
    // A list on coming and one notice, at most.
    expect(sent.writings).toBeLessThanOrEqual(1_000);
    expect(sent.ids).toBeLessThanOrEqual(2 * 500 * 500);
  });

  it('when one comes or goes among 500: one notice, written once', async () => {
    const { clock, sent, come, reset, presence } = largeGroup();
    await Promise.all(online.map(come));
    clock.advance(10_000);
    reset();
    const late = members[600] ?? '';
    await come(late);
    clock.advance(1_000);
    // Beside the newcomer's own list.
    expect(sent).toEqual({ writings: 2, recipients: 501, ids: 1_000 });
    reset();
    presence.disconnected(`socket of ${late}`);
    clock.advance(10_000);
    expect(sent).toEqual({ writings: 1, recipients: 500, ids: 500 });
  });

  it('when a thousand are put into another group: only those online are notified, and of nobody twice', async () => {
    const { clock, sent, come, reset, presence } = largeGroup();
    await Promise.all(online.map(come));
    clock.advance(10_000);
    reset();
    presence.joinedGroup('a third', members.slice(0, 1_000));
    expect(sent).toEqual({ writings: 0, recipients: 0, ids: 0 });
    presence.leftGroup('a third', members.slice(0, 1_000));
    expect(sent).toEqual({ writings: 0, recipients: 0, ids: 0 });
  });

  it('leaves nothing behind when they have gone offline', async () => {
    const { clock, come, presence } = largeGroup();
    await Promise.all(online.map(come));
    for (const userId of online) presence.disconnected(`socket of ${userId}`);
    clock.advance(10_000);
    expect(presence.onlineAmong(members)).toEqual([]);
    expect(clock.waiting()).toBe(0);
  });
});

describe('sharing a group', () => {
  function three() {
    const clock = createFakeClock();
    const sent: [string[], unknown][] = [];
    const circles = new Map<string, { people: string[]; groups: string[] }>();
    const presence = createPresence({
      blockedBy: () => Promise.resolve([]),
      circleOf: (userId) => Promise.resolve(circles.get(userId) ?? { people: [], groups: [] }),
      emit: { toPeople: (to, _name, notice) => void sent.push([[...to].sort(), notice]) },
      emitToSockets: () => undefined,
      clock,
      report: (bug) => {
        throw bug;
      },
    });
    const come = (userId: string) =>
      presence.connected({ socketId: userId, userId, speaksSori: true }).then(() => clock.advance(1_000));
    const since = () => sent.splice(0);
    return { presence, clock, circles, come, since };
  }
  const noticeOf = (online: string[], offline: string[] = []) => ({ online, offline });

  it('notifies people of each other’s presence as soon as they do', async () => {
    const { presence, come, since } = three();
    for (const id of ['a', 'b', 'c']) await come(id);
    expect(since()).toEqual([]);
    presence.joinedGroup('g', ['a']);
    presence.joinedGroup('g', ['b', 'c', 'not here']);
    const sent = since();
    const onlineFor = (who: string) =>
      sent
        .flatMap(([to, notice]) => (to.includes(who) ? (notice as { online: string[] }).online : []))
        .sort();
    expect([onlineFor('a'), onlineFor('b'), onlineFor('c')]).toEqual([
      ['b', 'c'],
      ['a', 'c'],
      ['a', 'b'],
    ]);
  });

  it('ends with leaving it, but not where they share something else', async () => {
    const { presence, come, since, clock, circles } = three();
    circles.set('a', { people: [], groups: ['g', 'h'] });
    circles.set('b', { people: [], groups: ['g', 'h'] });
    circles.set('c', { people: ['a'], groups: ['g'] });
    circles.set('a', { people: ['c'], groups: ['g', 'h'] });
    for (const id of ['a', 'b', 'c']) await come(id);
    since();
    presence.leftGroup('g', ['c']);
    presence.disconnected('c');
    clock.advance(10_000);
    expect(since()).toEqual([[['a'], noticeOf([], ['c'])]]);
    presence.leftGroup('g', ['b']);
    presence.disconnected('b');
    clock.advance(10_000);
    expect(since()).toEqual([[['a'], noticeOf([], ['b'])]]);
  });

  it('ends with leaving it, but not for two who began to write to each other while they shared it', async () => {
    const { presence, come, since, clock, circles } = three();
    for (const id of ['a', 'b']) circles.set(id, { people: [], groups: ['g'] });
    for (const id of ['a', 'b']) await come(id);
    since();
    presence.sharesConversation('a', 'b');
    expect(since()).toEqual([]);
    presence.leftGroup('g', ['b']);
    presence.disconnected('b');
    clock.advance(10_000);
    expect(since()).toEqual([[['a'], noticeOf([], ['b'])]]);
  });

  it('is not restored by a read that began before somebody left', async () => {
    const { presence, come, since, circles } = three();
    circles.set('a', { people: [], groups: ['g'] });
    circles.set('b', { people: [], groups: ['g'] });
    await come('a');
    const coming = come('b');
    presence.leftGroup('g', ['b']);
    await coming;
    expect(since()).toEqual([]);
  });
});
