import { hash } from 'node:crypto';

/** What a repeat must be equal in: the text as stored, the quote and the attachments. */
export interface Content {
  conversationId: string;
  message: string;
  replyTo?: string | undefined;
  attachments: readonly unknown[];
}

/**
 * Keyed, because a plain hash of a short text that was deleted since could be guessed. With the key in front and not as an
 * HMAC, which takes five times as long: an HMAC keeps others from making hashes of longer texts, and nobody hands one in.
 */
const keyed = (key: string, content: readonly unknown[]): string =>
  hash('sha256', key + JSON.stringify(content), 'base64url');

/** Of a change of a message: what it does, and to which. */
export const changeHash = (key: string, conversationId: string, change: object): string =>
  keyed(key, [conversationId, change]);

export const payloadHash = (
  key: string,
  { conversationId, message, replyTo, attachments }: Content,
): string => keyed(key, [conversationId, message, replyTo ?? null, attachments]);
