import type { Device } from './device.js';
import { createRandom } from './random.js';
import type { Recorder } from './recorder.js';
import type { ServerUnderTest } from './server.js';
import { breakSeveral } from './several-faults.js';
import type { System } from './system.js';
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

const connectionFaults = {
  'connection cut': 30,
  'connection half-open, then lost': 14,
  'connection half-open, then back': 10,
  'reader slow': 14,
  'connection unplugged': 14,
  'all connections cut': 3,
  'person away with all devices': 8,
} as const;
export type ConnectionFault = keyof typeof connectionFaults;

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
export interface PlannedConnectionFault {
  kind: ConnectionFault;
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

/** What is done to the connections beside it. */
export function* planConnectionFaults(seed: number): Generator<PlannedConnectionFault, never> {
  const random = createRandom(seed, 'faults/connections');
  for (;;) {
    const kind = random.weighted(connectionFaults);
    yield { kind, calmMs: random.whole(100, 1_200), ms: random.whole(300, 9_000), who: random.next() };
  }
}

export interface BreakerDeps {
  seed: number;
  system: System;
  devices: readonly Device[];
  recorder: Recorder;
  /** Called for each fault as it begins, and with what came of it. */
  report: (fault: string) => void;
}

/** Breaks things until it is told to stop, and then puts them right. */
export function createBreaker({ seed, system, devices, recorder, report }: BreakerDeps) {
  const { servers, redis } = system;
  const [only] = servers;
  let stopped = false;
  let stop = (): void => undefined;
  const stopping = new Promise<void>((resolve) => void (stop = resolve));
  const running = new Set<Promise<unknown>>();
  const isStopped = (): boolean => stopped;
  const note = (fault: string): void => {
    recorder.count(`broken: ${fault}`);
    report(fault);
  };

  async function serverTrack(server: ServerUnderTest): Promise<void> {
    for (const fault of planServerFaults(seed)) {
      await sleep(fault.calmMs);
      if (isStopped()) return;
      note(fault.kind);
      await breakServer(system, server, fault, report);
    }
  }

  async function connectionTrack(): Promise<void> {
    for (const fault of planConnectionFaults(seed)) {
      await sleep(fault.calmMs);
      if (isStopped()) return;
      const device = devices[Math.floor(fault.who * devices.length)];
      if (!device) continue;
      note(fault.kind);
      // Several connections are broken at the same time.
      const broken = breakConnection(fault, device, devices).finally(() => running.delete(broken));
      running.add(broken);
    }
  }

  const systemTracks =
    servers.length === 1 && only && !redis
      ? serverTrack(only)
      : breakSeveral({ seed, system, isStopped, stopping, note });
  const tracks = Promise.all([systemTracks, connectionTrack()]);
  // Told by `heal`; until then nobody listens.
  tracks.catch(() => undefined);
  return {
    /** Rejects where something could not be put right, and that is a finding, too. */
    failed: new Promise<never>((_, reject) => void tracks.catch(reject)),
    /** Ends the breaking: all servers run, every connection passes, the clock is right. */
    async heal(): Promise<void> {
      stopped = true;
      stop();
      await tracks;
      // Each ends by itself. Nothing is cut beyond that: who missed something has to find out without a new connection.
      await Promise.all(running);
      for (const server of servers) {
        server.setClock(0);
        if (!server.isRunning()) await server.start();
      }
    },
  };
}

async function breakServer(
  { database }: System,
  server: ServerUnderTest,
  { kind, ms, clockMs }: PlannedServerFault,
  report: BreakerDeps['report'],
): Promise<void> {
  switch (kind) {
    case 'server killed (-9)':
      await server.kill();
      await restart(server, ms / 4, report);
      return;
    case 'server ended (SIGTERM) and started':
      await server.end();
      await restart(server, ms / 8, report);
      return;
    case 'server stopped and continued':
      await server.pause(ms);
      return;
    case 'database killed (-9)':
      database.kill();
      return;
    case 'database stopped and continued':
      await database.pause(ms);
      return;
    case 'both killed (-9)':
      database.kill();
      await server.kill();
      await restart(server, ms / 4, report);
      return;
    case 'server killed while the database was stopped': {
      const paused = database.pause(ms);
      await sleep(ms / 4);
      await server.kill();
      await restart(server, 0, report);
      await paused;
      return;
    }
    case 'clock stepped':
      server.setClock(clockMs);
  }
}

async function restart(
  server: ServerUnderTest,
  afterMs: number,
  report: BreakerDeps['report'],
): Promise<void> {
  await sleep(afterMs);
  const began = performance.now();
  await server.start();
  report(`(the server is back after ${Math.round(performance.now() - began)} ms)`);
}

async function breakConnection(
  { kind, ms }: PlannedConnectionFault,
  { connection, userId }: Device,
  devices: readonly Device[],
): Promise<void> {
  switch (kind) {
    case 'connection cut':
      connection.cut();
      return;
    case 'connection half-open, then lost':
    case 'connection half-open, then back':
      connection.hold();
      await sleep(ms);
      connection.release(kind === 'connection half-open, then lost');
      return;
    case 'reader slow':
      connection.stopReading();
      await sleep(ms);
      connection.readAgain();
      return;
    case 'connection unplugged':
      connection.unplug(true);
      await sleep(ms);
      connection.unplug(false);
      return;
    case 'all connections cut':
      for (const device of devices) device.connection.cut();
      return;
    case 'person away with all devices': {
      const theirs = devices.filter((device) => device.userId === userId);
      for (const device of theirs) device.leave();
      await sleep(ms);
      for (const device of theirs) device.comeBack();
    }
  }
}
