import { check } from './check.js';
import { couldComeToNothing } from './membership.js';
import type { Coming, HeldMessage, Intent, LogRow, Rule, Answered } from './evidence.js';
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
const answeredTo = (run: Run, userId: string): Answered => {
  const answered = run.answered.find((one) => one.userId === userId);
  if (!answered) throw new Error(`${userId} was told nothing`);
  return answered;
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
      'I12',
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
    ['a reaction that is counted twice', { reactions: '👍 2: bob' }],
    ['a reaction of somebody else', { reactions: '👍 1: alice' }],
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
    expect(spoilt((run) => Object.assign(answeredTo(run, bob).history[0] ?? {}, { text: 'first' }))).toEqual([
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
    expect(spoilt((run) => Object.assign(answeredTo(run, alice), { readSeq: 10, deliveredSeq: 10 }))).toEqual(
      ['I8'],
    );
    expect(
      spoilt((run) => Object.assign(answeredTo(run, bob), { readSeq: 9, deliveredSeq: 8, unread: 0 })),
    ).toEqual(['I8']);
  });

  it.each([0, 2])('I9: finds %i unread where one is', (unread) => {
    expect(spoilt((run) => (answeredTo(run, bob).unread = unread))).toEqual(['I9']);
  });

  it('I10: finds a preview of a deleted message, an old one, and none', () => {
    expect(spoilt((run) => (answeredTo(run, bob).preview = { ...heldAt(run, 3) }))).toEqual(['I10']);
    expect(spoilt((run) => (answeredTo(run, bob).preview = { ...heldAt(run, 1), text: 'first' }))).toEqual([
      'I10',
    ]);
    expect(spoilt((run) => delete answeredTo(run, bob).preview)).toEqual(['I10']);
  });

  it('I12: finds an entry by somebody who is not in there', () => {
    expect(
      spoilt((run) => {
        rowAt(run, 6).senderId = 'mallory';
        run.intents.splice(5, 1);
      }),
    ).toContain('I12');
  });
  it('I11: finds a conversation that nobody began', () => {
    expect(spoilt((run) => run.log.set('c2', []))).toEqual(['I11']);
  });

  it('I13: finds a time that runs backwards, a wrong count, a membersVersion that falls', () => {
    expect(spoilt((run) => (rowAt(run, 5).at = 1))).toEqual(['I13']);
    expect(spoilt((run) => (rowAt(run, 5).messageCount = 4))).toEqual(['I13']);
    expect(spoilt((run) => (rowAt(run, 4).membersVersion = 3))).toEqual(['I13']);
  });

  describe('of a group from which Bob was taken out at 4, and into which they came back at 6', () => {
    /** Alice makes it and takes Bob in; Bob writes 3; 5 is Alice’s alone; 7 is Bob’s again. */
    function group(): Run {
      const run = goodRun();
      const member = (seq: number, change: string, userIds: string[]): LogRow => ({
        ...rowOf(seq, alice),
        kind: 'member',
        membersVersion: seq,
        change,
        userIds,
      });
      const rowOf = (seq: number, senderId: string): LogRow => ({
        _id: `id${seq}`,
        seq,
        kind: 'noop',
        senderId,
        clientId: `${senderId}-${seq}`,
        at: seq,
        messageCount: 0,
        membersVersion: 0,
      });
      const said = (seq: number, senderId: string, messageCount: number, membersVersion: number): LogRow => {
        const held = {
          ...heldAt(goodRun(), 1),
          _id: `id${seq}`,
          seq,
          senderId,
          text: `${seq}`,
          reactions: '',
        };
        const more = {
          kind: 'message',
          messageCount,
          membersVersion,
          message: `${seq}`,
          deleted: false,
          held,
        };
        return { ...rowOf(seq, senderId), ...more };
      };
      const rows = [
        member(1, 'joined', [alice]),
        member(2, 'added', [bob]),
        said(3, bob, 1, 2),
        { ...member(4, 'removed', [bob]), messageCount: 1 },
        said(5, alice, 2, 4),
        { ...member(6, 'added', [bob]), messageCount: 2 },
        said(7, bob, 3, 6),
      ];
      const messages = new Map(rows.flatMap(({ seq, held }) => (held ? [[seq, held] as const] : [])));
      return {
        ...run,
        groups: new Set([place]),
        log: new Map([[place, rows]]),
        intents: [],
        comings: [
          coming(4, 'removed'),
          coming(6, 'added'),
          // They had been taken out before their own leaving came.
          { ...coming(5, 'left'), userId: bob, clientId: 'bye', state: 'refused', code: 'NOT_FOUND' },
        ],
        delivered: new Map(),
        reached: new Map([[place, new Map([[bob, new Set([1, 2, 3, 5, 6, 7])]])]]),
        views: run.views.map((view) => ({ ...view, cursor: 7, messages: new Map(messages) })),
        answered: run.answered.map((answered) => ({
          ...answered,
          headSeq: 7,
          readSeq: 6,
          deliveredSeq: 7,
          unread: answered.userId === alice ? 1 : 0,
          preview: messages.get(7),
          history: [...messages.values()],
        })),
        receipts: [{ conversationId: place, userId: bob, readSeq: 6, deliveredSeq: 6 }],
      };
    }
    const coming = (seq: number, change: Coming['change']): Coming => ({
      clientId: `${alice}-${seq}`,
      conversationId: place,
      userId: alice,
      change,
      whom: bob,
      state: 'acknowledged',
    });
    const comingAt = (run: Run, index: number): Coming => {
      const found = run.comings[index];
      if (!found) throw new Error(`There is no coming ${index}`);
      return found;
    };
    const spoiltGroup = (spoil: (run: Run) => void): Rule[] => {
      const run = group();
      spoil(run);
      return rulesBroken(run);
    };
    const outAgain = (run: Run): void => {
      run.log.get(place)?.splice(5, 2, { ...rowAt(run, 6), change: 'removed' });
      run.comings.splice(1, 1);
      run.answered = run.answered.map((answered) => ({
        ...answered,
        listed: answered.userId === alice,
        headSeq: 6,
        deliveredSeq: 6,
        unread: 0,
        preview: rowAt(run, 5).held,
        history: answered.history.slice(0, 2),
      }));
      run.views = run.views
        .slice(0, 1)
        .map((view) => ({ ...view, cursor: 6, messages: new Map([...view.messages].slice(0, 2)) }));
      run.reached = new Map([[place, new Map([[bob, new Set([1, 2, 3])]])]]);
    };

    it('finds nothing where everything is right', () => {
      expect(check(group()).violations).toEqual([]);
      expect(check(group()).compared.get('I12')).toBe(7);
      expect(spoiltGroup(outAgain)).toEqual([]);
    });
    it('I3: finds a coming or going that was acknowledged and is not there, or is there as another', () => {
      expect(spoiltGroup((run) => (comingAt(run, 0).clientId = 'lost'))).toEqual(['I3']);
      expect(spoiltGroup((run) => (comingAt(run, 0).change = 'added'))).toEqual(['I3']);
      expect(spoiltGroup((run) => (comingAt(run, 0).whom = 'carol'))).toEqual(['I3']);
    });
    it('I3: lets a coming be that came to nothing by the rules, and no other', () => {
      const nothing: Coming = { ...coming(9, 'added'), clientId: 'nothing' };
      expect(spoiltGroup((run) => run.comings.push(nothing))).toEqual(['I3']);
      expect(
        spoiltGroup((run) => {
          // They left, and came back by themselves: then they were in already.
          Object.assign(rowAt(run, 4), { change: 'left', senderId: bob });
          Object.assign(rowAt(run, 6), { change: 'joined', senderId: bob });
          run.comings.splice(0, 2, nothing);
        }),
      ).toEqual([]);
      // Taken back once, and gone again: where they had left before, and not where they had been taken out.
      const takenOut = [...group().log.values()].flat();
      const hadLeft = takenOut.map((row) => (row.seq === 4 ? { ...row, change: 'left' } : row));
      const leaves = { ...rowAt(group(), 4), seq: 8, change: 'left' };
      expect(couldComeToNothing(hadLeft, bob)).toBe(false);
      expect(couldComeToNothing([...hadLeft, leaves], bob)).toBe(true);
      expect(couldComeToNothing([...takenOut, leaves], bob)).toBe(false);
    });
    it('refused: finds a removal that was refused and is there all the same, and lets a leaving be', () => {
      const refused = { state: 'refused', code: 'NOT_FOUND' } as const;
      expect(spoiltGroup((run) => Object.assign(comingAt(run, 0), refused))).toEqual(['refused']);
      expect(
        spoiltGroup((run) => {
          Object.assign(comingAt(run, 0), refused, { change: 'left', userId: bob });
          Object.assign(rowAt(run, 4), { change: 'left', senderId: bob });
        }),
      ).toEqual([]);
    });
    it('refused: finds a message refused to somebody who was in there all the time', () => {
      const refuse = (userId: string) => (run: Run) =>
        run.intents.push({
          ...intentAt(goodRun(), 3),
          userId,
          clientId: 'no',
          state: 'refused',
          code: 'NOT_FOUND',
        });
      expect(spoiltGroup(refuse(bob))).toEqual([]);
      expect(spoiltGroup(refuse(alice))).toEqual(['refused']);
    });
    it('I7: lets a message come late that was refused while its sender was out, and no other', () => {
      const late = (state: 'acknowledged' | 'refused') => (run: Run) => {
        const intentOf = (seq: number, order: number): Intent => {
          const { _id, clientId, message: text } = rowAt(run, seq);
          return { ...intentAt(goodRun(), 3), userId: bob, clientId, order, text, answer: { _id, seq } };
        };
        run.intents.push(intentOf(3, 2), { ...intentOf(7, 1), state, code: 'NOT_FOUND' });
      };
      expect(spoiltGroup(late('refused'))).toEqual([]);
      expect(spoiltGroup(late('acknowledged'))).toEqual(['I7']);
    });
    it('I12: finds what somebody wrote after they were taken out', () => {
      expect(
        spoiltGroup((run) => {
          const late = { ...rowAt(run, 5), senderId: bob };
          if (late.held) late.held = { ...late.held, senderId: bob };
          run.log.get(place)?.splice(4, 1, late);
        }),
      ).toContain('I12');
    });
    it('I12: finds what somebody wrote before they came', () => {
      expect(spoiltGroup((run) => (rowAt(run, 2).senderId = 'carol'))).toEqual(['I12']);
    });
    it('I11: finds what reached somebody after they had gone for good, and somebody who never came', () => {
      expect(
        spoiltGroup((run) => {
          outAgain(run);
          run.reached.get(place)?.get(bob)?.add(5);
        }),
      ).toEqual(['I11']);
      expect(spoiltGroup((run) => run.reached.get(place)?.set('carol', new Set([1])))).toEqual(['I11']);
    });
    it('I11: finds the group in the list of somebody who is out', () => {
      expect(
        spoiltGroup((run) => {
          outAgain(run);
          Object.assign(answeredTo(run, bob), { listed: true });
        }),
      ).toEqual(['I11']);
    });
  });

  it('visible: finds a conversation that is not in the list, an old head, a message that is not in the history', () => {
    expect(spoilt((run) => Object.assign(answeredTo(run, alice), { listed: false }))).toEqual(['visible']);
    expect(spoilt((run) => Object.assign(answeredTo(run, alice), { headSeq: 8 }))).toEqual(['visible']);
    const history = goodRun().answered[0]?.history.slice(1);
    expect(spoilt((run) => Object.assign(answeredTo(run, alice), { history }))).toContain('visible');
    expect(
      spoilt((run) =>
        Object.assign(answeredTo(run, alice), { history: answeredTo(run, alice).history.toReversed() }),
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
