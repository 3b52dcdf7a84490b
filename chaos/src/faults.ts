import type { Device } from './device.js';
import { createRandom } from './random.js';
import type { Recorder } from './recorder.js';
import type { ServerUnderTest } from './server.js';
import { sleep } from './time.js';

const serverFaults = {
  'server killed (-9)': 20,
  'server stopped and continued': 12,
  'server ended (SIGTERM) and started': 6,
  'database killed (-9)': 22,
  'database stopped and continued': 14,
  'both killed (-9)': 8,
  'server killed while the database was stopped': 6,
  'clock stepped': 22,
} as const;
export type ServerFault = keyof typeof serverFaults;

const lineFaults = {
  'line cut': 30,
  'line half-open, then lost': 14,
  'line half-open, then back': 10,
  'reader slow': 14,
  'line unplugged': 14,
  'all lines cut': 3,
} as const;
export type LineFault = keyof typeof lineFaults;

const minuteMs = 60_000;
const steps = [1_000, 30_000, 90_000, 10 * minuteMs, 60 * minuteMs] as const;

export interface PlannedServerFault {
  kind: ServerFault;
  /** Quiet before it. */
  calmMs: number;
  /** How long something is stopped or away. */
  ms: number;
  /** Where the clock goes to. */
  clockMs: number;
}
export interface PlannedLineFault {
  kind: LineFault;
  calmMs: number;
  ms: number;
  /** Which device, from 0 to below 1. */
  who: number;
}

/** What is done to the server, one after the other, for ever. A seed always gives the same. */
export function* planServerFaults(seed: number): Generator<PlannedServerFault, never> {
  const random = createRandom(seed, 'faults/server');
  for (;;) {
    const kind = random.weighted(serverFaults);
    const [calmMs, ms] = [random.whole(800, 4_500), random.whole(200, 4_000)];
    const [step, forward, back] = [random.pick(steps), random.chance(0.5), random.chance(0.3)];
    yield { kind, calmMs, ms, clockMs: back ? 0 : forward ? step : -step };
  }
}

/** What is done to the lines beside it. */
export function* planLineFaults(seed: number): Generator<PlannedLineFault, never> {
  const random = createRandom(seed, 'faults/lines');
  for (;;) {
    const kind = random.weighted(lineFaults);
    yield { kind, calmMs: random.whole(100, 1_200), ms: random.whole(300, 9_000), who: random.next() };
  }
}

export interface BreakerDeps {
  seed: number;
  server: ServerUnderTest;
  devices: readonly Device[];
  recorder: Recorder;
  /** Called for each fault as it begins, and with what came of it. */
  tell: (fault: string) => void;
}

/** Breaks things until it is told to stop, and then puts them right. */
export function createBreaker({ seed, server, devices, recorder, tell }: BreakerDeps) {
  let stopped = false;
  const running = new Set<Promise<unknown>>();
  const isStopped = (): boolean => stopped;
  const note = (fault: string): void => {
    recorder.count(`broken: ${fault}`);
    tell(fault);
  };

  async function restart(afterMs: number): Promise<void> {
    await sleep(afterMs);
    const began = performance.now();
    await server.start();
    tell(`(the server is back after ${Math.round(performance.now() - began)} ms)`);
  }

  async function breakServer({ kind, ms, clockMs }: PlannedServerFault): Promise<void> {
    switch (kind) {
      case 'server killed (-9)':
        await server.kill();
        await restart(ms / 4);
        return;
      case 'server ended (SIGTERM) and started':
        await server.end();
        await restart(ms / 8);
        return;
      case 'server stopped and continued':
        await server.pauseServer(ms);
        return;
      case 'database killed (-9)':
        server.killDatabase();
        return;
      case 'database stopped and continued':
        await server.pauseDatabase(ms);
        return;
      case 'both killed (-9)':
        server.killDatabase();
        await server.kill();
        await restart(ms / 4);
        return;
      case 'server killed while the database was stopped': {
        const paused = server.pauseDatabase(ms);
        await sleep(ms / 4);
        await server.kill();
        await restart(0);
        await paused;
        return;
      }
      case 'clock stepped':
        server.setClock(clockMs);
    }
  }

  async function breakLine({ kind, ms }: PlannedLineFault, { line }: Device): Promise<void> {
    switch (kind) {
      case 'line cut':
        line.cut();
        return;
      case 'line half-open, then lost':
      case 'line half-open, then back':
        line.hold();
        await sleep(ms);
        line.release(kind === 'line half-open, then lost');
        return;
      case 'reader slow':
        line.stopReading();
        await sleep(ms);
        line.readAgain();
        return;
      case 'line unplugged':
        line.unplug(true);
        await sleep(ms);
        line.unplug(false);
        return;
      case 'all lines cut':
        for (const device of devices) device.line.cut();
    }
  }

  async function serverTrack(): Promise<void> {
    for (const fault of planServerFaults(seed)) {
      await sleep(fault.calmMs);
      if (isStopped()) return;
      note(fault.kind);
      await breakServer(fault);
    }
  }

  async function lineTrack(): Promise<void> {
    for (const fault of planLineFaults(seed)) {
      await sleep(fault.calmMs);
      if (isStopped()) return;
      const device = devices[Math.floor(fault.who * devices.length)];
      if (!device) continue;
      note(fault.kind);
      // Several lines are broken at the same time.
      const broken = breakLine(fault, device).finally(() => running.delete(broken));
      running.add(broken);
    }
  }

  const tracks = Promise.all([serverTrack(), lineTrack()]);
  // Told by `heal`; until then nobody listens.
  tracks.catch(() => undefined);
  return {
    /** Rejects where something could not be put right, and that is a finding, too. */
    failed: new Promise<never>((_, reject) => void tracks.catch(reject)),
    /** Ends the breaking: the server runs, every line passes, the clock is right. */
    async heal(): Promise<void> {
      stopped = true;
      await tracks;
      // Each ends by itself. Nothing is cut beyond that: who missed something has to find out without a new connection.
      await Promise.all(running);
      server.setClock(0);
      if (!server.isRunning()) await server.start();
    },
  };
}
