import { photo, place } from '@sori/testkit/media';
import { bytesAt } from '../../testing/bytes-at.js';
import { idIn, readFile, tusOf } from '../../testing/files.js';
import { createProgram } from '../../testing/program.js';
import type { Someone } from '../../testing/server.js';

/** An upload outlives the server that took its beginning. */

type Program = Awaited<ReturnType<typeof createProgram>>;

let program: Program;
let alice: Someone;
let url: () => string;
beforeAll(async () => {
  program = await createProgram();
  await program.start();
  alice = await program.person('alice');
  url = () => program.url();
});
afterAll(async () => {
  program.leave();
  await program.close();
});

async function killAndStart(): Promise<void> {
  program.signal('SIGKILL');
  await program.ended();
  await program.start();
}
const server = () => ({ url: url() });

it('is killed between two parts: the rest goes on where it ended', async () => {
  const bytes = bytesAt(2, 10_000_000);
  const path = await tusOf(server(), alice).begin(bytes.length, { filename: 'large' });
  await tusOf(server(), alice).patch(path, 0, bytes.subarray(0, 4_000_000));
  await killAndStart();
  const tus = tusOf(server(), alice);
  const offset = Number((await tus.head(path)).headers.get('upload-offset'));
  expect(offset).toBe(4_000_000);
  await tus.patch(path, offset, bytes.subarray(offset));
  await tus.processed(path);
  expect((await readFile(server(), alice, idIn(path))).bytes.equals(bytes)).toBe(true);
});

it('is killed in the middle of a part: what is on disk is kept', async () => {
  const bytes = bytesAt(5, 30_000_000);
  const path = await tusOf(server(), alice).begin(bytes.length);
  let sent = 0;
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(bytes.subarray(sent, sent + 100_000));
      sent += 100_000;
      if (sent === 20_000_000) program.signal('SIGKILL');
      if (sent >= bytes.length) controller.close();
    },
  });
  const lost = await fetch(`${url()}${path}`, {
    method: 'PATCH',
    headers: {
      cookie: alice.cookie,
      'tus-resumable': '1.0.0',
      'upload-offset': '0',
      'content-type': 'application/offset+octet-stream',
    },
    body,
    duplex: 'half',
  }).then(
    () => 'answered',
    () => 'lost',
  );
  expect(lost).toBe('lost');
  await program.ended();
  await program.start();
  const tus = tusOf(server(), alice);
  const offset = Number((await tus.head(path)).headers.get('upload-offset'));
  expect(offset).toBeLessThan(bytes.length);
  await tus.patch(path, offset, bytes.subarray(offset));
  await tus.processed(path);
  expect((await readFile(server(), alice, idIn(path))).bytes.equals(bytes)).toBe(true);
});

it('is killed as soon as all of it is there: the next server processes it', async () => {
  const sent = await photo({ width: 4_000, height: 3_000, orientation: 6 });
  const path = await tusOf(server(), alice).begin(sent.length, { filename: 'a.jpg' });
  await tusOf(server(), alice).patch(path, 0, sent);
  await killAndStart();
  const { headers } = await tusOf(server(), alice).processed(path);
  expect(headers.get('sori-file-state')).toBe('ready');
  const { bytes } = await readFile(server(), alice, idIn(path));
  expect(bytes.includes(place)).toBe(false);
  expect((await readFile(server(), alice, idIn(path), { query: '?size=thumb' })).status).toBe(200);
}, 120_000);
