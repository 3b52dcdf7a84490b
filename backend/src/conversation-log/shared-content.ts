import { type Attachment, findLinks, type SharedKind, sharedKindOf } from '@sori/contract';
import type { Types } from 'mongoose';
import type { Entries, MessageRow } from './entries.model.js';

/** Nothing without one of these is an address of a page; looking closer takes many times as long as most texts are worth. */
const mayHaveLink = /:\/\/|www\./i;

/** The addresses of pages in a text, in order, each once. */
export function linksIn(text: string): string[] {
  if (!mayHaveLink.test(text)) return [];
  const found = findLinks(text).flatMap(({ href }) => (href?.startsWith('http') === true ? [href] : []));
  return [...new Set(found)];
}

/** What a message is found by in the list of what was sent; stored with it. */
export function sharedContent(text: string, attachments: readonly Attachment[]): Partial<MessageRow> {
  const kinds: SharedKind[] = [...new Set(attachments.map(sharedKindOf))];
  return {
    ...(kinds.length > 0 && { shared: kinds }),
    ...(linksIn(text).length > 0 && { hasLink: true as const }),
  };
}

const atOnce = 500;
/** As the index has them. */
const withFiles = { shared: { $in: ['media', 'file', 'voice'] satisfies SharedKind[] } };

export interface FileReleaseDeps {
  /** With as much time as it takes. */
  entries: Pick<Entries, 'model'>;
  /** These files are of messages that are about to be deleted. */
  expectGone: (fileIds: readonly string[]) => Promise<void>;
}

/** Says which files go with entries that are deleted by turns. */
export const createFileRelease =
  ({ entries: { model }, expectGone }: FileReleaseDeps) =>
  /**
   * Before they are deleted, and after it is stored that they will be.
   * @param below of the entries below this seq. Default: all of the conversation's
   */
  async (conversationId: Types.ObjectId, below = Number.MAX_SAFE_INTEGER): Promise<void> => {
    let fileIds: string[] = [];
    const rows = model
      .find({ conversationId, ...withFiles, seq: { $lt: below } }, { attachments: 1 })
      .lean<Pick<MessageRow, 'attachments'>[]>()
      .cursor();
    for await (const { attachments } of rows) {
      fileIds.push(...attachments.map(({ _id }) => _id));
      if (fileIds.length < atOnce) continue;
      await expectGone(fileIds);
      fileIds = [];
    }
    await expectGone(fileIds);
  };
