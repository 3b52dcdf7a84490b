import { alice, conversationId, said } from './testing/index.js';
import {
  discarded,
  emptyOutbox,
  itemOf,
  itemsOf,
  nextToSend,
  refused,
  stored,
  uploaded,
  uploadsLost,
  withoutFile,
  written,
  type Outbox,
} from './outbox.js';
import { asSent, hasItsFiles, isHere } from './outgoing-files.js';

const fileId = 'f'.repeat(24);
const file = (id: string) => ({ id, name: `${id}.jpg`, type: 'image/jpeg', size: 10 });

const write = (outbox: Outbox, clientId: string, files: readonly string[] = []): Outbox =>
  written(outbox, {
    clientId,
    to: conversationId,
    lane: conversationId,
    text: files.length > 0 ? '' : clientId,
    queuedAt: '2025-03-09T03:00:00.000Z',
    ...(files.length > 0 && { files: files.map(file) }),
  });
const next = (outbox: Outbox) => nextToSend(outbox, new Set()).map(({ clientId }) => clientId);

describe('a message whose files are on their way', () => {
  it('goes when the last of them is there, with all of them in their order', () => {
    let outbox = write(emptyOutbox, 'pictures', ['one', 'two']);
    expect(next(outbox)).toEqual([]);
    outbox = uploaded(outbox, 'pictures', 'two', { fileId: 'e'.repeat(24) });
    expect(next(outbox)).toEqual([]);
    outbox = uploaded(outbox, 'pictures', 'one', { url: '/api/uploads/1' });
    outbox = uploaded(outbox, 'pictures', 'one', { fileId });
    expect(next(outbox)).toEqual(['pictures']);
    const [item] = itemsOf(outbox);
    expect(item && asSent(item).attachments).toEqual([{ fileId }, { fileId: 'e'.repeat(24) }]);
  });

  it('does not hold up words that were written after it, but files that were', () => {
    let outbox = write(write(write(emptyOutbox, 'large', ['large']), 'small', ['small']), 'words');
    outbox = uploaded(outbox, 'small', 'small', { fileId });
    expect(next(outbox)).toEqual(['words']);
    outbox = uploaded(outbox, 'large', 'large', { fileId });
    expect(next(outbox)).toEqual(['large']);
  });

  it('lets later files go when it has failed', () => {
    let outbox = write(write(emptyOutbox, 'large', ['large']), 'small', ['small']);
    outbox = uploaded(outbox, 'small', 'small', { fileId });
    outbox = refused(outbox, 'large', { code: 'TOO_LARGE', message: '' }, 0);
    expect(next(outbox)).toEqual(['small']);
  });

  it('is taken back as long as nobody was asked to store it', () => {
    const outbox = write(emptyOutbox, 'picture', ['one']);
    expect(discarded(outbox, 'picture')).toEqual(emptyOutbox);
    const ready = uploaded(outbox, 'picture', 'one', { fileId });
    expect(discarded(ready, 'picture')).toBe(ready);
    const there = stored(ready, 'picture', said(1, alice, { clientId: 'picture' }));
    expect(itemsOf(there).map(isHere)).toEqual([false]);
  });

  it('goes without one that was taken back, and not at all without the last one', () => {
    let outbox = write(emptyOutbox, 'pictures', ['one', 'two']);
    outbox = withoutFile(outbox, 'pictures', 'one');
    expect(itemOf(outbox, 'pictures')?.files?.map(({ id }) => id)).toEqual(['two']);
    expect(withoutFile(outbox, 'pictures', 'two')).toEqual(emptyOutbox);
  });

  it('keeps its words without its files', () => {
    const outbox = withoutFile(
      written(emptyOutbox, {
        clientId: 'caption',
        to: conversationId,
        lane: conversationId,
        text: 'by the sea',
        queuedAt: '2025-03-09T03:00:00.000Z',
        files: [file('one')],
      }),
      'caption',
      'one',
    );
    const [item] = itemsOf(outbox);
    expect(item && asSent(item)).toMatchObject({ message: 'by the sea', attachments: undefined });
    expect(next(outbox)).toEqual(['caption']);
  });

  it('uploads them again where the server has them no longer', () => {
    let outbox = uploaded(write(emptyOutbox, 'picture', ['one']), 'picture', 'one', { url: '/u/1', fileId });
    outbox = uploadsLost(outbox, 'picture');
    const [item] = itemsOf(outbox);
    expect(item?.files).toEqual([file('one')]);
    expect(item && hasItsFiles(item)).toBe(false);
  });
});
