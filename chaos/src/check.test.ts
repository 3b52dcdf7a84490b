import { check } from './check.js';
import type { HeldMessage, Intent, LogRow, Rule, Told } from './evidence.js';
import { alice, bob, goodRun, place, type Run } from './testing.js';

const rulesBroken = (run: Run): Rule[] => [...new Set(check(run).violations.map(({ rule }) => rule))].sort();

/** A run with one thing wrong. */
function spoilt(spoil: (run: Run) => void): Rule[] {
  const run = goodRun();
  spoil(run);
  return rulesBroken(run);
}

const rowAt = (run: Run, seq: number): LogRow => {
  const row = run.log.get(place)?.find((one) => one.seq === seq);
  if (!row) throw new Error(`There is no seq ${seq}`);
  return row;
};
const intentAt = (run: Run, seq: number): Intent => {
  const intent = run.intents[seq - 1];
  if (!intent) throw new Error(`There is no intent ${seq}`);
  return intent;
};
const heldAt = (run: Run, seq: number): HeldMessage => {
  const message = run.views[0]?.messages.get(seq);
  if (!message) throw new Error(`There is no message ${seq}`);
  return message;
};
const toldTo = (run: Run, userId: string): Told => {
  const told = run.told.find((one) => one.userId === userId);
  if (!told) throw new Error(`${userId} was told nothing`);
  return told;
};

describe('the checker of a chaos run', () => {
  it('finds nothing where everything is right, and has looked at everything', () => {
    const { violations, compared } = check(goodRun());
    expect(violations).toEqual([]);
    for (const rule of [
      'I1',
      'I2',
      'I3',
      'I4',
      'I5',
      'I6',
      'I7',
      'I8',
      'I9',
      'I10',
      'I11',
      'I13',
      'visible',
    ] as const)
      expect([rule, (compared.get(rule) ?? 0) > 0]).toEqual([rule, true]);
  });

  it('I1: finds a hole', () => {
    expect(spoilt((run) => run.log.get(place)?.splice(7, 1))).toContain('I1');
  });
  it('I1: finds a number given twice', () => {
    expect(
      spoilt((run) => run.log.get(place)?.splice(8, 0, { ...rowAt(run, 8), clientId: 'x', _id: 'x' })),
    ).toContain('I1');
  });

  it('I2: finds a clientId with two entries', () => {
    expect(spoilt((run) => (rowAt(run, 8).clientId = rowAt(run, 5).clientId))).toContain('I2');
  });

  it('I3: finds an acknowledged message that is not there', () => {
    expect(spoilt((run) => (rowAt(run, 3).clientId = 'another'))).toContain('I3');
  });
  it('I3: finds one that is there at another seq than was answered', () => {
    expect(spoilt((run) => (intentAt(run, 3).answer = { _id: 'id3', seq: 4 }))).toEqual(['I3']);
  });
  it('I3: finds one that is there as another row than was answered', () => {
    expect(spoilt((run) => (intentAt(run, 3).answer = { _id: 'gone', seq: 3 }))).toEqual(['I3']);
  });
  it('I3: finds an acknowledged edit that is not there', () => {
    const lost: Partial<Intent> = { clientId: 'lost', kind: 'edit', text: 'lost', targetSeq: 1, order: 99 };
    expect(spoilt((run) => run.intents.push({ ...intentAt(run, 4), ...lost }))).toEqual(['I3']);
  });
  it.each([
    ['deletion', { kind: 'delete', targetSeq: 1 }],
    ['reaction', { kind: 'react', targetSeq: 1, emojis: ['🎉'] }],
    ['single reaction', { kind: 'react', targetSeq: 1, single: { emoji: '🎉', on: true } }],
    ['pin', { kind: 'pin', targetSeq: 1, pinned: true }],
  ] as const)('I3: finds an acknowledged %s that is not there and had not been made before', (_, change) => {
    const lost: Partial<Intent> = { ...change, clientId: 'lost', order: 99 };
    expect(spoilt((run) => run.intents.push({ ...intentAt(run, 4), ...lost }))).toEqual(['I3']);
  });
  it('I3: takes a change that had been made before for one that needs no entry', () => {
    const again: Partial<Intent> = {
      kind: 'react',
      targetSeq: 1,
      emojis: ['👍'],
      clientId: 'again',
      order: 99,
    };
    expect(spoilt((run) => run.intents.push({ ...intentAt(run, 5), ...again }))).toEqual([]);
  });
  it('I3: finds a clientId that was stored as something else', () => {
    expect(spoilt((run) => (intentAt(run, 6).kind = 'react'))).toEqual(['I3']);
  });

  it('I4: finds what was delivered and is gone', () => {
    expect(spoilt((run) => run.delivered.get(place)?.set(10, { _id: 'id10', kind: 'message' }))).toEqual([
      'I4',
    ]);
  });
  it('I4: finds a seq that was delivered as something else', () => {
    expect(spoilt((run) => run.delivered.get(place)?.set(3, { _id: 'other', kind: 'message' }))).toEqual([
      'I4',
    ]);
    expect(spoilt((run) => run.delivered.get(place)?.set(3, { _id: 'id3', kind: 'edit' }))).toEqual(['I4']);
  });

  it('I5: finds a follower that did not arrive', () => {
    expect(
      spoilt((run) => run.views.splice(0, 1, { ...run.views[0], cursor: 8 } as Run['views'][number])),
    ).toEqual(['I5']);
  });

  it.each([
    ['an old text', { text: 'first' }],
    ['a deletion that is not in the log', { deleted: true }],
    ['a missing reaction', { reactions: '' }],
    ['a reaction of somebody else', { reactions: '👍: alice' }],
    ['a pin that is not in the log', { pinned: true }],
    ['another message', { _id: 'other' }],
    ['another sender', { senderId: bob }],
  ])('I6: finds a view with %s', (_, wrong) => {
    expect(spoilt((run) => Object.assign(heldAt(run, 1), wrong))).toEqual(['I6']);
  });
  it('I6: finds a view that still shows a deleted text', () => {
    expect(spoilt((run) => Object.assign(heldAt(run, 2), { deleted: false, text: 'second' }))).toEqual([
      'I6',
    ]);
  });
  it('I6: finds a view without a message, and one with a message too many', () => {
    expect(spoilt((run) => run.views[1]?.messages.delete(3))).toEqual(['I6']);
    expect(spoilt((run) => run.views[1]?.messages.set(4, heldAt(run, 1)))).toEqual(['I6']);
  });
  it('I6: asks nothing of what lies before a snapshot', () => {
    expect(
      spoilt((run) => {
        run.views[1]?.messages.delete(1);
        run.views.splice(1, 1, { ...run.views[1], fromSeq: 2 } as Run['views'][number]);
      }),
    ).toEqual([]);
  });
  it('I6: finds a row that its changes were not applied to', () => {
    expect(spoilt((run) => (rowAt(run, 1).held = { ...heldAt(run, 1), text: 'first' }))).toEqual(['I6']);
  });
  it('I6: finds a deleted text that is still in the row, or in an edit before', () => {
    expect(spoilt((run) => (rowAt(run, 2).message = 'second'))).toEqual(['I6']);
    expect(
      spoilt((run) => {
        Object.assign(rowAt(run, 5), { kind: 'edit', senderId: alice, clientId: 'e', message: 'still here' });
        run.intents.splice(4, 1);
        run.delivered.get(place)?.set(5, { _id: 'id5', kind: 'edit' });
      }),
    ).toEqual(['I6']);
  });
  it('I6: finds a history that is not what the log says', () => {
    expect(spoilt((run) => Object.assign(toldTo(run, bob).history[0] ?? {}, { text: 'first' }))).toEqual([
      'I6',
    ]);
  });

  it("I7: finds a sender's messages in another order", () => {
    expect(
      spoilt((run) => {
        intentAt(run, 1).order = 2;
        intentAt(run, 2).order = 1;
      }),
    ).toEqual(['I7']);
  });

  it('I8: finds a receipt that fell', () => {
    expect(spoilt((run) => Object.assign(run.receipts[0] ?? {}, { userId: bob, readSeq: 1 }))).toEqual([
      'I8',
    ]);
  });
  it('I8: finds a receipt beyond the head, and one of what was never delivered', () => {
    expect(spoilt((run) => Object.assign(toldTo(run, alice), { readSeq: 10, deliveredSeq: 10 }))).toEqual([
      'I8',
    ]);
    expect(
      spoilt((run) => Object.assign(toldTo(run, bob), { readSeq: 9, deliveredSeq: 8, unread: 0 })),
    ).toEqual(['I8']);
  });

  it.each([0, 2])('I9: finds %i unread where one is', (unread) => {
    expect(spoilt((run) => (toldTo(run, bob).unread = unread))).toEqual(['I9']);
  });

  it('I10: finds a preview of a deleted message, an old one, and none', () => {
    expect(spoilt((run) => (toldTo(run, bob).preview = { ...heldAt(run, 3) }))).toEqual(['I10']);
    expect(spoilt((run) => (toldTo(run, bob).preview = { ...heldAt(run, 1), text: 'first' }))).toEqual([
      'I10',
    ]);
    expect(spoilt((run) => delete toldTo(run, bob).preview)).toEqual(['I10']);
  });

  it('I11: finds an entry by somebody who is not in there', () => {
    expect(
      spoilt((run) => {
        rowAt(run, 6).senderId = 'mallory';
        run.intents.splice(5, 1);
      }),
    ).toContain('I11');
  });
  it('I11: finds a conversation that nobody began', () => {
    expect(spoilt((run) => run.log.set('c2', []))).toEqual(['I11']);
  });

  it('I13: finds a time that runs backwards, a wrong count, a membersVersion that falls', () => {
    expect(spoilt((run) => (rowAt(run, 5).at = 1))).toEqual(['I13']);
    expect(spoilt((run) => (rowAt(run, 5).messageCount = 4))).toEqual(['I13']);
    expect(spoilt((run) => (rowAt(run, 4).membersVersion = 3))).toEqual(['I13']);
  });

  it('visible: finds a conversation that is not in the list, an old head, a message that is not in the history', () => {
    expect(spoilt((run) => Object.assign(toldTo(run, alice), { listed: false }))).toEqual(['visible']);
    expect(spoilt((run) => Object.assign(toldTo(run, alice), { headSeq: 8 }))).toEqual(['visible']);
    const history = goodRun().told[0]?.history.slice(1);
    expect(spoilt((run) => Object.assign(toldTo(run, alice), { history }))).toContain('visible');
    expect(
      spoilt((run) =>
        Object.assign(toldTo(run, alice), { history: toldTo(run, alice).history.toReversed() }),
      ),
    ).toEqual(['visible']);
  });

  it('refused: finds what was refused and is there all the same', () => {
    const refuse = (seq: number) => (run: Run) =>
      Object.assign(intentAt(run, seq), { state: 'refused', code: 'CONFLICT' });
    expect(spoilt(refuse(3))).toEqual(['refused']);
    expect(spoilt(refuse(8))).toEqual(['refused']);
    // It came too late for a message that was deleted, and changed nothing.
    expect(spoilt(refuse(5))).toEqual([]);
  });

  it('asks nothing of what was never answered', () => {
    expect(
      spoilt((run) =>
        run.intents.push({ ...intentAt(run, 1), clientId: 'open', order: 99, state: 'waiting' }),
      ),
    ).toEqual([]);
  });

  it('passes on what was noticed on the way', () => {
    const noticed = [{ rule: 'server', what: 'it ended by itself' }] as const;
    expect(rulesBroken({ ...goodRun(), noticed })).toEqual(['server']);
  });
});
