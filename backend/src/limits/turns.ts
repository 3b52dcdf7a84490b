import { mongo } from 'mongoose';
import { AppError, isDatabaseAway, unavailable } from '../core/errors.js';

export interface TurnsSettings {
  /** Turns that run at the same time, whosever they are. */
  atOnce: number;
  /** The same for one person. */
  perPerson: number;
  /** Asked for by one person and not begun. */
  waitingPerPerson: number;
  /** The same for everybody together. */
  waiting: number;
  /** Who has this many waiting rests after each turn, this many times as long as it took. */
  rest: { from: number; times: number };
}

/**
 * One at a time for a person, so that what others write waits for one page at most. Few for all: one event loop makes every
 * answer, and the embedded engine lets writes wait for seconds once seven of its calls are slow ones.
 */
export const heavyTurns: TurnsSettings = {
  atOnce: 3,
  perPerson: 1,
  waitingPerPerson: 300,
  waiting: 5_000,
  // A page asks for two or three things at once. Who asks for more leaves the server idle for most of the time: a send takes
  // several steps, and each of them would wait for a page.
  rest: { from: 3, times: 2 },
};

const longestRestMs = 1_000;

/** Ends a turn; twice is once. Where it failed, with what was thrown. */
export type EndTurn = (error?: unknown) => void;

/** Who may do heavy work now. Everybody in their own order, and person after person, however much each one asks for. */
export interface Turns {
  /**
   * Waits for the turn. Whoever gets it has to end it.
   * @param asker what asks: a socket or a request, by which it is dropped
   * @throws AppError RATE_LIMITED where the person has asked for too much, BUSY where everybody has, UNAVAILABLE
   */
  take(userId: string, asker: object): Promise<EndTurn>;
  /** The asker has gone: what it still waits for is dropped. What has begun goes on, and counts until it ends. */
  leave(userId: string, asker: object): void;
}

interface Waiting {
  asker: object;
  /** By `performance.now()`. */
  since: number;
  begin: (end: EndTurn) => void;
  refuse: (error: AppError) => void;
}
interface Line {
  userId: string;
  running: number;
  resting: boolean;
  waiting: Waiting[];
}

const isAway = (error: unknown): boolean =>
  isDatabaseAway(error) || (error instanceof AppError && error.code === 'UNAVAILABLE');
/** A call that was not answered in time: the database hangs, or what was asked of it is too much. */
const isTimeOut = (error: unknown): boolean =>
  error instanceof mongo.MongoNetworkTimeoutError ||
  error instanceof mongo.MongoOperationTimeoutError ||
  (error instanceof Error && error.name === 'MongoWaitQueueTimeoutError') ||
  (error instanceof AppError && error.cause !== undefined && isTimeOut(error.cause));
/**
 * Where a call timed out, those who have waited so long are answered that the database is away: together with a call of
 * their own it would be more than 3 s. Others may ask for less, and go on.
 */
const patienceMs = 800;
const busy = (): AppError => new AppError('BUSY', 'Too much is asked of the server. Please wait a moment');

/** Who waits for most: this one, unless another waits for more. */
function longestOf(lines: Iterable<Line>, line: Line): Line {
  let longest = line;
  for (const other of lines) if (other.waiting.length > longest.waiting.length) longest = other;
  return longest;
}

export function createTurns(settings: TurnsSettings): Turns {
  /** Of everybody who has something running or waiting. */
  const lines = new Map<string, Line>();
  /** Those who may begin something, in the order in which it is their turn. */
  const next = new Set<Line>();
  let running = 0;
  let waiting = 0;

  function serve(): void {
    // A Set goes on to what is put behind its end meanwhile.
    for (const line of next) {
      if (running >= settings.atOnce) return;
      next.delete(line);
      const one = line.waiting.shift();
      if (!one) continue;
      waiting -= 1;
      running += 1;
      line.running += 1;
      queue(line);
      one.begin(endOf(line));
    }
  }

  /** Puts the person behind all others who wait for a turn, or forgets a person who waits for nothing. */
  function queue(line: Line): void {
    if (line.waiting.length > 0 && line.running < settings.perPerson && !line.resting) next.add(line);
    if (line.waiting.length > 0 || line.running > 0 || line.resting) return;
    next.delete(line);
    lines.delete(line.userId);
  }

  function endOf(line: Line): EndTurn {
    const begin = performance.now();
    let ended = false;
    return (error) => {
      if (ended) return;
      ended = true;
      running -= 1;
      line.running -= 1;
      // Each of those who wait would find out for themselves, one after the other, and each after seconds.
      if (isAway(error)) {
        const before = isTimeOut(error) ? performance.now() - patienceMs : Infinity;
        for (const one of [...lines.values()]) drop(one, ({ since }) => since <= before, unavailable());
      }
      if (line.waiting.length >= settings.rest.from) rest(line, performance.now() - begin);
      queue(line);
      serve();
    };
  }

  function rest(line: Line, tookMs: number): void {
    line.resting = true;
    const restMs = Math.min(tookMs * settings.rest.times, longestRestMs);
    const timer = setTimeout(() => {
      line.resting = false;
      queue(line);
      serve();
    }, restMs);
    timer.unref();
  }

  function drop(line: Line, which: (one: Waiting) => boolean, error: AppError): void {
    const dropped = line.waiting.filter(which);
    if (dropped.length === 0) return;
    line.waiting = line.waiting.filter((one) => !which(one));
    waiting -= dropped.length;
    queue(line);
    for (const one of dropped) one.refuse(error);
  }

  /** Where everybody together waits for too much, who waits for most loses what they asked for last. */
  function makeRoom(line: Line): void {
    const longest = longestOf(lines.values(), line);
    const last = longest.waiting.at(-1);
    if (longest === line || !last) throw busy();
    drop(longest, (one) => one === last, busy());
  }

  return {
    async take(userId, asker) {
      const line = lines.get(userId) ?? { userId, running: 0, resting: false, waiting: [] };
      if (line.waiting.length >= settings.waitingPerPerson) {
        throw new AppError('RATE_LIMITED', 'You ask for too much at once. Please wait a moment');
      }
      if (waiting >= settings.waiting) makeRoom(line);
      lines.set(userId, line);
      return new Promise((begin, refuse) => {
        line.waiting.push({ asker, since: performance.now(), begin, refuse });
        waiting += 1;
        queue(line);
        serve();
      });
    },

    leave(userId, asker) {
      const line = lines.get(userId);
      if (line) drop(line, (one) => one.asker === asker, busy());
    },
  };
}
