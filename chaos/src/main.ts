/** `npm run test:chaos`: real servers, simulated people, and everything that can break. How it works: docs/chaos.md. */
import { createDeviceConnection } from '@sori/testkit';
import { readLog } from './collect.js';
import { checkCrossings, createCrossings } from './crossing.js';
import { createBreaker } from './faults.js';
import { createDevice, type Device } from './device.js';
import type { Violation } from './evidence.js';
import { judge } from './judge.js';
import { help, type Options, readOptions, UsageError } from './options.js';
import { gather, membershipOf, type Person } from './person.js';
import { checkPresence, maySeeBy, untilAllConnected } from './presence.js';
import { endAll } from './processes.js';
import { createRandom } from './random.js';
import { createRecorder, type Recorder } from './recorder.js';
import { asText, violationsText } from './report.js';
import { createRoute } from './route.js';
import { settle } from './settle.js';
import { createStages, type Stages } from './stages.js';
import { startSystem, type System } from './system.js';
import { sleep } from './time.js';

/**
 * How long each stage of the end may take, in milliseconds: some five times as long as on a machine that does nothing else. A
 * server that is started may have 120 s for that, one that is asked to end 25 s.
 */
const within = {
  healing: 200_000,
  connecting: 90_000,
  settling: 300_000,
  spreading: 120_000,
  crossing: 60_000,
  presence: 180_000,
  judging: 300_000,
  ending: 90_000,
} as const;
/**
 * With several servers: a head is stored 100 ms after its entry, by the server that has it, and where that is killed or stopped,
 * another one finds out within 10 s, while the database answers.
 */
const headsLagMs = 30_000;
/** Shorter runs end with a word that shows each follower at once where it stands, longer ones wait for the hints. */
const shortRunSeconds = 30;

/** Whoever goes has said so by then. */
const goodbyeMs = 1_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const secondsSince = (start: number): string => `${((performance.now() - start) / 1_000).toFixed(1)} s`;

/** All that takes part in a run. */
interface Cast {
  system: System;
  people: readonly Person[];
  devices: readonly Device[];
  recorder: Recorder;
  conversations: ReadonlyMap<string, readonly string[]>;
  groups: ReadonlySet<string>;
  crossings: ReturnType<typeof createCrossings>;
  /** From now on nothing that is emitted is lost, doubled or late. */
  calm: () => void;
}

const commandOf = ({ seconds, seed, people, devices, servers, redis }: Options): string =>
  `npm run test:chaos -- --seconds ${seconds} --seed ${seed} --people ${people} --devices ${devices}` +
  `${servers > 1 ? ` --servers ${servers}` : ''}${redis ? ' --redis' : ''}`;

async function gatherCast({
  seed,
  people: peopleCount,
  devices: devicesEach,
  servers,
  redis,
}: Options): Promise<Cast> {
  const conversations = new Map<string, readonly string[]>();
  const groups = new Set<string>();
  const crossings = createCrossings();
  const recorder = createRecorder(conversations, groups, servers > 1 ? headsLagMs : 0);
  const system = await startSystem({ servers, redis, recorder });
  const people = await gather(`http://127.0.0.1:${system.servers[0]?.port() ?? 0}`, peopleCount);
  for (const [id, members] of membershipOf(people)) conversations.set(id, members);
  for (const { places } of people) {
    for (const { isGroup, conversationId } of places) if (isGroup) groups.add(conversationId);
  }
  let disturbed = true;
  const devices: Device[] = [];
  for (const person of people) {
    for (let index = 0; index < devicesEach; index += 1) {
      const name = `${person.name}-${index}`;
      // A person's devices are on different servers.
      const route = createRoute(system.servers, createRandom(seed, `${name}/routes`), devices.length);
      const connection = await createDeviceConnection(() => route.port());
      const isDisturbed = (): boolean => disturbed;
      const own = { name, person, everybody: people, connection, route };
      devices.push(createDevice({ ...own, crossings, recorder, seed, isDisturbed }));
    }
  }
  const calm = (): void => void (disturbed = false);
  return { system, people, devices, recorder, conversations, groups, crossings, calm };
}

/** Servers that were away have people again, each person on several. */
async function spread(devices: readonly Device[]): Promise<void> {
  const elsewhere = devices.filter((device) => !device.isAtFirstServer());
  for (const device of elsewhere) device.leave();
  await sleep(goodbyeMs);
  for (const device of elsewhere) device.comeBack(true);
  await untilAllConnected(devices);
}

/** With everything whole again: whether all arrives everywhere, and who is shown to be online. */
async function checkRest(
  cast: Cast,
  stages: Stages,
  isShort: boolean,
): Promise<Map<'crossing' | 'presence', number>> {
  const { system, people, devices, recorder, crossings } = cast;
  const compared = new Map<'crossing' | 'presence', number>();
  await stages.during('connecting', within.connecting, () => untilAllConnected(devices));
  await stages.during('settling', within.settling, () => settle(devices, people, recorder, isShort));
  if (system.servers.length > 1) {
    await stages.during('spreading', within.spreading, () => spread(devices));
    const check = () => checkCrossings(devices, crossings, recorder);
    const crossed = await stages.during('crossing', within.crossing, check);
    compared.set('crossing', crossed.compared);
    say(`Said on one server and received on another: ${crossed.line}`);
    await stages.during('settling again', within.settling, () => settle(devices, people, recorder, false));
  }
  const maySee = maySeeBy(people, await readLog(system.store));
  const check = () => checkPresence({ devices, people, maySee, recorder });
  compared.set('presence', await stages.during('presence', within.presence, check));
  return compared;
}

/** Breaks things until the time is over. @returns what puts all of it right */
async function breakAll({ seconds, seed, verbose }: Options, cast: Cast): Promise<() => Promise<void>> {
  const { system, devices, recorder } = cast;
  for (const device of devices) {
    device.open();
    device.begin();
  }
  const began = performance.now();
  const breaker = createBreaker({
    seed,
    system,
    devices,
    recorder,
    report: (fault) => verbose && say(`${secondsSince(began).padStart(8)}  ${fault}`),
  });
  await Promise.race([sleep(seconds * 1_000), breaker.failed]);
  return () => breaker.heal();
}

/** @returns what did not hold */
async function run(options: Options, cast: Cast, stages: Stages): Promise<Violation[]> {
  const { system, devices, recorder } = cast;
  const heal = await breakAll(options, cast);
  await stages.during('healing', within.healing, heal);
  cast.calm();
  for (const device of devices) device.rest();
  const healed = performance.now();
  const compared = await checkRest(cast, stages, options.seconds < shortRunSeconds);
  const starts = system.servers.map((server) => `${server.name} ${server.starts()}`).join(', ');
  say(`Healed and quiet after ${secondsSince(healed)}; started this often: ${starts}`);

  const judging = () => judge({ ...cast, store: system.store });
  const { verdict, fsckSaid } = await stages.during('judging', within.judging, judging);
  for (const [rule, count] of compared) verdict.compared.set(rule, count);
  for (const device of devices) device.stop();
  await stages.during('ending', within.ending, system.end);
  // The end itself may have been noticed.
  const violations = [...new Set([...verdict.violations, ...recorder.noticed])];
  say(asText(recorder.counts, { ...verdict, violations }));
  say(`Once the time was over: ${stages.line()}`);
  say(`fsck: ${fsckSaid}`);
  return violations;
}

/** @returns whether everything held */
async function main(options: Options): Promise<boolean> {
  const { seconds, seed, people, devices, servers, redis } = options;
  const on = servers > 1 || redis ? `, ${servers} servers${redis ? ' and Redis' : ''}` : '';
  say(`Chaos: ${seconds} s, seed ${seed}, ${people} people with ${devices} devices each${on}`);
  const cast = await gatherCast(options);
  const stages = createStages();
  let violations: Violation[];
  try {
    violations = await run(options, cast, stages);
  } catch (error) {
    say(`Once the time was over: ${stages.line()}`);
    // What was noticed until then may be why.
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    violations = [...cast.recorder.noticed, { rule: 'quiet', what }];
  }
  if (violations.length === 0) {
    say(`Nothing was lost, doubled or told wrongly (seed ${seed})`);
    return true;
  }
  say(violationsText(violations));
  say(`${violations.length} violations. Again with: ${commandOf(options)}`);
  return false;
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
  process.exit((await main(options)) ? 0 : 1);
} catch (error) {
  if (error instanceof UsageError) process.stderr.write(`${error.message}\n\n${help}`);
  else process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(error instanceof UsageError ? 64 : 70);
}
