import { type Clock as DeviceClock, systemClock as deviceClock } from '@sori/client';
import { serverTime, type ServerTime } from './serverTime';

/** Time, as far as the page needs it: passed in, so that tests need no waiting. */
export type Clock = DeviceClock & {
  /** The server's: for all that the server tells. `now` is the device's, for what it alone compares. */
  server: ServerTime;
};

export const systemClock: Clock = { ...deviceClock, server: serverTime };
