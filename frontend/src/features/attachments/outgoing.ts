import type { OutboxItem, OutgoingFile } from '@sori/client';
import type { Attachment } from '@sori/contract';

const made = new WeakMap<readonly OutgoingFile[], readonly Attachment[]>();
const none: readonly Attachment[] = [];

/** Files on their way as they will look, under the ids that this device has for them. The same list for the same files. */
export const attachmentsOf = ({ files = [] }: Pick<OutboxItem, 'files'>): readonly Attachment[] => {
  if (files.length === 0) return none;
  const known = made.get(files);
  if (known !== undefined) return known;
  const attachments = files.map(({ id, name, type, size, width, height }): Attachment => ({
    _id: id,
    name,
    type,
    size,
    ...(width !== undefined && height !== undefined && { width, height }),
  }));
  made.set(files, attachments);
  return attachments;
};
