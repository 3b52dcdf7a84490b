import { fileURLToPath } from 'node:url';
import { startProgram } from '@sori/testkit';
import { photo } from '@sori/testkit/media';
import { memoryDuring, sendsBeside } from './files/beside-sends.js';
import { type Place, type Rates, transfer, upload } from './files/transfers.js';
import type { Options } from './options.js';
import { temporaryFolder } from './processes.js';
import { percent, type Report, type Say, shown } from './report.js';
import { portOf } from './send/bare-cases.js';
import { openSocket, type Person, signUp, type Sori, startSori } from './sori.js';
import { median, quantile } from './statistics.js';

/** Of the file that goes up and down. */
const megabytes = 64;
/** Uploads at the same time, how large each is in MiB, and how many of them a second: together 420 Mbit/s. */
const crowd = { uploads: 50, megabytes: 100, perSecond: 1 } as const;
/** Of one person at the same time. */
const uploadsEach = 4;
const pictureCount = 40;
/** Twelve megapixels, as a phone takes them. */
const pictureSize = { width: 4_000, height: 3_000 };
const quietSeconds = 5;

const sori = (name: string, { port }: Sori, person: Person): Place => ({
  name,
  port,
  headers: { cookie: `jwt=${person.token}` },
  uploadPath: '/api/files',
  downloadPath: ({ fileId = '' }) => `/api/files/${fileId}`,
});

interface Measured {
  rates: Map<string, Rates>;
  quiet: number[];
  crowded: number[];
  memory: { before: number; most: number };
  picturesPerSecond: number;
  besidePictures: number[];
}

/** Files up and down beside the bare parts; what fifty uploads at once and small copies of pictures cost. */
export async function measureFiles(options: Options, say: Say): Promise<Report> {
  say('\nfiles: starting servers');
  const onDisk = await startSori(options.profile);
  const inDatabase = await startSori(undefined, { settings: { FILES: 'gridfs' } });
  const bare = startProgram(fileURLToPath(new URL('./bare/files.js', import.meta.url)), {
    args: [temporaryFolder()],
  });
  const people = await signUp(onDisk, Math.ceil(crowd.uploads / uploadsEach) + 2);
  const [other] = await signUp(inDatabase, 1);
  const [sender, recipient, ...uploaders] = people;
  if (!sender || !recipient || !other) throw new Error('Nobody signed up');
  const places: Place[] = [
    {
      name: 'a stream onto the disk, Express’s download',
      port: await portOf(bare),
      headers: {},
      uploadPath: '/file',
      downloadPath: () => '/file',
    },
    sori('Sori, on disk', onDisk, sender),
    sori('Sori, in the database', inDatabase, other),
  ];
  const rates = await measureRates(places, options.rounds, say);
  const socket = await openSocket(onDisk, sender);
  const beside = (work: Promise<unknown>) =>
    sendsBeside(socket, recipient._id, { leastSeconds: quietSeconds, work });
  say('files: sends without anything beside them');
  const quiet = await beside(Promise.resolve());
  say(`files: ${crowd.uploads} uploads of ${crowd.megabytes} MiB at ${crowd.perSecond} MiB/s each`);
  const uploading = uploadAll(onDisk, uploaders);
  const [memory, crowded] = await Promise.all([memoryDuring(onDisk.pid, uploading), beside(uploading)]);
  say(`files: ${pictureCount} pictures of twelve megapixels`);
  const began = performance.now();
  const looking = pictures(onDisk, uploaders);
  let picturesPerSecond = NaN;
  void looking.then(() => (picturesPerSecond = (pictureCount * 1_000) / (performance.now() - began)));
  const besidePictures = await beside(looking);
  socket.disconnect();
  await Promise.all([onDisk.stop(), inDatabase.stop(), bare.stop()]);
  return report(places, { rates, quiet, crowded, memory, picturesPerSecond, besidePictures });
}

async function measureRates(places: readonly Place[], rounds: number, say: Say): Promise<Map<string, Rates>> {
  const rates = new Map<string, Rates>(places.map(({ name }) => [name, { up: [], down: [] }]));
  for (const place of places) await transfer(place, megabytes, { up: [], down: [] });
  for (let round = 1; round <= rounds; round += 1) {
    for (const place of places)
      await transfer(place, megabytes, rates.get(place.name) ?? { up: [], down: [] });
    say(`files: ${megabytes} MiB up and down, round ${round} of ${rounds}`);
  }
  return rates;
}

/** Each person's at the same time as everybody else's. */
function uploadAll(server: Sori, uploaders: readonly Person[]): Promise<unknown> {
  return Promise.all(
    Array.from({ length: crowd.uploads }, async (_, index) => {
      const person = uploaders[index % uploaders.length];
      if (person) await upload(sori('', server, person), crowd);
    }),
  );
}

/** Uploaded as fast as they are taken. */
async function pictures(server: Sori, uploaders: readonly Person[]): Promise<void> {
  const bytes = new Uint8Array(await photo(pictureSize));
  let left = pictureCount;
  const one = async ({ token }: Person): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const answer = await fetch(`${server.address}/api/files`, {
        method: 'POST',
        headers: { cookie: `jwt=${token}`, 'content-type': 'image/jpeg' },
        body: bytes,
      });
      if (answer.status !== 201) throw new Error(`A picture was answered ${answer.status}`);
    }
  };
  await Promise.all(uploaders.slice(0, 4).map(one));
}

function report(places: readonly Place[], measured: Measured): Report {
  const { rates, quiet, crowded, memory, picturesPerSecond, besidePictures } = measured;
  const [bare] = places;
  const share = (place: Place | undefined, way: keyof Rates): number => {
    const of = rates.get(place?.name ?? '')?.[way] ?? [];
    const base = rates.get(bare?.name ?? '')?.[way] ?? [];
    return median(of.map((rate, round) => rate / (base[round] ?? NaN)));
  };
  const middle = (place: Place, way: keyof Rates): number => median(rates.get(place.name)?.[way] ?? []);
  const p99 = { quiet: quantile(quiet, 0.99), crowded: quantile(crowded, 0.99) };
  const times = p99.crowded / p99.quiet;
  const grown = memory.most - memory.before;
  return {
    title: `Files: ${megabytes} MiB up and down, MB a second`,
    columns: ['where', 'up', 'share', 'down', 'share'],
    rows: places.map((place) => [
      place.name,
      shown(middle(place, 'up')),
      percent(share(place, 'up')),
      shown(middle(place, 'down')),
      percent(share(place, 'down')),
    ]),
    notes: [
      `${crowd.uploads} uploads of ${crowd.megabytes} MiB at once: the server's memory from ${shown(memory.before, ' MiB')} to ${shown(memory.most, ' MiB')} at most`,
      `One send at a time, p99: ${shown(p99.quiet, ' ms')} alone, ${shown(p99.crowded, ' ms')} beside those uploads, ${shown(quantile(besidePictures, 0.99), ' ms')} beside pictures`,
      `Pictures of twelve megapixels, cleaned and with their small copies: ${shown(picturesPerSecond)} a second`,
    ],
    targets: [
      ...(['up', 'down'] as const).map((way) => ({
        what: `on disk, ${way}, of the bare parts`,
        wanted: 'at least 60 %',
        measured: percent(share(places[1], way)),
        holds: share(places[1], way) >= 0.6,
      })),
      {
        what: `p99 of sends beside ${crowd.uploads} uploads`,
        wanted: 'at most twice that alone',
        measured: shown(times, ' times'),
        holds: times <= 2,
      },
      {
        what: `memory of ${crowd.uploads} uploads`,
        wanted: 'less than two of the files',
        measured: shown(grown, ' MiB'),
        holds: grown < 2 * crowd.megabytes,
      },
    ],
    figures: { rates: Object.fromEntries(rates), p99, memory, picturesPerSecond },
  };
}
