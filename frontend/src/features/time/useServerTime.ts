import { useEffect, useState } from 'react';
import { serverTime } from '../../device/serverTime';

/**
 * What `read` makes of the time by the server's clock, anew after as many milliseconds as `until` says, and when the
 * clock turns out to be another.
 */
export function useServerTime<Value>(read: (now: number) => Value, until: (now: number) => number): Value {
  const [value, setValue] = useState(() => read(serverTime.now()));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const look = () => {
      clearTimeout(timer);
      const now = serverTime.now();
      setValue(() => read(now));
      timer = setTimeout(look, until(now));
    };
    look();
    // A timer sleeps while the laptop does.
    document.addEventListener('visibilitychange', look);
    const unsubscribe = serverTime.subscribe(look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
      unsubscribe();
    };
  }, [read, until]);
  return value;
}
