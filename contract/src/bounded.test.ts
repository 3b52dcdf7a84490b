import * as z from 'zod/mini';
import * as contract from './index.js';

/** To put in order, the work of many seconds. */
const marks = '\u0301\u0316'.repeat(100_000);
const crowd = Array.from({ length: 200_000 }, () => 0);

/** What we tell and nobody sends. Whatever else is exported takes something in. */
const told = new Set(
  (
    'Person Member Message Reaction Entry MessageEntry EntriesPage MemberState Draft Conversation Positions ' +
    'RoomPerson Room EnteredRoom RoomHere OpenUpdate OwnReport AdminPerson Report AuditEntry AdminState Settings ' +
    'BlockChange Heads PresenceChange ReadNotice Typing SessionEnd WireError Bootstrap'
  ).split(' '),
);

/** A place in an input where a string or a list can stand. */
interface Place {
  path: (string | number)[];
  isList: boolean;
  /** An input that has this there, and nothing else. */
  inputWith: (value: unknown) => unknown;
}

const within = (key: string | number, places: Place[], wrap: (value: unknown) => unknown): Place[] =>
  places.map(({ path, isList, inputWith }) => ({
    path: [key, ...path],
    isList,
    inputWith: (value) => wrap(inputWith(value)),
  }));

function placesIn(schema: z.core.$ZodType): Place[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const here = { path: [], inputWith: (value: unknown) => value };
  switch (def.type) {
    case 'string':
    case 'enum':
    case 'literal':
      return [{ ...here, isList: false }];
    case 'object':
      return Object.entries(def.shape).flatMap(([key, field]) =>
        within(key, placesIn(field), (value) => ({ [key]: value })),
      );
    case 'array':
      return [{ ...here, isList: true }, ...within(0, placesIn(def.element), (value) => [value])];
    case 'pipe':
      return placesIn(def.in);
    case 'optional':
    case 'nullable':
    case 'default':
      return placesIn(def.innerType);
    case 'union':
      return def.options.flatMap(placesIn);
    case 'number':
    case 'boolean':
    case 'unknown':
      return [];
    default:
      throw new Error(`This test does not know what ${def.type} takes`);
  }
}

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
function tried(schema: z.ZodMiniType, { path, inputWith }: Place, value: unknown) {
  const watched = looks();
  const { error } = schema.safeParse(inputWith(value));
  const looked = watched.filter(({ mock }) =>
    [...mock.contexts.map(String), ...mock.calls.flat()].some(isHuge),
  );
  const names = looked.map((spy) => spy.getMockName());
  for (const spy of watched) spy.mockRestore();
  const at = path.join('.');
  const issues = (error?.issues ?? []).filter((issue) =>
    path.every((key, depth) => issue.path[depth] === key),
  );
  return { at, looked: names, messages: issues.map(({ message }) => message) };
}

const schemas = Object.entries(contract).flatMap(
  ([name, value]): { name: string; schema: z.ZodMiniType }[] =>
    typeof value === 'object' && '_zod' in value ? [{ name, schema: value }] : [],
);
const taken = schemas.filter(({ name }) => !told.has(name));

describe('what a client sends is measured before it is looked at', () => {
  it('is known for everything that can be sent', () => {
    expect(taken.length).toBeGreaterThan(40);
    expect(placesIn(contract.Signup).map(({ path }) => path.join('.'))).toContain('username');
    expect(placesIn(contract.AddMembers)).toHaveLength(3);
    const all = new Set<unknown>(taken.map(({ schema }) => schema));
    for (const { input } of Object.values(contract.requests)) expect(all.has(input)).toBe(true);
  });

  it.each(taken)('200,000 combining marks anywhere in $name are refused by their number', ({ schema }) => {
    for (const place of placesIn(schema).filter(({ isList }) => !isList)) {
      const { messages, ...rest } = tried(schema, place, marks);
      expect(rest).toEqual({ at: place.path.join('.'), looked: [] });
      expect(messages).toHaveLength(1);
    }
  });

  it.each(taken)('a list of 200,000 anywhere in $name is refused by its length', ({ schema }) => {
    for (const place of placesIn(schema).filter(({ isList }) => isList)) {
      // One word for the list, and none for anything in it.
      expect(tried(schema, place, crowd).messages).toHaveLength(1);
    }
  });

  it('is looked at by nobody either where it is only told', () => {
    for (const { schema } of schemas.filter(({ name }) => told.has(name))) {
      for (const place of placesIn(schema).filter(({ isList }) => !isList)) {
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
