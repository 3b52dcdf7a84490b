import { fileTypeFromBuffer } from 'file-type/core';
import type { ByteSource } from './byte-source.js';
import { isPlainText } from './plain-text.js';

/** How a file is shown; a voice message is an audio whose sender recorded it here. */
export type FileKind = 'picture' | 'video' | 'audio' | 'file';

export interface Sniffed {
  /** By the content, never by the name. */
  type: string;
  kind: FileKind;
  /** A browser may show it in the page's origin; everything else is only ever saved. */
  inline: boolean;
}

export const undetected = 'application/octet-stream';
export const plainText = 'text/plain';

/** What may be shown: types that every browser plays and that run nothing. */
const shown: Readonly<Record<string, FileKind>> = {
  'image/png': 'picture',
  'image/jpeg': 'picture',
  'image/gif': 'picture',
  'image/webp': 'picture',
  'video/mp4': 'video',
  'video/webm': 'video',
  'audio/mpeg': 'audio',
  'audio/mp4': 'audio',
  'audio/webm': 'audio',
  'audio/ogg': 'audio',
  'audio/wav': 'audio',
  [plainText]: 'file',
};

/** Other names of the same. */
const names: Readonly<Record<string, string>> = {
  'image/apng': 'image/png',
  'audio/x-m4a': 'audio/mp4',
  'audio/vnd.wave': 'audio/wav',
  'audio/opus': 'audio/ogg',
};

/** Enough for what is told by the first files of an archive. */
const sampleBytes = 64 * 1024;

/** What could run in a page is never called by its name. */
const isMarkup = (type: string): boolean => /xml|html|svg|script/.test(type);

/** Both containers hold films as well as sounds, and nothing near the beginning says which. */
const soundOf = (type: string, declared: string): string =>
  declared.startsWith('audio/') && (type === 'video/mp4' || type === 'video/webm')
    ? type.replace('video/', 'audio/')
    : type;

async function detected(sample: Uint8Array): Promise<string | undefined> {
  try {
    const mime = (await fileTypeFromBuffer(sample))?.mime.split(';', 1)[0];
    return mime === undefined || isMarkup(mime) ? undefined : (names[mime] ?? mime);
  } catch {
    // Bytes that a parser stumbles over are bytes of no known type.
    return undefined;
  }
}

/**
 * Finds out what a file is.
 * @param declared the type that its sender names; believed only where the content cannot tell: film or sound, and plain text
 */
export async function sniff(source: ByteSource, declared = ''): Promise<Sniffed> {
  const said = declared.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const sample = await source.read(0, Math.min(source.size, sampleBytes));
  const found = await detected(sample);
  const isText = found === undefined && said === plainText && (await isPlainText(source));
  const type = found === undefined ? (isText ? plainText : undetected) : soundOf(found, said);
  const kind = shown[type];
  return { type, kind: kind ?? 'file', inline: kind !== undefined };
}
