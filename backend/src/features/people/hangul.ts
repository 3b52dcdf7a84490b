import { hangulInitials, isSyllable, searchForm } from '@sori/contract';
import { disassemble } from 'es-hangul';

/**
 * How text is compared in search: as `searchForm` says; single Hangul letters are the ones that a keyboard types, and a
 * typed cluster (ㄳ) is its two letters.
 */
export function fold(text: string): string {
  return searchForm(text)
    .replace(/[\u1100-\u11ff]/g, (part) => compatibility.get(part) ?? part)
    .replace(/[\u3131-\u318e]/g, (letter) => disassembledConsonant(letter));
}

const middle = 'ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ';
const last = 'ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ';
/** From the parts of decomposed syllables (also what half-width letters become) to the letters of a keyboard. */
const compatibility = new Map<string, string>();
for (const [start, letters] of [
  [0x1100, hangulInitials],
  [0x1161, middle],
  [0x11a8, last],
] as const) {
  for (let index = 0; index < letters.length; index += 1) {
    compatibility.set(String.fromCharCode(start + index), letters.charAt(index));
  }
}

const disassembledConsonant = (letter: string): string =>
  middle.includes(letter) ? letter : disassemble(letter);

const syllables = 21 * 28;
const middles = 28;
const base = '가'.charCodeAt(0);

/** What of a syllable is certain while it is being typed: 김, 깊 and 긴 all pass through 기, and 과 through 고. */
export function stemOf(character: string): string {
  if (!isSyllable(character)) return character;
  const index = character.charCodeAt(0) - base;
  const vowel = middle.charAt(Math.floor((index % syllables) / middles));
  const typedFirst = middle.indexOf(disassemble(vowel).charAt(0));
  return String.fromCharCode(base + Math.floor(index / syllables) * syllables + typedFirst * middles);
}

/** The keys that are pressed for a text, one after the other. */
export const keystrokes = (text: string): string => disassemble(text);
