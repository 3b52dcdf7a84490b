import {
  animatedGif,
  film,
  htmlPage,
  hugePng,
  pdf,
  photo,
  svgWithScript,
  transparentPng,
  webpPhoto,
} from '@sori/testkit/media';
import fc from 'fast-check';
import { inMemory } from '../testing/in-memory.js';
import { sniff } from './sniff.js';

const octets = { type: 'application/octet-stream', kind: 'file', inline: false };
const text = { type: 'text/plain', kind: 'file', inline: true };
const sniffed = (content: Buffer | string, declared?: string) =>
  sniff(inMemory(Buffer.from(content)), declared);

it('a picture is one by what is in it, whatever it is called', async () => {
  const picture = (type: string) => ({ type, kind: 'picture', inline: true });
  expect(await sniffed(await photo(), 'application/pdf')).toEqual(picture('image/jpeg'));
  expect(await sniffed(await transparentPng())).toEqual(picture('image/png'));
  expect(await sniffed(await animatedGif())).toEqual(picture('image/gif'));
  expect(await sniffed(await webpPhoto())).toEqual(picture('image/webp'));
  expect(await sniffed(hugePng(100))).toEqual(picture('image/png'));
});

it('a page or a drawing with a script is bytes, whatever it says', async () => {
  for (const content of [
    htmlPage,
    svgWithScript,
    Buffer.from(`<?xml version="1.0"?>${svgWithScript.toString()}`),
  ])
    for (const declared of ['image/png', 'image/svg+xml', 'text/html', 'text/plain', ''])
      expect(await sniffed(content, declared)).toEqual(octets);
  expect(await sniffed(`\ufeff \n${htmlPage.toString()}`, 'text/plain')).toEqual(octets);
});

it('plain text is what is declared so, readable and no markup', async () => {
  expect(await sniffed('안녕하세요\r\n\tHello 😀', 'text/plain; charset=utf-8')).toEqual(text);
  expect(await sniffed('', 'text/plain')).toEqual(text);
  expect(await sniffed('a < b', 'text/plain')).toEqual(text);
  expect(await sniffed('Hello', 'text/csv')).toEqual(octets);
  expect(await sniffed('Hello')).toEqual(octets);
  expect(await sniffed(' \n <b>Hello', 'text/plain')).toEqual(octets);
  expect(await sniffed('a bell \u0007', 'text/plain')).toEqual(octets);
  expect(await sniffed(Buffer.from([0x61, 0xc3]), 'text/plain')).toEqual(octets);
  expect(await sniffed(Buffer.from('a', 'utf16le'), 'text/plain')).toEqual(octets);
});

it('long text is looked at up to its end', async () => {
  const long = '가'.repeat(300_000);
  expect(await sniffed(long, 'text/plain')).toEqual(text);
  expect(await sniffed(`${long}\u0000`, 'text/plain')).toEqual(octets);
  expect(await sniffed(`${' '.repeat(300_000)}<script>`, 'text/plain')).toEqual(octets);
});

it('films and sounds are told apart by what the sender says, and by nothing else', async () => {
  expect(await sniffed(film())).toEqual({ type: 'video/mp4', kind: 'video', inline: true });
  expect(await sniffed(film(), 'audio/mp4')).toEqual({ type: 'audio/mp4', kind: 'audio', inline: true });
  expect(await sniffed(film({ brand: 'M4A ' }))).toEqual({ type: 'audio/mp4', kind: 'audio', inline: true });
  expect(await sniffed(film({ brand: 'qt  ' }), 'video/mp4')).toEqual({
    type: 'video/quicktime',
    kind: 'file',
    inline: false,
  });
  const webm = Buffer.from('1a45dfa39f4286810142f7810142f2810442f381084282847765626d42878104', 'hex');
  expect(await sniffed(webm)).toEqual({ type: 'video/webm', kind: 'video', inline: true });
  expect(await sniffed(webm, 'audio/webm;codecs=opus')).toEqual({
    type: 'audio/webm',
    kind: 'audio',
    inline: true,
  });
  expect(await sniffed(Buffer.from('RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0', 'latin1'))).toMatchObject({
    type: 'audio/wav',
    inline: true,
  });
});

it('what is only ever saved keeps the name of its kind', async () => {
  expect(await sniffed(pdf, 'text/plain')).toEqual({ type: 'application/pdf', kind: 'file', inline: false });
});

it('no bytes make it fail, and none of them make a page', async () => {
  const starts = [
    '',
    'PK\x03\x04',
    'RIFF',
    '\x1a\x45\xdf\xa3',
    'ID3',
    'OggS',
    '0&\xb2\x75\x8e\x66\xcf\x11',
    '\0\0\0\x18ftyp',
    'II*\0',
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 600 }), async (start, bytes) => {
      const { type, inline } = await sniffed(
        Buffer.concat([Buffer.from(start, 'latin1'), bytes]),
        'text/plain',
      );
      expect(/html|xml|svg/.test(type) && inline).toBe(false);
    }),
    { numRuns: 1_000 },
  );
});
