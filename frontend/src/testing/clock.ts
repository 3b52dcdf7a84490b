import { createFakeClock as createDeviceClock, type FakeClock as DeviceClock } from '@sori/client/testing';
import type { Clock } from '../device/clock';

export { settle } from '@sori/client/testing';

export type FakeClock = Clock &
  DeviceClock & {
    /** The server was heard, and its clock is so far ahead of the device's. */
    serverIsAhead: (ms: number) => void;
  };

export const createFakeClock = (start?: number): FakeClock => {
  const device = createDeviceClock(start);
  let ahead = 0;
  const listeners = new Set<() => void>();
  return {
    ...device,
    server: {
      now: () => device.now() + ahead,
      isKnown: () => true,
      subscribe: (changed) => {
        listeners.add(changed);
        return () => listeners.delete(changed);
      },
    },
    serverIsAhead: (ms) => {
      ahead = ms;
      for (const listener of listeners) listener();
    },
  };
};
