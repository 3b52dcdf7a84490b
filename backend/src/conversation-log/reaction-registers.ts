import { emojiForm } from '@sori/contract';
import { mongo, type Types } from 'mongoose';
import { bsonTypes, Elements } from './bson-walk.js';

/** What one person chose of a message: the whole set at that seq. Empty where they took everything back. */
export interface Register {
  userId: Types.ObjectId;
  emojis: string[];
  seq: number;
}

/**
 * The registers of a message, or the bytes of them as they are stored, where the row was read by `rowOf`: a message may
 * have thousands, and making objects of those takes far longer than counting them.
 */
export type Registers = Register[] | Uint8Array;

/** One of them as it is come by: the next one is the same object. */
export interface RegisterSeen {
  /** Each once, in the form in which it is shown. */
  emojis: readonly string[];
  userId: () => string;
  /** @param userId its twelve bytes */
  isBy: (userId: Uint8Array) => boolean;
}

export const userIdBytes = (userId: string): Uint8Array => Buffer.from(userId, 'hex');

/** Rows from before there was one form have the same emoji in several. What is no list of them is an empty one. */
export function emojiForms(emojis: unknown): string[] {
  const texts: unknown[] = Array.isArray(emojis) ? emojis : [];
  return [...new Set(texts.filter((one) => typeof one === 'string').map(emojiForm))];
}

/**
 * Calls `visit` with each, in the order of their seqs. Whatever is stored there: what is no list has none, and what is no
 * register is passed over.
 */
export function eachRegister(registers: Registers, visit: (register: RegisterSeen) => void): void {
  const bytes = bytesOf(registers);
  if (!bytes) return;
  const sets = new Sets(bytes);
  let idAt = 0;
  const seen: RegisterSeen = {
    emojis: [],
    userId: () => bytes.toString('hex', idAt, idAt + idBytes),
    isBy: (userId) => isSameId(bytes, idAt, userId),
  };
  for (const place of placesOf(bytes)) {
    ({ idAt } = place);
    seen.emojis = sets.at(place.emojisAt);
    visit(seen);
  }
}

function bytesOf(registers: Registers): Buffer | null {
  if (Array.isArray(registers))
    return registers.length === 0
      ? null
      : Buffer.from(mongo.BSON.serialize(Object.fromEntries(registers.entries())));
  // A row is taken as it is read, and may be none of both.
  if (!ArrayBuffer.isView(registers)) return null;
  return Buffer.from(registers.buffer, registers.byteOffset, registers.byteLength);
}

const viewOf = ({ buffer, byteOffset, byteLength }: Buffer): DataView =>
  new DataView(buffer, byteOffset, byteLength);

const idBytes = 12;
const names = { userId: Buffer.from('userId'), emojis: Buffer.from('emojis'), seq: Buffer.from('seq') };

interface Place {
  idAt: number;
  /** 0 where there is no list. */
  emojisAt: number;
  seq: number;
}

function placesOf(bytes: Buffer): Place[] {
  const places: Place[] = [];
  let isInOrder = true;
  let lastSeq = -Infinity;
  const register = new Elements(viewOf(bytes)).enter(0);
  const field = new Elements(viewOf(bytes));
  while (register.next()) {
    if (register.type !== bsonTypes.document) continue;
    const place: Place = { idAt: 0, emojisAt: 0, seq: 0 };
    field.enter(register.valueAt);
    while (field.next()) {
      if (field.type === bsonTypes.objectId && field.isNamed(names.userId)) place.idAt = field.valueAt;
      else if (field.type === bsonTypes.list && field.isNamed(names.emojis)) place.emojisAt = field.valueAt;
      else if (field.isNamed(names.seq)) place.seq = field.number();
    }
    if (place.idAt === 0) continue;
    if (place.seq < lastSeq) isInOrder = false;
    lastSeq = place.seq;
    places.push(place);
  }
  // They are stored in the order of the log, unless several servers applied it at the same time.
  return isInOrder ? places : places.sort((one, other) => one.seq - other.seq);
}

function isSameId(bytes: Uint8Array, at: number, id: Uint8Array): boolean {
  // Ids that were made at the same time differ at their ends.
  for (let index = idBytes - 1; index >= 0; index -= 1) {
    if (bytes[at + index] !== id[index]) return false;
  }
  return true;
}

/** So many sets are remembered. */
const setsKept = 1_000;

/** Sets of emojis. Most people choose what others chose, and that is not read again. */
class Sets {
  private readonly known = new Map<number, { at: number; size: number; emojis: readonly string[] }>();
  private readonly view: DataView;
  private readonly list: Elements;

  constructor(private readonly bytes: Buffer) {
    this.view = viewOf(bytes);
    this.list = new Elements(this.view);
  }

  /** @param at where the list stands; 0 for none */
  at(at: number): readonly string[] {
    if (at === 0) return [];
    const size = this.view.getInt32(at, true);
    const hash = this.hashOf(at, size);
    const known = this.known.get(hash);
    if (known?.size === size && this.isSame(at, known.at, size)) return known.emojis;
    const texts: string[] = [];
    this.list.enter(at);
    while (this.list.next()) {
      const { type, valueAt, endAt } = this.list;
      // Before a text stands how long it is, behind it a 0.
      if (type === bsonTypes.text) texts.push(this.bytes.toString('utf8', valueAt + 4, endAt - 1));
    }
    const emojis = emojiForms(texts);
    if (this.known.size < setsKept) this.known.set(hash, { at, size, emojis });
    return emojis;
  }

  // Four bytes at a time. The last four are looked at in any case; a list has five at least.
  private hashOf(at: number, size: number): number {
    let hash = this.view.getInt32(at + size - 4);
    for (let past = 4; past < size - 4; past += 4)
      hash = (Math.imul(hash, 31) + this.view.getInt32(at + past)) | 0;
    return hash;
  }

  private isSame(one: number, other: number, size: number): boolean {
    for (let past = 0; past < size - 4; past += 4) {
      if (this.view.getInt32(one + past) !== this.view.getInt32(other + past)) return false;
    }
    return this.view.getInt32(one + size - 4) === this.view.getInt32(other + size - 4);
  }
}
