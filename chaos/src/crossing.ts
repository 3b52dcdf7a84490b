import type { Device } from './device.js';
import type { Recorder } from './recorder.js';
import { sleep } from './time.js';

/** Without Redis others hear within 2 s; the machine that this runs on is busy. In milliseconds. */
const withinMs = 10_000;

export type Crossings = ReturnType<typeof createCrossings>;

/** Which messages, said by a device on one server, came live to devices on which other ones. */
export function createCrossings() {
  const said = new Map<string, { server: string; at: number }>();
  const pairs = new Map<string, { count: number; longestMs: number }>();

  return {
    /** @param text is no other's */
    says: (text: string, server: string): void => void said.set(text, { server, at: performance.now() }),
    /** A message came to a device without having been asked for. */
    came(text: string, server: string): void {
      const from = said.get(text);
      if (!from) return;
      const pair = `${from.server} to ${server}`;
      const { count, longestMs } = pairs.get(pair) ?? { count: 0, longestMs: 0 };
      const took = performance.now() - from.at;
      pairs.set(pair, { count: count + 1, longestMs: Math.max(longestMs, took) });
    },
    pairs: (): ReadonlyMap<string, { count: number; longestMs: number }> => pairs,
  };
}

/**
 * Each device says something to each of its conversations, with nothing broken, and all of it must come to devices on all servers.
 * @returns a line of what came from which server to which
 */
export async function checkCrossings(
  devices: readonly Device[],
  crossings: Crossings,
  recorder: Pick<Recorder, 'notice'>,
): Promise<{ line: string; compared: number }> {
  const wanted = possiblePairs(devices);
  for (const device of devices) device.crossingWord();
  const deadline = performance.now() + withinMs;
  const missing = (): string[] => [...wanted].filter((pair) => !crossings.pairs().has(pair));
  while (missing().length > 0 && performance.now() < deadline) await sleep(100);
  for (const pair of missing()) recorder.notice({ rule: 'crossing', what: `nothing came from ${pair}` });
  const told = [...crossings.pairs()]
    .sort()
    .map(([pair, { count, longestMs }]) => `${pair} ${count} (${Math.round(longestMs)} ms at most)`);
  return { line: told.join(', '), compared: wanted.size };
}

/** From which server to which something can come: who is on the one writes to somebody who is on the other. */
function possiblePairs(devices: readonly Device[]): Set<string> {
  const pairs = new Set<string>();
  for (const one of devices) {
    for (const other of devices) {
      const ids = new Set(other.person.places.map(({ conversationId }) => conversationId));
      if (one === other || !one.ownPlaces().some(({ conversationId }) => ids.has(conversationId))) continue;
      pairs.add(`${one.server()} to ${other.server()}`);
    }
  }
  return pairs;
}
