import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Conversation, Message } from '@sori/contract';
import { SETTING_NAMES } from '../../backend/dist/config.js';
import { type EntryRow, entriesOn } from '../../backend/dist/conversation-log/entries.model.js';
import { toMessage } from '../../backend/dist/conversation-log/to-contract.js';
import { openStore } from '../../backend/dist/tools/open-store.js';
import type { Device } from './device.js';
import type { LogRow, Answered, View } from './evidence.js';
import { heldOf } from './held.js';
import type { Rest } from './rest.js';
import type { System } from './system.js';

/** The log as it lies in the database, by conversation, in order of seq. */
export async function readLog(where: System['store']): Promise<Map<string, LogRow[]>> {
  const { store, close } = await openStore(where);
  try {
    const rows = await entriesOn(store.connection)
      .collection.find()
      .sort({ conversationId: 1, seq: 1 })
      .toArray();
    const log = new Map<string, LogRow[]>();
    for (const row of rows) {
      const id = row.conversationId.toHexString();
      const list = log.get(id);
      if (list) list.push(toRow(row));
      else log.set(id, [toRow(row)]);
    }
    return log;
  } finally {
    await close();
  }
}

const toRow = (row: EntryRow): LogRow => ({
  _id: row._id.toHexString(),
  seq: row.seq,
  kind: row.kind,
  senderId: row.senderId.toHexString(),
  clientId: row.clientId,
  at: row.at.getTime(),
  messageCount: row.messageCount,
  membersVersion: row.membersVersion,
  ...('targetSeq' in row ? { targetSeq: row.targetSeq } : {}),
  ...('message' in row ? { message: row.message } : {}),
  ...(row.kind === 'message' ? { files: row.attachments.map(({ _id }) => _id) } : {}),
  ...(row.kind === 'react' ? { emojis: row.emojis } : {}),
  ...(row.kind === 'member'
    ? { change: row.change, userIds: row.userIds.map((id) => id.toHexString()) }
    : {}),
  ...(row.kind === 'pin' ? { pinned: row.pinned } : {}),
  ...(row.kind === 'message' ? { deleted: Boolean(row.deletedAt), held: heldOf(toMessage(row)) } : {}),
});

/** Everything that REST shows one person. */
export async function readAll(
  rest: Rest,
  userId: string,
  conversationIds: readonly string[],
): Promise<Answered[]> {
  const list = await listOf(rest);
  const answered: Answered[] = [];
  for (const conversationId of conversationIds) {
    const listed = list.find(({ _id }) => _id === conversationId);
    const me = listed?.members.find((member) => member.userId === userId);
    const { lastMessage } = listed ?? {};
    answered.push({
      userId,
      conversationId,
      listed: listed !== undefined,
      headSeq: listed?.headSeq ?? 0,
      unread: listed?.unread ?? 0,
      readSeq: me?.readSeq ?? 0,
      deliveredSeq: me?.deliveredSeq ?? 0,
      ...(lastMessage ? { preview: heldOf(lastMessage) } : {}),
      history: listed ? await historyOf(rest, conversationId) : [],
    });
  }
  return answered;
}

/** All conversations of one person, page by page. */
export async function listOf(rest: Rest): Promise<Conversation[]> {
  const all: Conversation[] = [];
  for (let path = '/api/conversations?limit=20'; path !== '';) {
    const { body, link } = await rest('GET', path);
    all.push(...(body as Conversation[]));
    path = /<([^>]+)>; rel="next"/.exec(link)?.[1] ?? '';
  }
  return all;
}

async function historyOf(rest: Rest, conversationId: string) {
  const pages: Message[][] = [];
  for (let path = `/api/messages/${conversationId}?limit=100`; path !== '';) {
    const { body, link } = await rest('GET', path);
    pages.unshift(body as Message[]);
    path = /<([^>]+)>; rel="prev"/.exec(link)?.[1] ?? '';
  }
  return pages.flat().map(heldOf);
}

/** What every device holds of every conversation of its person; nothing where it never heard of it. */
export function viewsOf(devices: readonly Device[], log: ReadonlyMap<string, readonly LogRow[]>): View[] {
  return devices.flatMap((device) => {
    const views = new Map(device.views().map((view) => [view.conversationId, view]));
    return device.person.places
      .filter(({ conversationId }) => log.has(conversationId))
      .map(
        ({ conversationId }) =>
          views.get(conversationId) ?? {
            device: device.name,
            userId: device.userId,
            conversationId,
            fromSeq: 1,
            cursor: 0,
            messages: new Map<number, never>(),
          },
      );
  });
}

/** The project's own check, as a person would run it. @returns what it said, and whether it found nothing. */
export function fsck({
  dataDir,
  mongodbUri = '',
}: System['store']): Promise<{ clean: boolean; said: string }> {
  const program = fileURLToPath(new URL('../../backend/dist/tools/fsck.js', import.meta.url));
  const env = {
    ...process.env,
    ...Object.fromEntries(SETTING_NAMES.map((name) => [name, ''])),
    DATA_DIR: dataDir,
    MONGODB_URI: mongodbUri,
  };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [program],
      { env, cwd: dataDir, timeout: 120_000 },
      (error, stdout, stderr) => {
        resolve({ clean: error === null, said: (stdout + stderr).trim() });
      },
    );
  });
}
