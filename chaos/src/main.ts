/** `npm run test:chaos`: the real server, simulated people, and everything that can break. How it works: docs/chaos.md. */
import { createDeviceConnection } from '@sori/testkit';
import { createBreaker } from './faults.js';
import { check, type Verdict } from './check.js';
import { fsck, listOf, readAll, readLog, viewsOf } from './collect.js';
import { createDevice, type Device } from './device.js';
import type { Answered } from './evidence.js';
import { help, type Options, readOptions, UsageError } from './options.js';
import { gather, membershipOf, type Person } from './person.js';
import { endAll } from './processes.js';
import { createRecorder, type Recorder } from './recorder.js';
import { asText, violationsText } from './report.js';
import { startServer } from './server.js';
import { sleep, untilNoneLeft } from './time.js';

/** A run that hangs is a finding and not a wait. */
const longestEndMs = 900_000;
/** The page waits 30 s at most before it tries again. */
const outboxStuckMs = 60_000;
/** A lost push is found by a hint, every 30 s. */
const followersStuckMs = 60_000;
/** Projections may lag behind for as long as this, at rest. */
const looks = 6;
const betweenLooksMs = 500;
/** Shorter runs end with a word that shows each follower at once where it stands, longer ones wait for the hints. */
const shortRunSeconds = 30;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const secondsSince = (start: number): string => `${((performance.now() - start) / 1_000).toFixed(1)} s`;

async function run(options: Options): Promise<boolean> {
  const { seconds, seed, people: peopleCount, devices: devicesEach, verbose } = options;
  say(`Chaos: ${seconds} s, seed ${seed}, ${peopleCount} people with ${devicesEach} devices each`);
  setTimeout(
    () => {
      say(`It did not end within ${longestEndMs / 1_000} s after the time was over (seed ${seed})`);
      process.exit(1);
    },
    seconds * 1_000 + longestEndMs,
  ).unref();

  const conversations = new Map<string, readonly string[]>();
  const groups = new Set<string>();
  const recorder = createRecorder(conversations, groups);
  const server = await startServer(recorder.notice);
  const people = await gather(`http://127.0.0.1:${server.port() ?? 0}`, peopleCount);
  for (const [id, members] of membershipOf(people)) conversations.set(id, members);
  for (const { places } of people) {
    for (const { isGroup, conversationId } of places) if (isGroup) groups.add(conversationId);
  }
  let disturbed = true;
  const devices: Device[] = [];
  for (const person of people) {
    for (let index = 0; index < devicesEach; index += 1) {
      const connection = await createDeviceConnection(server.port);
      const name = `${person.name}-${index}`;
      devices.push(
        createDevice({
          name,
          person,
          everybody: people,
          connection,
          recorder,
          seed,
          isDisturbed: () => disturbed,
        }),
      );
    }
  }
  for (const device of devices) {
    device.open();
    device.begin();
  }
  const began = performance.now();
  const breaker = createBreaker({
    seed,
    server,
    devices,
    recorder,
    report: (fault) => verbose && say(`${secondsSince(began).padStart(8)}  ${fault}`),
  });
  await Promise.race([sleep(seconds * 1_000), breaker.failed]);

  await breaker.heal();
  disturbed = false;
  for (const device of devices) device.rest();
  const healed = performance.now();
  await settle(devices, people, recorder, seconds < shortRunSeconds);
  say(`Healed and quiet after ${secondsSince(healed)}; the server was started ${server.starts()} times`);

  const { verdict, fsckSaid } = await judge(server.dataDir, devices, people, recorder, conversations, groups);
  for (const device of devices) device.stop();
  await server.end();
  // The end itself may have been noticed.
  const violations = [...new Set([...verdict.violations, ...recorder.noticed])];
  say(asText(recorder.counts, { ...verdict, violations }));
  say(`fsck: ${fsckSaid}`);
  if (violations.length === 0) {
    say(`Nothing was lost, doubled or told wrongly (seed ${seed})`);
    return true;
  }
  say(violationsText(violations));
  say(
    `${violations.length} violations. Again with: npm run test:chaos -- --seconds ${seconds} --seed ${seed} --people ${peopleCount} --devices ${devicesEach}`,
  );
  return false;
}

/** Waits until all that was written is answered and all followers have arrived. */
async function settle(
  devices: readonly Device[],
  people: readonly Person[],
  recorder: Recorder,
  isShort: boolean,
): Promise<void> {
  const empty = (): Promise<boolean> =>
    untilNoneLeft(() => devices.reduce((sum, device) => sum + device.waiting(), 0), outboxStuckMs);
  let quiet = await empty();
  if (isShort) {
    for (const device of devices) if (device.name.endsWith('-0')) device.lastWord();
    quiet = (await empty()) && quiet;
  }
  if (!quiet) {
    const stuck = devices.filter((device) => device.waiting() > 0);
    recorder.notice({
      rule: 'quiet',
      what: `these outboxes still hold something: ${stuck.map((device) => `${device.name} ${device.waiting()}${device.isConnected() ? '' : ' (no connection)'}`).join(', ')}`,
    });
  }
  let behind: string[] = [];
  const arrived = await untilNoneLeft(async () => {
    behind = [];
    const heads = new Map<Person, Map<string, number>>();
    for (const person of people) {
      const device = devices.find((one) => one.person === person);
      if (!device) continue;
      try {
        const list = await listOf(device.restCall);
        heads.set(person, new Map(list.map(({ _id, headSeq }) => [_id, headSeq])));
      } catch (error) {
        behind.push(`${person.name} cannot read the list: ${String(error)}`);
      }
    }
    for (const device of devices) {
      for (const { conversationId, isGroup } of device.person.places) {
        const head = heads.get(device.person)?.get(conversationId) ?? 0;
        // Not in that group now: what is held of it from before is nobody's business.
        if (isGroup && head === 0) continue;
        const cursor = device.cursorOf(conversationId);
        if (cursor !== head) behind.push(`${device.name} is at ${cursor} of ${head} in ${conversationId}`);
      }
    }
    return behind.length;
  }, followersStuckMs);
  if (!arrived)
    recorder.notice({
      rule: 'quiet',
      what: `${behind.length} followers are behind: ${behind.slice(0, 10).join('; ')}`,
    });
}

async function judge(
  dataDir: string,
  devices: readonly Device[],
  people: readonly Person[],
  recorder: Recorder,
  conversations: ReadonlyMap<string, readonly string[]>,
  groups: ReadonlySet<string>,
): Promise<{ verdict: Verdict; fsckSaid: string }> {
  // What the server says of itself, before anybody else reads the database.
  let verdict: Verdict | undefined;
  for (let look = 1; look <= looks; look += 1) {
    const answered: Answered[] = [];
    for (const person of people) {
      const device = devices.find((one) => one.person === person);
      const ids = person.places.map(({ conversationId }) => conversationId);
      if (device) answered.push(...(await readAll(device.restCall, person._id, ids)));
    }
    const log = await readLog(dataDir);
    verdict = check({
      conversations,
      groups,
      log,
      intents: recorder.intents,
      comings: recorder.comings,
      delivered: recorder.delivered,
      reached: recorder.reached,
      views: viewsOf(devices, log),
      answered,
      receipts: recorder.receipts(),
      noticed: recorder.noticed,
    });
    if (verdict.violations.length === recorder.noticed.length) break;
    await sleep(betweenLooksMs);
  }
  if (!verdict) throw new Error('Nothing was checked');
  const { clean, said } = await fsck(dataDir);
  if (!clean) verdict.violations.push({ rule: 'fsck', what: said });
  return { verdict, fsckSaid: said.split('\n')[0] ?? '' };
}

// However this ends, what was started ends and what was made is removed.
process.on('exit', endAll);
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.on(signal, () => process.exit(code));
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(help);
    process.exit(0);
  }
  process.exit((await run(options)) ? 0 : 1);
} catch (error) {
  if (error instanceof UsageError) process.stderr.write(`${error.message}\n\n${help}`);
  else process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(error instanceof UsageError ? 64 : 70);
}
