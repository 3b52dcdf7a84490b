import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  animatedGif,
  animatedWebp,
  hugePng,
  photo,
  svgWithScript,
  transparentPng,
  webpPhoto,
} from '@sori/testkit/media';
import sharp from 'sharp';
import { thumbHashToAverageRGBA } from 'thumbhash';
import { BrokenFileError, TooLargeError } from './byte-source.js';
import { createPictures, type Picture } from './pictures.js';

const pictures = createPictures();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sori-pictures-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let files = 0;
async function fileOf(bytes: Buffer): Promise<string> {
  const path = join(folder, String((files += 1)));
  await writeFile(path, bytes);
  return path;
}
const look = async (bytes: Buffer, frames = 1): Promise<Picture> =>
  pictures.look(await fileOf(bytes), frames);
const sizeOf = async (bytes: Buffer | undefined): Promise<[string, number, number]> => {
  const { format, width, height } = await sharp(bytes).metadata();
  return [format, width, height];
};

it('a large photograph gets a thumbnail and a copy for the screen', async () => {
  const picture = await look(await photo({ width: 4_000, height: 3_000 }));
  expect(picture).toMatchObject({ width: 4_000, height: 3_000, animated: false });
  expect(await sizeOf(picture.thumb?.bytes)).toEqual(['jpeg', 480, 360]);
  expect(await sizeOf(picture.display?.bytes)).toEqual(['jpeg', 2_560, 1_920]);
  expect(picture.display?.type).toBe('image/jpeg');
});

it('a photograph off a camera held upright is upright, and so are its copies', async () => {
  const picture = await look(await photo({ width: 3_000, height: 2_000, orientation: 6 }));
  expect(picture).toMatchObject({ width: 2_000, height: 3_000 });
  expect(await sizeOf(picture.thumb?.bytes)).toEqual(['jpeg', 320, 480]);
  expect(await sizeOf(picture.display?.bytes)).toEqual(['jpeg', 1_707, 2_560]);
  expect((await sharp(picture.thumb?.bytes).metadata()).orientation).toBeUndefined();
});

it('what one can look through stays so', async () => {
  const picture = await look(await transparentPng({ width: 1_000, height: 600 }));
  expect(picture.thumb?.type).toBe('image/webp');
  const { hasAlpha } = await sharp(picture.thumb?.bytes).metadata();
  expect(hasAlpha).toBe(true);
  expect(thumbHashToAverageRGBA(Buffer.from(picture.placeholder, 'base64')).a).toBeLessThan(0.95);
});

it('a small picture needs no copies', async () => {
  const picture = await look(await webpPhoto({ width: 300, height: 200 }));
  expect(picture).toMatchObject({ width: 300, height: 200, animated: false });
  expect([picture.thumb, picture.display]).toEqual([undefined, undefined]);
});

it('an animation is one, with a still for lists', async () => {
  for (const bytes of [await animatedGif(), await animatedWebp()]) {
    const picture = await look(bytes, 3);
    expect(picture).toMatchObject({ width: 120, height: 90, animated: true });
    expect((await sharp(picture.thumb?.bytes).metadata()).pages ?? 1).toBe(1);
    expect(picture.display).toBeUndefined();
  }
});

it('the placeholder is a few bytes of about the same colour', async () => {
  const red = await sharp({ create: { width: 800, height: 400, channels: 3, background: '#d02010' } })
    .jpeg()
    .toBuffer();
  for (const bytes of [red, await photo(), await transparentPng(), await animatedGif()]) {
    const { placeholder } = await look(bytes);
    expect(Buffer.from(placeholder, 'base64').length).toBeLessThanOrEqual(40);
  }
  const { r, g, b } = thumbHashToAverageRGBA(Buffer.from((await look(red)).placeholder, 'base64'));
  expect(r).toBeGreaterThan(0.6);
  expect(Math.max(g, b)).toBeLessThan(0.3);
});

it('grey, sixteen bits and a palette are pictures as well', async () => {
  const grey = sharp({ create: { width: 600, height: 600, channels: 3, background: '#888' } });
  for (const bytes of [
    await grey.clone().greyscale().toColourspace('b-w').png().toBuffer(),
    await grey.clone().toColourspace('rgb16').png().toBuffer(),
    await grey.clone().png({ palette: true }).toBuffer(),
    await grey.clone().toColourspace('cmyk').jpeg().toBuffer(),
  ]) {
    const { thumb } = await look(bytes);
    const { data } = await sharp(thumb?.bytes).raw().toBuffer({ resolveWithObject: true });
    expect(Math.abs((data[0] ?? 0) - 0x88)).toBeLessThan(20);
  }
});

it.each([16_000, 30_000])('a picture of %i × as many pixels is refused at once', async (side) => {
  const path = await fileOf(hugePng(side));
  const begin = performance.now();
  await expect(pictures.look(path, 1)).rejects.toThrow(TooLargeError);
  // Milliseconds; unpacking it would take a hundred times as long.
  expect(performance.now() - begin).toBeLessThan(500);
});

it('what is no picture is refused in words, and so is one that ends too early', async () => {
  const whole = await photo({ width: 1_000, height: 700 });
  for (const bytes of [
    Buffer.from('hello'),
    Buffer.alloc(0),
    svgWithScript,
    whole.subarray(0, whole.length / 2),
  ])
    await expect(look(bytes)).rejects.toThrow(BrokenFileError);
});

it('no other kind of picture is opened, whatever it is', async () => {
  const tiff = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
    .tiff()
    .toBuffer();
  await expect(look(tiff)).rejects.toThrow(BrokenFileError);
});

it('makes one after the other, and refuses those who would wait for too long', async () => {
  const path = await fileOf(await photo());
  const few = createPictures({ atOnce: 1, waiting: 2 });
  const asked = await Promise.allSettled([1, 2, 3, 4].map(() => few.look(path, 1)));
  expect(asked.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
  expect(asked[3]).toMatchObject({ reason: { code: 'BUSY' } });
});
