/** Which way up a picture is to be shown, as EXIF counts: 1 is as stored, 2 to 8 are turned or mirrored. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const orientationTag = 0x0112;
const short = 3;
const isOrientation = (value: number): value is Orientation => value >= 1 && value <= 8;

/**
 * Reads the orientation out of EXIF data. Whatever cannot be read is upright: so do browsers.
 * @param exif from the byte order mark on (TIFF 6.0, section 2), with or without "Exif\0\0" before it
 */
export function orientationIn(exif: Buffer): Orientation {
  const tiff = exif.toString('latin1', 0, 6) === 'Exif\0\0' ? exif.subarray(6) : exif;
  const mark = tiff.toString('latin1', 0, 4);
  const little = mark === 'II*\0';
  if (!little && mark !== 'MM\0*') return 1;
  const u16 = (at: number): number =>
    at + 2 > tiff.length ? 0 : little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at);
  if (tiff.length < 8) return 1;
  const directory = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  for (let entry = 0; entry < u16(directory); entry += 1) {
    const at = directory + 2 + entry * 12;
    if (at + 12 > tiff.length) return 1;
    if (u16(at) !== orientationTag) continue;
    const value = u16(at + 8);
    return u16(at + 2) === short && isOrientation(value) ? value : 1;
  }
  return 1;
}

/** EXIF data that says the orientation and nothing else: one directory with one entry. */
export const exifOf = (orientation: Orientation): Buffer =>
  Buffer.from([
    ...[0x4d, 0x4d, 0x00, 0x2a, 0x00, 0x00, 0x00, 0x08],
    ...[0x00, 0x01],
    ...[orientationTag >> 8, orientationTag & 0xff, 0x00, short, 0x00, 0x00, 0x00, 0x01],
    ...[0x00, orientation, 0x00, 0x00],
    ...[0x00, 0x00, 0x00, 0x00],
  ]);
