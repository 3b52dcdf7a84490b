import { ApiError } from '@sori/client';
import type { Verdict } from './check.js';
import type { Device } from './device.js';
import type { Intent, LogRow } from './evidence.js';
import { keyOf } from './fold.js';
import { contentOf } from './requests.js';
import type { Answer } from './rest.js';

export interface CheckFilesDeps {
  intents: readonly Intent[];
  devices: readonly Pick<Device, 'userId' | 'restCall'>[];
  log: ReadonlyMap<string, readonly LogRow[]>;
  /** What does not hold is added to it. */
  verdict: Pick<Verdict, 'violations'>;
}

type Sent = Pick<Intent, 'clientId' | 'conversationId' | 'userId'> & { fileBytes: number };

/** Reads the files of all messages that were acknowledged, as their senders. @returns how many */
export async function checkFiles({ intents, devices, log, verdict }: CheckFilesDeps): Promise<number> {
  const rows = new Map(
    [...log].flatMap(([id, list]) =>
      list.map((row) => [`${id} ${keyOf(row.senderId, row.clientId)}`, row] as const),
    ),
  );
  let compared = 0;
  for (const { clientId, conversationId, userId, fileBytes, state } of intents) {
    if (fileBytes === undefined || state !== 'acknowledged') continue;
    const row = rows.get(`${conversationId} ${keyOf(userId, clientId)}`);
    if (!row || row.deleted) continue;
    compared += 1;
    const [fileId, ...others] = row.files ?? [];
    const problem =
      fileId === undefined || others.length > 0
        ? `has ${row.files?.length ?? 0} files`
        : await problemOf(fileId, { clientId, conversationId, userId, fileBytes }, devices);
    if (problem !== null)
      verdict.violations.push({ rule: 'files', what: `${clientId} in ${conversationId} ${problem}` });
  }
  return compared;
}

async function problemOf(
  fileId: string,
  { clientId, conversationId, userId, fileBytes }: Sent,
  devices: CheckFilesDeps['devices'],
): Promise<string | null> {
  const own = devices.find((device) => device.userId === userId);
  if (!own) return 'has nobody who could read its file';
  const found = await orNull(own.restCall('GET', `/api/files/${fileId}`));
  if (found === null) {
    // Who is out of a group reads nothing there any more; then it is fsck that looks.
    const isThere = (await orNull(own.restCall('GET', `/api/conversations/${conversationId}`))) !== null;
    return isThere ? 'has lost its file' : null;
  }
  const isSame = JSON.stringify(found.body) === JSON.stringify(contentOf(clientId, fileBytes));
  return isSame ? null : 'has another content in its file';
}

/** Null for what is not found. */
const orNull = (asked: Promise<Answer>): Promise<Answer | null> =>
  asked.catch((error: unknown) => {
    if (error instanceof ApiError && error.code === 'NOT_FOUND') return null;
    throw error;
  });
