import * as z from 'zod/mini';
import { commonErrors, errorsOf, methodAndPath, routeNames, routes } from './routes.js';
import { accountRoutes } from './routes/accounts.js';
import { adminRoutes } from './routes/admin.js';
import { conversationRoutes } from './routes/conversations.js';
import { fileRoutes } from './routes/files.js';
import { groupRoutes } from './routes/groups.js';
import { messageRoutes } from './routes/messages.js';
import { peopleRoutes } from './routes/people.js';
import { pictureRoutes } from './routes/pictures.js';
import { roomRoutes } from './routes/rooms.js';
import { serverRoutes } from './routes/server.js';
import { issuesAt, placesIn } from './testing/inputs.js';

const byNoun = [
  serverRoutes,
  accountRoutes,
  peopleRoutes,
  messageRoutes,
  conversationRoutes,
  groupRoutes,
  roomRoutes,
  fileRoutes,
  pictureRoutes,
  adminRoutes,
];
const rows = routeNames.map((name) => ({ name, ...methodAndPath(name), route: routes[name] }));
const namesIn = (path: string): string[] => [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);

describe('the table of routes', () => {
  it('has every method and path once, in whichever file it stands', () => {
    const all = byNoun.flatMap((table) => Object.keys(table));
    expect(all.toSorted()).toEqual([...routeNames].toSorted());
  });

  it('calls what stands at one place of a path by one name, or two routes would print as one path', () => {
    const places = new Map<string, string>();
    for (const { path } of rows) {
      const shape = path.replaceAll(/:\w+/g, ':');
      expect(path).toBe(places.get(shape) ?? path);
      places.set(shape, path);
    }
  });

  it.each(rows)('says what $name does, in one line', ({ route: { summary } }) => {
    expect(summary).toMatch(/^[A-Z][^\n]{5,110}[^.\n]$/);
  });

  it.each(rows)('knows exactly what stands in the path of $name', ({ path, route: { params } }) => {
    const { properties } = z.toJSONSchema(params, { io: 'input' });
    expect(Object.keys(properties ?? {}).toSorted()).toEqual(namesIn(path).toSorted());
  });

  it.each(rows)('refuses an object where a text belongs in what $name takes', ({ route }) => {
    for (const schema of [route.params, route.query, route.body]) {
      for (const place of placesIn(schema).filter(({ kind }) => kind === 'text')) {
        expect(issuesAt(schema, place, { $gt: '' })).not.toEqual([]);
      }
    }
  });

  it.each(rows)('has one answer for $name where nothing is wrong, and a GET reads no body', (row) => {
    const { body, answers, idempotent } = row.route;
    expect(Object.keys(answers)).toHaveLength(1);
    const { properties = {} } = z.toJSONSchema(body, { io: 'input' });
    if (row.method === 'GET') expect(properties).toEqual({});
    // What the header carries is the body's, so it must have a place there.
    expect('clientId' in properties).toBe(idempotent);
  });

  it.each(rows)('can be printed as JSON Schema: $name', ({ route: { params, query, body, answers } }) => {
    for (const schema of [params, query, body]) {
      expect(z.toJSONSchema(schema, { io: 'input' })).toMatchObject({ type: 'object' });
    }
    for (const schema of Object.values(answers)) {
      // As it travels, before its reader makes anything of it.
      if (schema) expect(z.toJSONSchema(schema, { io: 'input' })).toHaveProperty('type');
    }
  });

  it('adds to what is said of a route what every route may answer, and who is kept out of it', () => {
    expect(errorsOf(routes['GET /healthz'])).toEqual([...commonErrors]);
    expect(errorsOf(routes['GET /api/users/:id'])).toEqual([...commonErrors, 'UNAUTHENTICATED', 'NOT_FOUND']);
    expect(errorsOf(routes['GET /api/admin/audit'])).toEqual([...commonErrors, 'NOT_FOUND']);
  });
});
