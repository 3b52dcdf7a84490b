import type { ErrorCode, FileState } from '@sori/contract';
import { Counter, Gauge, Histogram, Registry, register as ofProcess } from 'prom-client';

/** By which door a message came in: `open` is that of the lobby's plain clients. */
export type SendDoor = 'rest' | 'socket' | 'open';

/** What is read at the moment at which somebody asks. */
export interface GaugeRow {
  /** Begins with `sori_` and ends with its unit, where it has one. */
  name: string;
  help: string;
  /** A number, or one for each value of `label`. */
  read: () => number | Promise<number> | Readonly<Record<string, number>>;
  label?: string;
}

export type Metrics = ReturnType<typeof createMetrics>;

/**
 * What this server did and how it is, in the form that Prometheus reads. Numbers only: neither names nor texts. Each server
 * of this process has its own; what belongs to the process (memory, delay of the event loop) is added where `main.ts` has it
 * collected.
 */
export function createMetrics() {
  const own = new Registry();
  const registers = [own];
  const sends = new Counter({
    name: 'sori_sends_total',
    help: 'Messages that were taken and stored, by the door through which they came',
    labelNames: ['door'],
    registers,
  });
  const deliveries = new Counter({
    name: 'sori_deliveries_total',
    help: 'Stored entries that were emitted, each counted once for every connection',
    registers,
  });
  const batches = new Histogram({
    name: 'sori_append_batch_entries',
    help: 'Entries that were inserted into the log together',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000],
    registers,
  });
  const seconds = new Histogram({
    name: 'sori_append_seconds',
    help: 'Time that one journalled insert into the log took, in seconds',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
    registers,
  });
  const refusals = new Counter({
    name: 'sori_refusals_total',
    help: 'Requests and events that were answered with an error, by its code',
    labelNames: ['code'],
    registers,
  });
  const requests = new Histogram({
    name: 'sori_request_seconds',
    help: 'Time from a request to its answer, in seconds, by the class of its status',
    labelNames: ['status'],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
    registers,
  });
  const slowReaders = new Counter({
    name: 'sori_slow_readers_total',
    help: 'Connections that were closed because they did not read what they were sent',
    registers,
  });
  const uploads = new Counter({
    name: 'sori_uploads_total',
    help: 'Uploads that were whole and processed, by what became of them',
    labelNames: ['state'],
    registers,
  });
  for (const state of ['ready', 'refused'] satisfies FileState[]) uploads.inc({ state }, 0);
  for (const door of ['rest', 'socket', 'open'] satisfies SendDoor[]) sends.inc({ door }, 0);

  return {
    sent: (door: SendDoor): void => sends.inc({ door }),
    delivered: (connections: number): void => deliveries.inc(connections),
    /** @param took milliseconds */
    appended: (entries: number, took: number): void => {
      batches.observe(entries);
      seconds.observe(took / 1_000);
    },
    refused: (code: ErrorCode): void => refusals.inc({ code }),
    /** @param took milliseconds */
    answered: (status: number, took: number): void =>
      requests.observe({ status: `${Math.floor(status / 100)}xx` }, took / 1_000),
    processed: (state: FileState): void => uploads.inc({ state }),
    slowReader: (): void => slowReaders.inc(),

    gauge({ name, help, read, label }: GaugeRow): void {
      new Gauge({
        name,
        help,
        labelNames: label === undefined ? [] : [label],
        registers,
        async collect() {
          const values = await read();
          if (typeof values === 'number') this.set(values);
          else if (label !== undefined) {
            for (const [value, count] of Object.entries(values)) this.set({ [label]: value }, count);
          }
        },
      });
    },

    /** All of it as text. */
    text: (): Promise<string> => Registry.merge([ofProcess, own]).metrics(),
  };
}
