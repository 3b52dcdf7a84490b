import type { Message } from '@sori/contract';
import { createProgram, isAlive, until } from './testing/program.js';
import type { Someone } from './testing/server.js';

/** What is left of a burst of messages when the program, or its database, is killed in the middle of it. */

type Program = Awaited<ReturnType<typeof createProgram>>;

let program: Program;
let alice: Someone;
let bob: Someone;
beforeAll(async () => {
  program = await createProgram();
  await program.start();
  [alice, bob] = await program.people('alice', 'bob');
});
afterAll(async () => {
  program.leave();
  await program.close();
});

interface Tried {
  clientId: string;
  /** Undefined where the connection broke before there was an answer. */
  answer: { status: number; body: Message; ms: number; retryAfter: string | null } | undefined;
}

/** Writes until told to stop, several at a time, and notes what each was answered. */
function burst(name: string) {
  const tried: Tried[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  let stopped = false;
  let acknowledged = 0;
  const write = async (writer: number): Promise<void> => {
    for (let n = 1; !stopped; n += 1) {
      const one: Tried = { clientId: `${name}-${writer}-${n}`, answer: undefined };
      tried.push(one);
      const began = performance.now();
      try {
        const { status, headers, body } = await alice.post(`/api/messages/send/${bob._id}`, {
          message: `secret ${one.clientId}`,
          clientId: one.clientId,
        });
        one.answer = { status, body, ms: performance.now() - began, retryAfter: headers.get('retry-after') };
        if (status === 201) acknowledged += 1;
      } catch {
        // The server is gone: nothing more can be written.
        return;
      }
      for (const { count, resolve } of waiting) if (acknowledged >= count) resolve();
    }
  };
  const writers = Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(write));
  return {
    tried,
    acknowledged: () => acknowledged,
    /** How many wait for an answer. */
    open: () => tried.filter(({ answer }) => answer === undefined).length,
    reached: (count: number) => new Promise<void>((resolve) => void waiting.push({ count, resolve })),
    async end(): Promise<void> {
      stopped = true;
      await writers;
    },
  };
}

async function wholeLog(): Promise<Message[]> {
  const rows: Message[] = [];
  const [conversation] = (await bob.get<{ _id: string }[]>('/api/conversations')).body;
  for (let after = 0, more = true; more;) {
    const { body } = await bob.get<{ entries: Message[]; next: number; more: boolean }>(
      `/api/conversations/${conversation?._id ?? ''}/entries?after=${after}&limit=500`,
    );
    rows.push(...body.entries);
    ({ next: after, more } = body);
  }
  return rows;
}

async function expectNothingLost(tried: Tried[]): Promise<void> {
  const log = await wholeLog();
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
  const byClientId = new Map(log.map((message) => [message.clientId, message]));
  expect(byClientId.size).toBe(log.length);
  for (const { answer } of tried) {
    if (answer?.status === 201) expect(byClientId.get(answer.body.clientId)).toMatchObject(answer.body);
  }
}

/** Everybody tries again what was not answered 201: the first message, if it was stored, and one row in the end. */
async function retryAll(tried: Tried[]): Promise<void> {
  const before = new Map((await wholeLog()).map((message) => [message.clientId, message._id]));
  for (const { clientId } of tried) {
    const { status, headers, body, refusals } = await sendPatiently(`secret ${clientId}`, clientId);
    expect(status).toBe(201);
    // What was refused with 503 may have been stored all the same.
    if (refusals === 0) expect(headers.get('idempotent-replayed')).toBe(before.has(clientId) ? 'true' : null);
    if (before.has(clientId)) expect(body._id).toBe(before.get(clientId));
  }
  const after = await wholeLog();
  expect(new Set(after.map(({ clientId }) => clientId)).size).toBe(after.length);
  for (const { clientId } of tried) {
    expect(after.filter((message) => message.clientId === clientId)).toHaveLength(1);
  }
}

const ready = (): Promise<void> => until(async () => (await program.ask('/readyz')).status === 200);
/** As a page sends: again where it is said that the time was not right. */
async function sendPatiently(message: string, clientId: string) {
  for (let refusals = 0; ; refusals += 1) {
    const answer = await alice.post(`/api/messages/send/${bob._id}`, { message, clientId });
    if (answer.status !== 503) return { ...answer, refusals };
  }
}

it.each([40, 200])(
  'a server killed after %i messages has all that it answered, and a retry gives the first',
  async (count) => {
    const writing = burst(`kill${count}`);
    await writing.reached(count);
    program.signal('SIGKILL');
    await program.ended();
    await writing.end();
    // Some of them were on their way: otherwise nothing was tried here.
    expect(writing.tried.some(({ answer }) => answer === undefined)).toBe(true);
    await program.start();
    await expectNothingLost(writing.tried);
    await retryAll(writing.tried);
  },
);

it('a database killed in a burst costs nobody a message, an answer or the connection', async () => {
  const recipient = await bob.sori();
  const { databasePid } = await program.runFile();
  if (databasePid === null) throw new Error('There is no database to be killed');
  const writing = burst('database');
  await writing.reached(60);
  // It hangs before it dies, so that every writer has something on its way.
  process.kill(databasePid, 'SIGSTOP');
  await until(() => writing.open() === 8);
  // What is asked later and answered without the database shows that the server has those before.
  expect((await program.ask('/healthz')).status).toBe(200);
  process.kill(databasePid, 'SIGKILL');
  await until(() => !isAlive(databasePid));
  const before = writing.acknowledged();
  await writing.reached(before + 60);
  await writing.end();
  const answers = writing.tried.map(({ answer }) => answer);
  expect([...new Set(answers.map((answer) => answer?.status))].sort()).toEqual([201, 503]);
  for (const answer of answers) {
    // 3 s, and what a busy machine adds; a driver's own patience ends after 10 and 30 s.
    expect(answer?.ms).toBeLessThan(8_000);
    if (answer?.status === 503) expect(Number(answer.retryAfter)).toBeGreaterThanOrEqual(1);
  }
  expect(recipient.socket.connected).toBe(true);
  await expectNothingLost(writing.tried);
  await retryAll(writing.tried);
  await recipient.settled();
  const received = (recipient.all('newMessage') as Message[]).map(({ seq }) => seq);
  expect(new Set(received).size).toBe(received.length);
  // Emitted by the time at which it was answered, or by the retry: nobody has to fetch what was written here.
  const own = (await wholeLog()).filter(({ clientId }) => clientId?.startsWith('database'));
  expect([...received].sort((a, b) => a - b)).toEqual(own.map(({ seq }) => seq));
});

it('a database that hangs is not ready, and the server is alive', async () => {
  const recipient = await bob.sori();
  const { databasePid } = await program.runFile();
  process.kill(databasePid ?? 0, 'SIGSTOP');
  const began = performance.now();
  const [notReady, alive, sent] = await Promise.all([
    program.ask('/readyz'),
    program.ask('/healthz'),
    alice.post(`/api/messages/send/${bob._id}`, { message: 'hi', clientId: 'hang' }),
  ]);
  expect([notReady.status, alive.status, sent.status]).toEqual([503, 200, 503]);
  expect(performance.now() - began).toBeLessThan(8_000);
  expect(recipient.socket.connected).toBe(true);
  process.kill(databasePid ?? 0, 'SIGCONT');
  await ready();
  expect((await sendPatiently('hi', 'hang')).status).toBe(201);
});

it('a server asked to stop in a burst stores what it answers, takes nothing more, and ends with 0', async () => {
  const recipient = await bob.sori();
  const writing = burst('term');
  await writing.reached(60);
  program.signal('SIGTERM');
  expect(await recipient.gone()).toBe('transport close');
  expect(await program.ended()).toBe(0);
  await writing.end();
  for (const { answer } of writing.tried) {
    if (answer && answer.status !== 201) expect([answer.status, Number(answer.retryAfter)]).toEqual([503, 1]);
  }
  await program.start();
  await expectNothingLost(writing.tried);
  await retryAll(writing.tried);
});

it('in all these tests no message text, token or password was written to the log', () => {
  expect(program.seen()).toContain('/api/messages/send/');
  for (const secret of ['secret ', alice.token, bob.token, 'correct horse', 'jwt=']) {
    expect(program.seen()).not.toContain(secret);
  }
});
