import { quantile } from '../statistics.js';
import type { Cost, UnitCosts } from './costs.js';
import { createWorld, type Process, type World } from './machines.js';

/** Pairs of whom one writes to the other, in turn; the writers are spread evenly over the servers. */
export interface Setting {
  servers: number;
  /** The other person is connected to the next server, not to that of the writer. */
  crossing: boolean;
  /** Without it nothing is published. */
  redis: boolean;
  /** Either so many messages are on their way all the time, or so many are sent a second, evenly. */
  load: { inFlight: number } | { perSecond: number };
  /** Of the machine that servers, database, Redis and the load generator share. */
  cores: number;
}

export interface Outcome {
  /** Messages answered a second. */
  perSecond: number;
  /** Processor time for each message, of all servers, the database, Redis and the load generator, in microseconds. */
  cpuUs: { servers: number; database: number; redis: number; generator: number };
  /** Messages in one insert. */
  batch: number;
  /** The median from sending a message to its arrival at the other person, in milliseconds. */
  deliveryMs: number;
}

interface Message {
  writer: number;
  sentAt: number;
}

const warmUp = 500_000;
const measured = 3_000_000;
/** As many entries as the appender inserts at once (`conversation-log/append.ts`). */
const batchMost = 500;
/** What is done while nobody writes comes in pieces, in microseconds. */
const idleEvery = 50_000;

/** What goes before the insert; the rest follows it. Not measured: it moves some of the waiting, and none of the work. */
const halfBefore = 0.5;

const work = ({ each, once }: Cost, count: number): number => once + each * count;

interface Parts {
  world: World;
  costs: UnitCosts;
  database: Process;
  /** Called when messages are answered, and their publications and copies are on their way. */
  answered: (messages: readonly Message[]) => void;
}

/** One server: takes messages, inserts what waits as soon as the insert before it has returned, and answers. */
function createServer(cpu: Process, redis: boolean, { world, costs, database, answered }: Parts) {
  const { send, publish, store, journal } = costs;
  const each = send.each + (redis ? publish.each : 0);
  const once = send.once + (redis ? publish.once : 0);
  let waiting: Message[] = [];
  let inserting = false;

  function insert(): void {
    if (inserting || waiting.length === 0) return;
    inserting = true;
    // What comes while this one is being made up waits for the next one.
    const batch = waiting.slice(0, batchMost);
    waiting = waiting.slice(batchMost);
    cpu.run(once * halfBefore, () =>
      database.run(work(store, batch.length), () => world.after(journal, () => stored(batch))),
    );
  }

  function stored(batch: readonly Message[]): void {
    inserting = false;
    // The next one is on its way to the database before the last one is answered.
    insert();
    cpu.run((once + each * batch.length) * (1 - halfBefore), () => answered(batch));
  }

  return {
    take(message: Message): void {
      cpu.run(each * halfBefore, () => {
        waiting.push(message);
        insert();
      });
    },
  };
}

/** Runs the model for some seconds of its own time, and says what came of it. */
export function simulate(costs: UnitCosts, setting: Setting): Outcome {
  const { servers: count, crossing, redis: hasRedis, load, cores } = setting;
  const world = createWorld();
  const machine = world.machine(cores);
  const generator = world.process(machine, 'one');
  const database = world.process(machine, 'many');
  const redis = world.process(machine, 'one');
  const cpus = Array.from({ length: count }, () => world.process(machine, 'one'));
  let answers = 0;
  let bunches = 0;
  let deliveryMs: number[] = [];
  let next = 0;

  const arrived = (messages: readonly Message[]): void => {
    for (const { sentAt } of messages) deliveryMs.push((world.now() - sentAt) / 1_000);
  };
  function sendOne(): void {
    const writer = next++;
    servers[writer % count]?.take({ writer, sentAt: world.now() });
  }
  function answered(messages: readonly Message[]): void {
    const across = crossing && count > 1;
    const { each, once } = costs.generatorSend;
    const received = across ? 0 : costs.generatorDelivery.each;
    bunches += 1;
    // One after the other, and each sends the next at once: the first are on their way again before the last have been read.
    for (const [index, message] of messages.entries()) {
      generator.run(each + received + (index === 0 ? once : 0), () => {
        answers += 1;
        if (!across) arrived([message]);
        if ('inFlight' in load) sendOne();
      });
    }
    if (hasRedis) redis.run(work(costs.pass, messages.length), () => across && heard(messages));
  }
  /** All of one insert have been written by people of one server, and are heard by the next one. */
  function heard(messages: readonly Message[]): void {
    const reader = cpus[((messages[0]?.writer ?? 0) + 1) % count];
    reader?.run(work(costs.hear, messages.length), () =>
      generator.run(work(costs.generatorDelivery, messages.length), () => arrived(messages)),
    );
  }
  // The other person's copy is another server's.
  const send = { ...costs.send, each: Math.max(0, costs.send.each - (crossing ? costs.delivery : 0)) };
  const parts = { world, costs: { ...costs, send }, database, answered };
  const servers = cpus.map((cpu) => createServer(cpu, hasRedis, parts));

  function idle(process: Process, perSecond: number): void {
    process.run((perSecond * idleEvery) / 1e6, () => undefined);
    world.after(idleEvery, () => idle(process, perSecond));
  }
  for (const cpu of cpus) idle(cpu, costs.idle.server);
  idle(database, costs.idle.database);
  if (hasRedis) idle(redis, costs.idle.redis);

  if ('inFlight' in load) for (let index = 0; index < load.inFlight; index += 1) sendOne();
  else {
    const tick = (): void => {
      sendOne();
      world.after(1e6 / load.perSecond, tick);
    };
    tick();
  }

  const taken = () => ({
    servers: cpus.reduce((sum, cpu) => sum + cpu.taken(), 0),
    database: database.taken(),
    redis: redis.taken(),
    generator: generator.taken(),
  });
  world.run(warmUp);
  const before = taken();
  [answers, bunches, deliveryMs] = [0, 0, []];
  world.run(warmUp + measured);
  const after = taken();
  const per = (name: keyof typeof before): number => (after[name] - before[name]) / answers;
  return {
    perSecond: (answers * 1e6) / measured,
    cpuUs: {
      servers: per('servers'),
      database: per('database'),
      redis: per('redis'),
      generator: per('generator'),
    },
    batch: answers / bunches,
    deliveryMs: quantile(deliveryMs, 0.5),
  };
}
