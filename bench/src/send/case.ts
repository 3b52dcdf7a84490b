import { connectHttp, type HttpConnection } from '../http-client.js';
import { type Ask, type LoadResult, runLoad } from '../load.js';
import { cpuMsOf } from '../processes.js';

/** As the target has it: 32 people in 16 direct conversations, texts of 100 bytes. */
export const peopleCount = 32;
export const text = 'Sori!'.repeat(20);
export const targetInFlight = 64;

/** Neighbours write to each other, so that 32 people are in 16 conversations. */
export const partnerOf = (index: number): number => index ^ 1;

/** What one case gave in one round. */
export interface Sample {
  perSecond: number;
  /** Milliseconds from sending to `newMessage` at the other person's socket. */
  deliveryMs: number[];
  /** Processor time per answered request, in microseconds. */
  cpuUs: { server: number; database: number; generator: number };
  failures: Record<string, number>;
  /** Acknowledged and not delivered. */
  undelivered: number;
}

export interface Case {
  name: string;
  inFlight: number;
  samples: Sample[];
  run: (seconds: number) => Promise<Sample>;
}

/** When each message was sent, by its clientId, until it arrives. */
export function createDeliveries() {
  const sentAt = new Map<string, number>();
  let arrivedAfterMs: number[] = [];
  return {
    sent: (clientId: string): void => void sentAt.set(clientId, performance.now()),
    failed: (clientId: string): void => void sentAt.delete(clientId),
    arrived(clientId: string): void {
      const at = sentAt.get(clientId);
      if (at === undefined) return;
      sentAt.delete(clientId);
      arrivedAfterMs.push(performance.now() - at);
    },
    measuring: (): void => void (arrivedAfterMs = []),
    /** Waits for what is still on its way, for two seconds at most. */
    async take(): Promise<{ deliveryMs: number[]; undelivered: number }> {
      for (let waited = 0; sentAt.size > 0 && waited < 2_000; waited += 20) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const undelivered = sentAt.size;
      sentAt.clear();
      const deliveryMs = arrivedAfterMs;
      // What the next one warms up with is not this one's.
      arrivedAfterMs = [];
      return { deliveryMs, undelivered };
    },
  };
}
type Deliveries = ReturnType<typeof createDeliveries>;

/** Runs the load and looks at who spent how much processor time on it. */
export async function sample(
  options: { inFlight: number; seconds: number; server: number; database: number | null },
  ask: Ask,
  deliveries?: Deliveries,
): Promise<Sample> {
  const { inFlight, seconds, server, database } = options;
  const cpu = () => ({
    server: cpuMsOf(server),
    database: cpuMsOf(database),
    generator: process.cpuUsage().user / 1_000 + process.cpuUsage().system / 1_000,
  });
  let before = cpu();
  const result: LoadResult = await runLoad(
    {
      inFlight,
      seconds,
      measuring() {
        before = cpu();
        deliveries?.measuring();
      },
    },
    ask,
  );
  const after = cpu();
  const per = (name: keyof typeof before): number => ((after[name] - before[name]) * 1_000) / result.answered;
  const delivered = (await deliveries?.take()) ?? { deliveryMs: [], undelivered: 0 };
  return {
    perSecond: result.perSecond,
    failures: result.failures,
    cpuUs: { server: per('server'), database: per('database'), generator: per('generator') },
    ...delivered,
  };
}

let sends = 0;
export const nextClientId = (): string => `bench-${(sends += 1)}`;
export const at = <Item>(items: readonly Item[], index: number): Item => {
  const item = items[index % items.length];
  if (item === undefined) throw new Error('There is nothing in this list');
  return item;
};

/** Anew for each run: a server closes a connection that was idle for 5 s. */
export const connectMany = (port: number, count: number): Promise<HttpConnection[]> =>
  Promise.all(Array.from({ length: count }, () => connectHttp(port)));
export const closeAll = (connections: readonly HttpConnection[]): void =>
  connections.forEach((connection) => connection.close());
