/**
 * Loaded into the server before it starts (`--import`), so that its memory can be looked at without garbage: on SIGUSR2 it
 * collects the garbage and writes one line with what it found.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();

let looked = 0;
process.on('SIGUSR2', () => {
  looked += 1;
  // Before the collection, which is a delay of its own.
  const delayP99Ms = delay.percentile(99) / 1e6;
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  const found = { delayP99Ms, heapBytes: heapUsed + external, residentBytes: rss };
  process.stdout.write(`watched ${looked} ${JSON.stringify(found)}\n`);
  delay.reset();
});
