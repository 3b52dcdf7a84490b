import { formatIn, timeLocaleFor } from './locale';
import { useTranslation } from './useTranslation';
import { serverTime } from '../device/serverTime';
import { describeDay, describeMoment, noonOf, type Day } from './days';

type Style = 'time' | 'weekday' | 'day' | 'dayWithYear' | 'longDay' | 'longDayWithYear' | 'full' | 'dated';

const styles: Record<Style, Intl.DateTimeFormatOptions> = {
  time: { hour: 'numeric', minute: '2-digit' },
  weekday: { weekday: 'short' },
  day: { month: 'short', day: 'numeric' },
  dayWithYear: { year: 'numeric', month: 'short', day: 'numeric' },
  longDay: { month: 'long', day: 'numeric', weekday: 'long' },
  longDayWithYear: { year: 'numeric', month: 'long', day: 'numeric', weekday: 'long' },
  full: { dateStyle: 'full', timeStyle: 'short' },
  dated: { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' },
};

// Making one takes longer than using it a hundred times. A new key where the device moved to another zone.
const formatters = new Map<string, Intl.DateTimeFormat>();

const format = (language: string, style: Style, at: Date): string => {
  const key = `${language} ${style} ${new Date().getTimezoneOffset()}`;
  let formatter = formatters.get(key);
  if (formatter === undefined) {
    const { locale, hourCycle } = timeLocaleFor(language, navigator.languages);
    const given = styles[style];
    // 03:45 where the day has 24 hours, 3:45 where it has twice twelve.
    const hour = given.hour !== undefined && hourCycle === 'h23' ? '2-digit' : given.hour;
    formatter = new Intl.DateTimeFormat(locale, { ...given, ...(hour && { hour }), hourCycle });
    formatters.set(key, formatter);
  }
  return formatIn(language, formatter, at);
};

/** Times as the page's language says them where the reader is, in their zone. */
export function useTimes() {
  const { t, language } = useTranslation();
  return {
    /** 오후 3:05, 3:05 PM */
    time: (at: string) => format(language, 'time', new Date(at)),
    /** With the day, for a tooltip. */
    full: (at: string) => format(language, 'full', new Date(at)),
    /** With the day of the month, in short. */
    dated: (at: string) => format(language, 'dated', new Date(at)),
    /** Today's as a time, older ones as yesterday, a weekday, a date: for the list. */
    moment: (at: string) => {
      const { kind, ...rest } = describeMoment(at, new Date(serverTime.now()));
      if (kind === 'yesterday') return t('conversation.yesterday');
      if (kind === 'weekday') return format(language, 'weekday', new Date(at));
      if (kind === 'date')
        return format(language, 'withYear' in rest && rest.withYear ? 'dayWithYear' : 'day', new Date(at));
      return format(language, 'time', new Date(at));
    },
    /** Today, yesterday, or the date: for the separator between days. */
    day: (day: Day, today: Day) => {
      const { kind, withYear } = describeDay(day, today);
      if (kind === 'today') return t('conversation.today');
      if (kind === 'yesterday') return t('conversation.yesterday');
      return format(language, withYear ? 'longDayWithYear' : 'longDay', noonOf(day));
    },
  };
}
