import { createProgram } from './testing/program.js';
import type { Client } from './testing/live.js';
import type { Someone } from './testing/server.js';

/** How a server stops, step by step, from outside. */

type Program = Awaited<ReturnType<typeof createProgram>>;

let program: Program;
let alice: Someone;
let bob: Someone;
beforeEach(async () => {
  program = await createProgram();
  await program.start();
  [alice, bob] = await program.people('alice', 'bob');
});
afterEach(async () => {
  program.leave();
  await program.close();
});

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const timed = async <Result>(work: Promise<Result>): Promise<{ result: Result; ms: number }> => {
  const began = performance.now();
  return { result: await work, ms: performance.now() - began };
};
const sockets = (person: Someone, count: number): Promise<Client[]> =>
  Promise.all(upTo(count).map(() => person.sori()));

it('lets everybody finish, answers newcomers to come again, closes the sockets over 3 s, and ends with 0', async () => {
  const tabs = await sockets(bob, 60);
  await alice.say(bob._id, 'before');
  const began = performance.now();
  const goneAt: number[] = [];
  const gone = tabs.map(async (tab) => {
    const why = await tab.gone();
    goneAt.push(performance.now() - began);
    return why;
  });
  program.signal('SIGTERM');
  // From the first of them on the rest still listen, and the server is on its way out.
  await Promise.race(gone);
  const [ready, alive, sent, read, newcomer] = await Promise.all([
    program.ask('/readyz'),
    program.ask('/healthz'),
    alice.post(`/api/messages/send/${bob._id}`, { message: 'too late', clientId: 'too-late' }),
    alice.get(`/api/messages/${bob._id}`),
    program.ask('/socket.io/?EIO=4&transport=polling'),
  ]);
  expect([ready.status, alive.status, sent.status, read.status, newcomer.status]).toEqual([
    503, 200, 503, 200, 503,
  ]);
  for (const refused of [ready, sent, newcomer])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  // One of those that are still there; which of them goes next, nobody knows.
  const answers = await Promise.all(
    tabs
      .filter(({ socket }) => socket.connected)
      .map((tab) =>
        Promise.race([
          tab.ask('message:send', { to: bob._id, message: 'x', clientId: 'late' }),
          tab.gone().then(() => undefined),
        ]),
      ),
  );
  const answered = answers.filter((answer) => answer !== undefined);
  expect(answered.length).toBeGreaterThan(0);
  for (const answer of answered)
    expect(answer).toMatchObject({
      ok: false,
      code: 'UNAVAILABLE',
      retryAfterMs: expect.any(Number) as number,
    });
  expect(new Set(await Promise.all(gone))).toEqual(new Set(['transport close']));
  // Over 3 s; a busy machine closes the first ones late, or the last ones.
  expect((goneAt.at(-1) ?? 0) - (goneAt[0] ?? 0)).toBeGreaterThan(1_000);
  expect((goneAt.at(-1) ?? 0) - (goneAt[0] ?? 0)).toBeLessThan(10_000);
  const { result } = await timed(program.ended());
  expect(result).toBe(0);
  expect(performance.now() - began).toBeLessThan(25_000);
  await program.start();
  const { body } = await bob.get<{ message: string }[]>(`/api/messages/${alice._id}`);
  expect(body.map(({ message }) => message)).toEqual(['before']);
}, 60_000);

it('ends within 20 s where the database hangs, and nothing that was answered is lost', async () => {
  const [tab] = await sockets(bob, 1);
  const said = await Promise.all(upTo(20).map((n) => alice.say(bob._id, `n${n}`)));
  const { databasePid } = await program.runFile();
  process.kill(databasePid ?? 0, 'SIGSTOP');
  const hanging = alice.post(`/api/messages/send/${bob._id}`, { message: 'hangs', clientId: 'hangs' });
  // What is asked later and answered without the database shows that the server has the one before.
  expect((await program.ask('/healthz')).status).toBe(200);
  const began = performance.now();
  program.signal('SIGTERM');
  await tab?.gone();
  expect((await hanging).status).toBe(503);
  await program.ended();
  expect(performance.now() - began).toBeLessThan(25_000);
  await program.start();
  const { body } = await bob.get<{ _id: string }[]>(`/api/messages/${alice._id}?limit=100`);
  expect(body.map(({ _id }) => _id)).toEqual(expect.arrayContaining(said.map(({ _id }) => _id)));
}, 60_000);

it('is not held up by somebody who does not read, nor by one who keeps a connection open', async () => {
  const [deaf] = await sockets(bob, 1);
  // The client's own socket below stops reading: what is emitted piles up, and so does the goodbye.
  const below = (deaf?.socket.io.engine as unknown as { transport: { ws: { _socket: { pause(): void } } } })
    .transport.ws._socket;
  below.pause();
  await Promise.all(upTo(200).map((n) => alice.say(bob._id, `${n} ${'x'.repeat(4_000)}`)));
  const began = performance.now();
  program.signal('SIGTERM');
  expect(await program.ended()).toBe(0);
  expect(performance.now() - began).toBeLessThan(15_000);
}, 60_000);
