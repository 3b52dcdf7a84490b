import { mostFrames } from './bounds.js';
import { BrokenFileError, type Scan, TooLargeError } from './byte-source.js';
import type { PlanBuilder } from './plan.js';

/**
 * GIF (89a): blocks, each a chain of sub-blocks of up to 255 bytes. Kept are the pictures with their delays and how often they
 * are to be repeated; comments, texts, XMP and what else programs put there go, and so does what lies behind the end.
 */

const headBytes = 13;
const extension = 0x21;
const picture = 0x2c;
const trailer = 0x3b;
const control = 0xf9;
const application = 0xff;

const hasTable = 0x80;
const tableBytes = (packed: number): number =>
  (packed & hasTable) === 0 ? 0 : 3 * 2 ** ((packed & 0x07) + 1);

/** A control block has four bytes; how often to repeat is said in three, behind a name of eleven. */
const [controlBytes, controlEnd] = [4, 8];
const [repeatNames, repeatEnd] = [new Set(['NETSCAPE2.0', 'ANIMEXTS1.0']), 19];

/** Behind the sub-blocks that begin here. */
async function endOfBlocks(scan: Scan, from: number): Promise<number> {
  for (let at = from; ;) {
    const length = (await scan.bytes(at, 1)).readUInt8();
    at += 1 + length;
    if (length === 0) return at;
  }
}

/** True where there is nothing in the extension beyond what it is for. */
async function isKept(scan: Scan, at: number, end: number): Promise<boolean> {
  const label = (await scan.bytes(at + 1, 1)).readUInt8();
  if (label === control) return end - at === controlEnd && (await scan.bytes(at + 2, 1))[0] === controlBytes;
  if (label !== application || end - at !== repeatEnd) return false;
  const head = await scan.bytes(at + 2, 12);
  return head[0] === 11 && repeatNames.has(head.toString('latin1', 1));
}

/** @returns how many frames it has */
export async function cleanGif(scan: Scan, plan: PlanBuilder): Promise<number> {
  const head = await scan.bytes(0, headBytes);
  if (!/^GIF8[79]a/.test(head.toString('latin1', 0, 6))) throw new BrokenFileError('This is no GIF');
  const start = headBytes + tableBytes(head.readUInt8(10));
  plan.copy(0, start);
  let frames = 0;
  for (let at = start; ;) {
    // Some programs leave the trailer out, and every browser shows what they write.
    if (frames > 0 && at === scan.size) return frames;
    const kind = (await scan.bytes(at, 1)).readUInt8();
    if (kind === trailer) {
      if (frames === 0) throw new BrokenFileError('The picture has no content');
      plan.copy(at, at + 1);
      return frames;
    }
    if (kind === extension) {
      const end = await endOfBlocks(scan, at + 2);
      if (await isKept(scan, at, end)) plan.copy(at, end);
      at = end;
    } else if (kind === picture) {
      frames += 1;
      if (frames > mostFrames) throw new TooLargeError(`There are more than ${mostFrames} frames`);
      const packed = (await scan.bytes(at, 10)).readUInt8(9);
      // A byte that says how the picture is packed, before its blocks.
      const end = await endOfBlocks(scan, at + 10 + tableBytes(packed) + 1);
      plan.copy(at, end);
      at = end;
    } else throw new BrokenFileError('A block of no known kind');
  }
}
