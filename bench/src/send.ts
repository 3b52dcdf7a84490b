import { fileURLToPath } from 'node:url';
import type { SoriSocket } from '@sori/client';
import { lineOf, type Program, startProgram } from '@sori/testkit';
import { io, type Socket } from 'socket.io-client';
import type { BareInserts } from './bare/insert-many.js';
import { startBareInserts } from './bare/insert-many.js';
import { connectHttp, type HttpConnection } from './http-client.js';
import { type Ask, type LoadResult, runLoad } from './load.js';
import type { Options } from './options.js';
import { cpuMsOf } from './processes.js';
import { percent, type Report, shown, type Target, type Say } from './report.js';
import { openSocket, type Person, signUp, type Sori, startSori } from './sori.js';
import { median, quantile } from './statistics.js';

/** As the target has it: 32 people in 16 direct conversations, texts of 100 bytes. */
const peopleCount = 32;
const text = 'Sori!'.repeat(20);
const inFlightCounts = [1, 32, 64, 256] as const;
const targetInFlight = 64;
const targets = { socketShare: 0.25, restShare: 0.35, deliveryP99Ms: 150 } as const;

/** Neighbours write to each other, so that 32 people are in 16 conversations. */
const partnerOf = (index: number): number => index ^ 1;

/** What one case gave in one round. */
interface Sample {
  perSecond: number;
  /** Milliseconds from sending to `newMessage` at the other person's socket. */
  deliveryMs: number[];
  /** Processor time per answered request, in microseconds. */
  cpuUs: { server: number; database: number; generator: number };
  failures: Record<string, number>;
  /** Acknowledged and not delivered. */
  undelivered: number;
}

interface Case {
  name: string;
  inFlight: number;
  samples: Sample[];
  run: (seconds: number) => Promise<Sample>;
}

/** When each message was sent, by its clientId, until it arrives. */
function createDeliveries() {
  const sentAt = new Map<string, number>();
  let arrivedAfterMs: number[] = [];
  return {
    sent: (clientId: string): void => void sentAt.set(clientId, performance.now()),
    failed: (clientId: string): void => void sentAt.delete(clientId),
    arrived(clientId: string): void {
      const at = sentAt.get(clientId);
      if (at === undefined) return;
      sentAt.delete(clientId);
      arrivedAfterMs.push(performance.now() - at);
    },
    measuring: (): void => void (arrivedAfterMs = []),
    /** Waits for what is still on its way, for two seconds at most. */
    async take(): Promise<{ deliveryMs: number[]; undelivered: number }> {
      for (let waited = 0; sentAt.size > 0 && waited < 2_000; waited += 20) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const undelivered = sentAt.size;
      sentAt.clear();
      return { deliveryMs: arrivedAfterMs, undelivered };
    },
  };
}
type Deliveries = ReturnType<typeof createDeliveries>;

/** Runs the load and looks at who spent how much processor time on it. */
async function sample(
  options: { inFlight: number; seconds: number; server: number; database: number | null },
  ask: Ask,
  deliveries?: Deliveries,
): Promise<Sample> {
  const { inFlight, seconds, server, database } = options;
  const cpu = () => ({
    server: cpuMsOf(server),
    database: cpuMsOf(database),
    generator: process.cpuUsage().user / 1_000 + process.cpuUsage().system / 1_000,
  });
  let before = cpu();
  const result: LoadResult = await runLoad(
    {
      inFlight,
      seconds,
      measuring() {
        before = cpu();
        deliveries?.measuring();
      },
    },
    ask,
  );
  const after = cpu();
  const per = (name: keyof typeof before): number => ((after[name] - before[name]) * 1_000) / result.answered;
  const delivered = (await deliveries?.take()) ?? { deliveryMs: [], undelivered: 0 };
  return {
    perSecond: result.perSecond,
    failures: result.failures,
    cpuUs: { server: per('server'), database: per('database'), generator: per('generator') },
    ...delivered,
  };
}

let sends = 0;
const nextClientId = (): string => `bench-${(sends += 1)}`;
const at = <Item>(items: readonly Item[], index: number): Item => {
  const item = items[index % items.length];
  if (item === undefined) throw new Error('There is nothing in this list');
  return item;
};

async function soriCases(sori: Sori): Promise<{ cases: Case[]; close: () => void }> {
  const people: Person[] = await signUp(sori, peopleCount);
  const sockets: SoriSocket[] = await Promise.all(people.map((person) => openSocket(sori, person)));
  const deliveries = createDeliveries();
  sockets.forEach((socket, index) => {
    const me = at(people, index)._id;
    socket.on('newMessage', ({ senderId, clientId }) => {
      // The sender's own devices hear it, too; what counts is the other person.
      if (senderId !== me && clientId !== undefined) deliveries.arrived(clientId);
    });
  });
  let connections: HttpConnection[] = [];
  const requests = people.map(({ token }, index) => ({
    method: 'POST' as const,
    path: `/api/messages/send/${at(people, partnerOf(index))._id}`,
    headers: `Cookie: jwt=${token}\r\n`,
  }));
  const inputs = people.map((_, index) => ({ to: at(people, partnerOf(index))._id, message: text }));

  const overSocket: Ask = (worker, done) => {
    const clientId = nextClientId();
    deliveries.sent(clientId);
    at(sockets, worker).emit('message:send', { ...at(inputs, worker), clientId }, (reply) => {
      if (!reply.ok) deliveries.failed(clientId);
      done(reply.ok ? null : reply.code);
    });
  };
  const overRest: Ask = (worker, done) => {
    const clientId = nextClientId();
    deliveries.sent(clientId);
    const body = JSON.stringify({ message: text, clientId });
    at(connections, worker).ask({ ...at(requests, worker), body }, (error, { status }) => {
      const failure = error ? error.message : status === 201 ? null : `HTTP ${status}`;
      if (failure !== null) deliveries.failed(clientId);
      done(failure);
    });
  };
  const run = (ask: Ask, inFlight: number, seconds: number): Promise<Sample> =>
    sample({ inFlight, seconds, server: sori.pid, database: sori.databasePid }, ask, deliveries);
  const socketCase = (inFlight: number): Case => ({
    name: 'Sori socket',
    inFlight,
    samples: [],
    run: (seconds) => run(overSocket, inFlight, seconds),
  });
  const restCase = (inFlight: number): Case => ({
    name: 'Sori REST',
    inFlight,
    samples: [],
    async run(seconds) {
      connections = await connectMany(sori.port, inFlight);
      return run(overRest, inFlight, seconds).finally(() => closeAll(connections));
    },
  });
  return {
    cases: inFlightCounts.flatMap((inFlight) => [socketCase(inFlight), restCase(inFlight)]),
    close: () => sockets.forEach((socket) => socket.disconnect()),
  };
}

/** Anew for each run: a server closes a connection that was idle for 5 s. */
const connectMany = (port: number, count: number): Promise<HttpConnection[]> =>
  Promise.all(Array.from({ length: count }, () => connectHttp(port)));
const closeAll = (connections: readonly HttpConnection[]): void =>
  connections.forEach((connection) => connection.close());

async function portOf(program: Program): Promise<number> {
  return Number((await lineOf(program, 'port ')).slice('port '.length));
}

async function socketEchoCase(program: Program): Promise<{ one: Case; close: () => void }> {
  const port = await portOf(program);
  const deliveries = createDeliveries();
  const names = Array.from({ length: peopleCount }, (_, index) => `person-${index}`);
  const sockets: Socket[] = await Promise.all(
    names.map(async (name) => {
      const socket = io(`http://127.0.0.1:${port}`, {
        transports: ['websocket'],
        forceNew: true,
        reconnection: false,
        auth: { name },
      });
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('connect_error', reject);
      });
      socket.on('newMessage', ({ clientId }: { clientId: string }) => deliveries.arrived(clientId));
      return socket;
    }),
  );
  const ask: Ask = (worker, done) => {
    const clientId = nextClientId();
    deliveries.sent(clientId);
    const to = at(names, partnerOf(worker % peopleCount));
    at(sockets, worker).emit('send', { to, message: text, clientId }, () => done(null));
  };
  return {
    one: {
      name: 'bare Socket.IO echo and emit',
      inFlight: targetInFlight,
      samples: [],
      run: (seconds) =>
        sample({ inFlight: targetInFlight, seconds, server: program.pid, database: null }, ask, deliveries),
    },
    close: () => sockets.forEach((socket) => socket.disconnect()),
  };
}

async function expressEchoCase(program: Program): Promise<Case> {
  const port = await portOf(program);
  let connections: HttpConnection[] = [];
  const ask: Ask = (worker, done) => {
    const body = JSON.stringify({ message: text, clientId: nextClientId() });
    at(connections, worker).ask({ method: 'POST', path: '/echo', body }, (error, { status }) =>
      done(error ? error.message : status === 201 ? null : `HTTP ${status}`),
    );
  };
  return {
    name: 'bare Express JSON echo',
    inFlight: targetInFlight,
    samples: [],
    async run(seconds) {
      connections = await connectMany(port, targetInFlight);
      const options = { inFlight: targetInFlight, seconds, server: program.pid, database: null };
      return sample(options, ask).finally(() => closeAll(connections));
    },
  };
}

const insertsCase = (inserts: BareInserts): Case => ({
  name: 'bare insertMany, batches of 100',
  inFlight: 1,
  samples: [],
  run: async (seconds) => ({
    perSecond: await inserts.run(seconds),
    deliveryMs: [],
    cpuUs: { server: NaN, database: NaN, generator: NaN },
    failures: {},
    undelivered: 0,
  }),
});

/**
 * Sends a second and delivery latency. The cases are gone through one after the other, several times: what else the machine
 * does meanwhile falls on all of them, and a ratio is the median of the ratios within each round.
 */
export async function measureSend(options: Options, say: Say): Promise<Report> {
  say('\nsend: starting the server, the bare ones beside it, and signing up 32 people');
  const sori = await startSori(options.profile);
  const socketEcho = startProgram(fileURLToPath(new URL('./bare/socket-echo.js', import.meta.url)));
  const expressEcho = startProgram(fileURLToPath(new URL('./bare/express-echo.js', import.meta.url)));
  const inserts = await startBareInserts(text);
  const ours = await soriCases(sori);
  const bareSocket = await socketEchoCase(socketEcho);
  const bareExpress = await expressEchoCase(expressEcho);
  const raw = insertsCase(inserts);

  // Each bare one right before what it is compared with.
  const others = options.targetsOnly ? [] : ours.cases.filter(({ inFlight }) => inFlight !== targetInFlight);
  const [socket, rest] = ours.cases.filter(({ inFlight }) => inFlight === targetInFlight);
  if (!socket || !rest) throw new Error('The case of the targets is missing');
  const compared = [raw, bareSocket.one, socket, bareExpress, rest];
  const cases = [...compared, ...others];

  // Before the first round: everything is compiled, every conversation is there.
  for (const one of cases) await one.run(Math.min(1, options.seconds));
  for (let round = 1; round <= options.rounds; round += 1) {
    // A B A B: what the targets are about goes more often, and each time beside what it is compared with.
    for (const one of [...compared, ...others, ...compared]) one.samples.push(await one.run(options.seconds));
    say(`send: round ${round} of ${options.rounds}`);
  }

  ours.close();
  bareSocket.close();
  await Promise.all([sori.stop(), socketEcho.stop(), expressEcho.stop(), inserts.stop()]);
  return reportOf({ raw, bareSocket: bareSocket.one, bareExpress, socket, rest, cases });
}

interface Cases {
  raw: Case;
  bareSocket: Case;
  bareExpress: Case;
  /** The two that the targets are about. */
  socket: Case;
  rest: Case;
  /** All, in the order in which they ran. */
  cases: Case[];
}

/** Between neighbours first: what else the machine did then did not change between the two. */
const ratio = (one: Case, to: Case): number =>
  median(
    one.samples.map(({ perSecond }, index) => {
      // Not all went equally often.
      const beside = to.samples[Math.floor((index * to.samples.length) / one.samples.length)];
      return perSecond / (beside?.perSecond ?? NaN);
    }),
  );

/** What both take of the processors, the generator included: others who use the machine at the same time do not change it. */
function cpuRatio(one: Case, to: Case): number {
  const cpuUs = ({ samples }: Case): number =>
    median(samples.map(({ cpuUs: of }) => of.server + (of.database || 0) + of.generator));
  return cpuUs(to) / cpuUs(one);
}

function figuresOf(one: Case, raw: Case) {
  const of = (pick: (given: Sample) => number): number => median(one.samples.map(pick));
  return {
    name: one.name,
    inFlight: one.inFlight,
    perSecond: of(({ perSecond }) => perSecond),
    shareOfRaw: ratio(one, raw),
    deliveryP50Ms: of(({ deliveryMs }) => quantile(deliveryMs, 0.5)),
    deliveryP99Ms: of(({ deliveryMs }) => quantile(deliveryMs, 0.99)),
    serverCpuUs: of(({ cpuUs }) => cpuUs.server),
    databaseCpuUs: of(({ cpuUs }) => cpuUs.database),
    generatorCpuUs: of(({ cpuUs }) => cpuUs.generator),
    perSecondByRound: one.samples.map(({ perSecond }) => perSecond),
  };
}

function reportOf({ raw, bareSocket, bareExpress, socket, rest, cases }: Cases): Report {
  const order = [raw, bareSocket, bareExpress];
  const figures = [...order, ...cases.filter((one) => !order.includes(one))]
    .sort((a, b) => Number(order.includes(b)) - Number(order.includes(a)) || a.inFlight - b.inFlight)
    .map((one) => figuresOf(one, raw));
  const failures: Record<string, number> = {};
  let undelivered = 0;
  for (const { name, samples } of cases) {
    for (const given of samples) {
      undelivered += given.undelivered;
      for (const [kind, count] of Object.entries(given.failures)) {
        const key = `${name}: ${kind}`;
        failures[key] = (failures[key] ?? 0) + count;
      }
    }
  }
  const ofBare = { socket: ratio(socket, bareSocket), rest: ratio(rest, bareExpress) };
  const byCpu = { socket: cpuRatio(socket, bareSocket), rest: cpuRatio(rest, bareExpress) };
  const p99 = Math.max(figuresOf(socket, raw).deliveryP99Ms, figuresOf(rest, raw).deliveryP99Ms);
  const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
  const verdicts: Target[] = [
    {
      what: `socket, ${targetInFlight} in flight, of a bare Socket.IO echo and emit`,
      wanted: `at least ${percent(targets.socketShare)}`,
      measured: percent(ofBare.socket),
      holds: ofBare.socket >= targets.socketShare,
    },
    {
      what: `REST, ${targetInFlight} in flight, of a bare Express JSON echo`,
      wanted: `at least ${percent(targets.restShare)}`,
      measured: percent(ofBare.rest),
      holds: ofBare.rest >= targets.restShare,
    },
    {
      what: `delivery p99, ${targetInFlight} in flight, the slower door`,
      wanted: `under ${targets.deliveryP99Ms} ms`,
      measured: shown(p99, ' ms'),
      holds: p99 < targets.deliveryP99Ms,
    },
    {
      what: 'every send was acknowledged, and every acknowledged one was delivered',
      wanted: 'all',
      measured:
        failed + undelivered === 0
          ? 'all'
          : `${failed} failed ${JSON.stringify(failures)}, ${undelivered} undelivered`,
      holds: failed + undelivered === 0,
    },
  ];
  return {
    title: 'Sends: 32 people in 16 direct conversations, texts of 100 bytes, journalled before acknowledged',
    columns: [
      '',
      'in flight',
      'a second',
      'of the raw limit',
      'p50',
      'p99',
      'µs of server',
      'database',
      'generator',
    ],
    rows: figures.map((one) => [
      one.name,
      one.name === raw.name ? '' : String(one.inFlight),
      shown(Math.round(one.perSecond)),
      percent(one.shareOfRaw),
      shown(one.deliveryP50Ms, ' ms'),
      shown(one.deliveryP99Ms, ' ms'),
      shown(one.serverCpuUs),
      shown(one.databaseCpuUs),
      shown(one.generatorCpuUs),
    ]),
    notes: [
      'p50, p99: from the send to newMessage at the other person. µs: processor time for each send, of the server, of its',
      'database and of the load generator, which shares the cores with them. All: medians over the rounds.',
      `By processor time alone, which neighbours on the machine do not change, the two shares below are ${percent(byCpu.socket)} and ${percent(byCpu.rest)}.`,
    ],
    targets: verdicts,
    figures: {
      cases: figures,
      shareOfBareSocket: ofBare.socket,
      shareOfBareExpress: ofBare.rest,
      shareByProcessorTime: byCpu,
      failures,
      undelivered,
    },
  };
}
