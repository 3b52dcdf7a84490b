/** Processor time of something that is done for several messages at once, in microseconds. */
export interface Cost {
  /** For each message. */
  each: number;
  /** For each time, however many messages there are: waking up, one read, one write. */
  once: number;
}

/** What one message takes of each process, and how long the database makes one wait. Microseconds of processor time. */
export interface UnitCosts {
  /** Taking it, appending it, answering, and emitting it to one socket of its sender and one of the other person. */
  send: Cost;
  /** Emitting it to one socket more. */
  delivery: number;
  /** Publishing it over the channels of two people, and being told of both. */
  publish: Cost;
  /** Hearing it from another server, and emitting it to one socket. */
  hear: Cost;
  /** The database's: the insert, its indexes, its journal, its share of the head. */
  store: Cost;
  /** Redis: taking the two publications and passing each on to one server. */
  pass: Cost;
  /** The load generator's: sending, the answer, the sender's own copy. */
  generatorSend: Cost;
  /** The load generator's: receiving it at one socket. */
  generatorDelivery: Cost;
  /** How long an insert takes beyond the database's processor time, in microseconds: its disk. */
  journal: number;
  /** What each process takes while nobody writes, in microseconds a second. */
  idle: { server: number; database: number; redis: number };
}

/** What was measured of one process under one load, for each message. */
export interface Point {
  /** Messages in one insert, on average. */
  batch: number;
  /** Microseconds of processor time. */
  us: number;
}

/** The straight line through two loads: many in flight share what is done once. */
export function costThrough(few: Point, many: Point): Cost {
  const once = (few.us - many.us) / (1 / few.batch - 1 / many.batch);
  // Noise: more in flight never makes what is shared negative.
  if (!(once > 0)) return { each: many.us, once: 0 };
  return { each: Math.max(0, many.us - once / many.batch), once };
}

export const minus = (one: Cost, other: Cost): Cost => ({
  each: Math.max(0, one.each - other.each),
  once: Math.max(0, one.once - other.once),
});

/** For one message, where so many are done at once. */
export const at = ({ each, once }: Cost, batch: number): number => each + once / batch;
