import { percent, type Report, shown, type Target } from '../report.js';
import { many } from './calibrate.js';
import type { Checked } from './check.js';
import { at, type Cost } from './costs.js';
import { habits, limits, type Measured, type Size, sizeOf } from './sizes.js';
import type { Outcome } from './simulate.js';

/** How far the model may be from what is measured, as a share of that. */
const mostOff = 0.25;
const populations = [10_000, 1_000_000, 100_000_000];
const busyBatch = 32;

const scales: readonly (readonly [number, string])[] = [
  [1e15, 'P'],
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e4, 'k'],
];

/** 1.2 M and the like: what is estimated has two digits. */
function rounded(value: number, unit = ''): string {
  const [least, letter] = scales.find(([from]) => value >= from) ?? [1, ''];
  const number = Number((value / (letter === 'k' ? 1e3 : least)).toPrecision(2)).toLocaleString('en');
  return unit === '' ? `${number}${letter}` : `${number} ${letter}${unit}`;
}

export function costsReport(measured: Measured): Report {
  const { costs, travelling, stored, held, heads, elsewhere, counting } = measured;
  const cost = (name: string, one: Cost): string[] => [
    name,
    shown(at(one, 1), ' µs'),
    shown(at(one, busyBatch), ' µs'),
  ];
  const bytes = (name: string, value: number): string[] => [name, '', rounded(value, 'B')];
  return {
    title: 'What one message costs: processor time alone, and where 32 are inserted together; bytes',
    columns: ['', 'alone', 'of 32'],
    rows: [
      cost('server: taken, appended, answered, to two sockets', costs.send),
      ['server: to one socket more', '', shown(costs.delivery, ' µs')],
      cost('server: published over two channels', costs.publish),
      cost('server: heard from another, to one socket', costs.hear),
      cost('database', costs.store),
      cost('Redis: two publications, each to one server', costs.pass),
      ['Redis: counted for the limits', shown(counting, ' µs'), ''],
      bytes('stored: the entry', stored.entry),
      bytes('stored: the entry in its file', stored.entryOnDisk),
      bytes('stored: the entry in its indexes', stored.entryIndexes),
      bytes('stored: a conversation with its head', stored.conversation),
      bytes('from its sender', travelling.sent),
      bytes('back to its sender: answer and own copy', travelling.returned),
      bytes('to one socket', travelling.delivered),
      bytes('to Redis, two publications', travelling.toRedis),
      bytes('from Redis, each to one server', travelling.fromRedis),
      ['a socket: server memory', '', rounded(held.bytes, 'B')],
      ['a socket: to connect it', '', shown(held.connectUs, ' µs')],
      ['where a conversation ends, to somebody: server', '', shown(heads.server, ' µs')],
      ['where a conversation ends, to somebody: database', '', shown(heads.database, ' µs')],
      ['somebody on another server: memory', '', rounded(elsewhere.bytes, 'B')],
      ['somebody on another server: coming', '', shown(elsewhere.arrivalUs, ' µs')],
      ['a heartbeat of another server', '', shown(elsewhere.heartbeatUs, ' µs')],
    ],
    notes: [
      `An insert takes ${shown(costs.journal / 1_000, ' ms')} beyond the processor time of the database. While nobody writes a server takes ${percent(costs.idle.server / 1e6)} of`,
      `a processor. Memory is what it holds, without garbage. ${stored.entries.toLocaleString('en')} entries were stored.`,
    ],
    targets: [],
    figures: measured,
  };
}

const total = ({ cpuUs }: Outcome): number => cpuUs.servers + cpuUs.database + cpuUs.redis;
const off = (predicted: number, measured: number): number => predicted / measured - 1;
const signed = (share: number): string => `${share > 0 ? '+' : ''}${Math.round(share * 100)} %`;

export function checkReport(found: readonly Checked[], failed: readonly string[]): Report {
  const cells = (predicted: number, measured: number, unit: string): string[] => [
    shown(predicted, unit),
    shown(measured, unit),
    signed(off(predicted, measured)),
  ];
  const worst = (what: string, of: (outcome: Outcome) => number, those: readonly Checked[]): Target => {
    const offs = those.map(({ predicted, measured }) => off(of(predicted), of(measured)));
    const most = offs.reduce((one, other) => (Math.abs(other) > Math.abs(one) ? other : one), 0);
    return {
      what: `${what} of two and three servers, the worst prediction`,
      wanted: `within ${percent(mostOff)}`,
      measured: signed(most),
      holds: Math.abs(most) <= mostOff,
    };
  };
  const several = found.filter(({ setting }) => setting.servers > 1);
  const failures = [...failed, ...found.flatMap((one) => one.failures)];
  return {
    title: 'The model (first) beside real servers, all of them on the processors of this machine',
    columns: ['', 'sends/s', '', '', 'µs', '', '', 'p50', '', ''],
    rows: found.map(({ name, predicted, measured }) => [
      name,
      ...cells(predicted.perSecond, measured.perSecond, ''),
      ...cells(total(predicted), total(measured), ''),
      ...cells(predicted.deliveryMs, measured.deliveryMs, ' ms'),
    ]),
    notes: [
      'µs: processor time for each message of all servers, the database and Redis. p50: until the other person has it. The unit costs are',
      `from one server with 2 and with ${many} in flight, with Redis and without; what hearing costs from two, all writers at one of them.`,
      ...failures,
    ],
    targets: [
      worst(
        'sends a second',
        ({ perSecond }) => perSecond,
        several.filter(({ setting }) => 'inFlight' in setting.load),
      ),
      worst('processor time for a message', total, several),
      worst('delivery p50', ({ deliveryMs }) => deliveryMs, several),
      {
        what: 'failed or not delivered',
        wanted: 'none',
        measured: String(failures.length),
        holds: failures.length === 0,
      },
    ],
    figures: { found, failures },
  };
}

const sizeRows: readonly (readonly [string, (size: Size) => string])[] = [
  ['online at the peak', ({ online }) => rounded(online)],
  ['sends a second at the peak', ({ sends }) => rounded(sends)],
  ['deliveries a second', ({ deliveries }) => rounded(deliveries)],
  ['publications a second', ({ publications }) => rounded(publications)],
  ['heard by servers a second', ({ hearings }) => rounded(hearings)],
  ['ends of conversations told a second', ({ heads }) => rounded(heads)],
  ['servers', ({ servers }) => (servers === undefined ? 'none would do' : rounded(servers))],
  ['servers reckoned with', ({ reckoned }) => rounded(reckoned)],
  ['gossip, of each server’s processor', ({ gossip }) => percent(gossip)],
  ['memory for people elsewhere, each server', ({ elsewhereBytes }) => rounded(elsewhereBytes, 'B')],
  ['Redis, of one processor', ({ redisBusy }) => percent(redisBusy)],
  ['Redis, bytes a second', ({ redisBytesASecond }) => rounded(redisBytesASecond, 'B')],
  ['database, processors', ({ databaseCores }) => shown(databaseCores)],
  ['stored in a day', ({ bytesADay }) => rounded(bytesADay, 'B')],
  ['shards of the database', ({ shards }) => rounded(shards)],
];

export function sizesReport(measured: Measured): Report {
  const sizes = populations.map((people) => sizeOf(people, measured));
  return {
    title: 'What that asks for, with so many people',
    columns: ['', ...populations.map((people) => rounded(people))],
    rows: sizeRows.map(([name, of]) => [name, ...sizes.map(of)]),
    notes: [
      `Assumed: ${habits.messagesADay} messages a day each, the busiest hour ${habits.peak} times the average, ${percent(habits.online)} online with ${habits.sockets} sockets, ${habits.connects} connects a day, ${habits.conversations} conversations,`,
      `${percent(habits.direct)} to one person and the rest into groups of ${habits.group}; ${percent(habits.present)} of those written to online; all else that people do as much again.`,
      `Processors half busy, ${rounded(limits.serverBytes, 'B')} of memory for each server, ${rounded(limits.shardBytes, 'B')} for each shard, a year kept. More: docs/scaling.md`,
    ],
    targets: [],
    figures: { sizes, habits, limits },
  };
}
