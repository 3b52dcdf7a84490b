/**
 * The time by the server's clock. What the server tells (the end of a mute, when something was said) is compared with
 * this and never with the device's own clock, which may be hours off.
 */
export type ServerTime = {
  /** The device's own where the server was not heard yet. */
  now: () => number;
  isKnown: () => boolean;
  /** Calls when what is known of it has changed. Returns what ends that. */
  subscribe: (changed: () => void) => () => void;
};

export type ServerTimeKeeper = ServerTime & {
  /** Fetches, and takes from the answer what the server's clock says. */
  listening: (fetch: typeof globalThis.fetch) => typeof globalThis.fetch;
  /** The device slept, or its clock was set: the server has to be heard again. */
  isDoubtful: () => boolean;
};

type Clocks = {
  /** The device's clock, as its owner set it. */
  wall: () => number;
  /** Runs evenly whatever the device's clock is set to; it may stand still while the device sleeps. */
  steady: () => number;
};

/** The `Date` of an answer is in whole seconds. */
const dateWithinMs = 999;
/** So far apart the two clocks of a device come by themselves only over days. */
const doubtfulMs = 1_500;
/** Less than this nobody sees. */
const notifiedFromMs = 500;

/** Each answer says between which two the server's clock is ahead; together they say it to less than a second. */
type Ahead = { least: number; most: number };

export const createServerTime = ({ wall, steady }: Clocks): ServerTimeKeeper => {
  let ahead: Ahead | null = null;
  let apart = 0;
  const listeners = new Set<() => void>();

  const now = (): number => (ahead === null ? wall() : steady() + (ahead.least + ahead.most) / 2);
  const received = (date: number, askedAt: number) => {
    if (Number.isNaN(date)) return;
    const before = now();
    const said: Ahead = { least: date - steady(), most: date + dateWithinMs - askedAt };
    const both: Ahead =
      ahead === null
        ? said
        : { least: Math.max(ahead.least, said.least), most: Math.min(ahead.most, said.most) };
    // Where they contradict each other, the device slept or the server's clock was set: the last one counts.
    ahead = both.least <= both.most ? both : said;
    apart = wall() - steady();
    if (Math.abs(now() - before) >= notifiedFromMs) for (const listener of listeners) listener();
  };

  return {
    now,
    isKnown: () => ahead !== null,
    isDoubtful: () => ahead !== null && Math.abs(wall() - steady() - apart) > doubtfulMs,
    subscribe: (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    listening: (fetch) => async (input, init) => {
      const askedAt = steady();
      const response = await fetch(input, init);
      received(Date.parse(response.headers.get('Date') ?? ''), askedAt);
      return response;
    },
  };
};

export const serverTime = createServerTime({ wall: () => Date.now(), steady: () => performance.now() });

const doubtsLookedForMs = 60_000;

/** Asks the server something small where the device's clocks say that it slept, or that somebody set one. */
export const settleDoubts = (ask: () => Promise<unknown>): (() => void) => {
  const look = () => {
    // Without an answer, the next look asks again.
    if (serverTime.isDoubtful()) ask().catch(() => undefined);
  };
  const timer = setInterval(look, doubtsLookedForMs);
  document.addEventListener('visibilitychange', look);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', look);
  };
};
