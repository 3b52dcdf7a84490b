import { unavailable } from '../core/errors.js';
import type { Heads } from '@sori/contract';
import { mongo } from 'mongoose';
import { createFakeClock } from '../testing/fake-clock.js';
import { alice, bob, type Live, startLive } from '../testing/live.js';
import { createHeadsReader } from './heads-reader.js';
import { createHeadsHints } from './heads.js';

const heads = (seq: number) => ({
  epoch: 'first',
  heads: [{ conversationId: 'e'.repeat(24), headSeq: seq }],
});

describe('the heads', () => {
  let live: Live;
  let headSeq: number;
  let reads: string[];
  let away: boolean;
  beforeEach(async () => {
    [headSeq, reads, away] = [1, [], false];
    live = await startLive({
      headsOf: (userIds) => {
        reads.push(...userIds);
        if (away) return Promise.reject(unavailable());
        return Promise.resolve(new Map(userIds.map((id) => [id, heads(headSeq)])));
      },
    });
  });
  afterEach(async () => {
    await live.close();
    expect(live.bugs).toEqual([]);
    expect(live.clock.waiting()).toBe(0);
  });

  it('are sent on connecting and hinted again every 30 s, read once for all tabs of a person', async () => {
    const tab = live.open({ auth: { token: live.signIn(alice), protocol: 1 } });
    expect(await tab.next('heads')).toEqual(heads(1));
    const otherTab = await live.sori(alice);
    reads.length = 0;
    headSeq = 2;
    live.clock.advance(30_000);
    expect(await tab.next('heads')).toEqual(heads(2));
    expect(await otherTab.next('heads')).toEqual(heads(2));
    expect(reads).toEqual([alice]);
    headSeq = 3;
    live.clock.advance(31_000);
    expect(await tab.next('heads')).toEqual(heads(3));
  });

  it('are hinted again after the clock was set back', async () => {
    const tab = await live.sori(alice);
    live.clock.step(-3_600_000);
    headSeq = 2;
    live.clock.advance(31_000);
    expect(await tab.next('heads')).toEqual(heads(2));
  });

  it('are not sent to tutorial clients', async () => {
    const tutorial = await live.tutorial(bob);
    await tutorial.next('getOnlineUsers');
    live.clock.advance(61_000);
    await tutorial.settled();
    expect(tutorial.all('heads')).toEqual([]);
    expect(reads).toEqual([]);
  });

  it('are sent a little later where the database is away', async () => {
    away = true;
    const tab = live.open({ auth: { token: live.signIn(alice), protocol: 1 } });
    await tab.next('getOnlineUsers');
    await tab.settled();
    expect(tab.all('heads')).toEqual([]);
    away = false;
    live.clock.advance(3_000);
    expect(await tab.next('heads')).toEqual(heads(1));
  });

  it('are read once more for all who come while they are read, and after those of others who wait', async () => {
    const asked: string[][] = [];
    const answers: (() => void)[] = [];
    const read = createHeadsReader((userIds) => {
      asked.push([...userIds]);
      return new Promise((resolve) => {
        answers.push(() => resolve(new Map(userIds.map((id) => [id, heads(asked.length)]))));
      });
    });
    const turn = () => new Promise(setImmediate);
    const begun = read(alice, true);
    await turn();
    const again = [
      read(alice, false),
      read(bob, true),
      ...Array.from({ length: 500 }, () => read(alice, true)),
    ];
    answers[0]?.();
    expect(await begun).toEqual(heads(1));
    await turn();
    // What began before they came may not know of what they missed.
    expect(asked).toEqual([[alice], [bob, alice]]);
    answers[1]?.();
    for (const hint of await Promise.all(again)) expect(hint).toEqual(heads(2));
    expect(asked).toHaveLength(2);
  });

  it('are read no more for somebody who left', async () => {
    const tab = await live.sori(alice);
    const server = [...live.io.sockets.sockets.values()][0];
    const noticed = new Promise((resolve) => server?.once('disconnect', resolve));
    tab.socket.disconnect();
    await noticed;
    reads.length = 0;
    live.clock.advance(61_000);
    expect(reads).toEqual([]);
  });
});

describe('the heads of thousands of people', () => {
  const people = Array.from({ length: 9_000 }, (_, index) => index.toString(16).padStart(24, '0'));
  /** A server with all of them, and what it asks the database. */
  async function crowded(
    headsOf: (userId: string) => Heads,
    broken: (userIds: readonly string[]) => boolean,
    failure: () => Error = unavailable,
  ) {
    const clock = createFakeClock();
    const questions: number[] = [];
    const hintsByPerson = new Map<string, number>();
    const bugs: unknown[] = [];
    const hints = createHeadsHints({
      severalServers: false,
      headsOf: (userIds) => {
        questions.push(userIds.length);
        if (broken(userIds)) return Promise.reject(failure());
        return Promise.resolve(new Map(userIds.map((id) => [id, headsOf(id)])));
      },
      emit: {
        toPeople: (ids) => [...ids].forEach((id) => hintsByPerson.set(id, (hintsByPerson.get(id) ?? 0) + 1)),
      },
      emitToSockets: () => undefined,
      clock,
      report: (bug) => bugs.push(bug),
    });
    await Promise.all(people.map((id) => hints.begin(`socket of ${id}`, id)));
    /** So many seconds, one after the other. */
    const pass = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second += 1) {
        clock.advance(1_000);
        await new Promise(setImmediate);
      }
    };
    return { questions, hintsByPerson, pass, bugs, close: () => hints.close() };
  }

  it('are hinted to each of them every 30 s, in few questions', async () => {
    const { questions, hintsByPerson, pass, bugs, close } = await crowded(
      () => heads(1),
      () => false,
    );
    expect(questions.length).toBeLessThan(people.length / 50);
    questions.length = 0;
    await pass(31);
    expect(hintsByPerson.size).toBe(people.length);
    await pass(31);
    expect(Math.min(...hintsByPerson.values())).toBe(2);
    expect(questions.length).toBeLessThan(people.length / 50);
    expect(Math.max(...questions)).toBeLessThanOrEqual(200);
    expect(bugs).toEqual([]);
    close();
  });

  it('are asked for in as few questions as before once the database is back', async () => {
    let away = false;
    const { questions, hintsByPerson, pass, close } = await crowded(
      () => heads(1),
      () => away,
      () => new mongo.MongoServerSelectionError('none', {} as never),
    );
    const before = questions.splice(0).length;
    away = true;
    await pass(31);
    away = false;
    hintsByPerson.clear();
    questions.length = 0;
    while (hintsByPerson.size < people.length) await pass(1);
    expect(questions.length).toBeLessThanOrEqual(2 * before);
    close();
  });

  it('are asked for with fewer others where somebody has very many, or where a question was too much', async () => {
    const many = { epoch: 'first', heads: Array.from({ length: 2_000 }, () => heads(1).heads).flat() };
    const { questions, hintsByPerson, pass, close } = await crowded(
      () => many,
      (userIds) => userIds.length > 20,
    );
    await pass(40);
    expect(hintsByPerson.size).toBe(people.length);
    questions.length = 0;
    await pass(31);
    expect(Math.max(...questions)).toBeLessThanOrEqual(5);
    close();
  });
});
