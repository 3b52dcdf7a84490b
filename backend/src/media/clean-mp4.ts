import { BrokenFileError, type Scan } from './byte-source.js';
import type { PlanBuilder } from './plan.js';

/**
 * MP4, MOV, M4A (ISO/IEC 14496-12, QuickTime File Format): atoms in atoms. Others are found by their distance from the beginning,
 * so nothing is cut out: what says a place becomes a `free` atom of the same length, filled with zeros.
 */

interface Atom {
  type: string;
  at: number;
  /** Where the content begins and the atom ends. */
  content: number;
  end: number;
}

interface Walk {
  scan: Scan;
  plan: PlanBuilder;
  /** Up to here the plan is made. */
  done: number;
  atoms: number;
  /** Names of the properties that are kept in a list by number. */
  keys: string[];
  hasMovie: boolean;
  mayTellPlace: boolean;
}

const containers = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl', 'udta', 'moof', 'traf', 'ilst']);
/** A place in words or numbers: QuickTime, 3GPP, and XMP, which may hold all that EXIF does. */
const places = new Set(['\u00a9xyz', 'loci', 'XMP_', 'xml ', 'bxml']);
/** 360° films are flat without it (Spherical Video V1); all other private atoms go: XMP, Canon's EXIF. */
const sphericalVideo = 'ffcc82631f8554938814587a02521fdd';
/** Tracks with a place for each second, by GoPro, Google and Sony, and the lists of dashcams: in the middle of the film. */
const placeTracks = new Set(['gpmd', 'camm', 'rtmd']);
const placeLists = new Set(['gps ', 'GPS ']);

const mostAtoms = 100_000;
const deepest = 12;
const listMost = 1024 * 1024;

async function atomAt(scan: Scan, at: number, end: number): Promise<Atom> {
  const head = await scan.bytes(at, 8);
  const type = head.toString('latin1', 4);
  const said = head.readUInt32BE();
  const [headBytes, size] =
    said === 1
      ? [16, Number((await scan.bytes(at + 8, 8)).readBigUInt64BE())]
      : [8, said === 0 ? end - at : said];
  if (size < headBytes || at + size > end) throw new BrokenFileError('An atom is longer than what it is in');
  return { type, at, content: at + headBytes, end: at + size };
}

function erase(walk: Walk, { at, content, end }: Atom): void {
  walk.plan.copy(walk.done, at + 4);
  walk.plan.insert(Buffer.from('free', 'latin1'));
  walk.plan.copy(at + 8, content);
  walk.plan.zeros(end - content);
  walk.done = end;
}

async function contentOf({ scan }: Walk, { content, end }: Atom): Promise<Buffer> {
  if (end - content > listMost) throw new BrokenFileError('A list that is too long');
  return scan.bytes(content, end - content);
}

/** `keys` of QuickTime's metadata: a count, then for each a size, a namespace and a name. */
async function readKeys(walk: Walk, atom: Atom): Promise<void> {
  const list = await contentOf(walk, atom);
  for (let at = 8; at + 8 <= list.length;) {
    const size = list.readUInt32BE(at);
    if (size < 8) throw new BrokenFileError('A name without a length');
    walk.keys.push(list.toString('latin1', at + 8, at + size));
    at += size;
  }
}

/** What a track's samples are: a name for each kind, and for QuickTime's metadata what they tell. */
async function readDescriptions(walk: Walk, atom: Atom): Promise<void> {
  const list = await contentOf(walk, atom);
  for (let at = 8; at + 8 <= list.length;) {
    const size = Math.max(8, list.readUInt32BE(at));
    const type = list.toString('latin1', at + 4, at + 8);
    const tellsPlace = type === 'mebx' && list.subarray(at, at + size).includes('location');
    if (placeTracks.has(type) || tellsPlace) walk.mayTellPlace = true;
    at += size;
  }
}

const isPlaceKey = (name: string | undefined): boolean => /location|gps/i.test(name ?? '');

/** In QuickTime's metadata properties have numbers instead of names. */
const numberOf = (type: string): number => Buffer.from(type, 'latin1').readUInt32BE();

async function isErased({ scan, keys }: Walk, atom: Atom, parent: string): Promise<boolean> {
  if (atom.type === 'uuid') {
    const id = atom.end - atom.content < 16 ? '' : (await scan.bytes(atom.content, 16)).toString('hex');
    return id !== sphericalVideo;
  }
  return places.has(atom.type) || (parent === 'ilst' && isPlaceKey(keys[numberOf(atom.type) - 1]));
}

/** Where the atoms of a `meta` begin: MPEG's has a version before them, QuickTime's has not. */
async function insideMeta(scan: Scan, { content, end }: Atom): Promise<number> {
  if (end - content < 8) return end;
  return (await scan.bytes(content + 4, 4)).toString('latin1') === 'hdlr' ? content : content + 4;
}

async function visit(walk: Walk, atom: Atom, parent: string, depth: number): Promise<void> {
  if (placeLists.has(atom.type)) walk.mayTellPlace = true;
  if (atom.type === 'moov') walk.hasMovie = true;
  if (atom.type === 'cmov') throw new BrokenFileError('The description is packed');
  if (await isErased(walk, atom, parent)) erase(walk, atom);
  else if (atom.type === 'stsd') await readDescriptions(walk, atom);
  else if (atom.type === 'meta') await visitMeta(walk, atom, depth + 1);
  else if (containers.has(atom.type)) await visitAll(walk, atom.content, atom, depth + 1);
}

async function visitMeta(walk: Walk, meta: Atom, depth: number): Promise<void> {
  const start = await insideMeta(walk.scan, meta);
  walk.keys = [];
  // The names first, wherever they are: by them the others are known.
  await eachIn(walk, start, meta, async (atom) => {
    if (atom.type === 'keys') await readKeys(walk, atom);
  });
  await visitAll(walk, start, meta, depth);
}

async function visitAll(walk: Walk, start: number, parent: Atom, depth: number): Promise<void> {
  if (depth > deepest) throw new BrokenFileError('Atoms in atoms without end');
  await eachIn(walk, start, parent, (atom) => visit(walk, atom, parent.type, depth));
}

async function eachIn(
  walk: Walk,
  start: number,
  parent: Atom,
  see: (atom: Atom) => Promise<void>,
): Promise<void> {
  // QuickTime ends some lists with four zeros.
  for (let at = start; at + 8 <= parent.end;) {
    walk.atoms += 1;
    if (walk.atoms > mostAtoms) throw new BrokenFileError('The file is made of too many pieces');
    const atom = await atomAt(walk.scan, at, parent.end);
    await see(atom);
    at = atom.end;
  }
}

/** @returns whether the film may still tell a place, in a way that cannot be taken out */
export async function cleanMp4(scan: Scan, plan: PlanBuilder): Promise<boolean> {
  const walk: Walk = { scan, plan, done: 0, atoms: 0, keys: [], hasMovie: false, mayTellPlace: false };
  await visitAll(walk, 0, { type: '', at: 0, content: 0, end: scan.size }, 0);
  if (!walk.hasMovie) throw new BrokenFileError('There is no film in it');
  plan.copy(walk.done, scan.size);
  return walk.mayTellPlace;
}
