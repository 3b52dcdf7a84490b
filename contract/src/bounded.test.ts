import type * as z from 'zod/mini';
import * as contract from './index.js';
import { givenOut, issuesAt, type Place, placesIn, takenIn, takenInRows } from './testing/inputs.js';

/** To put in order, the work of many seconds. */
const marks = '\u0301\u0316'.repeat(100_000);
const crowd = Array.from({ length: 200_000 }, () => 0);

/** Whatever looks at more of a string than its length, as far as it can be watched. */
const looks = () => [
  jest.spyOn(String.prototype, 'normalize'),
  jest.spyOn(String.prototype, 'trim'),
  jest.spyOn(String.prototype, 'toLowerCase'),
  jest.spyOn(String.prototype, 'replace'),
  jest.spyOn(RegExp.prototype, 'test'),
  jest.spyOn(RegExp.prototype, 'exec'),
];
const isHuge = (value: unknown): boolean => typeof value === 'string' && value.length > 10_000;

/** Parses the input with this there. */
function tried(schema: z.ZodMiniType, place: Place, value: unknown) {
  const watched = looks();
  const messages = issuesAt(schema, place, value);
  const looked = watched.filter(({ mock }) =>
    [...mock.contexts.map(String), ...mock.calls.flat()].some(isHuge),
  );
  const names = looked.map((spy) => spy.getMockName());
  for (const spy of watched) spy.mockRestore();
  return { at: place.path.join('.'), looked: names, messages };
}

const textsIn = (schema: z.ZodMiniType): Place[] => placesIn(schema).filter(({ kind }) => kind === 'text');
const taken = [...takenIn, ...takenInRows];

describe('what a client sends is measured before it is looked at', () => {
  it('is known for everything that can be sent', () => {
    expect(takenIn.length).toBeGreaterThan(40);
    expect(textsIn(contract.Signup).map(({ path }) => path.join('.'))).toContain('username');
    expect(placesIn(contract.AddMembers)).toHaveLength(4);
    const all = new Set<unknown>(takenIn.map(({ schema }) => schema));
    for (const { input } of Object.values(contract.requests)) expect(all.has(input)).toBe(true);
  });

  it.each(taken)('200,000 combining marks anywhere in $name are refused by their number', ({ schema }) => {
    for (const place of textsIn(schema)) {
      const { messages, ...rest } = tried(schema, place, marks);
      expect(rest).toEqual({ at: place.path.join('.'), looked: [] });
      expect(messages).toHaveLength(1);
    }
  });

  it.each(taken)('a list of 200,000 anywhere in $name is refused by its length', ({ schema }) => {
    for (const place of placesIn(schema).filter(({ kind }) => kind === 'list')) {
      // One word for the list, and none for anything in it.
      expect(tried(schema, place, crowd).messages).toHaveLength(1);
    }
  });

  it('is not checked either where the server only sends it', () => {
    for (const { schema } of givenOut) {
      for (const place of textsIn(schema)) {
        expect(tried(schema, place, marks).looked).toEqual([]);
      }
    }
  });
});

describe('a bound leaves room for what the limit allows, however it is written', () => {
  it('takes 32 syllables in pieces for a user name, and 50 for a name', () => {
    const syllables = (length: number): string => '각'.repeat(length).normalize('NFD');
    expect(contract.Username.parse(syllables(32))).toBe('각'.repeat(32));
    expect(contract.FullName.parse(syllables(50))).toBe('각'.repeat(50));
    expect(contract.Username.safeParse(syllables(33)).success).toBe(false);
  });

  it('takes 8,000 emoji, and says of a longer text that it is too large', () => {
    expect(contract.MessageText.safeParse('😀'.repeat(8_000)).success).toBe(true);
    for (const text of ['x'.repeat(8_001), 'x'.repeat(200_000)]) {
      const issues = contract.MessageText.safeParse(text).error?.issues ?? [];
      expect(issues).toHaveLength(1);
      expect(issues[0]).toMatchObject({ code: 'custom', params: { code: 'TOO_LARGE' } });
    }
  });
});

it('a user name loses the white space around it, at sign-up and at log-in, and none within', () => {
  expect(contract.Username.parse(' \u3000alice\t\n')).toBe('alice');
  expect(contract.Login.parse({ username: 'alice ', password: ' p ' })).toEqual({
    username: 'alice',
    password: ' p ',
  });
  expect(contract.Username.safeParse('al ice').success).toBe(false);
});
