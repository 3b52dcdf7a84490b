/** What a clean file has nowhere: wherever one may say where it was made, those of the tests say this. */
export const place = 'PLACE-37.5665N';
export const placeBytes = Buffer.from(place, 'latin1');

/** A directory of TIFF: tag, type, count, and four bytes of value or where the value is. */
function directory(entries: [tag: number, type: number, count: number, value: number][]): Buffer {
  const bytes = Buffer.alloc(2 + entries.length * 12 + 4);
  bytes.writeUInt16LE(entries.length);
  for (const [index, [tag, type, count, value]] of entries.entries()) {
    const at = 2 + index * 12;
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(type, at + 2);
    bytes.writeUInt32LE(count, at + 4);
    bytes.writeUInt32LE(value, at + 8);
  }
  return bytes;
}

/** EXIF as a phone writes it: a description, the orientation, where it was, and a small picture of the whole. */
export function exifWithPlace(orientation: number): Buffer {
  const [ascii, short, long, rational] = [2, 3, 4, 5];
  const head = Buffer.from('II*\0\x08\0\0\0', 'latin1');
  const first = 8 + 2 + 3 * 12 + 4;
  const gps = first + placeBytes.length + 2;
  const degrees = gps + 2 + 2 * 12 + 4;
  const latitude = Buffer.alloc(24);
  for (const [index, value] of [37, 1, 33, 1, 5_940, 100].entries()) latitude.writeUInt32LE(value, index * 4);
  return Buffer.concat([
    head,
    directory([
      [0x010e, ascii, placeBytes.length, first],
      [0x0112, short, 1, orientation],
      [0x8825, long, 1, gps],
    ]),
    placeBytes,
    Buffer.alloc(2),
    directory([
      [0x0001, ascii, 2, 0x4e],
      [0x0002, rational, 3, degrees],
    ]),
    latitude,
    Buffer.from(`a small picture of ${place}`, 'latin1'),
  ]);
}

export const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><a:GPSLatitude>${place}</a:GPSLatitude></x:xmpmeta>`;
