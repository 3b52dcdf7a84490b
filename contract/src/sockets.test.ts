import * as z from 'zod/mini';
import { openNotices, openRequests } from './open.js';
import { notices, requests, type SocketRequest } from './sockets.js';

const asked = [...Object.entries(requests), ...Object.entries(openRequests)].map(
  ([name, row]: [string, SocketRequest]) => ({ name, ...row }),
);
const emitted = [...Object.entries(notices), ...Object.entries(openNotices)].map(([name, row]) => ({
  name,
  ...row,
}));

describe('the table of socket events', () => {
  it.each([...asked, ...emitted])('says what $name is, in one line', ({ summary }) => {
    expect(summary).toMatch(/^[A-Z][^\n]{5,110}[^.\n]$/);
  });

  it.each(asked)('can be printed as JSON Schema: $name', ({ input, output }) => {
    expect(z.toJSONSchema(input, { io: 'input' })).toHaveProperty('$schema');
    // As it travels, before its reader makes anything of it.
    expect(z.toJSONSchema(output, { io: 'input' })).toMatchObject({ type: 'object' });
  });

  it.each(emitted)('can be printed as JSON Schema: $name', ({ payload }) => {
    expect(z.toJSONSchema(payload, { io: 'input' })).toHaveProperty('$schema');
  });
});
