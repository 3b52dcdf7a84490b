import { createHash } from 'node:crypto';
import { avatarColours, avatarInk } from '@sori/contract';

/** What an avatar shows, all of which stands in its address: another name has another address, and caches need no more. */
export interface Avatar {
  /** Index into `avatarColours`. */
  colour: number;
  /** One character as a person sees it. */
  character: string;
}

/** Family emoji have seven code points, flags of regions seven; what is longer is decoration. */
const longestCharacter = 8;
/** A colour, and so many code points in hexadecimal. */
const longestName = 2 + longestCharacter * 7;
const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** What the avatar of a person shows: the colour by their id, so that it stays when the name changes. */
export function avatarOf({ _id, fullName }: { _id: string; fullName: string }): Avatar {
  return {
    // Hashed, because the ids of people who sign up one after the other differ by little.
    colour: createHash('sha256').update(_id).digest().readUInt32BE(0) % avatarColours.length,
    character: firstCharacter(fullName),
  };
}

/** Most names begin so, and need nobody to find out where their first character ends. */
const plainBeginning = /^[a-z0-9가-힣](?=[ a-z0-9가-힣]|$)/i;

function firstCharacter(name: string): string {
  const plain = plainBeginning.exec(name);
  if (plain) return plain[0].toUpperCase();
  let fallback = '';
  for (const { segment } of graphemes.segment(name)) {
    fallback ||= segment;
    if (/[\p{L}\p{N}\p{Emoji_Presentation}\p{Extended_Pictographic}]/u.test(segment)) return shorten(segment);
  }
  return shorten(fallback);
}

/** Letters under a tower of accents lose the tower. */
function shorten(character: string): string {
  const points = Array.from(character.toUpperCase().normalize('NFC'));
  return points.length <= longestCharacter ? points.join('') : (points[0] ?? '');
}

/** Code points in hexadecimal, so that no character of a name needs escaping on the way. */
export const avatarAddress = ({ colour, character }: Avatar): string =>
  `/api/avatars/${colour}-${Array.from(character, (point) => point.codePointAt(0)?.toString(16)).join('-')}.svg`;

/** The other way round: null for an address that none of our avatars has. */
export function readAvatar(name: string): Avatar | null {
  if (name.length > longestName) return null;
  const [colourText = '', ...points] = name.split('-');
  const colour = Number(colourText);
  if (!/^\d{1,2}$/.test(colourText) || colour >= avatarColours.length) return null;
  if (points.length < 1 || points.length > longestCharacter) return null;
  if (!points.every((point) => /^[0-9a-f]{1,6}$/.test(point) && Number.parseInt(point, 16) <= 0x10ffff))
    return null;
  const character = String.fromCodePoint(...points.map((point) => Number.parseInt(point, 16)));
  const shown = [...graphemes.segment(character)].length === 1 && !/^[\p{C}\p{Z}]/u.test(character);
  return shown ? { colour, character } : null;
}

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '');

/** The picture: a square, which the page rounds as it likes. */
export function drawAvatar({ colour, character }: Avatar): string {
  const text = escapeXml(character);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" width="96" height="96">` +
    `<rect width="96" height="96" fill="${avatarColours[colour] ?? avatarColours[0]}"/>` +
    // Not dominant-baseline: renderers disagree about it for Hangul. 0.36 em is where capitals and syllables look centred.
    `<text x="48" y="48" dy=".36em" text-anchor="middle" fill="${avatarInk}" font-size="42" font-weight="600" ` +
    `font-family="'Pretendard Variable',Pretendard,-apple-system,'Segoe UI','Apple SD Gothic Neo','Noto Sans KR','Malgun Gothic',sans-serif">` +
    `${text}</text></svg>`
  );
}
