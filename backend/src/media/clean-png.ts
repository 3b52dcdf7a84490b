import { crc32 } from 'node:zlib';
import { BrokenFileError, type Scan } from './byte-source.js';
import { exifOf, orientationIn } from './orientation.js';
import type { PlanBuilder } from './plan.js';

/**
 * PNG (W3C, third edition): chunks of length, type, content and checksum. Kept is what changes how the picture looks; texts,
 * times, EXIF and whatever programs put there for themselves go, and so does what lies behind the end.
 */

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Of length and type before the content, and the checksum behind it. */
const [headBytes, checksumBytes] = [8, 4];

const kept = new Set([
  ...['IHDR', 'PLTE', 'IDAT', 'IEND', 'tRNS', 'bKGD', 'pHYs', 'sBIT'],
  // Colours.
  ...['cHRM', 'gAMA', 'iCCP', 'sRGB', 'cICP', 'mDCV', 'cLLI'],
  // Animation.
  ...['acTL', 'fcTL', 'fdAT'],
]);

/** Browsers read no more of it; it is a few hundred bytes off a camera. */
const exifMost = 1024 * 1024;

function chunk(type: string, content: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  checksum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, checksum]);
}

/** @returns how many frames it has: 1 unless it is animated */
export async function cleanPng(scan: Scan, plan: PlanBuilder): Promise<number> {
  if (!(await scan.bytes(0, signature.length)).equals(signature)) throw new BrokenFileError('This is no PNG');
  plan.copy(0, signature.length);
  let [frames, hasExif, hasContent] = [1, false, false];
  for (let at = signature.length; ;) {
    const head = await scan.bytes(at, headBytes);
    const length = head.readUInt32BE(0);
    const type = head.toString('latin1', 4);
    const end = at + headBytes + length + checksumBytes;
    if (end > scan.size) throw new BrokenFileError('A chunk is longer than the picture');
    if ((at === signature.length) !== (type === 'IHDR')) throw new BrokenFileError('A header out of place');
    if (type === 'acTL' && length >= 4) frames = (await scan.bytes(at + headBytes, 4)).readUInt32BE();
    if (type === 'eXIf' && !hasExif && length <= exifMost) {
      hasExif = true;
      const orientation = orientationIn(await scan.bytes(at + headBytes, length));
      if (orientation !== 1) plan.insert(chunk('eXIf', exifOf(orientation)));
    }
    if (kept.has(type)) plan.copy(at, end);
    hasContent ||= type === 'IDAT';
    at = end;
    if (type !== 'IEND') continue;
    if (!hasContent) throw new BrokenFileError('The picture has no content');
    return frames;
  }
}
