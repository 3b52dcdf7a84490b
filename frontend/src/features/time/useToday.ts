import { dayOf, msUntilNextDay, type Day } from '../../i18n/days';
import { useServerTime } from './useServerTime';

const untilNextDay = (now: number): number => msUntilNextDay(new Date(now));

/** The local day now, as `2025-03-09`; renders again when midnight comes, so "today" becomes "yesterday". */
export const useToday = (): Day => useServerTime(dayOf, untilNextDay);
