import { limits } from '@sori/contract';

/** What breaks a header or a line, half a character, and what turns the rest of a name around. */
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;
/** What leads into another folder. */
const separators = /[/\\]/g;
/** A longer one is no ending. */
const endingMost = 20;

const unnamed = 'file';

/** A name that can stand in a header and in a folder, otherwise as it was given: in any script, with any picture in it. */
export function fileName(given: string): string {
  const name = given.normalize('NFC').replace(unprintable, '').replace(separators, '_').trim();
  // Nothing but dots is a folder.
  if (/^\.*$/.test(name)) return unnamed;
  return cut(name, limits.fileNameMax);
}

/** Cut before its ending, by which a computer knows what to open it with. */
function cut(name: string, most: number): string {
  const characters = Array.from(name);
  if (characters.length <= most) return name;
  const dot = characters.lastIndexOf('.');
  const ending = dot > 0 && characters.length - dot <= endingMost ? characters.slice(dot) : [];
  return [...characters.slice(0, most - ending.length), ...ending].join('');
}

/** RFC 8187: what is not a letter or a digit of ASCII is written in UTF-8 with percent signs. */
const encoded = (name: string): string =>
  encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** RFC 6266: with a name for programs that only know ASCII, and the real one. */
export function contentDisposition(kind: 'inline' | 'attachment', name: string): string {
  const fallback = name.replace(/[^\x20-\x7e]|["\\%]/gu, '_');
  return `${kind}; filename="${fallback}"; filename*=UTF-8''${encoded(name)}`;
}

/** The name in a `Content-Disposition`; null where there is none, or it cannot be read. */
export function nameIn(disposition: string): string | null {
  const extended = /;\s*filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i.exec(disposition)?.[1];
  if (extended !== undefined) return decoded(extended);
  const [, quoted, token] = /;\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition) ?? [];
  const name = quoted?.replace(/\\(.)/g, '$1') ?? token;
  // Node reads headers as Latin-1; who writes a name like this mostly means UTF-8.
  return name === undefined ? null : Buffer.from(name, 'latin1').toString('utf8');
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
