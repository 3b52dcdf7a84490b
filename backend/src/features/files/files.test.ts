import { once } from 'node:events';
import { readdir, readlink } from 'node:fs/promises';
import { connect } from 'node:net';
import {
  animatedGif,
  film,
  gifOfFrames,
  htmlPage,
  hugePng,
  pdf,
  photo,
  place,
  svgWithScript,
  transparentPng,
} from '@sori/testkit/media';
import { dispositionOf, jsonOf, raw, readFile, sendFile, upload } from '../../testing/files.js';
import type { Someone } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';
import { bytesAt } from '../../testing/bytes-at.js';

/** What goes in through the door for scripts, and what comes out. */

const server = useServer({ settings: { MAX_UPLOAD_MIB: '8' } });
let alice: Someone;
let bob: Someone;
beforeAll(async () => {
  [alice, bob] = await server.people('alice', 'bob');
});

const sizeOf = async (id: string): Promise<Buffer> => (await readFile(server, alice, id)).bytes;
const rows = (name: string) => server.store.connection.collection(name);

describe('a file that is uploaded at once', () => {
  it('is named, and comes out byte for byte', async () => {
    const bytes = bytesAt(0, 3_000_000);
    const file = await upload(server, alice, bytes, { name: '보고서 (최종).bin' });
    expect(file).toEqual({
      fileId: file._id,
      _id: file._id,
      name: '보고서 (최종).bin',
      type: 'application/octet-stream',
      size: bytes.length,
    });
    expect((await sizeOf(file._id)).equals(bytes)).toBe(true);
  });

  it('can come as a form', async () => {
    const form = new FormData();
    form.append('note', 'is not a file');
    form.append('file', new Blob([pdf], { type: 'application/pdf' }), '보고서 (최종).pdf');
    const answer = await raw(server, '/api/files', {
      method: 'POST',
      headers: { cookie: alice.cookie },
      body: form,
    });
    expect(answer.status).toBe(201);
    const file = JSON.parse(answer.bytes.toString()) as { fileId: string };
    expect(file).toMatchObject({ name: '보고서 (최종).pdf', type: 'application/pdf', size: pdf.length });
    const { headers, bytes } = await readFile(server, alice, file.fileId);
    expect(bytes.equals(pdf)).toBe(true);
    expect(headers.get('content-disposition')).toBe(
      `attachment; filename="___ (__).pdf"; filename*=UTF-8''%EB%B3%B4%EA%B3%A0%EC%84%9C%20%28%EC%B5%9C%EC%A2%85%29.pdf`,
    );
  });

  it('can be JSON, text, or without a byte', async () => {
    const json = await upload(server, alice, '{"a":', { name: 'a.json', type: 'application/json' });
    expect((await sizeOf(json._id)).toString()).toBe('{"a":');
    const text = await upload(server, alice, '안녕', { name: 'a.txt', type: 'text/plain; charset=utf-8' });
    expect(text.type).toBe('text/plain');
    const { headers } = await readFile(server, alice, text._id);
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(headers.get('content-disposition')).toMatch(/^inline/);
    const empty = await upload(server, alice, '', { name: 'empty' });
    expect(empty.size).toBe(0);
    expect((await sizeOf(empty._id)).length).toBe(0);
  });

  it.each([
    ['"quotes" \\ and ; filename=b.exe', '"quotes" _ and ; filename=b.exe'],
    ['lines\r\nSet-Cookie: a=b', 'linesSet-Cookie: a=b'],
    ['👩‍🚀.txt', '👩‍🚀.txt'],
    ['../../up.txt', '.._.._up.txt'],
    ['', 'file'],
  ])('cannot break anything by its name (%j)', async (name, kept) => {
    const file = await upload(server, alice, 'x', { name });
    expect(file.name).toBe(kept);
    const { headers, status } = await readFile(server, alice, file._id);
    expect(status).toBe(200);
    expect(headers.get('set-cookie')).toBeNull();
    expect(headers.get('content-disposition')).toMatch(
      /^attachment; filename="[ -~]*"; filename\*=UTF-8''[!-~]*$/,
    );
  });

  it('is refused where a form has none, several, or is broken', async () => {
    const post = async (body: FormData | string, headers: Record<string, string> = {}) =>
      jsonOf(
        await raw(server, '/api/files', {
          method: 'POST',
          headers: { cookie: alice.cookie, ...headers },
          body,
        }),
      );
    const none = new FormData();
    none.append('file', 'only words');
    const two = new FormData();
    for (const name of ['a', 'b']) two.append('file', new Blob([name]), name);
    const other = new FormData();
    other.append('picture', new Blob(['a']), 'a');
    for (const form of [none, two, other]) expect(await post(form)).toMatchObject({ code: 'INVALID' });
    expect(
      await post('--x\r\nnonsense', { 'content-type': 'multipart/form-data; boundary=x' }),
    ).toMatchObject({
      code: 'INVALID',
    });
    expect(await post('x', { 'content-type': 'multipart/form-data' })).toMatchObject({ code: 'INVALID' });
    expect(await post('x', { 'content-encoding': 'gzip' })).toMatchObject({ code: 'INVALID' });
    const nothing = await raw(server, '/api/files', { method: 'POST', headers: { cookie: alice.cookie } });
    expect(jsonOf(nothing)).toMatchObject({ code: 'INVALID' });
    expect(await rows('files').countDocuments({ state: 'receiving' })).toBe(0);
  });

  it('is nobody’s who is not signed in, and no page of somebody else’s may bring it', async () => {
    expect((await raw(server, '/api/files', { method: 'POST', body: 'x' })).status).toBe(401);
    const evil = { cookie: alice.cookie, origin: 'https://evil.example' };
    expect((await raw(server, '/api/files', { method: 'POST', headers: evil, body: 'x' })).status).toBe(403);
  });
});

describe('a picture', () => {
  it('loses its place, and has the size in which it is seen', async () => {
    const sent = await photo({ width: 900, height: 600, orientation: 6 });
    expect(sent.includes(place)).toBe(true);
    const file = await upload(server, alice, sent, { name: 'IMG.jpg', type: 'image/jpeg' });
    expect(file).toMatchObject({ type: 'image/jpeg', width: 600, height: 900 });
    expect(Buffer.from(file.placeholder ?? '', 'base64').length).toBeGreaterThan(4);
    const { bytes, headers } = await readFile(server, alice, file._id);
    expect(bytes.length).toBe(file.size);
    expect(bytes.includes(place)).toBe(false);
    expect(headers.get('content-disposition')).toMatch(/^inline/);
    const thumb = await readFile(server, alice, file._id, { query: '?size=thumb' });
    expect(thumb).toMatchObject({ status: 200 });
    expect(thumb.bytes.length).toBeLessThan(bytes.length);
    expect(thumb.headers.get('etag')).not.toBe(headers.get('etag'));
    // None was needed.
    const display = await readFile(server, alice, file._id, { query: '?size=display' });
    expect(display.bytes.equals(bytes)).toBe(true);
    // What it was made of is gone, and what is kept is counted with its copies.
    const [kept, ...more] = await rows('bytes')
      .find({ refs: rowId(file._id) })
      .toArray();
    expect(more).toEqual([]);
    expect(kept).toMatchObject({ size: bytes.length + thumb.bytes.length });
    expect(kept).not.toHaveProperty('dueAt');
  });

  it('can be seen through, or move', async () => {
    const png = await upload(server, alice, await transparentPng(), { name: 'a.png' });
    expect(png).toMatchObject({ type: 'image/png' });
    const gif = await upload(server, alice, await animatedGif(), { name: 'a.gif' });
    expect(gif).toMatchObject({ type: 'image/gif', animated: true, width: 120, height: 90 });
  });

  it.each([
    ['of 30,000 × 30,000 pixels', () => hugePng()],
    ['of ten thousand frames', () => gifOfFrames(10_000)],
  ])('%s is refused at once', async (_what, make) => {
    const bytes = make();
    const began = performance.now();
    const answer = await sendFile(server, alice, bytes, { name: 'a.png', type: 'image/png' });
    expect(jsonOf(answer)).toMatchObject({ code: 'TOO_LARGE' });
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(await rows('files').countDocuments({ state: 'refused' })).toBe(0);
  });

  it('that is broken is a file to be saved', async () => {
    const half = (await photo()).subarray(0, 4_000);
    const file = await upload(server, alice, half, { name: 'half.jpg', type: 'image/jpeg' });
    expect(file).toMatchObject({ type: 'application/octet-stream', mayTellPlace: true });
    expect(file).not.toHaveProperty('width');
    const { headers } = await readFile(server, alice, file._id);
    expect(headers.get('content-disposition')).toMatch(/^attachment/);
    expect((await readFile(server, alice, file._id, { query: '?size=thumb' })).status).toBe(404);
  });

  it.each([
    ['a drawing with a script', svgWithScript, 'image/svg+xml', 'a.svg'],
    ['a page that is called a picture', htmlPage, 'image/png', 'a.png'],
    ['a page that is called text', htmlPage, 'text/plain', 'a.txt'],
  ])('is not what only calls itself one: %s', async (_what, bytes, type, name) => {
    const file = await upload(server, alice, bytes, { name, type });
    expect(file.type).toBe('application/octet-stream');
    const { headers } = await readFile(server, alice, file._id);
    expect(headers.get('content-type')).toBe('application/octet-stream');
    expect(headers.get('content-disposition')).toMatch(/^attachment/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toBe("sandbox; default-src 'none'");
  });
});

const rowId = (hex: string) => new server.store.connection.base.mongo.ObjectId(hex);

describe('a film', () => {
  it('is served in parts, with its place taken out', async () => {
    const sent = film({ brand: 'isom' });
    const file = await upload(server, alice, sent, { name: 'a.mp4', type: 'video/mp4' });
    expect(file).toMatchObject({ type: 'video/mp4', size: sent.length });
    const { headers, bytes, status } = await readFile(server, alice, file._id, {
      headers: { range: 'bytes=4-11' },
    });
    expect(status).toBe(206);
    expect(bytes.toString('latin1')).toBe('ftypisom');
    expect(headers.get('content-range')).toBe(`bytes 4-11/${sent.length}`);
    expect(headers.get('content-security-policy')).toBe("sandbox; default-src 'none'; media-src 'self'");
    expect((await sizeOf(file._id)).includes(place)).toBe(false);
  });

  it('is a sound where its sender says so', async () => {
    const file = await upload(server, alice, film({ brand: 'isom' }), { name: 'a.m4a', type: 'audio/mp4' });
    expect(file).toMatchObject({ type: 'audio/mp4' });
  });
});

describe('what is served', () => {
  const bytes = bytesAt(7, 100_000);
  let id: string;
  beforeAll(async () => {
    id = (await upload(server, alice, bytes))._id;
  });

  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=10-19', 10, 20],
    ['bytes=99990-', 99_990, 100_000],
    ['bytes=99990-200000', 99_990, 100_000],
    ['bytes=-5', 99_995, 100_000],
    ['bytes=-200000', 0, 100_000],
  ])('is the part %s', async (range, start, end) => {
    const answer = await readFile(server, alice, id, { headers: { range } });
    expect(answer.status).toBe(206);
    expect(answer.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/100000`);
    expect(answer.headers.get('content-length')).toBe(String(end - start));
    expect(answer.bytes.equals(bytes.subarray(start, end))).toBe(true);
  });

  it.each(['bytes=100000-', 'bytes=-0', 'bytes=200000-300000'])('is nothing for %s', async (range) => {
    const answer = await readFile(server, alice, id, { headers: { range } });
    expect(answer.status).toBe(416);
    expect(answer.headers.get('content-range')).toBe('bytes */100000');
    expect(jsonOf(answer)).toMatchObject({ code: 'INVALID' });
  });

  it.each(['bytes=1-2,4-5', 'bytes=5-2', 'lines=1-2', 'bytes=', 'bytes=-'])(
    'is all of it for %s',
    async (range) => {
      const answer = await readFile(server, alice, id, { headers: { range } });
      expect(answer.status).toBe(200);
      expect(answer.bytes.length).toBe(100_000);
    },
  );

  it('is asked for again each time, and not sent again', async () => {
    const { headers } = await readFile(server, alice, id);
    const etag = headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[^"]+"$/);
    expect(headers.get('cache-control')).toBe('private, no-cache');
    expect(headers.get('accept-ranges')).toBe('bytes');
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await readFile(server, alice, id, { headers: { 'if-none-match': known } });
      expect(again).toMatchObject({ status: 304, bytes: Buffer.alloc(0) });
      expect(again.headers.get('etag')).toBe(etag);
    }
    const other = await readFile(server, alice, id, { headers: { 'if-none-match': '"other"' } });
    expect(other.status).toBe(200);
    const part = (ifRange: string) =>
      readFile(server, alice, id, { headers: { range: 'bytes=0-1', 'if-range': ifRange } });
    expect((await part(etag)).status).toBe(206);
    expect((await part('"other"')).status).toBe(200);
    // Whoever may not read it does not hear that nothing changed.
    const stranger = await readFile(server, bob, id, { headers: { 'if-none-match': etag } });
    expect(stranger.status).toBe(404);
  });

  it('is not compressed, and can be saved', async () => {
    const text = await upload(server, alice, 'text '.repeat(5_000), { name: 'a.txt', type: 'text/plain' });
    const { headers } = await readFile(server, alice, text._id, {
      query: '?download=1',
      headers: { 'accept-encoding': 'gzip' },
    });
    expect(headers.get('content-encoding')).toBeNull();
    expect(headers.get('content-length')).toBe('25000');
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="a.txt"/);
  });

  it('has headers without a body, too', async () => {
    const answer = await readFile(server, alice, id, { method: 'HEAD' });
    expect(answer).toMatchObject({ status: 200, bytes: Buffer.alloc(0) });
    expect(answer.headers.get('content-length')).toBe('100000');
    const part = await readFile(server, alice, id, { method: 'HEAD', headers: { range: 'bytes=0-9' } });
    expect(part.status).toBe(206);
  });

  it('is not what is asked for in nonsense', async () => {
    for (const query of ['?size=huge', '?download=yes'])
      expect((await readFile(server, alice, id, { query })).status).toBe(400);
  });
});

describe('what is too large', () => {
  it('is refused before it is read, where its length is said', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.write(
      [
        'POST /api/files HTTP/1.1',
        'Host: localhost',
        `Cookie: ${alice.cookie}`,
        `Content-Disposition: ${dispositionOf('a')}`,
        `Content-Length: ${500 * 1024 * 1024}`,
        '',
        'only the beginning',
      ].join('\r\n'),
    );
    const answer = await new Promise<string>((resolve) =>
      socket.once('data', (data) => resolve(data.toString())),
    );
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('TOO_LARGE');
  });

  it('is refused at its border, where it is not', async () => {
    let sent = 0;
    async function* endless() {
      for (;;) {
        sent += 64 * 1024;
        yield await Promise.resolve(new Uint8Array(64 * 1024));
        if (sent > 40 * 1024 * 1024) return;
      }
    }
    const answer = await raw(server, '/api/files', {
      method: 'POST',
      headers: { cookie: alice.cookie },
      body: ReadableStream.from(endless()),
      duplex: 'half',
    });
    expect(jsonOf(answer)).toMatchObject({ code: 'TOO_LARGE' });
    expect(await rows('files').countDocuments({ state: 'receiving' })).toBe(0);
  });
});

describe('a reader who goes away', () => {
  // Where the system says which files are open.
  (process.platform === 'linux' ? it : it.skip)('leaves nothing open', async () => {
    const { _id } = await upload(server, alice, bytesAt(1, 7_000_000));
    const row = await rows('files').findOne({ _id: rowId(_id) });
    const isOpen = async (): Promise<boolean> => {
      const open = await readdir('/proc/self/fd');
      const paths = await Promise.all(open.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
      return paths.some((path) => path.endsWith(String(row?.['bytesId'])));
    };
    const socket = connect(server.port, '127.0.0.1');
    socket.write(`GET /api/files/${_id} HTTP/1.1\r\nHost: localhost\r\nCookie: ${alice.cookie}\r\n\r\n`);
    await once(socket, 'readable');
    expect(await isOpen()).toBe(true);
    socket.destroy();
    while (await isOpen());
  });
});

it('does not write down what files are called', () => {
  expect(server.logged.length).toBeGreaterThan(0);
  expect(server.logged.filter((line) => /보고서|%EB%B3%B4|IMG\.jpg/.test(line))).toEqual([]);
});

describe('a request that breaks off', () => {
  it.each(['raw', 'as a form'])('leaves nothing (%s)', async (how) => {
    const socket = connect(server.port, '127.0.0.1');
    const form = how !== 'raw';
    socket.write(
      [
        'POST /api/files HTTP/1.1',
        'Host: localhost',
        `Cookie: ${bob.cookie}`,
        `Content-Type: ${form ? 'multipart/form-data; boundary=x' : 'application/zip'}`,
        'Content-Length: 1000000',
        '',
        ...(form ? ['--x', 'Content-Disposition: form-data; name="file"; filename="a"', ''] : []),
        'only the beginning',
      ].join('\r\n'),
    );
    const mine = { ownerId: rowId(bob._id) };
    while ((await rows('files').countDocuments(mine)) === 0);
    socket.destroy();
    while ((await rows('files').countDocuments(mine)) > 0);
    while ((await rows('bytes').countDocuments(mine)) > 0);
  });
});
