import { Types } from 'mongoose';
import pino from 'pino';
import { connectDatabase, type Store } from '../database/connect.js';
import type { Append } from '../conversation-log/append.js';
import type { EntryRow } from '../conversation-log/entries.model.js';
import {
  type ConversationLog,
  createConversationLog,
  type ConversationLogDeps,
} from '../conversation-log/conversation-log.js';
import { makeIndexes } from '../schema/make-indexes.js';
import { startEngine, type TestEngine } from './engine.js';

/** One server's log on a database that others may write to at the same time. */
export interface TestLog {
  log: ConversationLog;
  store: Store;
  /** What subscribers were notified of. */
  stored: EntryRow[];
  close(): Promise<void>;
}

export async function openLog(uri: string, deps: Partial<ConversationLogDeps> = {}): Promise<TestLog> {
  const store = await connectDatabase(uri);
  await makeIndexes(store.upkeep);
  const stored: EntryRow[] = [];
  const log = await createConversationLog({
    store,
    storedEntries: { publish: (entry) => void stored.push(entry) },
    log: pino({ level: 'silent' }),
    now: Date.now,
    reconcileEveryMs: 0,
    ...deps,
  });
  return {
    log,
    store,
    stored,
    async close() {
      await log.close(2_000);
      await store.close();
    },
  };
}

/** The same on a database of its own, for a whole file: there before its first test, and gone behind its last one. */
export function useLog(deps: Partial<ConversationLogDeps> = {}): TestLog & { readonly engine: TestEngine } {
  let engine: TestEngine | undefined;
  let opened: TestLog | undefined;
  beforeAll(async () => {
    engine = await startEngine();
    opened = await openLog(engine.uri, deps);
  });
  afterAll(async () => {
    await opened?.close();
    await engine?.stop();
  });
  const there = <T>(what: T | undefined): T => {
    if (what === undefined) throw new Error('There is a log within the tests of a file, and not before them');
    return what;
  };
  return {
    get engine() {
      return there(engine);
    },
    get log() {
      return there(opened).log;
    },
    get store() {
      return there(opened).store;
    },
    get stored() {
      return there(opened).stored;
    },
    close: () => there(opened).close(),
  };
}

export const newId = (): string => new Types.ObjectId().toHexString();

/** A conversation of two people who were never signed up: the log does not ask. */
export async function newConversation({ log }: TestLog): Promise<{ id: string; alice: string; bob: string }> {
  const [id, alice, bob] = [newId(), newId(), newId()];
  await log.conversations.collection.insertOne(
    {
      _id: new Types.ObjectId(id),
      kind: 'direct',
      participants: [new Types.ObjectId(alice), new Types.ObjectId(bob)],
      createdAt: new Date(),
      appliedSeq: 0,
    },
    { writeConcern: { w: 1, j: true } },
  );
  return { id, alice, bob };
}

export const message = (
  conversationId: string,
  senderId: string,
  clientId: string,
  text = clientId,
  rights: Append['rights'] = { membersVersion: 0, recheck: () => Promise.resolve(0) },
): Append => ({
  conversationId,
  senderId,
  clientId,
  payloadHash: text,
  payload: { kind: 'message', message: text, attachments: [], reactions: [] },
  bytes: 600,
  rights,
});

export const entriesOf = (log: ConversationLog, conversationId: string): Promise<EntryRow[]> =>
  log.entries.model.find({ conversationId }).sort({ seq: 1 }).lean();

/** The entry is in the log, and its server did no more than that. */
export async function insertAndDie(
  { log }: Pick<TestLog, 'log'>,
  conversationId: string,
  senderId: string,
  seq: number,
  more: object = {},
): Promise<void> {
  const at = new Date();
  const entry = {
    _id: new Types.ObjectId(),
    conversationId: new Types.ObjectId(conversationId),
    seq,
    kind: 'message' as const,
    senderId: new Types.ObjectId(senderId),
    clientId: `dead-${seq}`,
    payloadHash: '',
    at,
    updatedAt: at,
    messageCount: seq,
    membersVersion: 0,
    message: 'stored, and nobody was told',
    attachments: [],
    reactions: [],
    ...more,
  };
  await log.entries.collection.insertOne(entry, { writeConcern: { w: 1, j: true } });
}
