import { randomUUID } from 'node:crypto';
import { farSkewMs } from '../conversation-log/other-servers.js';
import { isDatabaseAway } from '../core/errors.js';
import type { Store } from '../database/connect.js';
import { upsert } from '../database/duplicate-key.js';
import type { Logger } from '../logger.js';
import type { Clock } from '../realtime/clock.js';
import { type ServerRow, serversOn } from './servers.model.js';

/** Each server writes its row this often, in milliseconds. */
export const beatEveryMs = 5_000;
/** Whoever was seen within so many milliseconds is alive. */
export const liveMs = 45_000;
/** After an outage nobody has written: so long a server writes again before it judges others, in milliseconds. */
export const judgesAfterMs = 10_000;
/** A row that was not seen for so long is swept, in milliseconds. */
export const keptMs = 86_400_000;
/** Two rows of one's own with more than this between them, in milliseconds, are a break. */
const breakMs = 2 * beatEveryMs;

export interface RegistryDeps {
  store: Pick<Store, 'connection'>;
  serverId: string;
  /** Of this program, as the contract counts them. */
  build: number;
  /** The kinds of entries that this program reads. */
  kinds: readonly string[];
  log: Pick<Logger, 'info' | 'warn' | 'error' | 'debug'>;
  clock: Clock;
  report: (bug: unknown) => void;
}

/** Another server on the same database. */
export interface Peer {
  serverId: string;
  build: number;
  kinds: readonly string[];
  startedAt: Date;
}

type Listener = (serverId: string) => void;

/** Who is there besides this server. All of it is as it was at the last look, at most 5 s ago while the database answers. */
export interface Registry {
  /** Those that are alive, without this one. */
  live(): readonly Peer[];
  /** True where no other server is alive. */
  isAlone(): boolean;
  /** Others have rows: they are alive, or went without a word within the last day. */
  areThere(): boolean;
  /** This machine's clock less the database's, in milliseconds. */
  clockSkewMs(): number;
  /** True where every server that is alive reads entries of this kind. */
  everyServerReads(kind: string): boolean;
  /** Calls back once for each that is alive and was not at the look before. */
  onAppeared(listener: Listener): void;
  /** Calls back once for each that has gone without a word. One that stops in good order has not. */
  onVanished(listener: Listener): void;
  /** Takes this server's row away and ends. Never rejects. */
  close(): Promise<void>;
}

/** The only server there is, on a database of its own. */
export const onlyServer: Registry = {
  live: () => [],
  isAlone: () => true,
  areThere: () => false,
  clockSkewMs: () => 0,
  everyServerReads: () => true,
  onAppeared: () => undefined,
  onVanished: () => undefined,
  close: () => Promise.resolve(),
};

/**
 * Servers know of each other by the rows that each writes into the database, and by the database's clock: so a server that
 * nobody hears of through Redis is still known to be there. Resolves once this one has told the others of itself.
 * @throws what the driver throws where the database does not take the first row
 */
export async function createRegistry(deps: RegistryDeps): Promise<Registry> {
  const { store, serverId, kinds, log, clock, report } = deps;
  const rows = serversOn(store.connection);
  const row = createOwnRow(deps);
  const peers = createPeers(clock);
  let beating = Promise.resolve();
  let closed = false;
  let cancel = (): void => undefined;

  async function beat(): Promise<void> {
    const found = await rows.find().toArray();
    const now = await row.write(found.find(({ _id }) => _id === serverId));
    peers.look(
      found.filter(({ _id }) => _id !== serverId),
      now,
    );
    const old = found.filter(({ seenAt }) => now - seenAt.getTime() > keptMs).map(({ _id }) => _id);
    if (old.length > 0) await rows.deleteMany({ _id: { $in: old }, seenAt: { $lt: new Date(now - keptMs) } });
  }

  async function beatOrBreak(): Promise<void> {
    try {
      await beat();
    } catch (error) {
      peers.broke();
      // That the database is away is said elsewhere.
      if (isDatabaseAway(error)) log.debug({ err: error }, 'The other servers cannot be told of this one');
      else report(error);
    }
  }

  function beatAgain(): void {
    if (closed) return;
    cancel = clock.after(beatEveryMs, () => {
      beating = beatOrBreak().then(beatAgain);
    });
  }

  peers.onAppeared((appeared) => log.info({ appeared }, 'Another server is there'));
  peers.onVanished((gone) => log.warn({ gone }, 'Another server has gone without a word'));
  await beat();
  beatAgain();

  return {
    live: peers.live,
    isAlone: () => peers.live().length === 0,
    areThere: peers.areThere,
    clockSkewMs: row.clockSkewMs,
    everyServerReads: (kind) =>
      kinds.includes(kind) && peers.live().every((peer) => peer.kinds.includes(kind)),
    onAppeared: peers.onAppeared,
    onVanished: peers.onVanished,
    async close() {
      closed = true;
      cancel();
      await beating;
      // Where that fails, the others find out in 45 s.
      await row.remove().catch((error: unknown) => log.debug({ err: error }, 'Its row stays behind'));
    },
  };
}

/** What this server tells the others of itself, and what it learns of its clock meanwhile. */
function createOwnRow({ store, serverId, build, kinds, log, clock }: RegistryDeps) {
  const rows = serversOn(store.connection);
  const incarnation = randomUUID();
  let startedAt: Date | undefined;
  let skewMs = 0;
  let namesake: string | undefined;

  function noticeNamesake(found: ServerRow | undefined): void {
    // At its start a server may find the row of itself before it was killed.
    if (!found || !startedAt || found.incarnation === incarnation || found.incarnation === namesake) return;
    namesake = found.incarnation;
    // Which of the two should go is for a person to say, and people are connected to both.
    log.error(
      { serverId, startedAt: found.startedAt },
      'Another server runs with the same SERVER_ID: each needs one of its own',
    );
  }

  function noticeSkew(ms: number): void {
    const [wasFar, isFar] = [Math.abs(skewMs) > farSkewMs, Math.abs(ms) > farSkewMs];
    skewMs = ms;
    if (isFar === wasFar) return;
    const seconds = Math.round(ms / 1_000);
    if (isFar)
      log.warn({ seconds }, 'The clock of this machine is far from the database’s: sends are slower');
    else log.info({ seconds }, 'The clock of this machine is near the database’s again');
  }

  return {
    clockSkewMs: (): number => skewMs,

    /** @returns the time by the database's clock, in milliseconds since 1970 */
    async write(found: ServerRow | undefined): Promise<number> {
      noticeNamesake(found);
      const began = clock.elapsed();
      const own = { incarnation, build, kinds: { $literal: [...kinds] } };
      const times = { startedAt: startedAt ?? '$$NOW', seenAt: '$$NOW' };
      const written = await upsert(() =>
        rows.findOneAndUpdate({ _id: serverId }, [{ $set: { ...own, ...times } }], {
          upsert: true,
          returnDocument: 'after',
        }),
      );
      if (!written) throw new Error('The row of this server was not written');
      startedAt ??= written.startedAt;
      const halfWay = clock.now() - (clock.elapsed() - began) / 2;
      noticeSkew(halfWay - written.seenAt.getTime());
      return written.seenAt.getTime();
    },

    async remove(): Promise<void> {
      await rows.deleteOne({ _id: serverId, incarnation });
    },
  };
}

/** Who of the others is alive, as judged by their rows. */
function createPeers(clock: Clock) {
  const appeared: Listener[] = [];
  const vanished: Listener[] = [];
  const live = new Map<string, Peer>();
  let anyRows = false;
  /** When this server last wrote, by the database's clock; undefined where it could not. */
  let wroteAt: number | undefined;
  /** Since when it has written without a break, by its own. */
  let unbrokenSince = 0;

  return {
    live: (): readonly Peer[] => [...live.values()],
    areThere: (): boolean => anyRows,
    onAppeared: (listener: Listener): void => void appeared.push(listener),
    onVanished: (listener: Listener): void => void vanished.push(listener),
    broke: (): void => void (wroteAt = undefined),

    /** @param now by the database's clock, in milliseconds since 1970 */
    look(others: readonly ServerRow[], now: number): void {
      // Also where the database's clock was set forward, or this process was stopped.
      if (wroteAt === undefined || now - wroteAt > breakMs) unbrokenSince = clock.elapsed();
      wroteAt = now;
      const mayJudge = clock.elapsed() - unbrokenSince >= judgesAfterMs;
      anyRows = others.length > 0;
      for (const { _id: serverId, build, kinds, startedAt, seenAt } of others) {
        if (now - seenAt.getTime() < liveMs) {
          const isNew = !live.has(serverId);
          live.set(serverId, { serverId, build, kinds, startedAt });
          if (isNew) for (const tell of appeared) tell(serverId);
        } else if (mayJudge && live.delete(serverId)) for (const tell of vanished) tell(serverId);
      }
      // Whoever stops in good order takes its row away itself.
      const withRow = new Set(others.map(({ _id }) => _id));
      for (const serverId of live.keys()) if (!withRow.has(serverId)) live.delete(serverId);
    },
  };
}
