import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createAsk, type SoriSocket } from '@sori/client';

/**
 * Sends one message after the other for as long as the work goes on, and at least for so long.
 * @returns milliseconds of each send
 */
export async function sendsBeside(
  socket: SoriSocket,
  to: string,
  { leastSeconds, work }: { leastSeconds: number; work: Promise<unknown> },
): Promise<number[]> {
  const ask = createAsk(socket);
  const took: number[] = [];
  const until = performance.now() + leastSeconds * 1_000;
  const state = { working: true };
  const done = work.finally(() => (state.working = false));
  while (state.working || performance.now() < until) {
    const began = performance.now();
    await ask('message:send', { to, message: 'beside files', clientId: randomUUID() });
    took.push(performance.now() - began);
  }
  await done;
  return took;
}

const megabyte = 1_024 * 1_024;

/** Memory of a process while some work goes on, in MiB: at its beginning and at most. */
export async function memoryDuring(
  pid: number,
  work: Promise<unknown>,
): Promise<{ before: number; most: number }> {
  const resident = (): number => {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    return (pages * 4_096) / megabyte;
  };
  const before = resident();
  let most = before;
  const watching = setInterval(() => (most = Math.max(most, resident())), 100);
  await work.finally(() => clearInterval(watching));
  return { before, most };
}
