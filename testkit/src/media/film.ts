import { place, xmp } from './place.js';

const atom = (type: string, ...content: Buffer[]): Buffer => {
  const body = Buffer.concat(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 8);
  return Buffer.concat([length, Buffer.from(type, 'latin1'), body]);
};
const text = (words: string): Buffer => Buffer.from(words, 'latin1');
const u32 = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
};
const uuidOfXmp = Buffer.from('be7acfcb97a942e89c71999491e3afac', 'hex');

/**
 * A film as phones write it, which says in five ways where it was made. Nothing plays it: it has no tracks.
 * @param samples what the tracks are of, by four letters
 */
export function film({ brand = 'isom', samples = [] }: { brand?: string; samples?: string[] } = {}): Buffer {
  const key = (name: string): Buffer => Buffer.concat([u32(name.length + 8), text(`mdta${name}`)]);
  const value = (index: number, words: string): Buffer =>
    Buffer.concat([u32(words.length + 24, index), atom('data', u32(1, 0), text(words))]);
  const tracks = samples.map((type) =>
    atom(
      'trak',
      atom('mdia', atom('minf', atom('stbl', atom('stsd', u32(0, 1), atom(type, Buffer.alloc(8)))))),
    ),
  );
  return Buffer.concat([
    atom('ftyp', text(brand), u32(512), text(`${brand}mp41`)),
    atom('uuid', uuidOfXmp, text(xmp)),
    atom('mdat', Buffer.alloc(3_000, 7)),
    atom(
      'moov',
      atom('mvhd', Buffer.alloc(100)),
      ...tracks,
      atom(
        'udta',
        atom('\xa9xyz', u32((place.length << 16) + 0x15c7), text(place)),
        atom('loci', u32(0), text(place)),
        atom('\xa9nam', text('A walk')),
      ),
      atom(
        'meta',
        atom('hdlr', u32(0, 0), text('mdta'), u32(0, 0, 0)),
        atom(
          'keys',
          u32(0, 2),
          key('com.apple.quicktime.location.ISO6709'),
          key('com.apple.quicktime.title'),
        ),
        atom('ilst', value(1, place), value(2, 'A walk')),
      ),
    ),
  ]);
}
