import { Types } from 'mongoose';
import type { Audience } from '../core/audience.js';
import type { EntryBase, EntryRow, MessageRow, ReactRow } from '../conversation-log/entries.model.js';
import { toMessage } from '../conversation-log/to-contract.js';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.js';
import { createReactionPace, type Emission } from './reaction-pace.js';

const conversationId = new Types.ObjectId();
const audience = { kind: 'group', participants: [] } as unknown as Audience;
const base = (seq: number): EntryBase => ({
  _id: new Types.ObjectId(),
  conversationId,
  seq,
  senderId: new Types.ObjectId(),
  clientId: `c${seq}`,
  payloadHash: '',
  at: new Date(),
  messageCount: 1,
  membersVersion: 0,
});
const message = (seq: number, text: string, reactors = 0): MessageRow => ({
  ...base(seq),
  kind: 'message',
  message: text,
  attachments: [],
  updatedAt: new Date(),
  reactions: Array.from({ length: reactors }, (_, index) => ({
    userId: new Types.ObjectId(),
    emojis: ['👍'],
    seq: index + 2,
  })),
});
const reaction = (seq: number, targetSeq = 1): ReactRow => ({
  ...base(seq),
  kind: 'react',
  targetSeq,
  emojis: ['👍'],
});

let clock: FakeClock;
let emitted: Emission[];
let pace: (entry: EntryRow, target?: MessageRow) => void;
beforeEach(() => {
  clock = createFakeClock();
  emitted = [];
  const paced = createReactionPace((emission) => emitted.push(emission), clock);
  pace = (entry, target) => paced({ entry, target, audience });
});
/** The seqs that were emitted, those with a message in brackets. */
const line = (): string =>
  emitted
    .map(({ entry, target, overtaken }) => (target && !overtaken ? `[${entry.seq}]` : `${entry.seq}`))
    .join(' ');

const long = '가'.repeat(8_000);

it('a few reactions to a short message are emitted at once, each with the message', () => {
  for (const seq of [2, 3, 4, 5, 6]) pace(reaction(seq), message(1, 'lunch?', seq - 1));
  expect(line()).toBe('[2] [3] [4] [5] [6]');
});

it('many reactions to a long message are emitted together, with the message as it is in the end', () => {
  for (let seq = 2; seq <= 501; seq += 1) pace(reaction(seq), message(1, long, seq - 1));
  expect(line()).toBe('[2]');
  clock.advance(250);
  expect(emitted.map(({ entry }) => entry.seq)).toEqual(Array.from({ length: 500 }, (_, index) => index + 2));
  expect(emitted.filter(({ overtaken }) => !overtaken).map(({ entry }) => entry.seq)).toEqual([2, 501]);
  expect(emitted.at(-1)?.target?.reactions).toHaveLength(500);
});

it('a thousand reactions in ten seconds bring a long message some forty times, not a thousand', () => {
  for (let seq = 2; seq <= 1_001; seq += 1) {
    pace(reaction(seq), message(1, long, seq - 1));
    clock.advance(10);
  }
  clock.advance(250);
  expect(emitted).toHaveLength(1_000);
  const whole = emitted.filter(({ overtaken }) => !overtaken).length;
  expect(whole).toBeGreaterThan(30);
  expect(whole).toBeLessThan(50);
  expect(emitted.map(({ entry }) => entry.seq)).toEqual(
    Array.from({ length: 1_000 }, (_, index) => index + 2),
  );
});

it('what comes behind them is emitted behind them, in the order of the log, and waits no longer than they do', () => {
  pace(reaction(2), message(1, long));
  pace(message(3, 'nobody waits for the first ones'));
  expect(line()).toBe('[2] 3');
  pace(reaction(4), message(1, long));
  pace(reaction(5), message(1, long));
  pace(message(6, 'and so to bed'));
  pace(reaction(7), message(1, long));
  expect(line()).toBe('[2] 3');
  clock.advance(250);
  expect(line()).toBe('[2] 3 4 5 6 [7]');
  clock.advance(250);
  pace(message(8, 'good morning'));
  expect(line()).toBe('[2] 3 4 5 6 [7] 8');
});

it('a pin between them brings the message as it then was, and the last reaction as it is in the end', () => {
  const states = [2, 3, 4, 5].map((reactors) => message(1, long, reactors));
  pace(reaction(2), states[0]);
  pace(reaction(3), states[1]);
  pace({ ...base(4), kind: 'pin', targetSeq: 1, pinned: true }, states[2]);
  pace(reaction(5), states[3]);
  clock.advance(250);
  expect(emitted.map(({ target, overtaken }) => (overtaken ? 'bare' : target))).toEqual([
    states[0],
    'bare',
    states[2],
    states[3],
  ]);
});

it('five hundred reactions to a long message, each with a message behind it, bring it a few times', () => {
  for (let seq = 2; seq <= 1_001; seq += 2) {
    pace(reaction(seq), message(1, long, seq));
    pace(message(seq + 1, 'me too'));
  }
  clock.advance(250);
  expect(emitted.map(({ entry }) => entry.seq)).toEqual(
    Array.from({ length: 1_000 }, (_, index) => index + 2),
  );
  const whole = emitted.filter(({ target, overtaken }) => target && !overtaken);
  // Once at first, and once for every hundred messages: more than those do not wait.
  expect(whole).toHaveLength(6);
  expect(whole.at(-1)?.entry.seq).toBe(1_000);
});

it('fifty people who each chose twenty emojis count with all their names', () => {
  const emojis = Array.from({ length: 20 }, (_, kind) => String.fromCodePoint(0x1f347 + kind));
  const crowded = message(1, 'lunch?', 50);
  const told28KB = {
    ...crowded,
    reactions: Array.from({ length: 50 }, (_, seq) => ({ userId: new Types.ObjectId(), emojis, seq })),
  };
  expect(JSON.stringify(toMessage(told28KB)).length).toBeGreaterThan(16 * 1024);
  pace(reaction(2), told28KB);
  pace(reaction(3), told28KB);
  expect(line()).toBe('[2]');
  clock.advance(250);
  expect(line()).toBe('[2] [3]');
});

it('each of several messages is emitted once', () => {
  pace(reaction(12, 1), message(1, long));
  pace(reaction(13, 1), message(1, long));
  pace(reaction(14, 2), message(2, 'short'));
  pace(reaction(15, 1), message(1, long));
  pace(reaction(16, 2), message(2, 'short'));
  clock.advance(250);
  expect(line()).toBe('[12] 13 14 [15] [16]');
  expect(emitted.map(({ target }) => target?.seq)).toEqual([1, 1, 2, 1, 2]);
});

it('another conversation does not wait for this one', () => {
  pace(reaction(2), message(1, long));
  pace(reaction(3), message(1, long));
  pace({ ...reaction(2), conversationId: new Types.ObjectId() }, message(1, long));
  expect(line()).toBe('[2] [2]');
});

it('nothing is remembered of a conversation once it is quiet', () => {
  for (let seq = 2; seq <= 10; seq += 1) pace(reaction(seq), message(1, long));
  expect(clock.waiting()).toBe(1);
  clock.advance(1_000);
  expect(emitted).toHaveLength(9);
  expect(clock.waiting()).toBe(0);
});
