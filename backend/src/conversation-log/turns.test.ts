import { Types } from 'mongoose';
import { createTailCache, type Tail } from './tail-cache.js';
import { createTurns, type Turn, type Turns } from './turns.js';

/** Servers that append to one conversation, as far as they tell each other whose turn it is. */

const id = new Types.ObjectId().toHexString();
const conversationId = new Types.ObjectId(id);
let seq = 0;
let asks: Turns[] = [];
beforeEach(() => {
  seq = 0;
  asks = [];
});

const tailAt = (at: number): Tail => ({
  seq: at,
  _id: new Types.ObjectId(),
  at: 1_700_000_000_000,
  messageCount: at,
  membersVersion: 0,
});

function newServer({ hears = true, insertMs = 20 } = {}): Turns {
  const turns = createTurns({
    tails: createTailCache(),
    hearsOthers: () => hears,
    insertTakes: () => insertMs,
    random: () => 0,
  });
  turns.onAsk(() => void asks.push(turns));
  return turns;
}

/** Appends two entries, and says so to those that hear it. @returns what it said of turns */
function append(by: Turns, ...to: readonly Turns[]): Turn {
  const firstSeq = seq + 1;
  seq += 2;
  by.appended(id, firstSeq, tailAt(seq));
  const said = by.saidWith({ conversationId, seq: firstSeq } as never);
  if (!said) throw new Error('Nothing is said of turns');
  for (const one of to) one.heard(id, said);
  return said;
}
const waitOf = (server: Turns): number => server.waitMs(id, tailAt(seq));
const isOwn = (server: Turns): boolean => server.isOwn(id, tailAt(seq));
/** In the order in which they appended. */
function threeThatAppend(): [Turns, Turns, Turns] {
  const [a, b, c] = [newServer(), newServer(), newServer()];
  append(a, b, c);
  append(b, a, c);
  append(c, a, b);
  return [a, b, c];
}

it('whoever appends names all others, the one first that has waited longest', () => {
  const [a, b, c] = threeThatAppend();
  for (const [by, others] of [
    [a, [b, c]],
    [b, [c, a]],
    [c, [a, b]],
  ] as const) {
    expect(append(by, ...others).queue).toEqual([...others, by].map(({ self }) => self));
    expect([...others, by].map(isOwn)).toEqual([true, false, false]);
    const [next = NaN, second = NaN, last = NaN] = [...others, by].map(waitOf);
    expect(next).toBe(0);
    expect(second).toBeGreaterThan(20);
    expect(last).toBeGreaterThan(second);
  }
  expect(asks).toEqual([]);
});

it('a server that is gone, or has nothing to append, is waited for once and then not named any more', () => {
  const [a, b, c] = threeThatAppend();
  expect(isOwn(a)).toBe(true);
  expect(waitOf(b)).toBeLessThanOrEqual(200);
  expect(append(b, a, c).queue).toEqual([c.self, b.self]);
  expect(append(c, a, b).queue).toEqual([b.self, c.self]);
});

it('a server that has something to append and is not named asks, once behind each tail, and is named at the end', () => {
  const [a, b, c] = threeThatAppend();
  const late = newServer();
  const said = append(a, b, c, late);
  expect(said.queue).not.toContain(late.self);
  expect(waitOf(late)).toBeGreaterThan(0);
  waitOf(late);
  expect(asks).toEqual([late]);
  for (const one of [a, b, c]) one.askedBy(id, late.self);
  expect(append(b, a, c, late).queue).toEqual([c, a, late, b].map(({ self }) => self));
  // It is in the queue, so nobody has to be told.
  waitOf(late);
  expect(asks).toEqual([late]);
  // Whoever knew of it by its own words does not name it twice.
  expect(append(c, a, b, late).queue).toEqual([a, late, b, c].map(({ self }) => self));
});

it('a server that nobody heard ask is let in as soon as all who are named had their turn, before the last to append', () => {
  const [a, b] = [newServer(), newServer()];
  append(a, b);
  // It named nobody else.
  expect(waitOf(b)).toBe(0);
  expect(isOwn(b)).toBe(false);
  expect(waitOf(a)).toBeGreaterThan(20);
  append(b, a);
  const late = newServer();
  append(a, b, late);
  expect(waitOf(late)).toBeLessThanOrEqual(waitOf(a) + 1);
});

it('what is said late, or twice, changes nothing', () => {
  const [a, b, c] = threeThatAppend();
  const first = append(a, b);
  const second = append(b, a, c);
  for (const said of [first, second, first]) c.heard(id, said);
  expect(isOwn(c)).toBe(true);
  expect(append(c).queue).toEqual([a, b, c].map(({ self }) => self));
});

it('behind a tail of which nothing is said everybody may append at once', () => {
  const [a, b] = threeThatAppend();
  seq += 1;
  expect([a, b].map(waitOf)).toEqual([0, 0]);
  expect([a, b].map(isOwn)).toEqual([false, false]);
});

it('where others are not heard, who has appended leaves the next number to them for a moment, and asks nobody', () => {
  const deaf = newServer({ hears: false });
  append(deaf);
  expect(waitOf(deaf)).toBeGreaterThan(20);
  expect(waitOf(deaf)).toBeLessThanOrEqual(40);
  seq += 1;
  expect(waitOf(deaf)).toBe(0);
  expect(asks).toEqual([]);
});

it('pauses of people who write now and then do not make the others wait longer than turns would', () => {
  const now = jest.spyOn(performance, 'now').mockReturnValue(0);
  const [a, b] = [newServer({ insertMs: 10 }), newServer({ insertMs: 10 })];
  for (let ms = 0; ms < 9_000; ms += 300) {
    now.mockReturnValue(ms);
    append(a, b);
    now.mockReturnValue(ms + 150);
    append(b, a);
  }
  // Twice five inserts.
  expect(waitOf(b)).toBe(100);
  expect(waitOf(a)).toBe(0);
  now.mockRestore();
});
