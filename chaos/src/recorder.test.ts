import type { Entry } from '@sori/contract';
import { planConnectionFaults, planServerFaults } from './faults.js';
import { planDatabaseFaults, planOneServerFaults, planRedisFaults } from './several-faults.js';
import { createRandom } from './random.js';
import { createRecorder } from './recorder.js';

const entry = (conversationId: string, seq: number, _id: string): Entry => ({
  _id,
  conversationId,
  seq,
  at: '2026-01-01T00:00:00.000Z',
  kind: 'noop',
});

describe('the recorder of a chaos run', () => {
  const recorder = () => createRecorder(new Map([['c1', ['alice', 'bob']]]));

  it('I4: notices two histories at once', () => {
    const run = recorder();
    run.entryCame('alice', entry('c1', 1, 'a'));
    run.entryCame('bob', entry('c1', 1, 'a'));
    expect(run.noticed).toEqual([]);
    run.entryCame('bob', entry('c1', 1, 'b'));
    expect(run.noticed.map(({ rule }) => rule)).toEqual(['I4']);
  });

  it('what was acknowledged just now is in the log at once, and in the heads of several servers a little later', () => {
    const people = new Map([['c1', ['alice', 'bob']]]);
    const [one, several] = [createRecorder(people), createRecorder(people, new Set(), 60_000)];
    for (const run of [one, several]) run.answered('c1', 7);
    expect([one.floorOf('c1'), one.headFloorOf('c1')]).toEqual([7, 7]);
    expect([several.floorOf('c1'), several.headFloorOf('c1')]).toEqual([7, 0]);
  });

  it('I11: notices what reaches a stranger', () => {
    const run = recorder();
    run.entryCame('mallory', entry('c1', 1, 'a'));
    run.entryCame('alice', entry('c2', 1, 'a'));
    expect(run.noticed.map(({ rule }) => rule)).toEqual(['I11', 'I11']);
  });

  it('I11: notices what reaches somebody who was taken out of a group, and nothing from before or after that', () => {
    const run = createRecorder(new Map([['g1', ['alice', 'bob']]]), new Set(['g1']));
    run.isOut('g1', 'bob', 5, run.turnOf('g1', 'bob'));
    run.entryCame('bob', entry('g1', 5, 'e5'));
    run.entryCame('alice', entry('g1', 6, 'e6'));
    run.entryCame('alice', entry('g1', 6, 'e6'));
    expect(run.noticed).toEqual([]);
    expect(run.counts.get('entries kept from who was out')).toBe(1);
    run.entryCame('bob', entry('g1', 6, 'e6'));
    expect(run.noticed.map(({ rule }) => rule)).toEqual(['I11']);
    run.mayComeBack('g1', 'bob');
    run.entryCame('bob', entry('g1', 7, 'e7'));
    expect(run.noticed).toHaveLength(1);
  });

  it('I11: does not take anybody for out who may have come back by themselves meanwhile', () => {
    const run = createRecorder(new Map([['g1', ['bob']]]), new Set(['g1']));
    const before = run.turnOf('g1', 'bob');
    const answered = run.mayComeBack('g1', 'bob');
    run.isOut('g1', 'bob', 5, before);
    run.isOut('g1', 'bob', 5, run.turnOf('g1', 'bob'));
    answered();
    run.isOut('g1', 'bob', 5, before);
    run.entryCame('bob', entry('g1', 6, 'e6'));
    expect(run.noticed).toEqual([]);
    run.isOut('g1', 'bob', 6, run.turnOf('g1', 'bob'));
    run.entryCame('bob', entry('g1', 7, 'e7'));
    expect(run.noticed.map(({ rule }) => rule)).toEqual(['I11']);
  });

  it('keeps the highest receipt and the highest acknowledged seq', () => {
    const run = recorder();
    run.raise('c1', 'alice', 3, 5);
    run.raise('c1', 'alice', 4, 4);
    expect(run.receiptOf('c1', 'alice')).toMatchObject({ readSeq: 4, deliveredSeq: 5 });
    run.answered('c1', 7);
    run.answered('c1', 6);
    expect(run.floorOf('c1')).toBe(7);
  });
});

describe('the plans of a chaos run', () => {
  const take = <Item>(items: Iterable<Item>, count: number): Item[] => {
    const taken: Item[] = [];
    for (const item of items) if (taken.push(item) === count) break;
    return taken;
  };

  it('are the same under the same seed, and others under another', () => {
    expect(take(planServerFaults(7), 50)).toEqual(take(planServerFaults(7), 50));
    expect(take(planConnectionFaults(7), 50)).toEqual(take(planConnectionFaults(7), 50));
    expect(take(planServerFaults(7), 50)).not.toEqual(take(planServerFaults(8), 50));
  });

  it('break everything there is, sooner or later', () => {
    expect(new Set(take(planServerFaults(1), 300).map(({ kind }) => kind)).size).toBe(8);
    expect(new Set(take(planConnectionFaults(1), 300).map(({ kind }) => kind)).size).toBe(7);
  });

  it('break several servers, their database and Redis, the same under the same seed', () => {
    for (const [plan, kinds] of [
      [planOneServerFaults, 5],
      [planDatabaseFaults, 2],
      [planRedisFaults, 5],
    ] as const) {
      expect(new Set(take<{ kind: string }>(plan(1), 300).map(({ kind }) => kind)).size).toBe(kinds);
      expect(take<object>(plan(7), 50)).toEqual(take<object>(plan(7), 50));
      expect(take<object>(plan(7), 50)).not.toEqual(take<object>(plan(8), 50));
    }
  });

  it('do not depend on each other: each has a stream of its own', () => {
    const [one, other] = [createRandom(1, 'one'), createRandom(1, 'one')];
    const beside = createRandom(1, 'other');
    one.next();
    beside.next();
    other.next();
    expect(one.whole(0, 1_000_000)).toBe(other.whole(0, 1_000_000));
    expect(createRandom(1, 'one').next()).not.toBe(createRandom(1, 'other').next());
  });
});
