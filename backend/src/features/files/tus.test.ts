import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { photo, pdf, hugePng } from '@sori/testkit/media';
import { bytesAt } from '../../testing/bytes-at.js';
import { attach, idIn, jsonOf, raw, readFile, tusOf } from '../../testing/files.js';
import type { Someone } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';

/** The protocol as its standard has it: https://tus.io/protocols/resumable-upload */

const server = useServer({
  settings: { MAX_UPLOAD_MIB: '50', ALLOWED_ORIGINS: 'https://friend.example' },
});
let alice: Someone;
let bob: Someone;
let tus: ReturnType<typeof tusOf>;
beforeAll(async () => {
  [alice, bob] = await server.people('alice', 'bob');
  tus = tusOf(server, alice);
});
const rows = (name: string) => server.store.connection.collection(name);

describe('an upload', () => {
  it('comes in parts, is processed, and is a file', async () => {
    const bytes = bytesAt(3, 10_000_000);
    const created = await tus.create(bytes.length, {
      filename: '보고서 (최종).zip',
      filetype: 'application/zip',
    });
    expect(created.status).toBe(201);
    const path = created.headers.get('location') ?? '';
    expect(path).toMatch(/^\/api\/uploads\/[0-9a-f]{24}$/);
    expect(created.headers.get('tus-resumable')).toBe('1.0.0');
    const before = await tus.head(path);
    expect(before).toMatchObject({ status: 200 });
    expect(before.headers.get('upload-offset')).toBe('0');
    expect(before.headers.get('upload-length')).toBe('10000000');
    expect(before.headers.get('cache-control')).toBe('no-store');
    expect(before.headers.get('sori-file-state')).toBeNull();
    const metadata = `filename ${Buffer.from('보고서 (최종).zip').toString('base64')},filetype ${Buffer.from('application/zip').toString('base64')}`;
    expect(before.headers.get('upload-metadata')).toBe(metadata);
    for (let at = 0; at < bytes.length; at += 4_000_000) {
      const part = bytes.subarray(at, at + 4_000_000);
      const { status, headers } = await tus.patch(path, at, part);
      expect(status).toBe(204);
      expect(headers.get('upload-offset')).toBe(String(at + part.length));
    }
    const { headers } = await tus.processed(path);
    expect(headers.get('sori-file-state')).toBe('ready');
    expect(headers.get('upload-offset')).toBe('10000000');
    const file = await readFile(server, alice, idIn(path));
    expect(file.bytes.equals(bytes)).toBe(true);
  });

  it('can bring its first part when it is begun, or have no byte at all', async () => {
    const created = await tus.ask(
      'POST',
      '/api/uploads',
      { 'upload-length': String(pdf.length), 'content-type': 'application/offset+octet-stream' },
      pdf.subarray(0, 10),
    );
    expect(created.status).toBe(201);
    expect(created.headers.get('upload-offset')).toBe('10');
    const path = created.headers.get('location') ?? '';
    await tus.patch(path, 10, pdf.subarray(10));
    await tus.processed(path);
    expect((await readFile(server, alice, idIn(path))).bytes.equals(pdf)).toBe(true);
    const empty = await tus.begin(0);
    expect((await tus.processed(empty)).headers.get('sori-file-state')).toBe('ready');
  });

  it('is as long as it was sent, also where less of it is kept', async () => {
    const bytes = await photo();
    const path = await tus.begin(bytes.length, { filename: 'photo.jpg' });
    await tus.patch(path, 0, bytes);
    const { headers } = await tus.processed(path);
    expect(headers.get('sori-file-state')).toBe('ready');
    for (const name of ['upload-length', 'upload-offset'])
      expect(headers.get(name)).toBe(String(bytes.length));
    expect((await readFile(server, alice, idIn(path))).bytes.length).toBeLessThan(bytes.length);
    // Whose last answer was lost asks once more.
    expect((await tus.patch(path, bytes.length, Buffer.alloc(0))).status).toBe(204);
  });

  it('keeps how long and how loud a voice is', async () => {
    const peaks = Array.from({ length: 64 }, (_, index) => index / 63);
    const path = await tus.begin(3, { filename: 'voice.webm', duration: '12.5', peaks: peaks.join(',') });
    await tus.patch(path, 0, Buffer.from('abc'));
    await tus.processed(path);
    const row = await rows('files').findOne({ name: 'voice.webm' });
    expect(row).toMatchObject({ duration: 12.5, peaks });
  });

  it('says what became of it: refused, or with a place in it', async () => {
    const huge = hugePng();
    const path = await tus.begin(huge.length, { filetype: 'image/png' });
    await tus.patch(path, 0, huge);
    const { headers } = await tus.processed(path);
    expect(headers.get('sori-file-state')).toBe('refused');
    expect(headers.get('sori-file-code')).toBe('TOO_LARGE');
    const half = (await photo()).subarray(0, 4_000);
    const other = await tus.begin(half.length);
    await tus.patch(other, 0, half);
    const answer = await tus.processed(other);
    expect(answer.headers.get('sori-file-state')).toBe('ready');
    expect(answer.headers.get('sori-file-notice')).toBe('may-tell-place');
  });

  it('can be given up at any time, but not once it is sent', async () => {
    const path = await tus.begin(10);
    await tus.patch(path, 0, Buffer.from('abc'));
    expect((await tus.ask('DELETE', path)).status).toBe(204);
    expect((await tus.head(path)).status).toBe(404);
    const whole = await tus.begin(3);
    await tus.patch(whole, 0, Buffer.from('abc'));
    await tus.processed(whole);
    expect((await tus.ask('DELETE', whole)).status).toBe(204);
    expect((await readFile(server, alice, idIn(whole))).status).toBe(404);
    expect((await tus.ask('DELETE', whole)).status).toBe(404);
    const gone = [path, whole].map((one) => new server.store.connection.base.mongo.ObjectId(idIn(one)));
    expect(await rows('files').countDocuments({ _id: { $in: gone } })).toBe(0);
    expect(await rows('bytes').countDocuments({ refs: { $in: gone } })).toBe(0);
    const sent = await tus.begin(3, { filename: 'sent' });
    await tus.patch(sent, 0, Buffer.from('abc'));
    await tus.processed(sent);
    await attach(alice, bob._id, { _id: idIn(sent) });
    expect(jsonOf(await tus.ask('DELETE', sent))).toMatchObject({ code: 'CONFLICT' });
  });
});

/** Waits until so many bytes of an upload are in its folder. */
async function arrived(id: string, bytes: number): Promise<void> {
  const folder = join(server.engine.dataDir, 'files/uploads', id);
  const sizeIn = async (): Promise<number> => {
    const [part] = await readdir(folder).catch(() => []);
    return part === undefined ? 0 : (await stat(join(folder, part)).catch(() => ({ size: 0 }))).size;
  };
  while ((await sizeIn()) < bytes) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('an upload that broke off', () => {
  it('goes on where it ended, byte for byte', async () => {
    const bytes = bytesAt(11, 6_000_000);
    const path = await tus.begin(bytes.length);
    const control = new AbortController();
    let sent = 0;
    const body = new ReadableStream({
      async pull(controller) {
        // Then it stops, as where a line is lost.
        if (sent >= 2_500_000) return new Promise(() => undefined);
        controller.enqueue(bytes.subarray(sent, sent + 50_000));
        sent += 50_000;
        return undefined;
      },
    });
    const lost = fetch(`${server.url}${path}`, {
      method: 'PATCH',
      headers: {
        cookie: alice.cookie,
        'tus-resumable': '1.0.0',
        'upload-offset': '0',
        'content-type': 'application/offset+octet-stream',
      },
      body,
      duplex: 'half',
      signal: control.signal,
    }).catch(() => 'lost');
    await arrived(idIn(path), 1_000_000);
    // Whoever asks has another connection: the server does not wait for the old one.
    const offset = Number((await tus.head(path)).headers.get('upload-offset'));
    expect(offset).toBeGreaterThan(0);
    expect(offset).toBeLessThanOrEqual(2_500_000);
    expect(await lost).toBe('lost');
    control.abort();
    expect((await tus.patch(path, offset, bytes.subarray(offset))).status).toBe(204);
    await tus.processed(path);
    expect((await readFile(server, alice, idIn(path))).bytes.equals(bytes)).toBe(true);
  });

  it('of a server that was killed while it processed is processed by the next', async () => {
    const path = await tus.begin(3);
    await tus.patch(path, 0, Buffer.from('abc'));
    await tus.processed(path);
    await rows('files').updateOne(
      { _id: new server.store.connection.base.mongo.ObjectId(idIn(path)) },
      { $set: { state: 'processing', processingUntil: new Date(0) } },
    );
    expect((await tus.head(path)).headers.get('sori-file-state')).toBe('processing');
    expect((await tus.processed(path)).headers.get('sori-file-state')).toBe('ready');
  });

  it('of which bytes are lost goes on from the first one that is missing', async () => {
    const bytes = bytesAt(5, 100_000);
    const path = await tus.begin(bytes.length);
    await tus.patch(path, 0, bytes.subarray(0, 60_000));
    // As a server finds it that took it for whole.
    await rows('files').updateOne(
      { _id: new server.store.connection.base.mongo.ObjectId(idIn(path)) },
      { $set: { state: 'processing', processingUntil: new Date(0) } },
    );
    const { headers } = await tus.processed(path);
    expect(headers.get('sori-file-state')).toBeNull();
    expect(headers.get('upload-offset')).toBe('60000');
    await tus.patch(path, 60_000, bytes.subarray(60_000));
    await tus.processed(path);
    expect((await readFile(server, alice, idIn(path))).bytes.equals(bytes)).toBe(true);
  });
});

describe('is refused', () => {
  it.each([
    ['without a length', {}, 400, 'INVALID'],
    ['with a length that is none', { 'upload-length': '-1' }, 400, 'INVALID'],
    ['with a length that comes later', { 'upload-defer-length': '1' }, 400, 'INVALID'],
    ['that is too large', { 'upload-length': String(50 * 1024 * 1024 + 1) }, 413, 'TOO_LARGE'],
    [
      'with metadata that is none',
      { 'upload-length': '1', 'upload-metadata': 'filename ???' },
      400,
      'INVALID',
    ],
    [
      'with a duration that is none',
      { 'upload-length': '1', 'upload-metadata': `duration ${Buffer.from('long').toString('base64')}` },
      400,
      'INVALID',
    ],
  ])('an upload %s', async (_what, headers: Record<string, string>, status, code) => {
    const answer = await tus.ask('POST', '/api/uploads', headers);
    expect(answer.status).toBe(status);
    expect(jsonOf(answer)).toMatchObject({ code });
    expect(answer.headers.get('tus-resumable')).toBe('1.0.0');
  });

  it('a part at another place, of another type, or beyond the end', async () => {
    const path = await tus.begin(10);
    const part = { 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' };
    const refused = async (headers: Record<string, string>, bytes: string, status: number, code: string) => {
      const answer = await tus.ask('PATCH', path, { ...part, ...headers }, Buffer.from(bytes));
      expect({ status: answer.status, code: jsonOf(answer).code }).toEqual({ status, code });
    };
    await refused({ 'upload-offset': '5' }, 'abc', 409, 'CONFLICT');
    await refused({ 'upload-offset': 'x' }, 'abc', 400, 'INVALID');
    await refused({ 'content-type': 'text/plain' }, 'abc', 415, 'UNSUPPORTED');
    await refused({}, 'far too much for this', 413, 'TOO_LARGE');
    expect((await tus.patch(path, 0, Buffer.from('0123456789'))).status).toBe(204);
    await tus.processed(path);
    await refused({ 'upload-offset': '3' }, 'abc', 409, 'CONFLICT');
    expect((await readFile(server, alice, idIn(path))).bytes.toString()).toBe('0123456789');
  });

  it('whoever speaks another version', async () => {
    for (const version of ['0.2.2', undefined]) {
      const answer = await raw(server, '/api/uploads', {
        method: 'POST',
        headers: { cookie: alice.cookie, 'upload-length': '1', ...(version && { 'tus-resumable': version }) },
      });
      expect(answer.status).toBe(412);
      expect(answer.headers.get('tus-version')).toBe('1.0.0');
      expect(jsonOf(answer)).toMatchObject({ code: 'INVALID' });
    }
  });

  it('whoever has not begun it, as if it were not there', async () => {
    const path = await tus.begin(10);
    const other = tusOf(server, bob);
    for (const one of [path, `/api/uploads/${'f'.repeat(24)}`]) {
      expect((await other.head(one)).status).toBe(404);
      expect((await other.patch(one, 0, Buffer.from('x'))).status).toBe(404);
      expect((await other.ask('DELETE', one)).status).toBe(404);
    }
    const stranger = await tusOf(server, { cookie: '' }).head(path);
    expect(stranger.status).toBe(401);
    expect(stranger.headers.get('tus-resumable')).toBe('1.0.0');
  });
});

describe('OPTIONS', () => {
  it('says what can be done, to anybody', async () => {
    for (const path of ['/api/uploads', `/api/uploads/${'f'.repeat(24)}`]) {
      const { status, headers } = await raw(server, path, { method: 'OPTIONS' });
      expect(status).toBe(204);
      expect(headers.get('tus-resumable')).toBe('1.0.0');
      expect(headers.get('tus-version')).toBe('1.0.0');
      expect(headers.get('tus-extension')).toBe('creation,creation-with-upload,termination');
      expect(headers.get('tus-max-size')).toBe(String(50 * 1024 * 1024));
    }
  });

  it('lets a page of a named origin in, and no other', async () => {
    const ask = (origin: string) =>
      raw(server, '/api/uploads', {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'PATCH' },
      });
    const { headers } = await ask('https://friend.example');
    const taken = headers.get('access-control-allow-headers') ?? '';
    for (const name of ['Tus-Resumable', 'Upload-Length', 'Upload-Offset', 'Upload-Metadata'])
      expect(taken).toContain(name);
    expect(headers.get('access-control-allow-methods')).toContain('HEAD');
    const shown = headers.get('access-control-expose-headers') ?? '';
    for (const name of ['Location', 'Upload-Offset', 'Tus-Resumable', 'Sori-File-State', 'ETag'])
      expect(shown).toContain(name);
    expect((await ask('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  });
});
