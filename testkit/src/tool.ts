import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

/**
 * Starts what it is given, says its pid, and ends it when whoever started it is gone: then its standard input closes, also after
 * a `kill -9`, after which nobody else could. Until then the pid belongs to nobody else, even where the tool has ended by itself.
 */
const keeper = `
"$@" 3>&- &
tool=$!
echo $tool >&3
exec >/dev/null 2>&1 3>&-
read -r _
kill -TERM $tool
kill -CONT $tool
wait $tool
`;

/** A program of the system (Redis, nginx) that a test has started for itself. */
export interface Tool {
  /** What it printed so far, on either way out. */
  printed(): string;
  /** Resolves when it has ended, with all that it started. */
  ended: Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Asks it to end, and waits. */
  stop(): Promise<void>;
}

/**
 * Starts a program and waits until it has printed what shows that it is ready. It ends with this process.
 * @throws Error with what it said instead; `npm run test:tools` installs what the tests need.
 */
export async function startTool(command: readonly string[], ready: RegExp): Promise<Tool> {
  const child = spawn('sh', ['-c', keeper, 'sh', ...command], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    // Where Debian has nginx; who is not root may not look there.
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` },
  });
  // Its pipe breaks where it is gone already.
  child.stdin.on('error', () => undefined);
  const pidKnown = once(child.stdio[3] as Readable, 'data').then(([chunk]) => Number(String(chunk)));
  const ended = Promise.all([once(child.stdout, 'end'), once(child.stderr, 'end')]).then(() => undefined);
  const over = once(child, 'exit');
  let printed = '';
  const isReady = new Promise<true>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        printed += chunk;
        if (ready.test(printed)) resolve(true);
      });
    }
  });
  const pid = await pidKnown;
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await over;
  };
  if (!(await Promise.race([isReady, ended]))) {
    await stop();
    throw new Error(`${command[0] ?? ''} did not start: ${printed}`);
  }
  return {
    printed: () => printed,
    ended,
    signal: (name) => void process.kill(pid, name),
    stop,
  };
}
