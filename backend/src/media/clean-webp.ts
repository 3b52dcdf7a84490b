import { BrokenFileError, type Scan, TooLargeError } from './byte-source.js';
import { mostFrames } from './bounds.js';
import { exifOf, type Orientation, orientationIn } from './orientation.js';
import { type PlanBuilder, planBuilder } from './plan.js';

/**
 * WebP (RFC 9649): chunks in RIFF. Kept is what a picture is made of and its colour profile. The header says which other chunks
 * there are, so it is written anew where some went.
 */

interface Chunk {
  type: string;
  at: number;
  /** Of the content. */
  size: number;
  /** Behind the content and what fills it up to an even length; a last chunk may lack that. */
  end: number;
}

const headBytes = 8;
const riffHeadBytes = 12;
/** Of a frame before its chunks: place, size, duration, flags. */
const frameHeadBytes = 16;
const extendedBytes = 10;
const exifMost = 1024 * 1024;
/** Each frame has three at most. */
const mostChunks = 4 * mostFrames;

const flags = { exif: 0x08, xmp: 0x04 };
const kept = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP']);
const keptInFrame = new Set(['VP8 ', 'VP8L', 'ALPH']);

async function chunksIn(scan: Scan, start: number, end: number): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for (let at = start; at < end;) {
    const head = await scan.bytes(at, headBytes);
    const size = head.readUInt32LE(4);
    const contentEnd = at + headBytes + size;
    if (contentEnd > end) throw new BrokenFileError('A chunk is longer than what it is in');
    if (chunks.length === mostChunks) throw new BrokenFileError('The picture is made of too many pieces');
    const chunk = {
      type: head.toString('latin1', 0, 4),
      at,
      size,
      end: Math.min(end, contentEnd + (size % 2)),
    };
    chunks.push(chunk);
    at = chunk.end;
  }
  return chunks;
}

function headOf(type: string, size: number): Buffer {
  const head = Buffer.alloc(headBytes);
  head.write(type, 'latin1');
  head.writeUInt32LE(size, 4);
  return head;
}

function exifChunk(orientation: Orientation): Buffer {
  const content = exifOf(orientation);
  return Buffer.concat([headOf('EXIF', content.length), content, Buffer.alloc(content.length % 2)]);
}

async function keepFrame(scan: Scan, plan: PlanBuilder, frame: Chunk): Promise<void> {
  const start = frame.at + headBytes + frameHeadBytes;
  if (frame.size < frameHeadBytes) throw new BrokenFileError('A frame without a head');
  const chunks = await chunksIn(scan, start, frame.at + headBytes + frame.size);
  const rest = chunks.filter(({ type }) => keptInFrame.has(type));
  if (rest.length === chunks.length) {
    plan.copy(frame.at, frame.end);
    return;
  }
  const size = rest.reduce((sum, chunk) => sum + chunk.end - chunk.at, frameHeadBytes);
  plan.insert(headOf('ANMF', size));
  plan.copy(frame.at + headBytes, start);
  for (const chunk of rest) plan.copy(chunk.at, chunk.end);
  plan.insert(Buffer.alloc(size % 2));
}

/** @returns how many frames it has: 1 unless it is animated */
export async function cleanWebp(scan: Scan, plan: PlanBuilder): Promise<number> {
  const head = await scan.bytes(0, riffHeadBytes);
  if (head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8) !== 'WEBP')
    throw new BrokenFileError('This is no WebP');
  const end = headBytes + head.readUInt32LE(4);
  if (end > scan.size) throw new BrokenFileError('The picture has no end');
  const chunks = await chunksIn(scan, riffHeadBytes, end);
  const frames = chunks.filter(({ type }) => type === 'ANMF').length;
  if (frames > mostFrames) throw new TooLargeError(`There are ${frames} frames`);
  if (frames === 0 && !chunks.some(({ type }) => type === 'VP8 ' || type === 'VP8L'))
    throw new BrokenFileError('The picture has no content');

  const exif = chunks.find(({ type, size }) => type === 'EXIF' && size <= exifMost);
  const orientation = exif ? orientationIn(await scan.bytes(exif.at + headBytes, exif.size)) : 1;
  const body = planBuilder();
  for (const chunk of chunks) {
    if (chunk.type === 'VP8X') {
      if (chunk.size < extendedBytes) throw new BrokenFileError('A header that is too short');
      const extended = Buffer.from(await scan.bytes(chunk.at, headBytes + extendedBytes));
      const said = extended.readUInt8(headBytes) & ~(flags.exif | flags.xmp);
      extended.writeUInt8(orientation === 1 ? said : said | flags.exif, headBytes);
      extended.writeUInt32LE(extendedBytes, 4);
      body.insert(extended);
    } else if (chunk.type === 'ANMF') await keepFrame(scan, body, chunk);
    else if (kept.has(chunk.type)) body.copy(chunk.at, chunk.end);
    else if (chunk === exif && orientation !== 1) body.insert(exifChunk(orientation));
  }

  const made = body.build(scan.size);
  const isClean = chunks.every(({ type }) => kept.has(type)) && made.size === scan.size - riffHeadBytes;
  if (isClean) plan.copy(0, scan.size);
  else {
    plan.insert(Buffer.concat([headOf('RIFF', made.size + 4), Buffer.from('WEBP', 'latin1')]));
    plan.append(made);
  }
  return Math.max(1, frames);
}
