/** A day as people say it: `date` comes with the day itself, for the page's language to format. */
export type DayDescription = { kind: 'today' | 'yesterday' | 'date'; day: string; withYear: boolean };
