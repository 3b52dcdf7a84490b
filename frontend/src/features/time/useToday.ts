import { useEffect, useState } from 'react';
import { dayOf, msUntilNextDay, type Day } from './days';

/** The local day now, as `2025-03-09`; renders again when midnight comes, so "today" becomes "yesterday". */
export function useToday(): Day {
  const [today, setToday] = useState(() => dayOf(Date.now()));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const look = () => {
      clearTimeout(timer);
      const now = new Date();
      setToday(dayOf(now));
      timer = setTimeout(look, msUntilNextDay(now));
    };
    look();
    // A timer sleeps while the laptop does.
    document.addEventListener('visibilitychange', look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
  return today;
}
