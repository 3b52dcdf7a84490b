import { createHash } from 'node:crypto';
import {
  type Attachment,
  type AttachmentRef,
  type AttachmentRefusal,
  attachmentRefusals,
} from '@sori/contract';
import { Types } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { AppError } from '../../core/errors.js';
import type { MessageRow } from '../../conversation-log/entries.model.js';
import { isDuplicateKey, upsert } from '../../database/duplicate-key.js';
import { type Bytes, dayMs } from './bytes.js';
import type { Claim, FileRow, Files } from './file.model.js';
import { claimedBy, hasFile, type MessageOf } from './message-of.js';
import { toAttachment } from './to-attachment.js';

export interface ClaimsDeps {
  files: Files['files'];
  bytes: Pick<Bytes, 'share'>;
  messageOf: MessageOf;
  /** A message that the caller may read; throws NOT_FOUND. */
  findMessage: (caller: Caller, messageId: string) => Promise<{ row: MessageRow }>;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** The message that files are to be in: known before it is stored. */
export interface ClaimFor {
  conversationId: string;
  clientId: string;
}

export type Claims = ReturnType<typeof createClaims>;

const words: Record<AttachmentRefusal, string> = {
  expired: 'A file was not sent in time and is gone. Please upload it again',
  unfinished: 'A file is not uploaded yet',
  notYours: 'A file cannot be sent: it is not an upload of yours, or it was sent already',
};
const refuse = (reason: AttachmentRefusal): AppError =>
  new AppError('INVALID', words[reason], { details: { reason } });
const stillProcessed = (): AppError =>
  new AppError('BUSY', 'A file is still being looked at. Please try again in a moment');

/** Whether a send was refused because of its files. */
export const isAboutFiles = (error: unknown): boolean =>
  error instanceof AppError &&
  typeof error.details === 'object' &&
  error.details !== null &&
  'reason' in error.details &&
  (attachmentRefusals as readonly unknown[]).includes(error.details.reason);

/** The id of a forwarded file: the same for the same send, so that its repeat makes no second one. */
function forwardedId({ conversationId, senderId, clientId }: Claim, place: number): Types.ObjectId {
  const name = [senderId.toHexString(), conversationId.toHexString(), clientId, place].join(' ');
  return new Types.ObjectId(createHash('sha256').update(name).digest('hex').slice(0, 24));
}

/** What makes the repeat of a send without a `clientId` the same one: the files say it. */
export const clientIdOf = (
  senderId: string,
  conversationId: string,
  refs: readonly AttachmentRef[],
): string =>
  `:f${createHash('sha256')
    .update([senderId, conversationId, ...refs.map(({ fileId }) => fileId)].join(' '))
    .digest('base64url')}`;

/**
 * Files become a message's before it is stored, so that no message is ever without them: claimed under its `clientId`, which
 * claims the same again. The claim of a message that was not stored in the end is looked at by the sweeper.
 */
export function createClaims({ files, bytes, messageOf, findMessage, now }: ClaimsDeps) {
  const inADay = (): Date => new Date(now() + dayMs);

  /** What can be claimed: it is there, and neither sent, nor on its way out. */
  const claimable = () => ({ state: 'ready', condemnedAt: null, dueAt: { $gt: new Date(now()) } }) as const;

  async function claimUpload(claim: Claim, fileId: string): Promise<FileRow> {
    const own = { _id: fileId, ownerId: claim.senderId, ...claimable() };
    const asked = { $set: { claim, dueAt: inADay() } };
    const claimed = await files
      .findOneAndUpdate({ ...own, $or: [{ claim: null }, claimedBy(claim)] }, asked, {
        returnDocument: 'after',
      })
      .lean();
    if (claimed) return claimed;
    const row = await files.findById(fileId).lean();
    if (!row) throw refuse('expired');
    if (!row.ownerId.equals(claim.senderId)) throw refuse('notYours');
    if (row.state === 'processing') throw stillProcessed();
    if (row.state !== 'ready') throw refuse('unfinished');
    // Of a message that was refused, it is free for another one.
    if (row.claim?.released === true && !(await messageOf(row.claim))) {
      const again = await files
        .findOneAndUpdate({ ...own, ...claimedBy(row.claim), 'claim.released': true }, asked, {
          returnDocument: 'after',
        })
        .lean();
      if (again) return again;
    }
    throw refuse(row.claim === undefined ? 'expired' : 'notYours');
  }

  /** A row of its own over the same bytes. */
  async function forward(
    caller: Caller,
    claim: Claim,
    { fileId, messageId, place }: { fileId: string; messageId: string; place: number },
  ): Promise<FileRow> {
    const { row: message } = await findMessage(caller, messageId).catch((error: unknown) => {
      throw error instanceof AppError && error.code === 'NOT_FOUND' ? refuse('notYours') : error;
    });
    if (!hasFile(message, new Types.ObjectId(fileId))) throw refuse('notYours');
    const source = await files.findOne({ _id: fileId, condemnedAt: null }).lean();
    if (!source) throw refuse('expired');
    const _id = forwardedId(claim, place);
    if (!(await bytes.share(source.bytesId, _id))) throw refuse('expired');
    const { _id: _source, claim: _claim, dueAt: _dueAt, ...same } = source;
    const made = { ...same, ownerId: claim.senderId, createdAt: new Date(now()) };
    const row = await upsert(() =>
      files
        .findOneAndUpdate(
          { _id, condemnedAt: { $exists: false } },
          { $set: { claim, dueAt: inADay() }, $setOnInsert: made },
          { returnDocument: 'after', upsert: true },
        )
        .lean(),
    ).catch((error: unknown) => {
      // It is there, and on its way out.
      throw isDuplicateKey(error) ? refuse('expired') : error;
    });
    return row;
  }

  return {
    /**
     * Makes these files the message's. To be called once nothing else is likely to stand in its way.
     * @returns what is stored with the message, in this order
     * @throws AppError INVALID with a `reason` (see `attachmentRefusals`), BUSY while one is still processed
     */
    async claim(
      caller: Caller,
      { conversationId, clientId }: ClaimFor,
      refs: readonly AttachmentRef[],
    ): Promise<Attachment[]> {
      const claim: Claim = {
        conversationId: new Types.ObjectId(conversationId),
        senderId: new Types.ObjectId(caller.userId),
        clientId,
      };
      const attachments: Attachment[] = [];
      // One after the other: ten at most, and of a refusal the rest need not be looked at.
      try {
        for (const [place, { fileId, fromMessageId }] of refs.entries()) {
          const row =
            fromMessageId === undefined
              ? await claimUpload(claim, fileId)
              : await forward(caller, claim, { fileId, messageId: fromMessageId, place });
          attachments.push(toAttachment(row));
        }
      } catch (error) {
        if (attachments.length > 0) await release(caller, { conversationId, clientId });
        throw error;
      }
      return attachments;
    },

    release,
  };

  /**
   * The message was refused: its files can be sent with another one. They stay claimed until then: should it be stored all
   * the same, by another try under the same `clientId`, they are its.
   */
  async function release({ userId }: Caller, { conversationId, clientId }: ClaimFor): Promise<void> {
    const claim = claimedBy({
      conversationId: new Types.ObjectId(conversationId),
      senderId: new Types.ObjectId(userId),
      clientId,
    });
    await files.updateMany(claim, { $set: { 'claim.released': true } });
  }
}
