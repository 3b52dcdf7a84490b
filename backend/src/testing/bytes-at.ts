/** What is at this place of it, in pieces that differ from one another. */
export function bytesAt(start: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index += 1) {
    const at = start + index;
    bytes[index] = (at * 31 + (at >> 8) * 7 + (at >> 16)) & 0xff;
  }
  return bytes;
}
