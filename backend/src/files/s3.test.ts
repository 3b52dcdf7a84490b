import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Types } from 'mongoose';
import { startS3 } from '../testing/s3.js';
import { createS3Store } from './s3.js';

const newId = (): string => new Types.ObjectId().toHexString();

async function* bodyOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

it('a store that is away is so for a moment, and what was there is there again', async () => {
  const { settings, close } = await startS3();
  const id = newId();
  const bytes = randomBytes(1_000);
  const store = createS3Store(settings);
  await store.write(id, 0, bodyOf(bytes));
  await store.finish(id, bytes.length);
  await close();
  const asked = [
    store.write(newId(), 0, bodyOf(bytes)),
    createS3Store(settings).length(id),
    store.delete(id),
  ];
  for (const one of await Promise.allSettled(asked))
    expect(one).toMatchObject({ status: 'rejected', reason: { code: 'UNAVAILABLE' } });
});

it('wrong settings are told as what they are, without a secret', async () => {
  const { settings, close } = await startS3();
  try {
    const wrongs = [
      { ...settings, bucket: 'nobodys' },
      { ...settings, secretAccessKey: 'not the secret' },
    ];
    for (const wrong of wrongs) {
      const failure: unknown = await createS3Store(wrong)
        .write(newId(), 0, bodyOf(randomBytes(10)))
        .catch((error: unknown) => error);
      expect(String(failure)).toMatch(/answered GET with 40[34] (NoSuchBucket|SignatureDoesNotMatch)/);
      expect(String(failure)).not.toContain('secret');
    }
  } finally {
    await close();
  }
});

it('a store that takes a request and never answers is away, whatever is collected meanwhile', async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const collecting = setInterval(collect, 20);
  const settings = {
    endpoint: `http://127.0.0.1:${port}`,
    bucket: 'silent',
    region: 'nowhere',
    accessKeyId: 'somebody',
    secretAccessKey: 'something',
  };
  try {
    const asked = createS3Store(settings, 500).length(newId());
    await expect(asked).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  } finally {
    clearInterval(collecting);
    for (const socket of sockets) socket.destroy();
    silent.close();
  }
}, 10_000);
