import {
  animatedGif,
  animatedWebp,
  exifWithPlace,
  film,
  gifOfFrames,
  photo,
  place,
  transparentPng,
  webpPhoto,
} from '@sori/testkit/media';
import fc from 'fast-check';
import sharp from 'sharp';
import { cleaned, inMemory } from '../testing/in-memory.js';
import { BrokenFileError, scanOf, TooLargeError } from './byte-source.js';
import { cleanJpeg } from './clean-jpeg.js';
import { clean, mayTellPlace } from './clean.js';
import { exifOf, type Orientation, orientationIn } from './orientation.js';
import { type Plan, planBuilder } from './plan.js';

/** What is seen: turned as a browser turns it, every frame, every pixel. */
async function seen(bytes: Buffer): Promise<{ data: Buffer; height: number; width: number }> {
  const { data, info } = await sharp(bytes, { animated: true })
    .autoOrient()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

async function expectSameSight(one: Buffer, other: Buffer): Promise<void> {
  const [before, after] = [await seen(one), await seen(other)];
  expect([after.width, after.height]).toEqual([before.width, before.height]);
  expect(after.data.equals(before.data)).toBe(true);
}

const pictures = {
  'image/jpeg': photo,
  'image/png': transparentPng,
  'image/webp': webpPhoto,
  'image/gif': animatedGif,
} as const;
const types = Object.keys(pictures) as (keyof typeof pictures)[];

describe.each(types)('%s', (type) => {
  it('says no place any more, and looks the same to the pixel', async () => {
    const before = await pictures[type]();
    expect(before.includes(place)).toBe(true);
    const after = await cleaned(before, type);
    expect(after.bytes.includes(place)).toBe(false);
    expect(after.bytes.includes('GPS')).toBe(false);
    expect(after.bytes).toHaveLength(after.plan.size);
    expect(after.mayTellPlace).toBe(false);
    await expectSameSight(before, after.bytes);
  });

  it('has nothing to be removed once it is clean', async () => {
    const { bytes, plan } = await cleaned(await pictures[type](), type);
    expect(plan.unchanged).toBe(false);
    expect((await cleaned(bytes, type)).plan.unchanged).toBe(true);
  });

  it('says nothing that a decoder would call damaged', async () => {
    const { bytes } = await cleaned(await pictures[type](), type);
    await expect(sharp(bytes, { failOn: 'warning', animated: true }).raw().toBuffer()).resolves.toBeDefined();
    const { exif, xmp, comments } = await sharp(bytes).metadata();
    expect({ exif, xmp, comments }).toEqual({ exif: undefined, xmp: undefined, comments: undefined });
  });

  it('that was cut off anywhere is refused in words', async () => {
    const { bytes } = await cleaned(await pictures[type](), type);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 2), async (length) => {
        await expect(clean(inMemory(bytes.subarray(0, length)), type)).rejects.toThrow(BrokenFileError);
      }),
    );
  });
});

const turned = { 'image/jpeg': photo, 'image/png': transparentPng, 'image/webp': webpPhoto } as const;
describe.each(Object.keys(turned) as (keyof typeof turned)[])('%s of a camera held otherwise', (type) => {
  it.each([2, 3, 4, 5, 6, 7, 8] as const)('stays upright: orientation %i', async (orientation) => {
    const before = await turned[type]({ width: 90, height: 60, orientation });
    const after = await cleaned(before, type);
    expect(after.bytes.includes(place)).toBe(false);
    expect((await sharp(after.bytes).metadata()).orientation).toBe(orientation);
    await expectSameSight(before, after.bytes);
    expect((await cleaned(after.bytes, type)).bytes.equals(after.bytes)).toBe(true);
  });
});

it('the colours of a photograph are those of its profile', async () => {
  const before = await photo();
  const after = await cleaned(before, 'image/jpeg');
  const profile = (await sharp(before).metadata()).icc;
  expect(profile).toBeDefined();
  expect((await sharp(after.bytes).metadata()).icc).toEqual(profile);
});

it('an animation goes on for as long, as often and with the same pauses', async () => {
  for (const [type, bytes] of [
    ['image/gif', await animatedGif()],
    ['image/webp', await animatedWebp()],
  ] as const) {
    const after = await cleaned(bytes, type);
    expect(after.frames).toBe(3);
    const [was, is] = [await sharp(bytes).metadata(), await sharp(after.bytes).metadata()];
    expect(is).toMatchObject({ pages: 3, loop: 0, delay: [80, 120, 160] });
    expect(is.delay).toEqual(was.delay);
    expect(after.bytes.includes(place)).toBe(false);
    await expectSameSight(bytes, after.bytes);
  }
});

it('an animation of ten thousand frames is refused at once', async () => {
  const begin = performance.now();
  await expect(clean(inMemory(gifOfFrames(10_000)), 'image/gif')).rejects.toThrow(TooLargeError);
  expect(performance.now() - begin).toBeLessThan(1_000);
  expect((await cleaned(gifOfFrames(2_000), 'image/gif')).frames).toBe(2_000);
});

it.each([
  ['video/mp4', 'isom'],
  ['video/quicktime', 'qt  '],
  ['audio/mp4', 'M4A '],
])('a film (%s) loses every place, and nothing else of it moves', async (type, brand) => {
  const before = film({ brand });
  const after = await cleaned(before, type);
  expect(after.mayTellPlace).toBe(false);
  expect(after.bytes).toHaveLength(before.length);
  expect(after.bytes.includes(place)).toBe(false);
  expect(after.bytes.includes('\xa9xyz', 0, 'latin1')).toBe(false);
  // A title is not a place.
  expect(after.bytes.toString('latin1').split('A walk')).toHaveLength(3);
  const content = Buffer.alloc(3_000, 7);
  expect(after.bytes.indexOf(content)).toBe(before.indexOf(content));
  expect((await cleaned(after.bytes, type)).plan.unchanged).toBe(true);
});

it.each(['gpmd', 'camm', 'rtmd'])('who sends a film with a track of places (%s) is told', async (sample) => {
  expect((await cleaned(film({ samples: ['avc1', sample] }), 'video/mp4')).mayTellPlace).toBe(true);
  expect((await cleaned(film({ samples: ['avc1'] }), 'video/mp4')).mayTellPlace).toBe(false);
});

it('of what cannot be cleaned it is known whether it may tell a place', async () => {
  expect(await clean(inMemory(Buffer.from('whatever')), 'image/heic')).toBeNull();
  expect(['image/heic', 'image/tiff', 'video/x-msvideo'].every(mayTellPlace)).toBe(true);
  expect(['image/png', 'video/mp4', 'application/pdf', 'text/plain'].some(mayTellPlace)).toBe(false);
});

it('a photograph is understood wherever a read of it happens to end', async () => {
  const bytes = await photo({ width: 40, height: 30, orientation: 6 });
  const planWith = async (windowBytes?: number): Promise<Plan> => {
    const plan = planBuilder();
    await cleanJpeg(scanOf(inMemory(bytes), windowBytes), plan);
    return plan.build(bytes.length);
  };
  const expected = await planWith();
  for (let windowBytes = 1; windowBytes < 50; windowBytes += 1)
    expect(await planWith(windowBytes)).toEqual(expected);
});

it('a large file is never in memory whole', async () => {
  const bytes = Buffer.concat([film(), Buffer.alloc(4 * 1024 * 1024)]);
  // One atom up to the end.
  bytes.writeUInt32BE(bytes.length - film().length, film().length);
  bytes.write('free', film().length + 4);
  const source = inMemory(bytes);
  await clean(source, 'video/mp4');
  const picture = inMemory(await photo({ width: 3_000, height: 2_000 }));
  await clean(picture, 'image/jpeg');
  expect(Math.max(source.mostRead(), picture.mostRead())).toBeLessThanOrEqual(256 * 1024);
});

describe('whatever somebody made up', () => {
  const all = ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'video/mp4'] as const;
  const heads: Record<(typeof all)[number], Buffer> = {
    'image/jpeg': Buffer.from('ffd8ff', 'hex'),
    'image/png': Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR', 'latin1'),
    'image/webp': Buffer.from('RIFF\xff\0\0\0WEBP', 'latin1'),
    'image/gif': Buffer.from('GIF89a\x01\0\x01\0\0\0\0', 'latin1'),
    'video/mp4': Buffer.from('\0\0\0\x08ftyp\0\0\0\x20moov', 'latin1'),
  };
  const isKnown = (error: unknown): boolean =>
    error instanceof BrokenFileError || error instanceof TooLargeError;

  it.each(all)('as %s ends with a plan or in words', async (type) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.boolean(), async (bytes, begins) => {
        const file = Buffer.concat([begins ? heads[type] : Buffer.alloc(0), bytes]);
        await clean(inMemory(file), type).catch((error: unknown) => {
          if (!isKnown(error)) throw error;
        });
      }),
      { numRuns: 500 },
    );
  });

  it.each(all)('out of a real %s, with some bytes changed, as well', async (type) => {
    const real = type === 'video/mp4' ? film() : await pictures[type]({ width: 40, height: 30 });
    const change = fc.tuple(fc.nat(real.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 5 }), async (changes) => {
        const file = Buffer.from(real);
        for (const [at, value] of changes) file.writeUInt8(value, at);
        const result = await cleaned(file, type).catch((error: unknown) => {
          if (!isKnown(error)) throw error;
          return undefined;
        });
        if (result) expect(result.bytes).toHaveLength(result.plan.size);
      }),
      { numRuns: 300 },
    );
  });

  it('is refused where it was made to be slow', async () => {
    const picture = await sharp(await photo())
      .jpeg({ progressive: true })
      .toBuffer();
    expect((await cleaned(picture, 'image/jpeg')).plan.unchanged).toBe(true);
    const scan = picture.subarray(picture.lastIndexOf(Buffer.from('ffda', 'hex')), -2);
    const scans = Array.from({ length: 200 }, () => scan);
    const slow = Buffer.concat([picture.subarray(0, -2), ...scans, picture.subarray(-2)]);
    await expect(clean(inMemory(slow), 'image/jpeg')).rejects.toThrow('more than 100 scans');
    const empty = Buffer.from('\0\0\0\0teST\0\0\0\0', 'latin1');
    const chunks = Buffer.concat([heads['image/png'], Buffer.alloc(17), Buffer.alloc(1_200_000 * 12, empty)]);
    await expect(clean(inMemory(chunks), 'image/png')).rejects.toThrow('too many pieces');
    const nested = Buffer.concat(
      Array.from({ length: 1_000 }, (_, index) => {
        const head = Buffer.from('\0\0\0\0moov', 'latin1');
        head.writeUInt32BE((1_000 - index) * 8);
        return head;
      }),
    );
    await expect(clean(inMemory(nested), 'video/mp4')).rejects.toThrow('without end');
  });
});

describe('orientation', () => {
  it('is what EXIF of either byte order says', () => {
    for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8] as Orientation[]) {
      expect(orientationIn(exifOf(orientation))).toBe(orientation);
      expect(orientationIn(exifWithPlace(orientation))).toBe(orientation);
    }
  });

  it('is upright wherever that cannot be read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom('', 'II*\0', 'MM\0*'), (bytes, mark) => {
        const found = orientationIn(Buffer.concat([Buffer.from(mark, 'latin1'), bytes]));
        expect(found >= 1 && found <= 8).toBe(true);
      }),
    );
    expect(orientationIn(exifWithPlace(9))).toBe(1);
  });
});
