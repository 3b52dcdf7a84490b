/** A calendar day somewhere, written `2025-03-09`: comparable as text, and free of clocks and zones. */
export type Day = string;

const formatters = new Map<string, Intl.DateTimeFormat>();

const formatterFor = (timeZone: string): Intl.DateTimeFormat => {
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    formatters.set(timeZone, formatter);
  }
  return formatter;
};

const digits = (value: number, length: number) => String(value).padStart(length, '0');

/** The day on which that moment falls, in the zone of the device unless another is given. */
export const dayOf = (at: string | number | Date, timeZone?: string): Day => {
  const date = new Date(at);
  if (timeZone === undefined)
    return `${digits(date.getFullYear(), 4)}-${digits(date.getMonth() + 1, 2)}-${digits(date.getDate(), 2)}`;
  const parts = new Map(
    formatterFor(timeZone)
      .formatToParts(date)
      .map(({ type, value }) => [type, value]),
  );
  return `${parts.get('year') ?? ''}-${parts.get('month') ?? ''}-${parts.get('day') ?? ''}`;
};

const dayNumber = (day: Day): number => Date.parse(`${day}T00:00:00Z`) / 86_400_000;

/** How many midnights lie between two days, however long those days were. */
export const daysBetween = (earlier: Day, later: Day): number => dayNumber(later) - dayNumber(earlier);

/** A day as people say it; `date` is for the page's language to format. */
export type DayDescription = { kind: 'today' | 'yesterday' | 'date'; day: Day; withYear: boolean };

export const describeDay = (day: Day, today: Day): DayDescription => {
  const ago = daysBetween(day, today);
  return {
    kind: ago === 0 ? 'today' : ago === 1 ? 'yesterday' : 'date',
    day,
    withYear: day.slice(0, 4) !== today.slice(0, 4),
  };
};

/** Noon of that day on this device: a Date that formats as that day whatever the clocks did at its midnight. */
export const noonOf = (day: Day): Date => new Date(`${day}T12:00:00`);

/** A moment as a list shows it: shorter, the further away it is. */
export type MomentDescription =
  | { kind: 'now' }
  | { kind: 'minutes'; minutes: number }
  | { kind: 'time' | 'yesterday' | 'weekday' | 'date'; withYear: boolean };

/** What the server's clock has ahead of this device's is "now" too, never "in three minutes". */
export const describeMoment = (
  at: string | number | Date,
  now: Date,
  timeZone?: string,
): MomentDescription => {
  const minutes = Math.floor((now.getTime() - new Date(at).getTime()) / 60_000);
  if (minutes < 1) return { kind: 'now' };
  if (minutes < 60) return { kind: 'minutes', minutes };
  const day = dayOf(at, timeZone);
  const today = dayOf(now, timeZone);
  const ago = daysBetween(day, today);
  const kind = ago <= 0 ? 'time' : ago === 1 ? 'yesterday' : ago < 7 ? 'weekday' : 'date';
  return { kind, withYear: day.slice(0, 4) !== today.slice(0, 4) };
};

/** Milliseconds until another day begins. Days have 23 to 25 hours, and some zones skip midnight: so it is looked for. */
export const msUntilNextDay = (now: Date, timeZone?: string): number => {
  const today = dayOf(now, timeZone);
  let same = 0;
  let another = 27 * 3_600_000;
  while (another - same > 1) {
    const middle = Math.floor((same + another) / 2);
    if (dayOf(now.getTime() + middle, timeZone) === today) same = middle;
    else another = middle;
  }
  return another;
};

/** True where two times show the same `hh:mm`. No zone in use is off by parts of a minute. */
export const sameMinute = (one: string, other: string): boolean =>
  Math.floor(Date.parse(one) / 60_000) === Math.floor(Date.parse(other) / 60_000);
