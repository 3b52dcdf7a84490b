/** What a Socket.IO packet says of itself, as text; the payload is not parsed yet. */
export interface Packet {
  type: 'connect' | 'disconnect' | 'event' | 'acknowledgement';
  namespace: string;
  /** The number under which an answer is expected, in digits; empty where none is. */
  id: string;
  payload: string;
}

// Packets with attachments (5 and 6) are none of ours, and refusals (4) are for the server to send. Socket.IO itself has
// no bound on how long a namespace or a number is.
const header = /^([0-3])(?:(\/[^,]{0,63})(?:,|$))?(\d{0,15})(?=[[{]|$)/;
const types = ['connect', 'disconnect', 'event', 'acknowledgement'] as const;

/** The packet that this text begins as; undefined where it is none that a client of ours sends. */
export function packetOf(text: string): Packet | undefined {
  const found = header.exec(text);
  const type = types[Number(found?.[1])];
  if (!found || !type) return undefined;
  const [head, , namespace = '/', id = ''] = found;
  return { type, namespace, id, payload: text.slice(head.length) };
}

/** The namespace that the text of an outgoing packet without a number belongs to. */
export function namespaceOf(text: string): string {
  if (text[1] !== '/') return '/';
  const comma = text.indexOf(',');
  return text.slice(1, comma < 0 ? undefined : comma);
}

export interface JsonBounds {
  depth: number;
  /** Members of the outermost list or object. */
  width: number;
  /** Members, lists and objects altogether. */
  items: number;
}

const code = (sign: string): number => sign.charCodeAt(0);
const [quote, backslash, comma] = [code('"'), code('\\'), code(',')];
const [openList, openObject, closeList, closeObject] = [code('['), code('{'), code(']'), code('}')];

/** Where the string that begins at `from` ends; the end of the text where it does not. */
function endOfString(json: string, from: number): number {
  for (let at = json.indexOf('"', from + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let before = at - 1;
    while (json.charCodeAt(before) === backslash) before -= 1;
    // Behind an even number of backslashes it is no part of the string.
    if ((at - before) % 2 === 1) return at;
  }
  return json.length;
}

/**
 * Whether this JSON stays within bounds, in one pass and without parsing it, which may cost far more than its length. What
 * is no JSON may pass: the parser refuses it.
 */
export function isWithin(json: string, most: JsonBounds): boolean {
  let [depth, width, items] = [0, 1, 0];
  for (let at = 0; at < json.length; at += 1) {
    const sign = json.charCodeAt(at);
    if (sign === quote) at = endOfString(json, at);
    else if (sign === comma) {
      items += 1;
      if (depth === 1) width += 1;
    } else if (sign === openList || sign === openObject) {
      items += 1;
      depth += 1;
    } else if (sign === closeList || sign === closeObject) depth -= 1;
    if (depth > most.depth || width > most.width || items > most.items) return false;
  }
  return true;
}
