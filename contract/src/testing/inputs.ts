import type * as z from 'zod/mini';
import * as contract from '../index.js';

/** What only the server sends. Whatever else is exported takes something in. */
const outgoing = new Set(
  (
    'Person Member Message Reaction Entry MessageEntry EntriesPage MemberState Draft Conversation Positions ' +
    'RoomPerson Room EnteredRoom RoomHere OpenUpdate OwnReport AdminPerson Report AuditEntry AdminState Settings ' +
    'BlockChange Heads PresenceChange ReadNotice Typing SessionEnd WireError AnyWireError Bootstrap Versions ' +
    'Attachment UploadedFile SharedItem SharedPage'
  ).split(' '),
);

const schemas = Object.entries(contract).flatMap(
  ([name, value]): { name: string; schema: z.ZodMiniType }[] =>
    typeof value === 'object' && '_zod' in value ? [{ name, schema: value }] : [],
);
export const takenIn = schemas.filter(({ name }) => !outgoing.has(name));
export const givenOut = schemas.filter(({ name }) => outgoing.has(name));

/** A place in an input where something can stand. */
export interface Place {
  path: (string | number)[];
  kind: 'text' | 'list' | 'object' | 'number' | 'boolean';
  /** Null may stand there too. */
  orNull: boolean;
  /** An input that has this there, and nothing else. */
  inputWith: (value: unknown) => unknown;
}

const within = (key: string | number, places: Place[], wrap: (value: unknown) => unknown): Place[] =>
  places.map(({ path, inputWith, ...place }) => ({
    ...place,
    path: [key, ...path],
    inputWith: (value) => wrap(inputWith(value)),
  }));

export function placesIn(schema: z.core.$ZodType, orNull = false): Place[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const here = { path: [], orNull, inputWith: (value: unknown) => value };
  switch (def.type) {
    case 'string':
    case 'enum':
    case 'literal':
      return [{ ...here, kind: 'text' }];
    case 'number':
    case 'boolean':
      return [{ ...here, kind: def.type }];
    case 'object':
      return [
        { ...here, kind: 'object' },
        ...Object.entries(def.shape).flatMap(([key, field]) =>
          within(key, placesIn(field), (value) => ({ [key]: value })),
        ),
      ];
    case 'array':
      return [{ ...here, kind: 'list' }, ...within(0, placesIn(def.element), (value) => [value])];
    case 'pipe':
      return placesIn(def.in, orNull);
    case 'nullable':
      return placesIn(def.innerType, true);
    case 'optional':
    case 'default':
    case 'catch':
      return placesIn(def.innerType, orNull);
    case 'union':
      return def.options.flatMap((option) => placesIn(option, orNull));
    case 'unknown':
      return [];
    default:
      throw new Error(`This test does not know what ${def.type} takes`);
  }
}

/** What is said of this place, and of nothing beside it, where that stands there. */
export const issuesAt = (schema: z.ZodMiniType, { path, inputWith }: Place, value: unknown): string[] =>
  (schema.safeParse(inputWith(value)).error?.issues ?? []).flatMap((issue) =>
    path.every((key, depth) => issue.path[depth] === key) ? [issue.message] : [],
  );

const exported = new Set<unknown>(schemas.map(({ schema }) => schema));
const inRoutes = Object.entries(contract.routes).flatMap(
  ([name, { params, query, body }]): { name: string; schema: z.ZodMiniType }[] => [
    { name: `${name} params`, schema: params },
    { name: `${name} query`, schema: query },
    { name: `${name} body`, schema: body },
  ],
);
const inSockets = Object.entries({ ...contract.requests, ...contract.openRequests }).map(
  ([name, { input }]) => ({ name, schema: input }),
);
/** What the tables take in that has no name of its own. */
export const takenInRows = [...inRoutes, ...inSockets].filter(
  ({ schema }) => !exported.has(schema) && placesIn(schema).some(({ kind }) => kind !== 'object'),
);
