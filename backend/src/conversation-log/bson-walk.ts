/**
 * Looks through BSON without making objects of it. https://bsonspec.org/spec.html
 * For bytes that the database itself has sent: it lets in nothing that is not well-formed.
 */

export const bsonTypes = {
  double: 1,
  text: 2,
  document: 3,
  list: 4,
  objectId: 7,
  int32: 16,
  int64: 18,
} as const;

/** How many bytes a value has, where they are always as many. */
const fixedBytes: readonly (number | undefined)[] = Object.assign([], {
  [bsonTypes.double]: 8,
  6: 0, // undefined
  [bsonTypes.objectId]: 12,
  8: 1, // boolean
  9: 8, // date
  10: 0, // null
  [bsonTypes.int32]: 4,
  17: 8, // timestamp
  [bsonTypes.int64]: 8,
  19: 16, // decimal
  127: 0, // largest key
  255: 0, // smallest key
});

/**
 * The elements of one document after another. One object for all of them: a list of thousands is walked in the time in which
 * objects for them could just be made.
 */
export class Elements {
  type = 0;
  /** Where its name begins: the type stands before it, and a 0 between name and value. */
  nameAt = 0;
  valueAt = 0;
  /** Behind the value: where the next element begins. */
  endAt = 0;
  private documentEnd = 0;

  constructor(private readonly bytes: DataView) {}

  /** Stands before the first element of the document, or the list, that begins at `at`. */
  enter(at: number): this {
    // Behind the last element there is a 0.
    this.documentEnd = at + this.bytes.getInt32(at, true) - 1;
    this.endAt = at + 4;
    return this;
  }

  /** Goes on to the next element. @returns false where there is none. */
  next(): boolean {
    if (this.endAt >= this.documentEnd) return false;
    this.type = this.bytes.getUint8(this.endAt);
    this.nameAt = this.endAt + 1;
    this.valueAt = this.behindText(this.nameAt);
    this.endAt = this.valueAt + (fixedBytes[this.type] ?? this.sizeAt(this.valueAt));
    return true;
  }

  isNamed(name: Uint8Array): boolean {
    if (this.valueAt - this.nameAt !== name.length + 1) return false;
    for (let index = 0; index < name.length; index += 1) {
      if (this.bytes.getUint8(this.nameAt + index) !== name[index]) return false;
    }
    return true;
  }

  /** 0 for what is no number. */
  number(): number {
    if (this.type === bsonTypes.int32) return this.bytes.getInt32(this.valueAt, true);
    if (this.type === bsonTypes.double) return this.bytes.getFloat64(this.valueAt, true);
    return this.type === bsonTypes.int64 ? Number(this.bytes.getBigInt64(this.valueAt, true)) : 0;
  }

  /** Behind the 0 that ends the text at `at`. */
  private behindText(at: number): number {
    let end = at;
    while (this.bytes.getUint8(end) !== 0) end += 1;
    return end + 1;
  }

  private sizeAt(at: number): number {
    switch (this.type) {
      case bsonTypes.document:
      case bsonTypes.list:
      case 15: // code with a scope
        return this.bytes.getInt32(at, true);
      case bsonTypes.text:
      case 13: // code
      case 14: // symbol
        return 4 + this.bytes.getInt32(at, true);
      case 5: // binary
        return 5 + this.bytes.getInt32(at, true);
      case 11: // regular expression
        return this.behindText(this.behindText(at)) - at;
      case 12: // pointer
        return 4 + this.bytes.getInt32(at, true) + 12;
      default:
        throw new RangeError(`There is no BSON type ${this.type}`);
    }
  }
}
