import { useServerTime } from './useServerTime';

const asDate = (now: number): Date => new Date(now);
const untilNextMinute = (now: number): number => 60_000 - (now % 60_000);

/** The time by the server's clock, anew at every full minute. */
export const useNow = (): Date => useServerTime(asDate, untilNextMinute);
