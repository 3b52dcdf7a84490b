import { percent, type Report, shown, type Target } from '../report.js';
import { median, quantile } from '../statistics.js';
import { type Case, type Sample, targetInFlight } from './case.js';

const targets = {
  socketShare: 0.25,
  socketShareByCpu: 0.3,
  restShare: 0.5,
  deliveryP99Ms: 150,
  singlyOfInsert: 1.5,
} as const;

export interface Cases {
  raw: Case;
  bareSocket: Case;
  bareExpress: Case;
  /** The two that the targets are about. */
  socket: Case;
  rest: Case;
  /** One journalled insert at a time, and one send at a time over the socket. */
  single: Case;
  singly: Case;
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

/** How long a send takes that nobody else waits beside, next to the insert that it cannot do without. */
const timesOfInsert = (singly: Case, single: Case): number =>
  median(
    singly.samples.map(
      ({ deliveryMs }, index) => median(deliveryMs) / median(single.samples[index]?.deliveryMs ?? []),
    ),
  );

/** What was not acknowledged, by case and kind, and how much of what was is missing at the other person. */
function failuresOf(cases: readonly Case[]): { failures: Record<string, number>; undelivered: number } {
  const failures: Record<string, number> = {};
  let undelivered = 0;
  for (const { name, samples } of cases) {
    for (const sample of samples) {
      undelivered += sample.undelivered;
      for (const [kind, count] of Object.entries(sample.failures)) {
        const key = `${name}: ${kind}`;
        failures[key] = (failures[key] ?? 0) + count;
      }
    }
  }
  return { failures, undelivered };
}

export function reportOf(given: Cases): Report {
  const { raw, bareSocket, bareExpress, socket, rest, single, singly, cases } = given;
  const order = [raw, bareSocket, bareExpress, single];
  const figures = [...order, ...cases.filter((one) => !order.includes(one))]
    .sort((a, b) => Number(order.includes(b)) - Number(order.includes(a)) || a.inFlight - b.inFlight)
    .map((one) => figuresOf(one, raw));
  const { failures, undelivered } = failuresOf(cases);
  const ofBare = { socket: ratio(socket, bareSocket), rest: ratio(rest, bareExpress) };
  const byCpu = { socket: cpuRatio(socket, bareSocket), rest: cpuRatio(rest, bareExpress) };
  const ofInsert = timesOfInsert(singly, single);
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
      what: 'the same by processor time',
      wanted: `at least ${percent(targets.socketShareByCpu)}`,
      measured: percent(byCpu.socket),
      holds: byCpu.socket >= targets.socketShareByCpu,
    },
    {
      what: 'one send at a time over the socket, p50, of one bare journalled insert',
      wanted: `at most ${targets.singlyOfInsert} times`,
      measured: `${shown(ofInsert)} times`,
      holds: ofInsert <= targets.singlyOfInsert,
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
    keyColumns: 2,
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
      timesOfInsert: ofInsert,
      failures,
      undelivered,
    },
  };
}
