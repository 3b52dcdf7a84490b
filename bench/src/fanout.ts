import { fileURLToPath } from 'node:url';
import { startProgram } from '@sori/testkit';
import type { Options } from './options.js';
import { bareRoom, measureRoom, type Room, soriRoom } from './fanout/rooms.js';
import { portOf } from './send/bare-cases.js';
import { percent, type Report, type Say, shown } from './report.js';
import { signUp, startSori } from './sori.js';
import { median } from './statistics.js';

const peopleCount = 100;
/** Tabs of each person, and what of a bare room's rate is wanted with so many sockets. */
const sizes = [
  { tabsEach: 1, wanted: 0.9 },
  { tabsEach: 5, wanted: 1.8 },
] as const;

interface Compared {
  sockets: number;
  wanted: number;
  ours: number[];
  bare: number[];
  failures: string[];
}

/** How many sockets a second a group's messages reach, next to what a bare Socket.IO room does with the same texts. */
export async function measureFanout(options: Options, say: Say): Promise<Report> {
  say(`\nfanout: starting the server and a bare one, and signing up ${peopleCount} people`);
  const sori = await startSori(options.profile);
  const bare = startProgram(fileURLToPath(new URL('./bare/socket-echo.js', import.meta.url)));
  const barePort = await portOf(bare);
  const people = await signUp(sori, peopleCount);
  const all: Compared[] = [];
  for (const { tabsEach, wanted } of sizes) {
    const rooms = [
      await soriRoom(sori, people, tabsEach),
      await bareRoom(barePort, peopleCount * tabsEach),
    ] as const;
    const compared: Compared = { sockets: peopleCount * tabsEach, wanted, ours: [], bare: [], failures: [] };
    const run = async (room: Room, into: number[], seconds: number): Promise<void> => {
      const { deliveriesPerSecond, failures } = await measureRoom(room, seconds);
      into.push(deliveriesPerSecond);
      compared.failures.push(...failures);
    };
    for (const room of rooms) await measureRoom(room, Math.min(1, options.seconds));
    for (let round = 1; round <= options.rounds; round += 1) {
      await run(rooms[1], compared.bare, options.seconds);
      await run(rooms[0], compared.ours, options.seconds);
      say(`fanout: ${compared.sockets} sockets, round ${round} of ${options.rounds}`);
    }
    for (const room of rooms) room.close();
    all.push(compared);
  }
  await Promise.all([sori.stop(), bare.stop()]);
  return report(all);
}

function report(all: readonly Compared[]): Report {
  const shares = all.map(({ ours, bare }) => median(ours.map((rate, round) => rate / (bare[round] ?? NaN))));
  const failures = all.flatMap((one) => one.failures);
  return {
    title: 'Messages of a group, texts of 100 bytes: sockets reached a second',
    columns: ['sockets', 'bare Socket.IO room', 'Sori', 'share'],
    rows: all.map(({ sockets, ours, bare }, index) => [
      String(sockets),
      shown(Math.round(median(bare))),
      shown(Math.round(median(ours))),
      percent(shares[index] ?? NaN),
    ]),
    notes: failures,
    targets: [
      ...all.map(({ sockets, wanted }, index) => ({
        what: `a group with ${sockets} sockets, of what a bare room emits`,
        wanted: `at least ${percent(wanted)}`,
        measured: percent(shares[index] ?? NaN),
        holds: (shares[index] ?? 0) >= wanted,
      })),
      {
        what: 'failed or not delivered',
        wanted: 'none',
        measured: String(failures.length),
        holds: failures.length === 0,
      },
    ],
    figures: all.map(({ sockets, ours, bare }, index) => ({ sockets, ours, bare, share: shares[index] })),
  };
}
