import { parseArgs } from 'node:util';

export interface Options {
  seconds: number;
  seed: number;
  people: number;
  devices: number;
  servers: number;
  /** Several servers, or one, on a database and a Redis of their own. */
  redis: boolean;
  /** Tells each fault as it happens. */
  verbose: boolean;
}

export const help = `Usage: npm run test:chaos -- [options]

Starts real servers with simulated people, breaks things at random, and checks that nothing was lost.

  --seconds N   how long things are broken (60); healing and checking come on top
  --seed N      replays the plans of an earlier run (a new one each time)
  --people N    how many take part (12)
  --devices N   devices of each (3)
  --servers N   servers on one database (1)
  --redis       and on one Redis
  --verbose     tells each fault as it happens
  --help        this text

The exit code is 1 where something did not hold. How it works: docs/chaos.md
`;

/** What is wrong with the command line, for the person who typed it. */
export class UsageError extends Error {}

/** @returns null where only the help was asked for. @throws UsageError */
export function readOptions(args: string[]): Options | null {
  const values = parse(args);
  if (values.help) return null;
  return {
    seconds: number('seconds', values.seconds, 60, 1, 86_400),
    seed: number('seed', values.seed, Date.now() % 1_000_000, 0, 4_294_967_295),
    people: number('people', values.people, 12, 4, 200),
    devices: number('devices', values.devices, 3, 1, 10),
    servers: number('servers', values.servers, 1, 1, 9),
    redis: values.redis,
    verbose: values.verbose,
  };
}

function parse(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        seconds: { type: 'string' },
        seed: { type: 'string' },
        people: { type: 'string' },
        devices: { type: 'string' },
        servers: { type: 'string' },
        redis: { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false, short: 'h' },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function number(
  name: string,
  given: string | undefined,
  fallback: number,
  least: number,
  most: number,
): number {
  if (given === undefined) return fallback;
  const value = Number(given);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new UsageError(`--${name} must be a whole number from ${least} to ${most}`);
  return value;
}
