import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { EntriesPage, Entry, Heads, RequestInput, RequestName, RequestOutput } from '@sori/contract';
import { build } from 'esbuild';

/** The page's own machinery, as far as it needs no browser. The names are the page's. */
export interface PageSocket {
  isConnected: () => boolean;
  /** False where Socket.IO will not come back by itself. */
  comesBack: () => boolean;
  connect: () => void;
  disconnect: () => void;
  on: (name: string, handler: (told: never) => void) => void;
  /** Asks over this line. Throws the page's errors. */
  ask: Ask;
}

export interface PageClock {
  now: () => number;
  after: (ms: number, call: () => void) => () => void;
  random: () => number;
}

export type Ask = <Name extends RequestName>(
  name: Name,
  input: RequestInput<Name>,
) => Promise<RequestOutput<Name>>;

export interface CatchUp {
  heard: (entry: Entry) => boolean;
  hinted: (heads: Heads) => void;
  described: (conversationId: string, headSeq: number, isNew?: boolean) => void;
  cursorOf: (conversationId: string) => number | null;
  forget: (conversationId: string) => void;
  resume: () => void;
  stop: () => void;
}

export interface CatchUpDeps {
  clock: PageClock;
  fetchEntries: (ask: {
    conversationId: string;
    after: number;
    limit: number;
    epoch?: string | undefined;
    targets: 'once';
  }) => Promise<EntriesPage>;
  isConnected: () => boolean;
  applied: (conversationId: string, entries: readonly Entry[]) => void;
  describe: (conversationId: string) => void;
  startedOver: (conversationId: string) => void;
  begun: (conversationId: string) => void;
  gone: (conversationId: string) => void;
  epochTold: () => void;
  epochChanged: () => void;
}

/** One thing that waits in an outbox, as its rules see it. */
export interface Waiting {
  clientId: string;
  lane: string;
}

/** The rules of the page's outbox. */
export interface Outbox {
  write: (item: Waiting) => void;
  /** The oldest waiting one of every lane in which nothing is in flight. */
  next: (inFlight: ReadonlySet<string>) => string[];
  /** It is done with, one way or the other. */
  done: (clientId: string) => void;
  waiting: () => number;
}

export interface PageFailure {
  code: string;
  message: string;
  retryAfterMs: number | undefined;
  /** What the page does about it. */
  then: 'again' | 'hold' | 'give up';
}

export interface Page {
  createSocket: (options: { address: string; extraHeaders: Record<string, string> }) => PageSocket;
  createCatchUp: (deps: CatchUpDeps) => CatchUp;
  createOutbox: () => Outbox;
  /** What the page makes of anything that was thrown. */
  failureOf: (thrown: unknown) => PageFailure;
  /** An answer of REST that says no, as the page knows it. */
  refusal: (code: string, message: string, retryAfterMs: number | undefined) => Error;
  backOff: (attempt: number, random: () => number) => number;
}

/**
 * The page's sources import each other as a bundler wants it, so they are put together as one module for Node, from what
 * lies here now: what the simulated people do is what the page does.
 */
export async function loadPage(): Promise<Page> {
  const entry = fileURLToPath(new URL('../page/machinery.ts', import.meta.url));
  const outfile = fileURLToPath(new URL('page-machinery.js', import.meta.url));
  if (!existsSync(entry)) throw new Error('The sources of the page are not here');
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
  });
  const { page } = (await import(pathToFileURL(outfile).href)) as { page: Page };
  return page;
}
