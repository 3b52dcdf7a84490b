import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { film } from './film.js';
import { exifWithPlace, place, placeBytes, xmp } from './place.js';

/** Coloured by place, so that no turn and no mirror image looks the same. */
function gradient(width: number, height: number, channels: 3 | 4): Buffer {
  const pixels = Buffer.alloc(width * height * channels);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * channels;
      pixels[at] = (255 * x) / width;
      pixels[at + 1] = (255 * y) / height;
      pixels[at + 2] = (x ^ y) & 0xff;
      if (channels === 4) pixels[at + 3] = x * 2 < width ? 255 : 60;
    }
  return pixels;
}

interface Size {
  width?: number;
  height?: number;
}

const drawn = (width: number, height: number, channels: 3 | 4 = 3) =>
  sharp(gradient(width, height, channels), { raw: { width, height, channels } });

function segment(marker: number, ...content: (string | Buffer)[]): Buffer {
  const bytes = Buffer.concat(
    content.map((one) => (typeof one === 'string' ? Buffer.from(one, 'latin1') : one)),
  );
  return Buffer.concat([
    Buffer.from([0xff, marker, (bytes.length + 2) >> 8, (bytes.length + 2) & 0xff]),
    bytes,
  ]);
}

/** A photograph off a phone, with everything that it knows, and a short film behind its end. */
export async function photo({
  width = 640,
  height = 480,
  orientation = 1,
}: Size & { orientation?: number } = {}): Promise<Buffer> {
  const jpeg = await drawn(width, height).jpeg({ quality: 90 }).withIccProfile('p3').toBuffer();
  return Buffer.concat([
    jpeg.subarray(0, 2),
    segment(0xe1, 'Exif\0\0', exifWithPlace(orientation)),
    segment(0xe1, 'http://ns.adobe.com/xap/1.0/\0', xmp),
    segment(0xe2, 'MPF\0', place),
    segment(0xed, 'Photoshop 3.0\0', place),
    segment(0xfe, place),
    jpeg.subarray(2),
    film(),
  ]);
}

function chunk(type: string, content: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  checksum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, checksum]);
}

const pngHead = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const afterHeader = pngHead.length + 25;

/** A drawing of which one half shows what is below it. */
export async function transparentPng({
  width = 320,
  height = 200,
  orientation = 1,
}: Size & { orientation?: number } = {}): Promise<Buffer> {
  const png = await drawn(width, height, 4).png().toBuffer();
  return Buffer.concat([
    png.subarray(0, afterHeader),
    chunk('tEXt', Buffer.from(`Comment\0${place}`, 'latin1')),
    chunk('iTXt', Buffer.from(`XML:com.adobe.xmp\0\0\0\0\0${xmp}`, 'latin1')),
    chunk('zTXt', Buffer.concat([Buffer.from('Place\0\0', 'latin1'), deflateSync(placeBytes)])),
    chunk('eXIf', exifWithPlace(orientation)),
    chunk('tIME', Buffer.from([7, 234, 11, 30, 12, 0, 0])),
    chunk('prVt', placeBytes),
    png.subarray(afterHeader),
    placeBytes,
  ]);
}

/** A PNG of one colour, as large as it says and a few kilobytes long. */
export function hugePng(side = 30_000): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  // One bit a pixel.
  header.set([1, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc((Math.ceil(side / 8) + 1) * side);
  return Buffer.concat([
    pngHead,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 1 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

async function frames(count: number, width: number, height: number): Promise<Buffer[]> {
  return Promise.all(
    Array.from({ length: count }, (_, index) =>
      drawn(width, height)
        .modulate({ hue: index * 40 })
        .png()
        .toBuffer(),
    ),
  );
}

const animation = { loop: 0, delay: [80, 120, 160] };

export async function animatedGif({ width = 120, height = 90 }: Size = {}): Promise<Buffer> {
  const images = await frames(3, width, height);
  const gif = await sharp(images, { join: { animated: true } })
    .gif(animation)
    .toBuffer();
  const table = gif.readUInt8(10);
  const start = 13 + ((table & 0x80) === 0 ? 0 : 3 * 2 ** ((table & 7) + 1));
  // XMP is not in blocks: what reads it as blocks is led to its end by a ramp of lengths (XMP, part 3, 1.1.2).
  const ramp = Buffer.from([1, ...Array.from({ length: 256 }, (_, index) => 255 - index), 0]);
  return Buffer.concat([
    gif.subarray(0, start),
    Buffer.from([0x21, 0xfe, placeBytes.length]),
    placeBytes,
    Buffer.from([0, 0x21, 0xff, 11]),
    Buffer.from(`XMP DataXMP${xmp}`, 'latin1'),
    ramp,
    gif.subarray(start),
    placeBytes,
  ]);
}

/** Each of one pixel. */
export function gifOfFrames(count: number): Buffer {
  const head = Buffer.from('GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1');
  const frame = Buffer.from('\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0', 'latin1');
  return Buffer.concat([head, ...Array.from({ length: count }, () => frame), Buffer.of(0x3b)]);
}

function riff(chunks: [type: string, content: Buffer][]): Buffer {
  const body = Buffer.concat(
    chunks.flatMap(([type, content]) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(content.length);
      return [Buffer.from(type, 'latin1'), length, content, Buffer.alloc(content.length % 2)];
    }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length + 4);
  return Buffer.concat([Buffer.from('RIFF', 'latin1'), length, Buffer.from('WEBP', 'latin1'), body]);
}

/** What is in a WebP, without the eight bytes before each. */
function riffChunks(webp: Buffer): [type: string, content: Buffer][] {
  const chunks: [string, Buffer][] = [];
  for (let at = 12; at + 8 <= webp.length;) {
    const size = webp.readUInt32LE(at + 4);
    chunks.push([webp.toString('latin1', at, at + 4), webp.subarray(at + 8, at + 8 + size)]);
    at += 8 + size + (size % 2);
  }
  return chunks;
}

/** Adds what cameras and programs say, and tells the header of it. */
function webpWithPlace(webp: Buffer, width: number, height: number, orientation: number): Buffer {
  const chunks = riffChunks(webp).filter(([type]) => type !== 'VP8X');
  const extended =
    riffChunks(webp).find(([type]) => type === 'VP8X')?.[1] ??
    Buffer.concat([
      Buffer.alloc(4),
      Buffer.from([(width - 1) & 0xff, (width - 1) >> 8, 0, (height - 1) & 0xff, (height - 1) >> 8, 0]),
    ]);
  const head = Buffer.from(extended);
  head.writeUInt8(head.readUInt8() | 0x0c);
  return Buffer.concat([
    riff([
      ['VP8X', head],
      ...chunks,
      ['EXIF', exifWithPlace(orientation)],
      ['XMP ', Buffer.from(xmp, 'latin1')],
      ['priv', placeBytes],
    ]),
    placeBytes,
  ]);
}

export async function webpPhoto({
  width = 300,
  height = 200,
  orientation = 1,
}: Size & { orientation?: number } = {}): Promise<Buffer> {
  return webpWithPlace(await drawn(width, height).webp().toBuffer(), width, height, orientation);
}

export async function animatedWebp({ width = 120, height = 90 }: Size = {}): Promise<Buffer> {
  const images = await frames(3, width, height);
  const webp = await sharp(images, { join: { animated: true } })
    .webp(animation)
    .toBuffer();
  const chunks = riffChunks(webp).map(([type, content]): [string, Buffer] =>
    // Something of a program's own inside each frame.
    type === 'ANMF'
      ? [type, Buffer.concat([content, Buffer.from('priv\x0e\0\0\0', 'latin1'), placeBytes])]
      : [type, content],
  );
  return webpWithPlace(riff(chunks), width, height, 1);
}
