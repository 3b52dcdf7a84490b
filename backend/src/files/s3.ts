import { AwsClient } from 'aws4fetch';
import { LRUCache } from 'lru-cache';
import { AppError } from '../core/errors.js';
import type { BlobStore, Copy } from './blob-store.js';
import { type Chunk, type ChunkHome, createChunkedStore, type Found } from './chunked.js';
import { newTag } from './durable-files.js';

export interface S3Settings {
  /** Of the store, without the bucket: `https://s3.example.org`. */
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/**
 * A store takes an object whole or not at all, so what is on its way to it is held: more would be faster far away, and too much
 * where many upload at once.
 */
const chunkBytes = 4 * 1024 * 1024;
/** For one object there or back, tries included; in milliseconds. */
const patienceOfOneMs = 30_000;
/** A store that is busy is asked again so often. */
const retries = 3;
/** What makes up a finished file never changes; so many files are remembered. */
const knownFiles = 1_000;

/** `files/<id>/` has `<first byte>-<tag>` for each chunk, `whole` for what makes up the file, and its copies. */
const folderOf = (id: string): string => `files/${id}/`;
const chunkPattern = /^(\d{15})-[0-9a-f]+$/;
const whole = 'whole';
/** Behind every name in a folder. */
const behind = '~';

const away = (cause: unknown): AppError =>
  new AppError('UNAVAILABLE', 'The store of files is away for a moment. Please try again', { cause });

interface Answer {
  status: number;
  bytes: Buffer;
}

interface Listed {
  key: string;
  size: number;
}

const valuesOf = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, value = '']) => value);

/** The few calls of S3's that are needed, none of which any compatible store does without. */
function bucketOf(settings: S3Settings, patienceMs: number) {
  const { endpoint, bucket, region, accessKeyId, secretAccessKey } = settings;
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries });
  const root = `${endpoint.replace(/\/+$/, '')}/${bucket}`;

  /** @returns null where there is no such object */
  async function ask(method: string, path: string, more: RequestInit = {}): Promise<Answer | null> {
    const control = new AbortController();
    // Beside the signal, which does not reach a request that was signed on the way once the one before it was collected: a
    // store that never answers would be waited for for minutes.
    const late = new Promise<never>((_, reject) => {
      control.signal.onabort = () => reject(new Error('The store of files did not answer in time'));
    });
    const timer = setTimeout(() => control.abort(), patienceMs);
    let response: Response;
    let bytes: Buffer;
    try {
      const asked = client.fetch(`${root}${path}`, { method, signal: control.signal, ...more });
      response = await Promise.race([asked, late]);
      // Also of a failure, so that the connection can be used again.
      bytes = Buffer.from(await Promise.race([response.arrayBuffer(), late]));
    } catch (error) {
      throw away(error);
    } finally {
      clearTimeout(timer);
    }
    const { ok, status } = response;
    if (ok) return { status, bytes };
    const [code = ''] = valuesOf(bytes.toString('utf8'), 'Code');
    if (status === 404 && code !== 'NoSuchBucket') return null;
    const failure = new Error(`The store of files answered ${method} with ${status} ${code}`);
    throw status >= 500 || status === 429 ? away(failure) : failure;
  }

  /** Lists a page from behind this key on. */
  async function page(prefix: string, after: string, delimiter: string) {
    const query = new URLSearchParams({ 'list-type': '2', prefix });
    if (after !== '') query.set('start-after', after);
    if (delimiter !== '') query.set('delimiter', delimiter);
    const xml = (await ask('GET', `?${query.toString()}`))?.bytes.toString('utf8') ?? '';
    const objects = [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, object = '']): Listed => ({
      key: valuesOf(object, 'Key')[0] ?? '',
      size: Number(valuesOf(object, 'Size')[0]),
    }));
    const folders = [...xml.matchAll(/<CommonPrefixes>(.*?)<\/CommonPrefixes>/gs)].map(
      ([, folder = '']) => valuesOf(folder, 'Prefix')[0] ?? '',
    );
    return { objects, folders, more: valuesOf(xml, 'IsTruncated')[0] === 'true' };
  }

  return {
    async put(key: string, bytes: Uint8Array): Promise<void> {
      const answer = await ask('PUT', `/${key}`, { body: bytes });
      if (!answer) throw away(new Error('There is no such bucket'));
    },
    async get(key: string, range?: { start: number; end: number }): Promise<Buffer | null> {
      if (!range) return (await ask('GET', `/${key}`))?.bytes ?? null;
      const length = range.end - range.start;
      if (length <= 0) return Buffer.alloc(0);
      const headers = { range: `bytes=${range.start}-${range.end - 1}` };
      const answer = await ask('GET', `/${key}`, { headers });
      // Some do not know ranges, and some give more than was asked for.
      const from = answer?.status === 206 ? 0 : range.start;
      return answer && answer.bytes.subarray(from, from + length);
    },
    async delete(key: string): Promise<void> {
      await ask('DELETE', `/${key}`);
    },
    async list(prefix: string): Promise<Listed[]> {
      const all: Listed[] = [];
      for (let after = ''; ; after = all.at(-1)?.key ?? '') {
        const { objects, more } = await page(prefix, after, '');
        all.push(...objects);
        if (!more || objects.length === 0) return all;
      }
    },
    async *folders(prefix: string): AsyncGenerator<string> {
      for (let after = ''; ;) {
        const { folders, more } = await page(prefix, after, '/');
        yield* folders;
        if (!more || folders.length === 0) return;
        after = `${folders.at(-1) ?? ''}${behind}`;
      }
    },
  };
}

/**
 * Files in a store that speaks S3's language. Objects cannot be added to, and not every store can refuse to replace one: so each
 * chunk is an object with a name that nobody else takes, and the file is what its last object names.
 */
function s3Home(settings: S3Settings, patienceMs: number): ChunkHome {
  const bucket = bucketOf(settings, patienceMs);
  const finished = new LRUCache<string, Found>({ max: knownFiles });

  async function chunksOf(id: string): Promise<Chunk[]> {
    const prefix = folderOf(id);
    return (await bucket.list(prefix))
      .flatMap(({ key, size }) => {
        const [, at] = chunkPattern.exec(key.slice(prefix.length)) ?? [];
        return at === undefined ? [] : [{ at: Number(at), size, key }];
      })
      .sort((a, b) => a.at - b.at || b.size - a.size || (a.key < b.key ? -1 : 1));
  }

  return {
    home: 's3',
    chunkBytes,

    async add(id, at, bytes) {
      await bucket.put(`${folderOf(id)}${String(at).padStart(15, '0')}-${newTag()}`, bytes);
      return bytes.length;
    },

    async look(id) {
      const known = finished.get(id);
      if (known) return known;
      const named = await bucket.get(`${folderOf(id)}${whole}`);
      if (!named) return { chunks: await chunksOf(id), finished: null };
      const chunks = JSON.parse(named.toString('utf8')) as Chunk[];
      const found = { chunks, finished: chunks.reduce((sum, { size }) => sum + size, 0) };
      finished.set(id, found);
      return found;
    },

    // A store answers when an object is safe.
    settle: () => Promise.resolve(),
    seal: (id, chunks) => bucket.put(`${folderOf(id)}${whole}`, Buffer.from(JSON.stringify(chunks))),

    get: (_id, { key = '' }, start, end) => bucket.get(key, { start, end }),
    putCopy: (id, copy: Copy, bytes) => bucket.put(`${folderOf(id)}${copy}`, bytes),
    getCopy: (id, copy: Copy, start, end) => bucket.get(`${folderOf(id)}${copy}`, { start, end }),

    async *ids() {
      for await (const folder of bucket.folders('files/')) yield folder.slice('files/'.length, -1);
    },

    async delete(id) {
      finished.delete(id);
      for (const { key } of await bucket.list(folderOf(id))) await bucket.delete(key);
    },
  };
}

/** @param patienceMs how long one object may take, in milliseconds; then the store counts as away */
export const createS3Store = (settings: S3Settings, patienceMs = patienceOfOneMs): BlobStore =>
  createChunkedStore(s3Home(settings, patienceMs));
