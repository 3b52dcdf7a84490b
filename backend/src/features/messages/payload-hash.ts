import { createHmac } from 'node:crypto';

/** What a repeat must be equal in: the text as stored, the quote and the attachments. */
export interface Content {
  conversationId: string;
  message: string;
  replyTo?: string | undefined;
  attachments: readonly unknown[];
}

/** The same for a change of a message: what it does, and to which. */
export const changeHash = (key: Buffer, conversationId: string, change: object): string =>
  createHmac('sha256', key)
    .update(JSON.stringify([conversationId, change]))
    .digest('base64url');

/** Keyed, because a plain hash of a short text that was deleted since could be guessed. */
export const payloadHash = (
  key: Buffer,
  { conversationId, message, replyTo, attachments }: Content,
): string =>
  createHmac('sha256', key)
    .update(JSON.stringify([conversationId, message, replyTo ?? null, attachments]))
    .digest('base64url');
