import { stat } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import { rgbaToThumbHash } from 'thumbhash';
import { createGate } from '../core/gate.js';
import { mostPixels } from './bounds.js';
import { BrokenFileError, TooLargeError } from './byte-source.js';

/** What a picture is to whoever looks at it. */
export interface Picture {
  /** As seen, after the orientation. In pixels, like `height`. */
  width: number;
  height: number;
  animated: boolean;
  /** What is shown until the picture is there: a thumbhash, 25 bytes at most, in base64. */
  placeholder: string;
  /** For lists and albums: 480 pixels at most on either side, and a still. Not where the picture itself is as small. */
  thumb?: SmallPicture;
  /** For the viewer: 2,560 pixels at most on either side. Only where a still picture is larger. */
  display?: SmallPicture;
}

export interface SmallPicture {
  bytes: Buffer;
  type: 'image/jpeg' | 'image/webp';
}

export interface PicturesOptions {
  /** How many are made at the same time; a large one takes half a second of a processor and 100 MB. Default 1. */
  atOnce?: number;
  /** How many may wait for that. Default 200. */
  waiting?: number;
}

export interface Pictures {
  /**
   * Looks at a picture and makes its small copies.
   * @param path of a cleaned file
   * @param frames as cleaning counted them
   * @throws TooLargeError over 50 megapixels, before any of them is unpacked
   * @throws BrokenFileError where it is no picture, or one that cannot be shown
   * @throws AppError "BUSY" when too many wait
   */
  look(path: string, frames: number): Promise<Picture>;
  /**
   * The middle of a picture, of people and groups: 512 pixels at most on each side, without anything else that is in the file.
   * @throws TooLargeError, BrokenFileError, AppError "BUSY" as `look`
   */
  square(path: string): Promise<SmallPicture>;
}

const thumbPixels = 480;
const squarePixels = 512;
const displayPixels = 2_560;
/** A picture that is as small as its thumbnail needs none, unless it is dear to load. */
const thumbSpareBytes = 64 * 1024;
/** Thumbhash takes no more than 100 pixels on a side. */
const placeholderPixels = 100;
/** One that takes so long is not worth it; seconds. */
const mostSeconds = 20;

/** By libvips' own loaders, of which it has thirty: every other one stays shut, whatever a file claims to be. */
const loaders = ['Jpeg', 'Png', 'Webp', 'Nsgif'].flatMap((name) => [
  `VipsForeignLoad${name}File`,
  `VipsForeignLoad${name}Buffer`,
]);

let isReady = false;
/** Settings of libvips, which it has once for the process. */
function prepare(): void {
  if (isReady) return;
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: loaders });
  // Files are read once; and one thread each leaves the rest of the machine to the messages.
  sharp.cache(false);
  sharp.concurrency(1);
  isReady = true;
}

const open = (path: string): Sharp =>
  sharp(path, { limitInputPixels: mostPixels, failOn: 'truncated', sequentialRead: true })
    .timeout({ seconds: mostSeconds })
    .autoOrient();

const inside = (pixels: number) =>
  ({ width: pixels, height: pixels, fit: 'inside', withoutEnlargement: true }) as const;

interface Raw {
  data: Buffer;
  info: { width: number; height: number };
}

/** The picture, no larger than this, as bytes of red, green, blue and how opaque. */
const rawOf = (picture: Sharp, pixels: number): Promise<Raw> =>
  picture
    .resize(inside(pixels))
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });

const fromRaw = ({ data, info: { width, height } }: Raw): Sharp =>
  sharp(data, { raw: { width, height, channels: 4 } });

function isOpaque({ data }: Raw): boolean {
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return false;
  return true;
}

async function small(picture: Sharp, opaque: boolean): Promise<SmallPicture> {
  return opaque
    ? { bytes: await picture.removeAlpha().jpeg({ quality: 80 }).toBuffer(), type: 'image/jpeg' }
    : { bytes: await picture.webp({ quality: 80, effort: 2 }).toBuffer(), type: 'image/webp' };
}

async function placeholderOf(thumb: Raw): Promise<string> {
  const { data, info } = await rawOf(fromRaw(thumb), placeholderPixels);
  return Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString('base64');
}

async function lookAt(path: string, frames: number): Promise<Picture> {
  const { width, height } = await sizeOf(path);
  const animated = frames > 1;
  const longest = Math.max(width, height);
  const needsDisplay = !animated && longest > displayPixels;
  const needsThumb = animated || longest > thumbPixels || (await stat(path)).size > thumbSpareBytes;
  // Unpacked once, for all that is made of it.
  const raw = await rawOf(open(path), needsDisplay ? displayPixels : thumbPixels);
  const thumb = needsDisplay ? await rawOf(fromRaw(raw), thumbPixels) : raw;
  const opaque = isOpaque(thumb);
  return {
    width,
    height,
    animated,
    placeholder: await placeholderOf(thumb),
    ...(needsThumb && { thumb: await small(fromRaw(thumb), opaque) }),
    ...(needsDisplay && { display: await small(fromRaw(raw), opaque) }),
  };
}

/** What it says of itself, without unpacking anything, is judged first. */
async function sizeOf(path: string): Promise<{ width: number; height: number }> {
  const said = await sharp(path, { limitInputPixels: false }).metadata();
  if (said.width * said.height > mostPixels)
    throw new TooLargeError(`The picture has ${said.width} × ${said.height} pixels`);
  return said.autoOrient;
}

async function squareOf(path: string): Promise<SmallPicture> {
  const { width, height } = await sizeOf(path);
  const side = Math.min(squarePixels, width, height);
  const raw = await open(path)
    .resize({ width: side, height: side, fit: 'cover' })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return small(fromRaw(raw), isOpaque(raw));
}

export function createPictures({ atOnce = 1, waiting = 200 }: PicturesOptions = {}): Pictures {
  prepare();
  const gate = createGate({ atOnce, waiting });
  /** One at a time, with its errors in our words. */
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> =>
    gate.run(async () => {
      try {
        return await work();
      } catch (error) {
        if (error instanceof TooLargeError) throw error;
        // libvips has one kind of error for whatever is wrong with a file.
        throw new BrokenFileError('The picture cannot be shown', { cause: error });
      }
    });
  return {
    look: (path, frames) => inTurn(() => lookAt(path, frames)),
    square: (path) => inTurn(() => squareOf(path)),
  };
}
