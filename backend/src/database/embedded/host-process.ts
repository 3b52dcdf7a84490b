import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { FailureReason, HostMessage } from './host-messages.js';

/** Longer than a database takes to close; what it acknowledged is in the journal by then. */
export const closeWithinMs = 8_000;

export class HostFailure extends Error {
  constructor(
    readonly reason: FailureReason,
    message: string,
  ) {
    super(message);
  }
}

/** One child, from the moment at which it serves. */
export interface Host {
  child: ChildProcess;
  pid: number;
}

/** Starts a host and waits until it serves. @throws HostFailure with what it said, or how it ended. */
export async function startHost(command: string, args: string[]): Promise<Host> {
  const child = spawn(command, args, {
    // A process group of its own: a Ctrl-C is for the server, which ends the database last.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let words = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-2_000);
  });
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new HostFailure('cannot-load', error.message)));
    child.once('exit', (code, signal) =>
      // A signal says nothing about whether this kind of host can run here: somebody, or the system, ended it.
      reject(
        signal === null
          ? new HostFailure('cannot-load', words.trim() || `it ended with code ${code ?? 'unknown'}`)
          : new HostFailure('other', `its process was ended by ${signal}`),
      ),
    );
    child.on('message', (message: HostMessage) => {
      if (message.type === 'failed') reject(new HostFailure(message.reason, message.message));
      else if (child.pid !== undefined) resolve({ child, pid: child.pid });
    });
  });
}

/** Asks a child to end and waits for it. */
export async function endHost(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  // SIGCONT first: a child that somebody stopped could not receive the other one.
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), closeWithinMs);
  await ended;
  clearTimeout(timer);
}
