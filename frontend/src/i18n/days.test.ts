import fc from 'fast-check';
import { dayOf, daysBetween, describeDay, describeMoment, msUntilNextDay, sameMinute } from './days';

const seoul = 'Asia/Seoul';
const newYork = 'America/New_York';
const beirut = 'Asia/Beirut';

describe('days, where the reader lives', () => {
  it('puts what was written just before and just after midnight on two days', () => {
    expect(dayOf('2025-03-08T14:59:59.999Z', seoul)).toBe('2025-03-08');
    expect(dayOf('2025-03-08T15:00:00.000Z', seoul)).toBe('2025-03-09');
  });

  it('puts the same moment on different days for readers in Seoul and New York', () => {
    expect(dayOf('2025-03-09T01:00:00Z', seoul)).toBe('2025-03-09');
    expect(dayOf('2025-03-09T01:00:00Z', newYork)).toBe('2025-03-08');
  });

  it('calls the day before a short day yesterday', () => {
    // 2025-03-09 has 23 hours in New York.
    expect(daysBetween(dayOf('2025-03-09T04:30:00Z', newYork), dayOf('2025-03-10T04:30:00Z', newYork))).toBe(
      2,
    );
    expect(describeDay('2025-03-09', '2025-03-10')).toMatchObject({ kind: 'yesterday' });
    expect(describeDay('2025-03-08', '2025-03-10')).toMatchObject({ kind: 'date' });
  });

  it('knows how long today still is, on short and on long days', () => {
    const hours = (at: string, zone: string) => msUntilNextDay(new Date(at), zone) / 3_600_000;
    expect(hours('2025-03-09T05:00:00Z', newYork)).toBe(23);
    expect(hours('2025-11-02T04:00:00Z', newYork)).toBe(25);
    expect(hours('2025-03-09T05:00:00Z', seoul)).toBe(10);
  });

  it('finds the next day where the clocks skip midnight itself', () => {
    // In Beirut, 2025-03-30 begins at 01:00.
    const eve = new Date('2025-03-29T20:00:00Z');
    const next = new Date(eve.getTime() + msUntilNextDay(eve, beirut));
    expect(next.toISOString()).toBe('2025-03-29T22:00:00.000Z');
    expect(dayOf(next, beirut)).toBe('2025-03-30');
  });

  it('always finds the first millisecond of the next day', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2000-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
        fc.constantFrom(seoul, newYork, beirut, 'Australia/Lord_Howe', 'UTC', undefined),
        (now, zone) => {
          const next = now.getTime() + msUntilNextDay(now, zone);
          expect(dayOf(next - 1, zone)).toBe(dayOf(now, zone));
          expect(daysBetween(dayOf(now, zone), dayOf(next, zone))).toBe(1);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('says the year of another year only', () => {
    expect(describeDay('2024-12-31', '2025-01-01')).toEqual({
      kind: 'yesterday',
      day: '2024-12-31',
      withYear: true,
    });
    expect(describeDay('2025-01-03', '2025-03-01').withYear).toBe(false);
  });
});

describe('moments, as a list shows them', () => {
  const now = new Date('2025-03-10T03:00:00Z');
  it.each([
    ['2025-03-10T08:00:00Z', { kind: 'now' }],
    ['2025-03-10T02:59:30Z', { kind: 'now' }],
    ['2025-03-10T02:57:00Z', { kind: 'minutes', minutes: 3 }],
    ['2025-03-09T15:00:00Z', { kind: 'time', withYear: false }],
    ['2025-03-09T14:59:00Z', { kind: 'yesterday', withYear: false }],
    ['2025-03-05T03:00:00Z', { kind: 'weekday', withYear: false }],
    ['2025-03-03T03:00:00Z', { kind: 'date', withYear: false }],
    ['2024-12-24T03:00:00Z', { kind: 'date', withYear: true }],
  ])('describes %s to somebody in Seoul at noon', (at, description) => {
    expect(describeMoment(at, now, seoul)).toEqual(description);
  });

  it('groups what was written within one minute of the clock', () => {
    expect(sameMinute('2025-03-10T03:00:00.000Z', '2025-03-10T03:00:59.999Z')).toBe(true);
    expect(sameMinute('2025-03-10T03:00:59.999Z', '2025-03-10T03:01:00.000Z')).toBe(false);
  });
});
