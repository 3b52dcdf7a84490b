import type { AttachmentRef, Id } from '@sori/contract';
import type { OutboxItem } from './outbox.js';

/** A file of this device that goes with a message, once it is uploaded. Its bytes are kept elsewhere. */
export type OutgoingFile = {
  /** Chosen once: what its bytes are kept under on this device. */
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** In bytes. */
  readonly size: number;
  /** Of a picture, in pixels, as it is seen. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Where its upload goes on, once that has begun. */
  readonly url?: string | undefined;
  /** The server has it, whole and looked at. */
  readonly fileId?: Id | undefined;
};

/** Whether all its files are uploaded: before that it cannot be sent. */
export const hasItsFiles = ({ files }: Pick<OutboxItem, 'files'>): boolean =>
  files?.every(({ fileId }) => fileId !== undefined) ?? true;

/** What is sent with it: first what the server had already. */
const refsOf = ({ attachments = [], files = [] }: OutboxItem): AttachmentRef[] => [
  ...attachments,
  ...files.flatMap(({ fileId }) => (fileId === undefined ? [] : [{ fileId }])),
];

/** As `message:send` takes it. */
export const asSent = (item: OutboxItem) => {
  const { to, text: message, clientId, replyTo } = item;
  const refs = refsOf(item);
  return { to, message, clientId, replyTo, attachments: refs.length > 0 ? refs : undefined };
};

/** Whether it can still be taken back. */
export const isHere = (item: OutboxItem): boolean =>
  item.state === 'failed' || (item.state === 'waiting' && !hasItsFiles(item));
