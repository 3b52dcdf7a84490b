import { limits } from '@sori/contract';
import { createFakeClock } from '../../testing/fake-clock.js';
import { createPresence } from './presence.service.js';

const person = (n: number): string => n.toString(16).padStart(24, '0');

/** How many ids are told, to how many, when `n` people come in one after the other. */
function comingIn(n: number, neighbours: number, speaksSori = true) {
  const clock = createFakeClock();
  const told = { notices: 0, ids: 0, longest: 0 };
  const count = (receivers: number, notice: unknown): void => {
    const lists: unknown[] = Array.isArray(notice) ? [notice] : Object.values(notice as object);
    told.notices += receivers;
    for (const list of lists as unknown[][]) {
      told.ids += receivers * list.length;
      told.longest = Math.max(told.longest, list.length);
    }
  };
  let reads = 0;
  const presence = createPresence({
    blockedBy: () => Promise.resolve([]),
    contactsOf: (userId) => {
      reads += 1;
      const own = Number.parseInt(userId, 16);
      const group = own - (own % neighbours);
      return Promise.resolve(Array.from({ length: neighbours }, (_, k) => person(group + k)));
    },
    tell: { people: (to, _name, notice) => count([...to].length, notice) },
    tellSockets: (to, _name, notice) => count([...to].length, notice),
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
  return { come, presence, clock, told, reads: () => reads };
}

describe('what many people coming online cost', () => {
  it('grows with their number, not with its square', async () => {
    const [small, large] = [comingIn(500, 10), comingIn(5_000, 10)];
    await small.come();
    await large.come();
    expect(large.reads()).toBe(5_000);
    expect(large.told.ids / small.told.ids).toBeLessThan(11);
    expect(large.told.notices / small.told.notices).toBeLessThan(11);
  });

  it('is bounded for tutorial clients by their list of 2,000, in which they find themselves', async () => {
    const { come, told, presence, clock } = comingIn(2_500, 1, false);
    await come();
    expect(told.longest).toBe(limits.tutorialOnlineMax);
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
