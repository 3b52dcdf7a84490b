import { ApiError, itemsOf } from '@sori/client';
import { alice, conversationId } from '@sori/client/testing';
import { createAppStore } from '../../session/appStore';
import { createFakeClock, settle } from '../../testing/clock';
import type { FilesStorage } from './keptFiles';
import type { UploadWork, Uploaded } from './tusUpload';
import { createUploads } from './uploads';

beforeAll(() => {
  // jsdom has neither.
  URL.createObjectURL = () => 'blob:here';
  URL.revokeObjectURL = () => undefined;
});

const storageIn = (kept: Map<string, Blob>): FilesStorage => ({
  put: (id, blob) => {
    kept.set(id, blob);
    return Promise.resolve();
  },
  get: (id) => Promise.resolve(kept.get(id)),
  remove: (ids) => {
    for (const id of ids) kept.delete(id);
    return Promise.resolve();
  },
  sweep: () => Promise.resolve(),
  clear: () => {
    kept.clear();
    return Promise.resolve();
  },
  close: () => undefined,
});

type Work = UploadWork & { done: (uploaded: Uploaded) => void; fails: (error: ApiError) => void };

/** A page of Alice's, whose uploads the test ends. */
const openPage = (kept = new Map<string, Blob>()) => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  const clock = createFakeClock();
  const works: Work[] = [];
  const uploads = createUploads({
    store,
    clock,
    account: alice._id,
    openFiles: () => Promise.resolve(storageIn(kept)),
    upload: (work) =>
      new Promise((done, fails) => {
        works.push({ ...work, done, fails });
        work.signal.addEventListener('abort', () => fails(new ApiError('ABORTED', '')));
      }),
    isConnected: () => true,
    leads: () => true,
  });
  return {
    store,
    clock,
    works,
    uploads,
    kept,
    write: (clientId: string, ...ids: string[]) => {
      const chosen = ids.map((id) => ({
        id,
        name: id,
        type: 'image/png',
        size: 4,
        blob: new Blob(['four'], { type: 'image/png' }),
      }));
      uploads.take(chosen);
      store.getState().messageWritten({
        clientId,
        to: conversationId,
        lane: conversationId,
        text: '',
        queuedAt: '2025-03-09T03:00:00.000Z',
        files: chosen.map(({ blob: _bytes, ...file }) => file),
      });
    },
    names: () => works.map(({ name }) => name),
    item: () => itemsOf(store.getState().outbox)[0],
  };
};

const fileId = 'f'.repeat(24);

describe('files that wait to be sent', () => {
  it('are uploaded three at a time, in their order', async () => {
    const { write, works, names } = openPage();
    write('m', 'one', 'two', 'three', 'four');
    await settle();
    expect(names()).toEqual(['one', 'two', 'three']);
    works[1]?.done({ fileId, mayTellPlace: false });
    await settle();
    expect(names()).toEqual(['one', 'two', 'three', 'four']);
  });

  it('go on from where they broke off, also on the next page', async () => {
    const before = openPage();
    before.write('m', 'one');
    await settle();
    before.works[0]?.began('/api/uploads/1');
    await before.uploads.kept();
    before.uploads.stop(false);
    const after = openPage(before.kept);
    after.store.getState().outboxLoaded(itemsOf(before.store.getState().outbox));
    after.uploads.loaded();
    await settle();
    expect(after.works.map(({ name, url }) => `${name} ${url}`)).toEqual(['one /api/uploads/1']);
  });

  it('are tried again after a failure that passes, and their message waits', async () => {
    const { write, works, names, clock, item, store } = openPage();
    write('m', 'one');
    await settle();
    works[0]?.fails(new ApiError('NO_ANSWER', ''));
    await settle();
    expect(item()?.state).toBe('waiting');
    expect(store.getState().uploads.one?.state).toBe('queued');
    clock.pass(2_000);
    await settle();
    expect(names()).toEqual(['one', 'one']);
  });

  it('fail with their message where the server does not want one, and the others end', async () => {
    const { write, works, item, store } = openPage();
    write('m', 'one', 'two');
    await settle();
    works[0]?.fails(new ApiError('TOO_LARGE', ''));
    await settle();
    expect(item()).toMatchObject({ state: 'failed', refused: { code: 'TOO_LARGE' } });
    expect(works[1]?.signal.aborted).toBe(true);
    store.getState().messageRetried('m');
    await settle();
    expect(works.slice(2).map(({ name, url }) => `${name} ${url}`)).toEqual([
      'one undefined',
      'two undefined',
    ]);
  });

  it('are kept until they are sent or taken back, and not once the person has left', async () => {
    const { write, kept, store, uploads } = openPage();
    write('m', 'one', 'two');
    await uploads.kept();
    expect([...kept.keys()]).toEqual(['one', 'two']);
    store.getState().fileDiscarded('m', 'one');
    await settle();
    expect([...kept.keys()]).toEqual(['two']);
    uploads.stop(true);
    await settle();
    expect([...kept.keys()]).toEqual([]);
  });

  it('are said to end with the page where this device has no room for them', async () => {
    const { store, uploads } = openPage();
    const large = { size: 101 * 2 ** 20, type: '' } as Blob;
    uploads.take([{ id: 'large', name: 'large', type: '', size: large.size, blob: large }]);
    await uploads.kept();
    expect([...store.getState().unkept]).toEqual(['files']);
  });

  it('are looked for where they were chosen, and their message fails where they are gone', async () => {
    const { store, item } = openPage();
    const written = openPage();
    written.write('m', 'one');
    store.getState().outboxLoaded(itemsOf(written.store.getState().outbox));
    await settle();
    expect(item()).toMatchObject({ state: 'failed', refused: { details: { reason: 'fileGone' } } });
  });
});
