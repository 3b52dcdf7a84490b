export interface TimeLocale {
  /** What Intl is given: the page's language, in the person's own variety of it where they prefer one. */
  locale: string;
  /** 12 or 24 hours as where the person comes from, also where the page speaks another language. Not `hour12`: in English, false makes midnight 24:05. */
  hourCycle: Intl.DateTimeFormatOptions['hourCycle'];
}

/** Some systems name their language in a way that Intl does not take (`en-US@posix`). */
const isTag = (tag: string): boolean => {
  try {
    return Intl.getCanonicalLocales(tag).length > 0;
  } catch {
    return false;
  }
};

/**
 * How times are written for somebody: in the page's language, as it is written where they are. English alone would tell
 * people in Britain and Germany 3:05 PM.
 * @param preferred the browser's languages, most wanted first
 */
export function timeLocaleFor(language: string, preferred: readonly string[]): TimeLocale {
  const tags = preferred.filter(isTag);
  const own = tags.find((tag) => tag.toLowerCase().split('-')[0] === language);
  const clock = new Intl.DateTimeFormat(tags[0] ?? language, { hour: 'numeric' });
  return { locale: own ?? language, hourCycle: clock.resolvedOptions().hourCycle };
}

/** What newer Unicode data says in Korean too, and what people there write. */
const koreanDayPeriods: Readonly<Record<string, string>> = { AM: '오전', PM: '오후' };

/** As the formatter writes it, with the half of the day in the page's language. */
export const formatIn = (language: string, formatter: Intl.DateTimeFormat, at: Date): string =>
  language === 'ko'
    ? formatter
        .formatToParts(at)
        .map(({ type, value }) => (type === 'dayPeriod' ? (koreanDayPeriods[value] ?? value) : value))
        .join('')
    : formatter.format(at);
