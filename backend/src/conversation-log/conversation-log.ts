import type { Logger } from 'pino';
import { AppError } from '../core/errors.js';
import type { Store } from '../database/connect.js';
import { applyChanges } from './message-projection.js';
import type { Append, Appended } from './append.js';
import { type Appender, createAppender } from './appender.js';
import { createGapRepair } from './gap-repair.js';
import type { BatchesHooks } from './batches.js';
import { conversationsOn, type ConversationRow } from './conversations.model.js';
import { entriesOn, type Entries, type EntryRow } from './entries.model.js';
import { createHeads, type Heads } from './heads.js';
import { applyMembership, type Membership, passMembership } from './membership.js';
import { metaOn } from './meta.model.js';
import { createReader, type ReaderHooks } from './reader.js';
import { createRetention, type RetentionDeps } from './retention.js';
import { createFileRelease } from './shared-content.js';
import { createApplying, setAsideOn } from './set-aside.js';
import { createEnsureDurable } from './ensure-durable.js';
import { createEpoch } from './epoch.js';
import { isBase } from './kinds.js';
import { noOtherServers, type OtherServers } from './other-servers.js';
import type { StoredEntries } from './stored-entries.js';
import type { Turn } from './turns.js';
import { createTailCache, type TailCache, tailOf } from './tail-cache.js';
import type { TurnsOptions } from '../database/delete-in-batches.js';
import type { Model } from 'mongoose';

export interface ConversationLogDeps {
  store: Store;
  /** Who is notified of what was stored. */
  storedEntries: Pick<StoredEntries, 'publish'>;
  /** A batch is in the log: so many entries, and the milliseconds that the insert took. */
  appended?: (entries: number, took: number) => void;
  /** Default: there are none. */
  servers?: OtherServers;
  /** These files are of messages that are about to be deleted without an entry about it. Default: nobody has to know. */
  expectFilesGone?: (fileIds: readonly string[]) => Promise<void>;
  log: Logger;
  now: () => number;
  random?: () => number;
  hooks?: BatchesHooks & ReaderHooks;
  /** How often what a crash of another server left behind is looked for, in milliseconds. 0: only at start. Default 10,000. */
  reconcileEveryMs?: number;
  /** How long a head that is written behind may wait for others to be written with it, in milliseconds. Default 100. */
  headsAfterMs?: number;
}

export type ConversationLog = Awaited<ReturnType<typeof createConversationLog>>;

/** The log of every conversation: the one place that writes `entries`, and the projections that follow them. */
export async function createConversationLog(deps: ConversationLogDeps) {
  const { store, storedEntries, log, now, hooks = {} } = deps;
  const { servers = noOtherServers, reconcileEveryMs = 10_000 } = deps;
  const { connection } = store;
  const { readConcern } = store.durability;
  const entries = entriesOn(connection);
  const conversations = conversationsOn(connection);
  const meta = metaOn(connection);
  const tails = createTailCache();

  const { confirm, ensureDurable } = createEnsureDurable({ store, entries, tails });
  const withoutGap = createGapRepair({ entries, conversations, log });
  const apply = createProjections({ connection, entries, conversations, log, now });
  const heads = createHeads({
    conversations,
    entries,
    apply,
    ensureDurable,
    withoutGap,
    servers,
    log,
    now,
    flushAfterMs: deps.headsAfterMs,
  });
  const reading = { tails, heads, readConcern, ensureDurable, withoutGap, hooks };
  // What an append reads waits for no page: those have connections of their own.
  const reader = createReader({ ...reading, entries });
  const reads = { entries: entriesOn(store.reads), conversations: conversationsOn(store.reads) };
  const upkeep = { entries: entriesOn(store.upkeep), conversations: conversationsOn(store.upkeep) };
  const pages = createReader({ ...reading, entries: reads.entries });
  const appender = createAppender({
    entries,
    tails,
    heads,
    readTail: reader.readTail,
    ensureDurable,
    confirm,
    publish: storedEntries.publish,
    targetsOf: reader.targetsOf,
    appended: deps.appended,
    hearsOthers: servers.areHeard,
    log,
    now,
    ...(deps.random ? { random: deps.random } : {}),
    hooks,
  });

  const { retention, releaseFiles } = createEnds(deps, {
    entries,
    conversations,
    upkeep: upkeep.entries,
    readTail: reader.readTail,
  });

  const payloadKey = await meta.payloadKey();
  const epoch = await createEpoch({
    store,
    meta,
    log,
    forget() {
      tails.clear();
      appender.turns.forget();
      heads.forget();
    },
    reconcile: () => heads.reconcile(),
  });
  await heads.reconcile();
  const stopReconciling = reconcileRegularly(heads, { everyMs: reconcileEveryMs, log });
  servers.onVanished(() => {
    heads.reconcile().catch((error: unknown) => log.debug({ err: error }, 'reconciliation has to wait'));
  });

  return {
    ...besideOthers({ servers, tails, heads, appender }),
    targetsOf: reader.targetsOf,
    repeatOf: appender.repeatOf,
    waiting: appender.waiting,
    after: pages.after,
    history: pages.history,
    messagesAt: pages.messagesAt,
    headSeq: reader.headSeq,
    newestSeq: reader.newestSeq,
    firstSeq: retention.firstSeq,
    sweep: (options?: TurnsOptions) => retention.sweep(options),
    /** Notes the files of a conversation that is about to be deleted. */
    releaseFiles,
    isStored: appender.isStored,
    heads,
    entries,
    conversations,
    /** The same rows, for reading much at once. */
    reads,
    /** And for what takes long. */
    upkeep,
    payloadKey,
    epoch: epoch.current,

    /** Flushes what waits, for at most `timeoutMs`, then the heads. */
    async close(timeoutMs = 10_000): Promise<void> {
      stopReconciling();
      epoch.stop();
      await appender.close(timeoutMs);
      await heads
        .close()
        .catch((error: unknown) => log.warn({ err: error }, 'heads stay behind; the next start repairs'));
    },
  };
}

/** How entries go: those that are too old, and the files of those that go. */
function createEnds(
  { log, now, expectFilesGone = () => Promise.resolve() }: ConversationLogDeps,
  { upkeep, ...reading }: Pick<RetentionDeps, 'entries' | 'conversations' | 'readTail'> & { upkeep: Entries },
) {
  const releaseFiles = createFileRelease({ entries: upkeep, expectGone: expectFilesGone });
  const failed: RetentionDeps['failed'] = (conversationId, error) =>
    log.warn({ conversationId: conversationId.toHexString(), err: error }, 'a log could not be swept');
  return { releaseFiles, retention: createRetention({ ...reading, releaseFiles, failed, now }) };
}

/** What is different where other servers append as well. */
function besideOthers({
  servers,
  tails,
  heads,
  appender,
}: {
  servers: OtherServers;
  tails: TailCache;
  heads: Heads;
  appender: Pick<Appender, 'append' | 'turns'>;
}) {
  return {
    /**
     * Another server says that this entry is durable: the next one is appended behind it without asking for the tail.
     * @param turn up to where it appended at once, and who is next
     */
    learn: (entry: EntryRow, turn?: Turn): void => {
      const id = entry.conversationId.toHexString();
      if (turn) appender.turns.heard(id, turn);
      tails.learn(id, tailOf(entry));
      heads.learn(entry);
    },

    /** Whose turn it is to append where other servers do as well. */
    turns: appender.turns,

    /** As the queue's, and UNAVAILABLE where the entry is of a kind that not every server reads. */
    append: (request: Append): Promise<Appended> =>
      isBase(request.payload.kind) || servers.everyServerReads(request.payload.kind)
        ? appender.append(request)
        : Promise.reject(notReadYet()),
  };
}

const notReadYet = (): AppError =>
  new AppError('UNAVAILABLE', 'Not every server can read this yet. Please try again in a moment');

/** One round at a time, however long the database takes. @returns stops it */
function reconcileRegularly(
  heads: Pick<Heads, 'reconcileSome'>,
  { everyMs, log }: { everyMs: number; log: Logger },
): () => void {
  if (everyMs === 0) return () => undefined;
  let reconciling: Promise<void> | undefined;
  async function round(): Promise<void> {
    try {
      await heads.reconcileSome();
    } catch (error) {
      log.debug({ err: error }, 'reconciliation has to wait');
    } finally {
      reconciling = undefined;
    }
  }
  const timer = setInterval(() => void (reconciling ??= round()), everyMs);
  return () => clearInterval(timer);
}

/** Applies entries to what follows the log; what can never be applied is set aside. */
function createProjections({
  connection,
  entries,
  conversations,
  log,
  now,
}: Pick<ConversationLogDeps, 'log' | 'now'> &
  Pick<Store, 'connection'> & { entries: Entries; conversations: Model<ConversationRow> }) {
  const members = connection.collection<Membership>('members');
  return createApplying({
    rows: setAsideOn(connection),
    async apply(following) {
      await applyChanges(following, entries.collection);
      await applyMembership(following, { members, conversations });
    },
    pass: (entry) => passMembership(entry, { conversations }),
    log,
    now,
  });
}
