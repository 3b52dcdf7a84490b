import { photo, place } from '@sori/testkit/media';
import { bytesAt } from '../../testing/bytes-at.js';
import { idIn, readFile, tusOf, upload } from '../../testing/files.js';
import { startEngine, type TestEngine } from '../../testing/engine.js';
import { startS3 } from '../../testing/s3.js';
import { startServer, type TestServer } from '../../testing/server.js';

/** The same doors, wherever the bytes are. */

let engine: TestEngine;
let s3: Awaited<ReturnType<typeof startS3>>;
let s3Settings: Record<string, string>;
beforeAll(async () => {
  engine = await startEngine();
  s3 = await startS3();
  const { endpoint, bucket, region, accessKeyId, secretAccessKey } = s3.settings;
  s3Settings = {
    S3_ENDPOINT: endpoint,
    S3_BUCKET: bucket,
    S3_REGION: region,
    S3_ACCESS_KEY_ID: accessKeyId,
    S3_SECRET_ACCESS_KEY: secretAccessKey,
  };
});
afterAll(async () => {
  await s3.close();
  await engine.stop();
});

const homes = ['disk', 'gridfs', 's3'] as const;
type Home = (typeof homes)[number];
const settingsFor = (home: Home): Record<string, string> => ({ ...s3Settings, FILES: home });

async function withServer(settings: Record<string, string>, use: (server: TestServer) => Promise<void>) {
  const server = await startServer({ engine, settings });
  try {
    await use(server);
    expect(server.bugs()).toEqual([]);
  } finally {
    await server.close();
  }
}

const kept = new Map<Home, { picture: string; bytes: Buffer; owner: { name: string } }>();

describe.each(homes)('files in %s', (home) => {
  it('come in through every door, are cleaned, and go out in parts', async () => {
    await withServer(settingsFor(home), async (server) => {
      const alice = await server.person(`${home}-user`);
      const sent = await photo({ width: 3_000, height: 2_000, orientation: 8 });
      const picture = await upload(server, alice, sent, { name: 'a.jpg', type: 'image/jpeg' });
      expect(picture).toMatchObject({ type: 'image/jpeg', width: 2_000, height: 3_000 });
      const { bytes } = await readFile(server, alice, picture._id);
      expect(bytes.length).toBe(picture.size);
      expect(bytes.includes(place)).toBe(false);
      for (const size of ['thumb', 'display']) {
        const small = await readFile(server, alice, picture._id, { query: `?size=${size}` });
        expect(small.status).toBe(200);
        expect(small.headers.get('content-type')).toBe('image/jpeg');
      }
      kept.set(home, { picture: picture._id, bytes, owner: alice });

      const large = bytesAt(9, 9_000_000);
      const tus = tusOf(server, alice);
      const path = await tus.begin(large.length);
      await tus.patch(path, 0, large.subarray(0, 5_000_001));
      await tus.patch(path, 5_000_001, large.subarray(5_000_001));
      expect((await tus.processed(path)).headers.get('sori-file-state')).toBe('ready');
      const part = await readFile(server, alice, idIn(path), { headers: { range: 'bytes=4999000-6000000' } });
      expect(part.status).toBe(206);
      expect(part.bytes.equals(large.subarray(4_999_000, 6_000_001))).toBe(true);
      expect((await tus.ask('DELETE', path)).status).toBe(204);
      const row = await server.store.connection.collection('files').findOne({ name: 'a.jpg', home });
      expect(row).not.toBeNull();
    });
  });
});

it('where they were once is still read, and the rest of an upload goes where it began', async () => {
  const part = bytesAt(1, 2_000_000);
  let path = '';
  await withServer(settingsFor('gridfs'), async (server) => {
    const owner = kept.get('disk')?.owner ?? { name: '' };
    const tus = tusOf(server, await server.elsewhere(owner));
    path = await tus.begin(part.length);
    await tus.patch(path, 0, part.subarray(0, 1_200_000));
  });
  await withServer(settingsFor('disk'), async (server) => {
    for (const { picture, bytes, owner } of kept.values()) {
      const { status, bytes: read } = await readFile(server, await server.elsewhere(owner), picture);
      expect(status).toBe(200);
      expect(read.equals(bytes)).toBe(true);
    }
    const alice = await server.elsewhere(kept.get('disk')?.owner ?? { name: '' });
    const tus = tusOf(server, alice);
    expect((await tus.head(path)).headers.get('upload-offset')).toBe('1200000');
    await tus.patch(path, 1_200_000, part.subarray(1_200_000));
    await tus.processed(path);
    expect((await readFile(server, alice, idIn(path))).bytes.equals(part)).toBe(true);
  });
});

it('of which two servers take parts become one file', async () => {
  const settings = { ...settingsFor('gridfs'), JWT_SECRET: 's'.repeat(32) };
  await withServer(settings, async (one) => {
    await withServer(settings, async (other) => {
      const owner = await one.person('two-servers');
      const bytes = bytesAt(4, 6_000_000);
      const path = await tusOf(one, owner).begin(bytes.length);
      for (let at = 0, turn = 0; at < bytes.length; at += 1_500_000, turn += 1) {
        const tus = tusOf(turn % 2 === 0 ? one : other, owner);
        expect((await tus.head(path)).headers.get('upload-offset')).toBe(String(at));
        expect((await tus.patch(path, at, bytes.subarray(at, at + 1_500_000))).status).toBe(204);
      }
      for (const server of [one, other]) {
        expect((await tusOf(server, owner).processed(path)).headers.get('sori-file-state')).toBe('ready');
        expect((await readFile(server, owner, idIn(path))).bytes.equals(bytes)).toBe(true);
      }
    });
  });
});

it('whose settings are gone are away, and the others are not', async () => {
  await withServer({ FILES: 'disk' }, async (server) => {
    for (const [home, { picture, owner }] of kept) {
      const { status } = await readFile(server, await server.elsewhere(owner), picture);
      expect({ home, status }).toEqual({ home, status: home === 's3' ? 503 : 200 });
    }
  });
});
