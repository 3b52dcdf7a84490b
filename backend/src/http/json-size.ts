const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const opening = new Set([0x5b, 0x7b]);
const closing = new Set([0x5d, 0x7d]);
const space = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Deeper, or more keys and elements in all, is nothing that our own clients send. */
const deepest = 20;
const mostValues = 20_000;

/** Where a string ends that begins at `start`: at its closing quote, or at the end of it all. */
function stringEnd(json: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== quote) at += json[at] === backslash ? 2 : 1;
  return at;
}

/**
 * True for JSON that may be parsed: it is not too deep, and has not too many keys and elements. One look at each byte;
 * whether it is JSON at all is for the parser to say.
 */
export function isModest(json: Uint8Array): boolean {
  let depth = 0;
  let values = 0;
  // Between an opening bracket and what comes behind it: the first key or element has no comma before it.
  let isFirst = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] ?? 0;
    if (space.has(byte)) continue;
    if (byte === comma || (isFirst && !closing.has(byte))) values += 1;
    isFirst = opening.has(byte);
    if (isFirst) depth += 1;
    else if (closing.has(byte)) depth -= 1;
    else if (byte === quote) at = stringEnd(json, at);
    if (depth > deepest || values > mostValues) return false;
  }
  return true;
}
