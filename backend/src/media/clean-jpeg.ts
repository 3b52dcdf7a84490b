import { BrokenFileError, type Scan, TooLargeError } from './byte-source.js';
import { exifOf, type Orientation, orientationIn } from './orientation.js';
import { type PlanBuilder } from './plan.js';

/**
 * JPEG (ITU-T T.81, annex B): segments, each behind a marker. What a decoder needs is kept; of the rest only the colour profile,
 * what Adobe says of the colours, and the orientation. What lies behind the end goes: phones put whole films there.
 */

const startOfImage = 0xd8;
const endOfImage = 0xd9;
const startOfScan = 0xda;
const jfif = 0xe0;
const exif = 0xe1;
const profile = 0xe2;
const adobe = 0xee;

/** Progressive pictures have about ten; each costs a pass over all pixels, before any of them is seen. */
const mostScans = 100;

/** Frames, Huffman and arithmetic tables (C0 to CF), quantisation, lines, restarts, hierarchies (DB to DF). */
const isNeeded = (marker: number): boolean =>
  (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8) || (marker >= 0xdb && marker <= 0xdf);
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
const isRestart = (marker: number): boolean => marker >= 0xd0 && marker <= 0xd7;

/** Where the next marker is, over scan data and over what does not belong there: of fill bytes before it, the last. */
async function nextMarker(scan: Scan, from: number): Promise<number> {
  for (let at = from; ;) {
    const ahead = await scan.ahead(at);
    for (let i = ahead.indexOf(0xff); i >= 0; i = ahead.indexOf(0xff, i + 1)) {
      const next = i + 1 < ahead.length ? ahead[i + 1] : undefined;
      if (next === undefined) break;
      if (next !== 0x00 && next !== 0xff && !isRestart(next)) return at + i;
    }
    // The last byte again: it may be the first of a marker.
    at += Math.max(1, ahead.length - 1);
  }
}

const startsWith = (bytes: Buffer, text: string): boolean =>
  bytes.toString('latin1', 0, text.length) === text;

/** The first 12 bytes of what Adobe says (version, flags, colour transform), 18 of JFIF's segment: without a thumbnail. */
const adobeLength = 14;
const jfifLength = 16;

function keepSegment(plan: PlanBuilder, marker: number, at: number, segment: Buffer): void {
  const end = at + segment.length;
  const content = segment.subarray(4);
  if (isNeeded(marker) || marker === startOfScan) plan.copy(at, end);
  else if (marker === profile && startsWith(content, 'ICC_PROFILE\0')) plan.copy(at, end);
  else if (marker === jfif && startsWith(content, 'JFIF\0') && segment.length >= 2 + jfifLength) {
    if (segment.length === 2 + jfifLength) plan.copy(at, end);
    else
      plan.insert(
        Buffer.concat([Buffer.from([0xff, jfif, 0, jfifLength]), content.subarray(0, 12), Buffer.alloc(2)]),
      );
  } else if (marker === adobe && startsWith(content, 'Adobe') && segment.length >= 2 + adobeLength) {
    if (segment.length === 2 + adobeLength) plan.copy(at, end);
    else plan.insert(Buffer.concat([Buffer.from([0xff, adobe, 0, adobeLength]), content.subarray(0, 12)]));
  }
}

function exifSegment(orientation: Orientation): Buffer {
  const content = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exifOf(orientation)]);
  return Buffer.concat([Buffer.from([0xff, exif, 0, content.length + 2]), content]);
}

/** Of several EXIF segments the first one counts: so decoders read them. */
export async function cleanJpeg(scan: Scan, plan: PlanBuilder): Promise<void> {
  if ((await scan.bytes(0, 2)).readUInt16BE() !== 0xff00 + startOfImage)
    throw new BrokenFileError('This is no JPEG');
  plan.copy(0, 2);
  let [hasExif, hasFrame, scans] = [false, false, 0];
  for (let at = 2; ;) {
    at = await nextMarker(scan, at);
    const marker = (await scan.bytes(at, 2)).readUInt8(1);
    if (marker === endOfImage) {
      if (!hasFrame || scans === 0) throw new BrokenFileError('The picture has no content');
      plan.copy(at, at + 2);
      return;
    }
    if (marker === startOfImage || marker === 0x01) throw new BrokenFileError('A picture in a picture');
    const length = (await scan.bytes(at + 2, 2)).readUInt16BE();
    if (length < 2) throw new BrokenFileError('A segment without a length');
    const segment = await scan.bytes(at, 2 + length);
    if (marker === exif && !hasExif && startsWith(segment.subarray(4), 'Exif\0\0')) {
      hasExif = true;
      const orientation = orientationIn(segment.subarray(4));
      if (orientation !== 1) plan.insert(exifSegment(orientation));
    }
    keepSegment(plan, marker, at, segment);
    hasFrame ||= isFrame(marker);
    at += segment.length;
    if (marker !== startOfScan) continue;
    scans += 1;
    if (scans > mostScans) throw new TooLargeError(`There are more than ${mostScans} scans`);
    const end = await nextMarker(scan, at);
    plan.copy(at, end);
    at = end;
  }
}
