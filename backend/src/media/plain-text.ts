import { TextDecoder } from 'node:util';
import type { ByteSource } from './byte-source.js';

const readAtOnce = 256 * 1024;

/** All of C0, C1 and DEL but tabs and ends of lines. */
// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

/** UTF-8 without control characters that does not begin like markup. */
export async function isPlainText(source: ByteSource): Promise<boolean> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let begins = true;
  for (let at = 0; at < source.size; at += readAtOnce) {
    const end = Math.min(source.size, at + readAtOnce);
    const text = decoded(decoder, await source.read(at, end), end < source.size);
    if (text === null || control.test(text)) return false;
    const first: string = begins ? text.trimStart() : '';
    if (first.startsWith('<')) return false;
    begins &&= first === '';
  }
  return true;
}

function decoded(decoder: TextDecoder, bytes: Uint8Array, stream: boolean): string | null {
  try {
    return decoder.decode(bytes, { stream });
  } catch {
    return null;
  }
}
