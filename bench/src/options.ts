import { parseArgs } from 'node:util';

export const scenarios = [
  'send',
  'history',
  'sockets',
  'group',
  'fanout',
  'files',
  'hostile',
  'servers',
  'scale',
  'grown',
  'page',
] as const;
export type Scenario = (typeof scenarios)[number];
/** Those that need nothing but the server and a few minutes. */
const shortForm = scenarios.filter((name) => !['page', 'grown', 'files', 'servers', 'scale'].includes(name));

export interface Options {
  scenarios: readonly Scenario[];
  /** How long each case of `send` is measured in each round. */
  seconds: number;
  /** Only what the targets of `send` are about: 64 in flight. */
  targetsOnly: boolean;
  /** How often the cases of `send` are gone through; the medians count. */
  rounds: number;
  /** Messages in the large conversation of `history`. */
  messages: number;
  /** `history` once more, with a thousand messages and a million. */
  million: boolean;
  /** Sockets held by `sockets`. */
  sockets: number;
  /** Messages written offline in `page`. */
  queued: number;
  json: boolean;
  /** Writes what was measured into `bench/results/`. */
  record: boolean;
  profile: string | undefined;
}

export const help = `npm run bench -- [send] [history] [sockets] [group] [fanout] [files] [hostile] [servers] [scale] [grown]
                [page] [options]

What this machine makes of Sori, next to what it makes of the bare parts in the same run.
Without a name all but "files", "servers", "scale", "grown" and "page" run, in short form.

  send      acknowledged sends a second and delivery latency, through REST and through the socket,
            next to bare insertMany, a bare Socket.IO echo and a bare Express echo
  history   the newest page of a conversation with many messages, next to one with 200
  sockets   sockets held, memory for each, and the time in which they connect
  group     a send into a group of 1,000 with 300 sockets open, next to one to a single person, and how
            long a removal takes to reach everybody
  fanout    messages of a group that reach 100 and 500 sockets, next to a bare Socket.IO room
  files     files up and down, next to a stream onto the disk and Express's download; memory of fifty uploads at once,
            and what they and small copies of pictures cost the sends
  hostile   sends of some people while one other account does its worst, next to those while it does not,
            with all limits on
  servers   two and three servers on one database and Redis, next to one server: sends, delivery across
            servers, and three that write into one conversation
  scale     what one message costs, what a model makes of that for one, two and three servers beside what real ones
            do, and what it asks for with 10 thousand, a million and 100 million people
  grown     lists and pages of messages of data that has grown: a million unread messages, half a million
            reactions, somebody in 5,037 groups
  page      the page in Chromium: opening a conversation, catching up, and sending what was written offline

  --seconds N    how long each case of "send", "group", "hostile" and "scale" is measured (4; short form 1.5)
  --rounds N     rounds of "send" and "scale", whose medians count, of "group" and "hostile" (3; short form 2)
  --targets      in "send" only what its targets are about: 64 in flight
  --messages N   messages in the large conversation of "history"       (200000; short form 20000)
  --million      "history" once more, with 1,000 messages and 1,000,000
  --sockets N    sockets at most in "sockets"                          (5000; short form 1000)
  --queued N     messages written offline in "page"                    (10000)
  --profile DIR  writes a CPU profile of the server into DIR
  --record       writes what was measured into bench/results/, one file for each part
  --json         the figures as JSON on standard output, the words on standard error
  --help         this text

Below each row and beside each target stands what the newest run recorded in bench/results/ has there.
The exit code is 1 where a target is missed. How it is measured: docs/benchmarks.md
`;

/** What is wrong with the command line, for the person who typed it. */
export class UsageError extends Error {}

/** @returns null where only the help was asked for. @throws UsageError */
export function readOptions(args: string[]): Options | null {
  const { values, positionals } = parse(args);
  if (values.help) return null;
  if (values.record && values.profile !== undefined)
    throw new UsageError('--record and --profile do not go together: taking a profile slows the server down');
  const asked = positionals.map((name) => {
    const scenario = scenarios.find((one) => one === name);
    if (!scenario) throw new UsageError(`There is no "${name}": it is one of ${scenarios.join(', ')}`);
    return scenario;
  });
  const short = asked.length === 0;
  return {
    scenarios: short ? shortForm : scenarios.filter((name) => asked.includes(name)),
    seconds: number('seconds', values.seconds, short ? 1.5 : 4, 0.2, 120),
    rounds: number('rounds', values.rounds, short ? 2 : 3, 1, 50),
    targetsOnly: values.targets,
    messages: number('messages', values.messages, short ? 20_000 : 200_000, 1_000, 2_000_000),
    million: values.million,
    sockets: number('sockets', values.sockets, short ? 1_000 : 5_000, 8, 20_000),
    queued: number('queued', values.queued, 10_000, 10, 100_000),
    json: values.json,
    record: values.record,
    profile: values.profile,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        seconds: { type: 'string' },
        rounds: { type: 'string' },
        targets: { type: 'boolean', default: false },
        messages: { type: 'string' },
        million: { type: 'boolean', default: false },
        sockets: { type: 'string' },
        queued: { type: 'string' },
        profile: { type: 'string' },
        record: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false, short: 'h' },
      },
    });
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
  if (!(value >= least && value <= most)) throw new UsageError(`--${name} must be from ${least} to ${most}`);
  return name === 'seconds' ? value : Math.round(value);
}
